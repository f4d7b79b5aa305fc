"""Writes the reference pages from the code, so that they cannot be wrong for long."""

import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

import core.errors
from bot.settings import Settings
from bot.strings import DOLLAR, phrases, text
from core.catalogue import ModelSpec, read_models, read_styles
from core.command import Command, Field
from core.commands import COMMANDS

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / ".env.example"
FAULTS = HERE.parent / "tests/faults/table.toml"
SECTION = "# --- "
BAR = r"\|"


def pages() -> dict[Path, str]:
    """Make every reference page, by the file it belongs in."""
    folder = HERE / "reference"
    return {
        folder / "commands.md": _commands(),
        folder / "settings.md": _settings(),
        folder / "models.md": _models(),
        folder / "errors.md": _errors(),
        folder / "faults.md": _faults(),
    }


def _page(title: str, *blocks: str) -> str:
    note = "<!-- Written by `make docs` from the code: change it there. -->"
    return "\n\n".join([f"# {title}", note, *blocks]) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    return "\n".join(map(_row, [names, ["---"] * len(names), *rows]))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"


def _code(words: str) -> str:
    return f"`{words}`" if words else ""


# --- commands ----------------------------------------------------------------------------------


def _commands() -> str:
    listed = [_command(command) for command in COMMANDS if command.listed]
    pressed = [command for command in COMMANDS if not command.listed]
    buttons = _table(
        ("button says", "it does"), [(_code(one.name), _about(one)) for one in pressed]
    )
    styles = _table(("style", "words that it adds"), [(_code(a), b) for a, b in _styles()])
    opening = (
        "In a chat a command begins with `/`; words without a command are a prompt for "
        "`/imagine`.\nAt the terminal it is a subcommand of `nano-banana`, which also takes "
        "`--out FOLDER`, `--json` and `--yes`."
    )
    return _page(
        "Commands", opening, *listed, "## Said by buttons only", buttons, "## Styles", styles
    )


def _styles() -> list[tuple[str, str]]:
    return list(read_styles().items())


def _command(command: type[Command]) -> str:
    terminal = f"Terminal: `nano-banana {command.cli_name or command.name}`."
    head = f"## /{command.name}\n\n{_about(command)}.\n{terminal}"
    rows = [_option(field) for field in command.fields() if not field.option.hidden]
    if not rows:
        return head
    return f"{head}\n\n{_table(('option', 'in a line', 'value', 'default', 'what'), rows)}"


def _about(command: type[Command]) -> str:
    return text(f"command.{command.name}", "en")


def _option(field: Field) -> tuple[str, ...]:
    default = "required" if field.required else _code(str(field.default or ""))
    if field.type is bool:
        default = "off"
    about = text(f"option.{field.name}", "en")
    return _code(field.name), _spelling(field), _range(field), default, about


def _spelling(field: Field) -> str:
    if field.option.words:
        return "the words themselves"
    short = [f"-{flag}" if len(flag) == 1 else f"--{flag}" for flag in field.option.flags]
    return ", ".join(_code(one) for one in [*short, f"--{field.name.replace('_', '-')}"])


def _range(field: Field) -> str:
    if field.type is bool:
        return "on when it is there"
    if field.type is str:
        return "text"
    return f"{field.option.low} to {field.option.high}"


# --- settings ----------------------------------------------------------------------------------


def _settings() -> str:
    blocks: list[str] = []
    fields = variables()
    for section, told in told_settings().items():
        rows = [
            (_code(name), _code(default_of(fields[name])), about) for name, about in told.items()
        ]
        blocks += [f"## {section}", _table(("variable", "default", "what"), rows)]
    opening = (
        "Settings are environment variables, or lines of a file `.env` in the folder that the "
        "studio is started in.\nThe environment wins; an empty value counts as not set.\n"
        "A wrong value stops the start with the variable's name and what to do.\n"
        "[`.env.example`](../../.env.example) has them all, ready to copy."
    )
    return _page("Settings", opening, *blocks)


def variables() -> dict[str, FieldInfo]:
    """List every setting by the name of its variable."""
    return {field.alias or name: field for name, field in Settings.model_fields.items()}


