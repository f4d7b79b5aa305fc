"""The trees of rows, buttons, galleries and containers: walked, and drawn as they come back."""

import itertools
from collections.abc import Iterator
from typing import Any

from tests.emulators.discord_world import Json

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, CONTAINER = 10, 11, 12, 13, 17
LABEL, FILE_UPLOAD = 18, 19
SELECTS = {STRING_SELECT, 5, 6, 7, 8}
SPARE = {
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"name": None, "size": None, "spoiler": False},
    CONTAINER: {"accent_color": None, "spoiler": False},
}


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, those inside others too."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        yield from walk([component[key] for key in ("accessory", "component") if key in component])


def drawn(components: list[Json], attached: list[Json]) -> list[Json]:
    """Components as they come back: numbered, with uploads in place of their names."""
    shown: list[Json] = unfurled(components, attached)
    numbers = itertools.count(1)
    for component in walk(shown):
        component.setdefault("id", next(numbers))
        component.update({**SPARE.get(component["type"], {}), **component})
        if component["type"] == STRING_SELECT:
            component.pop("required", None)
        for item in component.get("items") or []:
            item.update({**SPARE[THUMBNAIL], **item})
    return shown


def unfurled(tree: Any, attached: list[Json]) -> Any:
    """Copy a tree, resolving each `attachment://name` to the upload it names."""
    files = {f"attachment://{each['filename']}": each for each in attached}
    return _resolved(tree, files)


def _resolved(tree: Any, files: dict[str, Json]) -> Any:
    if isinstance(tree, list):
        return [_resolved(each, files) for each in tree]
    if not isinstance(tree, dict):
        return tree
    copied = {key: _resolved(value, files) for key, value in tree.items()}
    return {**copied, **_media(files[tree["url"]])} if tree.get("url") in files else copied


def _media(file: Json) -> Json:
    kept = {key: file.get(key) for key in ("url", "proxy_url", "width", "height", "content_type")}
    return {**kept, "id": file["id"], "attachment_id": file["id"]}
