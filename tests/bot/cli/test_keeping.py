"""The operator's verbs for the data, as the terminal runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.lock import as_terminal, only_one, without_terminals
from tests.program import measured

Run = subprocess.CompletedProcess[str]


class Terminal:
    """The program, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    def __call__(self, *words: str, **settings: str) -> Run:
        """Run the program and wait."""
        settings = {"PYTHONPATH": str(Path.cwd()), "HOME": str(self.folder), **settings}
        return subprocess.run(
            (sys.executable, "-m", "bot", *words),
            cwd=self.folder,
            env={**measured(), "PATH": os.defpath, "USER": "me", **settings},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def backup(self) -> Path:
        made = self("backup")
        assert made.returncode == 0, made.stderr
        return self.folder / made.stdout.strip()

    def image(self) -> Path:
        return next(path for path in (self.data / "images").rglob("*") if path.is_file())


@pytest.fixture
def nano_banana(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_what_was_lost_comes_back_from_a_backup(nano_banana: Terminal) -> None:
    drawn = nano_banana("generate", "a fox", "--out", ".")
    assert drawn.returncode == 0, drawn.stderr
    backup = nano_banana.backup()
    assert nano_banana("verify").returncode == 0
    lost = nano_banana.image()
    lost.unlink()
    verified = nano_banana("verify")
    assert verified.returncode == 1
    assert verified.stdout.startswith(f"image {lost.name}: image missing. Copy it back")
    restored = nano_banana("restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    assert nano_banana("verify").stdout == "Everything that was written is there, unchanged.\n"


def test_a_restore_refuses_a_running_studio_and_a_damaged_backup(nano_banana: Terminal) -> None:
    nano_banana("history")
    backup = nano_banana.backup()
    with only_one(nano_banana.data):
        refused = nano_banana("restore", str(backup))
    assert refused.returncode == 2
    assert "another studio is running" in refused.stderr
    (backup / "studio.db").write_bytes(b"")
    damaged = nano_banana("restore", str(backup))
    assert damaged.returncode == 1
    assert "differs from the manifest" in damaged.stderr
    assert nano_banana("verify", str(backup)).returncode == 1
    assert (nano_banana.data / "studio.db").stat().st_size > 0


def test_no_terminal_begins_during_a_restore(nano_banana: Terminal) -> None:
    with only_one(nano_banana.data), without_terminals(nano_banana.data):
        refused = nano_banana("generate", "a fox", "--out", "made")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("NANO_BANANA_DATA_DIR: a restore is under way on ")
    assert len(refused.stderr.splitlines()) == 1
    assert not (nano_banana.data / "studio.db").exists()


def test_terminals_work_beside_each_other_and_a_studio_but_no_restore_beside_them(
    nano_banana: Terminal,
) -> None:
    with only_one(nano_banana.data), as_terminal(nano_banana.data) as first:
        drawn = nano_banana("generate", "a fox", "--model", "sketch", "--out", ".")
        with as_terminal(nano_banana.data) as second:
            assert (first, second) == (True, False)
    assert drawn.returncode == 0, drawn.stderr
    backup = nano_banana.backup()
    with as_terminal(nano_banana.data) as alone:
        assert alone
        refused = nano_banana("restore", str(backup))
    assert refused.returncode == 2
    assert "a terminal works on these data" in refused.stderr


@pytest.mark.parametrize("words", [("backup",), ("doctor",), ("history",), ("serve",)])
@pytest.mark.parametrize("variable", ["NANO_BANANA_DATABASE_URL", "NANO_BANANA_IMAGES_URL"])
def test_a_bad_address_is_told_with_its_variable(
    nano_banana: Terminal, words: tuple[str, ...], variable: str
) -> None:
    wrong = nano_banana(*words, **{variable: "ftp://nowhere"})
    assert wrong.returncode > 0
    assert variable in wrong.stdout + wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_every_verb_that_opens_the_database_takes_another_for_one_call(
    nano_banana: Terminal, tmp_path: Path
) -> None:
    other = ("--database-url", f"sqlite:///{tmp_path / 'other.db'}")
    made = nano_banana("generate", "a fox", "--model", "sketch", "--json", *other)
    job = json.loads(made.stdout)["job"]
    assert job in nano_banana("history", *other).stdout
    assert job not in nano_banana("history").stdout
    for verb in (("verify",), ("doctor",), ("prices",)):
        assert nano_banana(*verb, *other).returncode == 0
    assert "is no address" in nano_banana("serve", "--database-url", "ftp://x").stderr


def test_a_directory_of_somebody_else_is_told_with_its_variable(nano_banana: Terminal) -> None:
    (nano_banana.data / "lock").mkdir(parents=True)  # as good as a file that may not be written
    refused = nano_banana("serve")
    assert refused.returncode == 2
    assert refused.stderr.startswith("NANO_BANANA_DATA_DIR: ")


def test_pictures_that_cannot_be_written_end_in_words_and_come_later(
    nano_banana: Terminal, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "in-the-way"
    in_the_way.touch()
    failed = nano_banana("generate", "a fox", "--out", str(in_the_way / "folder"))
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "Not a directory" in failed.stderr
    assert "Traceback" not in failed.stderr
    later = nano_banana("generate", "an owl", "--out", str(tmp_path / "later"))
    assert later.returncode == 0
    assert len(list((tmp_path / "later").iterdir())) == 2
