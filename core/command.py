"""What makes a frozen dataclass a command: its fields are the options of every surface."""

import dataclasses
import types
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Self,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from core.context import Context
from core.errors import BadCommand, Missing, Value
from core.ports import UnitOfWork
from core.replies import Reply

if TYPE_CHECKING:
    from core.studio import Studio


@dataclass(frozen=True, slots=True)
class Option:
    """What a surface must know of one field; its words are `option.<name>` in the locales."""

    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    suggest: str = ""
    """Names a list that grows: models, styles. Surfaces offer it while typing."""
    words: bool = False
    """Takes the rest of a line, in which flags may stand; at most one per command."""
    flags: tuple[str, ...] = ()
    """Other spellings inside a line: `ar`, `n`."""
    hidden: bool = False
    """Set by buttons only; no surface shows it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One option of a command with its name, type and default, as surfaces read it."""

    name: str
    type: type[str] | type[int] | type[bool]
    default: Value | None
    required: bool
    option: Option

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every flag that sets this option inside a line, without dashes."""
        return (self.name, self.name.replace("_", "-"), *self.option.flags)

    @property
    def flag(self) -> str:
        """The spelling that people write: `-n`, `--ar`."""
        name = self.option.flags[0] if self.option.flags else self.name.replace("_", "-")
        return f"-{name}" if len(name) == 1 else f"--{name}"

    def read(self, raw: Value) -> Value:
        """Turn what a surface handed over into the option's type, or say what is wrong."""
        value = self._typed(raw)
        if self.option.choices and value not in self.option.choices:
            raise BadCommand("choice", option=self.name, choices=", ".join(self.option.choices))
        low, high = self.option.low, self.option.high
        if isinstance(value, int) and not isinstance(value, bool):
            if low is not None and value < low:
                raise BadCommand("range", option=self.name, low=low, high=_shown(high))
            if high is not None and value > high:
                raise BadCommand("range", option=self.name, low=_shown(low), high=high)
        return value

    def _typed(self, raw: Value) -> Value:
        if self.type is str:
            return str(raw)
        if self.type is bool:
            return raw if isinstance(raw, bool) else str(raw).lower() in {"true", "yes", "1", "on"}
        try:
            return int(raw)
        except ValueError:
            raise BadCommand("number", option=self.name, given=str(raw)) from None


def _shown(bound: int | None) -> str:
    return "…" if bound is None else str(bound)


@dataclass(frozen=True, kw_only=True)
class Command(ABC):
    """One thing a person can ask for. Slash options, flags, forms and buttons come from it."""

    name: ClassVar[str]
    cli_name: ClassVar[str] = ""
    """The terminal's word for it, where that differs."""
    listed: ClassVar[bool] = True
    """False for what only buttons say."""
    for_operators: ClassVar[bool] = False
    """Refused to everybody else, and so not offered to them."""
    moderated: ClassVar[bool] = False
    """Whether whoever keeps order in a chat may use it on what others asked for there."""
    secret: ClassVar[bool] = False
    """What it says is told to who asked, and not kept."""
    takes_pictures: ClassVar[bool] = False
    """Whether pictures may come with the words."""

    @abstractmethod
    async def run(self, studio: "Studio", context: Context, tx: UnitOfWork) -> Reply:
        """Do it, or queue it, inside the transaction that records the asking and the answer."""

    @classmethod
    def fields(cls) -> tuple[Field, ...]:
        """List the options in the order they are written."""
        return _fields(cls)

    @classmethod
    def field(cls, name: str) -> Field:
        """Find one option by its name."""
        return next(field for field in cls.fields() if field.name == name)

    @classmethod
    def words_field(cls) -> Field | None:
        """Find the option that takes the rest of a line."""
        return next((field for field in cls.fields() if field.option.words), None)

    @classmethod
    def bare_field(cls) -> Field | None:
        """Find the option that is meant when words stand behind the name without a flag."""
        return cls.words_field() or next(iter(cls.fields()), None)

    @classmethod
    def of(cls, **values: Value) -> Self:
        """Build it from raw values, each checked against its option."""
        known = {field.name: field for field in cls.fields()}
        for name in values:
            if name not in known:
                raise BadCommand("unknown_option", option=name, known=", ".join(known))
        for name in (field.name for field in cls.fields() if field.required):
            if values.get(name, "") == "":
                raise Missing(cls.name, name)
        return cls(**{name: known[name].read(value) for name, value in values.items()})

    def record(self) -> dict[str, Value]:
        """Write it down: its name and every option that is not the default."""
        said = {
            field.name: getattr(self, field.name)
            for field in self.fields()
            if getattr(self, field.name) != field.default
        }
        return {"command": self.name, **said}


@cache
def _fields(command: type[Command]) -> tuple[Field, ...]:
    hints = get_type_hints(command, include_extras=True)
    return tuple(
        _field(field, hints[field.name])
        for field in dataclasses.fields(command)
        if get_origin(hints[field.name]) is not ClassVar
    )


def _field(field: "dataclasses.Field[Any]", hint: Any) -> Field:
    option = Option()
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        option = next((extra for extra in extras if isinstance(extra, Option)), option)
    if isinstance(hint, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not types.NoneType)
    required = field.default is dataclasses.MISSING
    default: Value | None = None if required else cast("Value | None", field.default)
    return Field(field.name, hint, default, required, option)
