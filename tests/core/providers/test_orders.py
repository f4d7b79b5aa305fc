"""A paid order is one POST, whatever becomes of its answer."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import InDoubt, ProviderDenied, ProviderRejected, ProviderUnavailable, RateLimited
from core.providers.fal import Fal
from core.providers.foreign import message, parsed
from core.providers.refusals import Answer, refusal
from core.providers.replicate import Replicate
from tests.core.providers.adapters import fal_at
from tests.core.providers.orders import generation, order_of, ordered, spec_of
from tests.emulators.fal import FalEmulator
from tests.emulators.replicate import ReplicateEmulator

FAL_SPEC = spec_of("fal", "flux-schnell")
FAL_ORDER = order_of(FAL_SPEC, generation(FAL_SPEC))
REPLICATE_SPEC = spec_of("replicate", "flux-schnell")
REPLICATE_ORDER = order_of(REPLICATE_SPEC, generation(REPLICATE_SPEC))

THROTTLED = {"detail": "Request was throttled.", "status": 429}
UNCLEAR = [
    '{"request_id": "", "id": ""}',
    '[{"request_id": "x"}]',
    '{"request_id": "x"',
]
CLEAR = [
    (400, ProviderRejected),
    (401, ProviderDenied),
    (402, ProviderDenied),
    (403, ProviderDenied),
    (404, ProviderRejected),
    (409, ProviderRejected),
    (422, ProviderRejected),
]


@pytest.mark.parametrize("said", UNCLEAR)
async def test_an_answer_that_names_no_order_leaves_it_in_doubt(
    falai: FalEmulator, fal: Fal, api: ReplicateEmulator, replicate: Replicate, said: str
) -> None:
    falai.fault("submit", "text", text=said)
    api.fault("create", "text", text=said)
    with pytest.raises(InDoubt):
        await ordered(fal, FAL_ORDER)
    with pytest.raises(InDoubt):
        await ordered(replicate, REPLICATE_ORDER)
    assert len(falai.called("POST")) == len(api.called("POST")) == 1


@pytest.mark.parametrize(("code", "error"), CLEAR)
async def test_a_clear_no_is_a_typed_error(
    falai: FalEmulator, fal: Fal, code: int, error: type[Exception]
) -> None:
    falai.fault("submit", "status", code=code)
    with pytest.raises(error):
        await ordered(fal, FAL_ORDER)
    assert len(falai.called("POST")) == 1
    assert falai.jobs == []


async def test_a_redirect_is_not_followed(falai: FalEmulator, fal: Fal) -> None:
    falai.fault("submit", "redirect", location=f"{falai.url}/fal-ai/flux/dev")
    with pytest.raises(ProviderUnavailable):
        await ordered(fal, FAL_ORDER)
    assert len(falai.called("POST")) == 1
    assert falai.jobs == []


async def test_where_nothing_could_be_sent_nothing_is_in_doubt(falai: FalEmulator) -> None:
    async with fal_at("http://127.0.0.1:1") as fal:
        with pytest.raises(ProviderUnavailable):
            await ordered(fal, FAL_ORDER)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0", 1.0), ("-5", 1.0), ("1000000000", 300.0), ("x", 5.0)]
)
async def test_the_wait_that_is_asked_for_is_obeyed_within_reason(
    api: ReplicateEmulator, replicate: Replicate, header: str, seconds: float
) -> None:
    api.fault("create", "status", code=429, retry_after=header, body=THROTTLED)
    with pytest.raises(RateLimited) as raised:
        await ordered(replicate, REPLICATE_ORDER)
    assert raised.value.retry_after == seconds


async def test_a_wait_may_be_a_date(api: ReplicateEmulator, replicate: Replicate) -> None:
    headers = {
        "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
        "Retry-After": "Wed, 21 Oct 2026 07:28:42 GMT",
    }
    api.fault("create", "status", code=429, headers=headers, body=THROTTLED)
    with pytest.raises(RateLimited) as raised:
        await ordered(replicate, REPLICATE_ORDER)
    assert raised.value.retry_after == 42.0


DATES = (
    "Wed, 21 Oct 2026 07:28:00 -0000",
    "Wed, 21 Oct 2026 07:28:00 +99999999999999",
    "Wed, 21 Oct 0001 00:00:00 +2359",
    "Wed, 21 Oct 9999 23:59:59 -2359",
    "Wed, 21 Oct 2026 07:28:00 GMT",
)


@pytest.mark.parametrize("asked", [*DATES, "--5", "-------------5", "9" * 400, "٣", "²", "nan"])
def test_whatever_wait_is_asked_for_some_wait_is_read(asked: str) -> None:
    for name in ("retry-after", "ratelimit-reset"):
        for date in DATES:
            error = refusal("fal", Answer(429, {name: asked, "date": date}, None))
            assert isinstance(error, RateLimited)
            assert 1 <= error.retry_after <= 300


async def test_replicate_says_in_words_how_long_to_wait(
    api: ReplicateEmulator, replicate: Replicate
) -> None:
    api.fault("create", "status", code=429)
    with pytest.raises(RateLimited) as raised:
        await ordered(replicate, REPLICATE_ORDER)
    assert raised.value.retry_after == 30.0


@pytest.mark.parametrize(
    "bomb",
    [b"[" + b"[]," * 10**6, b'{"a":' * 10**6, b"[" * 10**5, b"1" * 10**5, b"\xff", b"", b"{"],
)
def test_json_that_would_hold_everybody_up_is_none(bomb: bytes) -> None:
    assert parsed(bomb) is None
    assert message(b'{"a": "%s"}' % (b"x" * 10**6)) == {"a": "x" * 10**6}


async def test_an_answer_too_deep_to_read_leaves_an_order_in_doubt(
    falai: FalEmulator, fal: Fal
) -> None:
    falai.fault("submit", "text", text="[" * 10**5)
    with pytest.raises(InDoubt):
        await ordered(fal, FAL_ORDER)


# --- the source itself -------------------------------------------------------------------------

ROOT = Path(__file__).parents[3]
WIRE = ROOT / "core/providers/http.py"
PAID = {"submit", "subscribe", "run_async", "async_run", "submit_async", "subscribe_async"}
SENDING = {"post", "request", "stream", "build_request", "send"}
"""Ways in which httpx and its kin send; each may carry a POST."""


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Walk through every method call of the provider adapters."""
    for path in sorted((ROOT / "core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield path, node, node.func.attr


def says_post(call: ast.Call) -> bool:
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(value, ast.Constant) and value.value == "POST" for value in values)


def test_only_the_wire_sends_a_post_and_only_its_order_is_not_repeated() -> None:
    posts = [(path, call, name) for path, call, name in calls() if says_post(call)]
    straight = [(path.name, name) for path, _, name in posts if name != "send_json"]
    assert straight == [("http.py", "_exchange")]
    exchanging = [path for path, _, name in calls() if name == "_exchange"]
    assert exchanging == [WIRE, WIRE]


def test_the_wires_order_is_not_repeated_by_anything_inside_it() -> None:
    tree = ast.parse(WIRE.read_text(encoding="utf-8"))
    order = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "order"
    )
    inside = {type(node) for node in ast.walk(order)}
    assert inside.isdisjoint({ast.For, ast.AsyncFor, ast.While, ast.Lambda})
    names = {node.id for node in ast.walk(order) if isinstance(node, ast.Name)}
    assert "patiently" not in names


def test_only_the_two_orders_call_the_wires_order() -> None:
    callers = [
        path.name
        for path, call, name in calls()
        if name == "order" and ast.unparse(call.func).endswith("_wire.order")
    ]
    assert callers == ["fal.py", "replicate.py"]


def test_no_client_library_orders_for_us() -> None:
    library = [
        (path.name, ast.unparse(call.func))
        for path, call, name in calls()
        if name in PAID or ast.unparse(call.func).endswith(("predictions.create", "replicate.run"))
    ]
    assert library == []
    own_clients = {
        path.name
        for path, call, name in calls()
        if name in SENDING and "providers" in path.parts and "_client" in ast.unparse(call.func)
    }
    assert own_clients == {"http.py"}
