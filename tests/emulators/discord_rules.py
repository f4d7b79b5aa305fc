"""What Discord demands of a message, a modal and a command list, beyond its OpenAPI file."""

import re
from collections.abc import Sequence
from typing import Any

from tests.emulators import discord_errors as errors
from tests.emulators.discord_components import BUTTON, GALLERY, ROW, walk
from tests.emulators.discord_forms import Form
from tests.emulators.discord_world import COMPONENTS_V2, Json

MAX_FILES = 10
MAX_COMPONENTS = 40
KINDS = {1: ("slash", 100), 2: ("user", 15), 3: ("message", 15)}


def check_message(form: Form, size_limit: int) -> None:
    """Refuse a message whose own parts break a rule; `size_limit` is bytes for each file."""
    payload = form.payload
    if any(len(file.data) > size_limit for file in form.files.values()):
        raise errors.too_large()
    if len(form.files) > MAX_FILES or len(payload.get("attachments") or []) > MAX_FILES:
        raise errors.too_many_files()
    if len(payload.get("content") or "") > 2000:
        raise errors.invalid("content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
    if len(payload.get("embeds") or []) > 10:
        raise errors.invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    check_components(payload.get("components") or [], modern=_is_modern(payload))
    if _is_modern(payload) and (payload.get("content") or payload.get("embeds")):
        field = "content" if payload.get("content") else "embeds"
        code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
        raise errors.invalid(field, code, "Cannot be used with MessageFlags.IS_COMPONENTS_V2")


def _is_modern(payload: Json) -> bool:
    return bool((payload.get("flags") or 0) & COMPONENTS_V2)


def check_components(components: list[Json], *, modern: bool) -> None:
    """Refuse rows, buttons and selects that no client could show."""
    every = list(walk(components))
    if len(components) > (MAX_COMPONENTS if modern else 5) or len(every) > MAX_COMPONENTS:
        raise errors.invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5.")
    if not modern and any(component["type"] != ROW for component in components):
        raise errors.invalid("components", "UNION_TYPE_CHOICES", "Value must be one of (1,).")
    named = [component["custom_id"] for component in every if component.get("custom_id")]
    if len(named) != len(set(named)):
        code = "COMPONENT_CUSTOM_ID_DUPLICATED"
        raise errors.invalid("components", code, "Component custom id cannot be duplicated")
    for component in every:
        _check_component(component)


def _check_component(component: Json) -> None:
    kind, inside = component["type"], component.get("components") or []
    if kind == ROW:
        _check_row(inside)
    if kind == BUTTON and not _has_action(component):
        raise errors.invalid("components", "BASE_TYPE_REQUIRED", "A button needs its action")
    _at_most(component.get("custom_id"), 100, "custom_id")
    _at_most(component.get("label"), 80 if kind == BUTTON else 45, "label")
    _at_most(component.get("options"), 25, "options")
    if kind == GALLERY and not 1 <= len(component["items"]) <= 10:
        raise errors.invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10.")


def _check_row(inside: Sequence[Json]) -> None:
    buttons = sum(child["type"] == BUTTON for child in inside)
    if not inside or buttons > 5 or (buttons != len(inside) and len(inside) > 1):
        code = "COMPONENT_LAYOUT_WIDTH_EXCEEDED"
        raise errors.invalid("components", code, "The specified component exceeds the width")


def _has_action(button: Json) -> bool:
    if not (button.get("label") or button.get("emoji") or button["style"] == 6):
        return False
    return bool(button.get({5: "url", 6: "sku_id"}.get(button["style"], "custom_id")))


def _at_most(value: Any, limit: int, name: str) -> None:
    if value is not None and len(value) > limit:
        code = "BASE_TYPE_MAX_LENGTH"
        raise errors.invalid(f"components.{name}", code, f"Must be {limit} or fewer in length.")


def check_mentions(payload: Json, place: str) -> list[str]:
    """Say how a message could ping people; the house sends an empty parse list each time."""
    mentions = payload.get("allowed_mentions")
    if isinstance(mentions, dict) and mentions.get("parse") == []:
        return []
    return [f"{place}: a message without allowed_mentions.parse == []: {mentions!r}"]


def check_modal(data: Json) -> None:
    """Refuse a form that Discord would not open."""
    components = data.get("components") or []
    if not 1 <= len(components) <= 5:
        raise errors.invalid("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5.")
    _at_most(data.get("title"), 45, "title")
    _at_most(data.get("custom_id"), 100, "custom_id")
    for component in walk(components):
        _at_most(component.get("label"), 45, "label")
        _at_most(component.get("options"), 25, "options")


def check_choices(choices: list[Json]) -> None:
    """Refuse suggestions that do not fit."""
    if len(choices) > 25:
        raise errors.invalid("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer.")
    for choice in choices:
        _at_most(choice["name"], 100, "name")
        if isinstance(choice["value"], str):
            _at_most(choice["value"], 100, "value")


def check_commands(commands: list[Json]) -> None:
    """Refuse a command list that breaks a limit or repeats a name."""
    for kind, (word, limit) in KINDS.items():
        names = [each["name"] for each in commands if each.get("type", 1) == kind]
        if len(names) > limit:
            raise errors.Refused(400, 30032, f"Maximum number of {word} commands reached")
        if len(names) != len(set(names)):
            code = "APPLICATION_COMMANDS_DUPLICATE_NAME"
            raise errors.invalid("name", code, "Application command names must be unique")
    for command in commands:
        _check_command(command)


def _check_command(command: Json) -> None:
    if command.get("type", 1) != 1:
        if command.get("description") or command.get("options"):
            code = "APPLICATION_COMMAND_DESCRIPTION_CANNOT_BE_SET"
            raise errors.invalid("description", code, "Context menus have no description")
        return
    _check_words(command)
    _check_options(command.get("options") or [])
    if _length(command) > 8000:
        code = "APPLICATION_COMMAND_TOO_LARGE"
        raise errors.invalid("options", code, "Command exceeds maximum size (8000)")


def _check_words(named: Json) -> None:
    name, description = named["name"], named.get("description") or ""
    if not re.fullmatch(r"[-_'\w]{1,32}", name) or name != name.lower():
        raise errors.invalid("name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if not 1 <= len(description) <= 100:
        raise errors.invalid("description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100.")


def _check_options(options: list[Json]) -> None:
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
        raise errors.invalid("options", code, "Required options must come before optional ones")
    if len({option["name"] for option in options}) != len(options) or len(options) > 25:
        code = "APPLICATION_COMMAND_OPTIONS_NAME_INVALID"
        raise errors.invalid("options", code, "Option names must be unique and 25 at most")
    for option in options:
        _check_words(option)
        _check_options(option.get("options") or [])
        if option.get("choices"):
            check_choices(option["choices"])
            if option.get("autocomplete"):
                code = "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE"
                raise errors.invalid("options", code, "Choices and autocomplete exclude another")


def _length(named: Json) -> int:
    texts = len(named["name"]) + len(named.get("description") or "")
    choices = named.get("choices") or []
    texts += sum(len(each["name"]) + len(str(each["value"])) for each in choices)
    return texts + sum(_length(option) for option in named.get("options") or [])


def check_references(shown: list[Json], files: list[str]) -> None:
    """Refuse an `attachment://` address that names no file of the message."""
    for name in re.findall(r"attachment://([^\"'\\]+)", repr(shown)):
        if name not in files:
            code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
            raise errors.invalid("components", code, f"The attachment {name} was not found")
