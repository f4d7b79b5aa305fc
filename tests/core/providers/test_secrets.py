"""A key never shows: not in a log, not in an error, not in a repr."""

import logging
import traceback
from typing import Any

import pytest

from core.errors import ConfigError, ProviderError
from tests.core.providers.adapters import fal_at, replicate_at
from tests.core.providers.orders import edit, make, order_of, ordered, spec_of
from tests.emulators.fal import FalEmulator
from tests.emulators.replicate import ReplicateEmulator

CANARY = "canary-7c0ffee5"
QUOTING: dict[str, Any] = {
    "code": 422,
    "body": {"detail": f"{CANARY} is at https://x.test/a?sig=secret"},
}


def insides(thing: object) -> str:
    """Write down an object and what it holds."""
    return repr(thing) + repr(vars(thing)) + "".join(map(repr, vars(thing).values()))


@pytest.mark.parametrize("flaw", ["status", "nginx", "accept_then_drop", "html_200", "redirect"])
async def test_the_key_of_fal_never_shows(
    falai: FalEmulator, caplog: pytest.LogCaptureFixture, flaw: str
) -> None:
    caplog.set_level(logging.DEBUG)
    falai.key = CANARY
    order = order_of(spec_of("fal", "flux-dev"), edit())
    async with fal_at(falai.url, key=CANARY) as fal:
        await make(fal, order)
        falai.fault("submit", flaw, **(QUOTING if flaw == "status" else {}))
        with pytest.raises(ProviderError) as raised:
            await ordered(fal, order)
        seen = insides(fal) + insides(fal._wire) + str(raised.value) + repr(raised.value)
    seen += "".join(traceback.format_exception(raised.value)) + caplog.text
    assert CANARY not in seen
    assert "sig=" not in seen


async def test_the_token_of_replicate_never_shows(
    api: ReplicateEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api.key = CANARY
    order = order_of(spec_of("replicate", "flux-dev"), edit())
    async with replicate_at(api, token=CANARY) as replicate:
        await make(replicate, order)
        api.fault("upload", "drop", times=3)
        with pytest.raises(ProviderError) as raised:
            await ordered(replicate, order)
        seen = insides(replicate) + insides(replicate._wire) + insides(replicate._files)
    seen += "".join(traceback.format_exception(raised.value)) + caplog.text
    assert CANARY not in seen


@pytest.mark.parametrize("key", [f"{CANARY}\n{CANARY}", f"{CANARY}\u2019", f"{CANARY} x", ""])
async def test_a_key_that_cannot_be_one_is_named_but_not_shown(
    api: ReplicateEmulator, key: str
) -> None:
    with pytest.raises(ConfigError, match="FAL_KEY") as fals:
        fal_at("http://127.0.0.1:1", key=key)
    with pytest.raises(ConfigError, match="REPLICATE_API_TOKEN") as theirs:
        replicate_at(api, token=key)
    for error in (fals.value, theirs.value):
        assert CANARY not in "".join(traceback.format_exception(error))