def told_settings(example: Path = EXAMPLE) -> dict[str, dict[str, str]]:
    """Read what `.env.example` says about each variable, by section."""
    sections: dict[str, dict[str, str]] = {}
    section, about = "", ""
    for line in example.read_text(encoding="utf-8").splitlines():
        if line.startswith(SECTION):
            section, about = line.removeprefix(SECTION).rstrip("- "), ""
        elif line.startswith("# "):
            about = f"{about} {line.removeprefix('# ')}".strip()
        elif line.startswith("#"):
            name, _, _ = line.removeprefix("#").partition("=")
            sections.setdefault(section, {})[name] = about
            about = ""
        else:
            about = ""
    return sections


def default_of(field: FieldInfo) -> str:
    """Write a default as it would stand in `.env`."""
    default: object = field.default
    if default is None or default == frozenset():
        return ""
    if isinstance(default, int | Decimal | str | Path):
        return str(default)
    return str(default).rstrip("/")


# --- models ------------------------------------------------------------------------------------


def _models() -> str:
    models = read_models()
    head = ("name", "title", "makes", "at once", "shapes", "price")
    blocks: list[str] = []
    for provider in dict.fromkeys(model.provider for model in models):
        rows = [_model(model) for model in models if model.provider == provider]
        blocks += [f"## {provider}", _table(head, rows)]
    opening = (
        "The catalogue, from `core/data/models.toml`, in the order of preference.\n"
        "Only models whose provider has a key are offered in a studio; the first of those is its "
        "default.\nPrices are what the catalogue reckons with, in US dollars; your provider's bill "
        "is the truth."
    )
    return _page("Models", opening, *blocks)


def _model(model: ModelSpec) -> tuple[str, ...]:
    makes = ", ".join(task.replace("_", " ") for task in model.endpoints)
    shapes = " ".join(model.aspect_ratios) or "any"
    return _code(model.name), model.title, makes, str(model.max_images), shapes, _price(model)


def _price(model: ModelSpec) -> str:
    if model.free:
        return "free"
    if model.price_per_image is not None:
        return f"{_dollars(model.price_per_image)} a picture"
    if model.price_per_megapixel is not None:
        return f"{_dollars(model.price_per_megapixel)} a megapixel"
    return "unknown: cannot be ordered"


def _dollars(micro_dollars: int) -> str:
    return f"${(Decimal(micro_dollars) / DOLLAR).normalize():f}"


# --- errors ------------------------------------------------------------------------------------


def _errors() -> str:
    tree = (core.errors.__doc__ or "").partition("\n\n")[2].strip()
    rows = [(_code(key), said) for key, said in _spoken(phrases("en")).items()]
    opening = (
        "Whatever the studio raises on purpose has a key.\n"
        "The person reads the words that belong to the key, in their language; what stands in "
        "braces is filled in."
    )
    return _page(
        "Errors",
        opening,
        f"## The tree\n\n```text\n{tree}\n```",
        "## What people read",
        _table(("key", "English words"), rows),
    )


def _spoken(said: Mapping[str, str]) -> dict[str, str]:
    start = "error."
    return {
        key.removeprefix(start): phrase for key, phrase in said.items() if key.startswith(start)
    }


# --- faults ------------------------------------------------------------------------------------


def _faults() -> str:
    table = tomllib.loads(FAULTS.read_text(encoding="utf-8"))
    cells = sum(len(row["dependency"]) * len(row["faults"]) for row in table["row"])
    opening = (
        f"What the studio promises when something outside goes wrong, in {cells} cases.\n"
        "Each is a test, which goes through it with the real worker and the real client, and "
        "then looks that the order was sent as often as promised, that the ledger says what the "
        "provider bills, that the chat was told once, and that nothing is left running.\n"
        "The cases come from `tests/faults/table.toml`; "
        "[durability](../explanation/durability.md) tells the ideas behind them."
    )
    promises = [(_code(name), promise["says"]) for name, promise in table["promise"].items()]
    blocks: list[str] = []
    for name, title in table["dependency"].items():
        rows = [_fault_row(table, row) for row in table["row"] if name in row["dependency"]]
        blocks += [f"## {title}", _table(("when", "what goes wrong", "promise"), rows)]
    return _page(
        "Faults", opening, "## The promises", _table(("name", "promise"), promises), *blocks
    )


def _fault_row(table: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, ...]:
    faults = "; ".join(table["fault"][name]["says"] for name in row["faults"])
    return table["phase"][row["phase"]], faults, _code(row["promise"])


def main() -> None:
    """Write every page."""
    for file, words in pages().items():
        file.write_text(words, encoding="utf-8")


if __name__ == "__main__":
    main()
