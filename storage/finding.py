"""What is wrong with stored data, and what to do about it."""

from dataclasses import dataclass

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of an examination."""

    about: str
    what: str
    remedy: str
    harmless: bool = False
    """Worth a line, but nothing is lost."""

    @override
    def __str__(self) -> str:
        return f"{self.about}: {self.what}. {self.remedy}"
