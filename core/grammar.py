"""Commands as text, as a record and as a button's token, and back again."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import TypeVar

from core.command import Command, Field
from core.context import Ask
from core.errors import BadCommand, NotFound, Value

Commands = Iterable[type[Command]]
Some = TypeVar("Some", bound=Command)

DASHES = re.compile(r"(?<!\S)[—–―−]{1,2}(?=[A-Za-z])")  # phones turn -- into these
COUNT = "n"
"""A letter that is a flag in every line, be it to say that the command has no such option."""


def find(name: str, commands: Commands) -> type[Command]:
    """Find a command by its name, or name the nearest."""
    known = {command.name: command for command in commands}
    if name not in known:
        listed = [command.name for command in known.values() if command.listed]
        near = get_close_matches(name, listed, n=1)
        raise NotFound("command", name=name, nearest=near[0] if near else "help")
    return known[name]


def named(ask: Ask) -> str:
    """Read which command is named, known or not; nothing where plain words are a wish."""
    if ask.command is not None:
        return str(ask.command.get("command", ""))
    return _name(ask.words) if ask.words.startswith("/") else ""


def parse(line: str, commands: Commands) -> Command:
    """Read `/name words --flag value`; a bot's name behind an @ is passed over."""
    command = find(_name(line), commands)
    return read(command, line.strip().partition(" ")[2])


def _name(line: str) -> str:
    head = line.strip().removeprefix("/").partition(" ")[0]
    return head.partition("@")[0].lower()


def read(command: type[Some], line: str) -> Some:
    """Read what stands behind a command's name."""
    words, values = split(command, line)
    target = command.bare_field()
    if words and target is None:
        raise BadCommand("no_words", command=command.name)
    if words and target is not None:
        values = {target.name: words, **values}
    return command.of(**values)


def split(command: type[Command], line: str) -> tuple[str, dict[str, Value]]:
    """Part a line into its words and the options that its flags set."""
    line = DASHES.sub("--", line)
    words, *pairs = _flags(command).split(line)
    kept = [words.strip()]
    values: dict[str, Value] = {}
    for flag, text in zip(pairs[::2], pairs[1::2], strict=True):
        field = _flagged(command, flag)
        value, rest = _value(field, text.strip())
        if field.name in values:
            raise BadCommand("twice", option=flag)
        values[field.name] = field.read(value)
        kept.append(rest)
    return " ".join(part for part in kept if part), values


@cache
def _flags(command: type[Command]) -> re.Pattern[str]:
    """Find flags in a line: words behind two dashes, and the command's own letters behind one."""
    spelt = (spelling for field in command.fields() for spelling in field.spellings)
    letters = "".join({COUNT, *(spelling for spelling in spelt if len(spelling) == 1)})
    return re.compile(rf"(?<!\S)(--[A-Za-z][\w-]*|-[{letters}])(?!\S)")


def _flagged(command: type[Command], flag: str) -> Field:
    name = flag.lstrip("-").lower()
    fields = [field for field in command.fields() if not field.option.hidden]
    for field in fields:
        if name in field.spellings and not field.option.words:
            return field
    spelt = [spelling for field in fields for spelling in field.spellings]
    near = get_close_matches(name, spelt, n=1)
    known = ", ".join(field.flag for field in fields if not field.option.words)
    raise BadCommand("unknown_flag", flag=flag, nearest=f"--{near[0]}" if near else known)


def _value(field: Field, text: str) -> tuple[Value, str]:
    """Take a flag's value from the text behind it; free text runs up to the next flag."""
    if field.type is bool:
        return True, text
    if not text:
        raise BadCommand("flag_value", flag=field.flag)
    if field.type is str and not field.option.choices and not field.option.suggest:
        return text, ""
    value, _, rest = text.partition(" ")
    return value, rest.strip()


def write(command: Command) -> str:
    """Write a command as the line that reads back as the same command."""
    parts = [f"/{command.name}"]
    words = command.words_field()
    if words is not None and getattr(command, words.name):
        parts.append(str(getattr(command, words.name)))
    for name, value in command.record().items():
        if name == "command" or (words is not None and name == words.name):
            continue
        flag = command.field(name).flag
        parts.append(flag if value is True else f"{flag} {value}")
    return " ".join(parts)


def absorb(command: Some) -> Some:
    """Move the flags that stand inside a command's words into its options."""
    words = command.words_field()
    if words is None:
        return command
    text, inside = split(type(command), str(getattr(command, words.name) or ""))
    said = command.record()
    for name, value in inside.items():
        if said.get(name, value) != value:
            raise BadCommand("twice", option=name)
    said.pop("command")
    return type(command).of(**{**said, **inside, words.name: text})


def revive(record: Mapping[str, Value], commands: Commands) -> Command:
    """Read back what `Command.record` wrote."""
    values = dict(record)
    return find(str(values.pop("command")), commands).of(**values)


def token(command: Command) -> str:
    """Write a command as a button's token; every platform takes 64 ASCII bytes."""
    values = [getattr(command, field.name) for field in command.fields()]
    return ":".join([command.name, *(str(value) for value in values if value is not None)])


def press(text: str, commands: Commands) -> Command:
    """Read back what `token` wrote."""
    name, _, rest = text.partition(":")
    command = find(name, commands)
    names = [field.name for field in command.fields()]
    values = rest.split(":", len(names) - 1) if rest else []
    return command.of(**dict(zip(names, values, strict=False)))
