"""What a person sees in a channel, ready to be asserted on."""

from dataclasses import dataclass, field
from typing import Any

from tests.emulators.discord_components import (
    BUTTON,
    SELECTS,
    TEXT_DISPLAY,
    TEXT_INPUT,
    drawn,
    walk,
)
from tests.emulators.discord_world import Json, Message


@dataclass(frozen=True)
class SeenFile:
    """A file below a message, with its alt text."""

    name: str
    data: bytes = field(repr=False)
    content_type: str
    description: str | None

    @property
    def spoiler(self) -> bool:
        """Whether it is blurred until clicked."""
        return self.name.startswith("SPOILER_")


@dataclass(frozen=True)
class Seen:
    """One message on the screen."""

    id: str
    author_id: str
    content: str
    attachments: tuple[SeenFile, ...]
    components: tuple[Json, ...]
    embeds: tuple[Json, ...]
    ephemeral_for: str | None
    reply_to: str | None
    edited: bool
    thinking: bool
    reactions: tuple[str, ...]
    interaction_id: str | None

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons, in order."""
        every = walk(list(self.components))
        return [each.get("label") or "" for each in every if each["type"] == BUTTON]

    @property
    def text(self) -> str:
        """The content, or the text displays of a message made of components."""
        displays = [
            each["content"] for each in walk(list(self.components)) if each["type"] == TEXT_DISPLAY
        ]
        return "\n".join([self.content, *displays]).strip()


def seen(message: Message) -> Seen:
    """Look at a message."""
    files = (
        SeenFile(file.name, file.data, file.content_type, file.description)
        for file in message.attached
    )
    return Seen(
        id=message.id,
        author_id=message.author_id,
        content=message.content,
        attachments=tuple(files),
        components=tuple(drawn(message.components, [])),
        embeds=tuple(message.embeds),
        ephemeral_for=message.ephemeral_for,
        reply_to=message.reply_to,
        edited=message.edited_at is not None,
        thinking=message.thinking,
        reactions=tuple(message.reactions),
        interaction_id=message.interaction_id,
    )


def find_component(message: Message, wanted: str) -> Json:
    """Find a button or select by its custom_id or label; AssertionError if it is not usable."""
    every = [each for each in walk(message.components) if each["type"] in {BUTTON, *SELECTS}]
    named = [each for each in every if wanted in {each.get("custom_id"), each.get("label")}]
    shown = [each.get("label") or each.get("custom_id") for each in every]
    assert named, f"no {wanted!r} under the message, only {shown}"
    assert not named[0].get("disabled"), f"{wanted!r} is disabled"
    return named[0]


def modal_fields(modal: Json) -> list[Json]:
    """The inputs of a form, unwrapped from their rows or labels."""
    return [each for each in walk(modal["components"]) if each.get("custom_id")]


def assert_field(component: Json, value: Any) -> None:
    """Refuse what a form's input would not accept."""
    name = component["custom_id"]
    if value is None:
        assert not component.get("required", True), f"{name} must be filled in"
        return
    if component["type"] == TEXT_INPUT:
        assert isinstance(value, str), f"{name} takes text, not {value!r}"
        low, high = _range(component, "length", (0, 4000))
    else:
        assert isinstance(value, list | tuple), f"{name} takes a list, not {value!r}"
        low, high = _range(component, "values", (1, 1))
    assert low <= len(value) <= high, f"{name} takes {low} to {high}, not {len(value)}"


def _range(component: Json, what: str, usual: tuple[int, int]) -> tuple[int, int]:
    low, high = component.get(f"min_{what}"), component.get(f"max_{what}")
    return usual[0] if low is None else low, usual[1] if high is None else high
