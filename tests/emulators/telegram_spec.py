"""Every call and answer against the machine-readable Bot API description, where it is at hand."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from tests.emulators.telegram_rules import Json
from tests.emulators.telegram_wire import Parameters

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "specs" / "telegram_api.json"
KIND = re.compile(r"(?:must be|always) \W?(\w+)")
SCALARS: dict[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
}


class Spec:
    """The names and types that the Bot API knows."""

    def __init__(self, described: Json) -> None:
        self._methods: Json = described["methods"]
        self._types: Json = described["types"]

    def call_faults(self, method: str, sent: Parameters) -> list[str]:
        """List what is wrong with a call's parameters."""
        fields = {field["name"]: field for field in self._methods[method].get("fields", [])}
        given = {**sent.fields, **{name: ... for name in sent.files if name in fields}}
        unknown = [f"{method}: unknown parameter {name}" for name in given if name not in fields]
        missing = [
            f"{method}: {name} is missing"
            for name, field in fields.items()
            if field["required"] and name not in given
        ]
        wrong = [
            fault
            for name, value in given.items()
            if name in fields and value is not ...
            for fault in self._form_faults(value, fields[name]["types"], f"{method}.{name}")
        ]
        return unknown + missing + wrong

    def answer_faults(self, method: str, answer: object) -> list[str]:
        """List what is wrong with the emulator's own answer."""
        return self._faults(answer, self._methods[method]["returns"], f"{method} answer")

    def _form_faults(self, value: object, types: list[str], place: str) -> list[str]:
        if not isinstance(value, str) or {"String", "InputFile"} & set(types):
            return self._faults(value, [*types, "String"] if "InputFile" in types else types, place)
        try:
            return self._faults(json.loads(value), types, place)
        except json.JSONDecodeError:
            return [f"{place}: not JSON"]

    def _faults(self, value: Any, types: list[str], place: str) -> list[str]:
        tried = [self._type_faults(value, name, place) for name in types]
        return min(tried, key=len, default=[])

    def _type_faults(self, value: Any, name: str, place: str) -> list[str]:
        if name.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{place}: not an array"] * 100
            inner = name.removeprefix("Array of ")
            return [
                f for at, v in enumerate(value) for f in self._faults(v, [inner], f"{place}[{at}]")
            ]
        if name in SCALARS:
            fits = isinstance(value, SCALARS[name]) and (name == "Boolean" or value is not True)
            return [] if fits else [f"{place}: not {name}: {value!r}"]
        if subtypes := self._types[name].get("subtypes"):
            return self._faults(value, subtypes, place)
        return self._object_faults(value, name, place)

    def _object_faults(self, value: Any, name: str, place: str) -> list[str]:
        if not isinstance(value, dict):
            return [f"{place}: not a {name}"] * 100
        fields = {field["name"]: field for field in self._types[name].get("fields", [])}
        unknown = [f"{place}: {name} has no {key}" for key in value if key not in fields]
        missing = [
            f"{place}: {name} needs {key}"
            for key, field in fields.items()
            if field["required"] and key not in value
        ]
        inner = [
            fault
            for key, held in value.items()
            if key in fields
            for fault in self._faults(held, fields[key]["types"], f"{place}.{key}")
        ]
        return unknown + missing + inner + _kind_faults(value, fields, place)


def _kind_faults(value: Json, fields: Json, place: str) -> list[str]:
    """Compare `type` with the one word that its description allows, such as `must be photo`."""
    told = KIND.search(fields.get("type", {}).get("description", ""))
    if told is None or value.get("type") == told[1]:
        return []
    return [f"{place}: type is not {told[1]}"] * 10


@cache
def load_spec(path: Path = PUBLISHED) -> Spec | None:
    """Read the description if it is there."""
    return Spec(json.loads(path.read_text())) if path.is_file() else None
