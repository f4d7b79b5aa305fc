"""House rules that no linter knows."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.errors
from core.errors import StudioError

ROOT = Path(__file__).parents[1]
PRODUCT = ("bot", "core", "storage")
LONGEST = 300
NAMELESS = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}

ORDER = "core/providers/http.py Wire.order"
"""The one function that sends a paid order."""
ORDERING = {
    "core/providers/fal.py Fal.order",
    "core/providers/replicate.py Replicate.order",
    "core/worker/ordering.py Ordering._ordered",
}
"""The way to it: the worker asks a provider, which asks the wire."""
FREE_POSTS = {
    "core/providers/fal_storage.py FalStorage.put",
    "core/providers/replicate.py Replicate.cancel",
}
"""Uploads and a cancellation cost nothing."""
SUBMITTING = {
    *("submit", "submit_async", "subscribe", "subscribe_async", "run", "run_async", "async_run"),
    *("stream", "stream_async", "async_stream", "realtime", "create", "async_create"),
}
"""How the vendors' libraries order; `create` is right for files alone."""


def modules(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def within(node: ast.AST, name: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Walk through a tree with the name of the function that each node stands in."""
    for child in ast.iter_child_nodes(node):
        inner = name
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{name}.{child.name}".lstrip(".")
        yield inner, child
        yield from within(child, inner)


def is_post(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr == "post"
    return isinstance(node, ast.Constant) and node.value == "POST"


def is_order(node: ast.AST) -> bool:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return called and ast.unparse(node).partition("(")[0].endswith(
        ("_wire.order", ".provider.order", "_provider.order")
    )


def reads_environment(node: ast.AST) -> bool:
    words = {"environ", "environb", "getenv", "load_dotenv"}
    if isinstance(node, ast.Attribute):
        return node.attr in words
    if isinstance(node, ast.ImportFrom):
        return node.module == "pydantic_settings" or any(one.name in words for one in node.names)
    return isinstance(node, ast.Import) and any(
        one.name == "pydantic_settings" for one in node.names
    )


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def is_submit(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    of_files = ast.unparse(node.func.value).endswith(".files")
    return node.func.attr in SUBMITTING and not of_files


@pytest.mark.parametrize("file", modules(*PRODUCT, "docs"), ids=named)
def test_every_module_says_in_one_line_what_it_is_for(file: Path) -> None:
    first, *rest = (ast.get_docstring(tree(file)) or "").splitlines()
    assert first.endswith((".", ":"))
    assert not rest or rest[0] == ""


@pytest.mark.parametrize("file", modules(*PRODUCT), ids=named)
def test_no_file_is_too_long_to_read_at_once(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {part for file in modules(*PRODUCT, "tests") for part in file.relative_to(ROOT).parts}
    assert {Path(name).stem for name in names} & NAMELESS == set()


def test_the_drawing_of_the_errors_is_the_tree_of_their_classes() -> None:
    drawn: dict[str, str] = {}
    above = ["StudioError"]
    for line in (core.errors.__doc__ or "").splitlines():
        branch, dash, words = line.partition("─ ")
        if dash:
            depth = len(branch) // 3
            name = words.split()[0]
            drawn[name] = above[depth]
            above[depth + 1 :] = [name]
    classes = {
        name: one.__bases__[0].__name__
        for name, one in inspect.getmembers(core.errors, inspect.isclass)
        if issubclass(one, StudioError) and one is not StudioError
    }
    assert drawn == classes


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        named(file)
        for file in modules(*PRODUCT)
        if any(reads_environment(node) for node in ast.walk(tree(file)))
    }
    assert readers == {"bot/settings.py"}


def test_one_function_alone_can_send_a_paid_order() -> None:
    """What chat platforms post are messages; everything else that posts stands in these lists."""
    posting = {
        f"{named(file)} {function}"
        for file in modules(*PRODUCT)
        if not file.parent.name.endswith("_chat")
        for function, node in within(tree(file))
        if is_post(node)
    }
    assert posting - FREE_POSTS == {ORDER}


def test_one_way_alone_leads_to_a_paid_order() -> None:
    calling = {
        f"{named(file)} {function}"
        for file in modules(*PRODUCT)
        for function, node in within(tree(file))
        if is_order(node)
    }
    assert calling == ORDERING


def test_the_vendors_libraries_never_order() -> None:
    ordering = {
        named(file)
        for file in modules(*PRODUCT)
        if imports(file) & {"fal_client", "replicate"}
        and any(is_submit(node) for node in ast.walk(tree(file)))
    }
    assert ordering == set()


@pytest.mark.parametrize(
    "line",
    [
        "client.submit('fal-ai/flux', arguments)",
        "replicate.run('a/b', input={})",
        "client.predictions.create(model='a/b')",
        "client.models.predictions.async_create(model='a/b')",
    ],
)
def test_an_order_by_a_vendors_library_would_be_seen(line: str) -> None:
    assert any(is_submit(node) for node in ast.walk(ast.parse(line)))


@pytest.mark.parametrize("line", ["client.post(url)", "client.request('POST', url)"])
def test_a_second_way_to_post_would_be_seen(line: str) -> None:
    assert any(is_post(node) for node in ast.walk(ast.parse(line)))
