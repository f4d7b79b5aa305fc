"""The list of a backup's files with their SHA-256, and the seal on that list."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from storage.finding import Finding

LIST, SEAL = "manifest.json", "manifest.json.sha256"
DAMAGED = "Restore another backup; this one is not what was written."


def write_manifest(folder: Path, files: Mapping[str, str], facts: Mapping[str, str]) -> None:
    """List the files of a backup; `sha256sum -c` reads the seal."""
    content = json.dumps({**facts, "files": files}, indent=1, sort_keys=True).encode()
    (folder / LIST).write_bytes(content)
    (folder / SEAL).write_text(_seal(content))


def _seal(content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()}  {LIST}\n"


def backup_findings(folder: Path) -> list[Finding]:
    """Compare a backup with its list: any flipped byte, any file too many or too few."""
    content = _read(folder / LIST)
    if _read(folder / SEAL) != _seal(content).encode():
        return [Finding(str(folder), "its manifest is damaged or missing", DAMAGED)]
    listed: Mapping[str, Any] = json.loads(content)["files"]
    there = {name for name in _names(folder) if name not in {LIST, SEAL}}
    wrong = [(name, "is missing") for name in listed.keys() - there]
    wrong += [(name, "is not in the manifest") for name in there - listed.keys()]
    wrong += [
        (name, "differs from the manifest")
        for name in there & listed.keys()
        if sha256_of(folder / name) != listed[name]
    ]
    return [Finding(str(folder / name), what, DAMAGED) for name, what in sorted(wrong)]


def kept_seal(folder: Path) -> str:
    """Read where the ledger ended when a backup was made; empty when nobody knows."""
    try:
        return json.loads(_read(folder / LIST)).get("seal", "")
    except ValueError:
        return ""


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _names(folder: Path) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        yield from (str((Path(place) / name).relative_to(folder)) for name in names)


def sha256_of(file: Path) -> str:
    """Compute the hash of a file in hex; of what cannot be read, nothing's."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""
