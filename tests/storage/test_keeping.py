"""Backups are whole, damage is found, and the way back loses nothing."""

import os
import random
import sqlite3
import stat
from collections.abc import Callable
from contextlib import aclosing, closing
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from storage.backup import Place, back_up, backups, prune
from storage.database import SqlDatabase
from storage.finding import Finding
from storage.images import Images
from storage.manifest import backup_findings, kept_seal
from storage.restore import lost_entries, restore
from storage.verify import findings
from tests.storage.samples import CHAT, NOW, ask, job, picture

FLIPS = 1000
SCHEMAS = Path(__file__).with_name("schemas")
READINGS = (
    "SELECT *, typeof(job), typeof(user_id), typeof(chat), typeof(server) FROM ledger ORDER BY id",
    *(
        f"SELECT {columns}, count(*), sum(amount) FROM ledger GROUP BY {columns}"  # noqa: S608  columns of ours
        for columns in ("day", "user_platform, user_id, day", "chat, day", "server, day", "job")
    ),
)


def data(number: int) -> bytes:
    return f"picture {number} ".encode() * 50


class Home:
    """A data directory with a few pictures, a job that names them and an ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/studio.db"
        self.images = Images.open(f"file://{folder}/images")
        self.place = Place(folder / "studio.db", folder / "images")

    async def fill(self) -> None:
        names = [await self.images.put(data(number)) for number in range(5)]
        async with SqlDatabase.open(self.url) as database, database.transaction() as tx:
            await tx.jobs.add(job())
            await tx.pictures.add([picture("job1", n, name) for n, name in enumerate(names, 1)])
            await tx.pictures.sent(await self.images.put(data(9)), CHAT, NOW)
            await tx.inbox.put([ask(1)], NOW)

    async def spend(self, *jobs: str) -> None:
        async with SqlDatabase.open(self.url) as database, database.transaction() as tx:
            for name in jobs:
                await tx.ledger.hold(job(name), [], NOW)
                await tx.ledger.settle(name, 30_000, NOW)

    async def findings(self, *made: Path) -> list[Finding]:
        seals = {backup.name: kept_seal(backup) for backup in made}
        return [finding async for finding in findings(self.url, self.images, seals)]

    async def asked(self) -> int:
        async with SqlDatabase.open(self.url) as database, database.reading() as tx:
            return len(await tx.inbox.waiting())

    async def ask_more(self) -> None:
        async with SqlDatabase.open(self.url) as database, database.transaction() as tx:
            await tx.inbox.put([ask(2)], NOW)


@pytest.fixture
async def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "data")
    await made.fill()
    return made


@pytest.fixture
def chance() -> random.Random:
    return random.Random(1)  # noqa: S311  flips, not keys


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def flip(file: Path, chance: random.Random) -> Callable[[], None]:
    """Change one bit anywhere in a file; return what changes it back."""
    at = chance.randrange(file.stat().st_size)
    bit = 1 << chance.randrange(8)

    def turn() -> None:
        with file.open("r+b") as opened:
            opened.seek(at)
            (byte,) = opened.read(1)
            opened.seek(at)
            opened.write(bytes([byte ^ bit]))

    turn()
    return turn


async def test_data_that_are_whole_have_no_findings(home: Home) -> None:
    assert await home.findings() == []
    assert backup_findings(back_up(home.place, home.folder / "backups", NOW)) == []


async def test_every_bit_flipped_in_a_picture_is_found(home: Home, chance: random.Random) -> None:
    stored = files(home.folder / "images")
    for _ in range(FLIPS // 5):
        turn_back = flip(file := chance.choice(stored), chance)
        (found,) = await home.findings()
        assert found.about == f"image {file.name}"
        turn_back()
    assert await home.findings() == []


async def test_every_bit_flipped_in_a_backup_is_found(home: Home, chance: random.Random) -> None:
    backup = back_up(home.place, home.folder / "backups", NOW)
    written = files(backup)
    for _ in range(FLIPS):
        turn_back = flip(chance.choice(written), chance)
        assert len(backup_findings(backup)) == 1
        turn_back()
    assert backup_findings(backup) == []


def ledger(database: Path) -> object:
    """Read the ledger in every way that the studio does; None when it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            return [connection.execute(query).fetchall() for query in READINGS]
    except (sqlite3.Error, UnicodeError):
        return None


async def test_every_bit_flipped_in_the_ledger_is_found(home: Home, chance: random.Random) -> None:
    await home.spend(*(f"job{number}" for number in range(200)))
    told, changed = ledger(home.place.database), 0
    for _ in range(FLIPS // 2):
        turn_back = flip(home.place.database, chance)
        if ledger(home.place.database) != told:
            changed += 1
            assert await home.findings() != []
        turn_back()
    assert await home.findings() == []
    assert changed > FLIPS / 8


async def test_a_ledger_whose_end_was_cut_off_is_found_by_its_backup(home: Home) -> None:
    older = back_up(home.place, home.folder / "backups", NOW)
    await home.spend("first", "second")
    newer = back_up(home.place, home.folder / "backups", NOW + timedelta(hours=1))
    await home.spend("third")
    assert await home.findings(older, newer) == []
    assert [lost_entries(made, home.place) for made in (older, newer)] == [6, 2]
    with closing(sqlite3.connect(home.place.database)) as connection:
        connection.executescript(
            "DROP TRIGGER ledger_keeps_DELETE; DELETE FROM ledger WHERE id > 3"
        )
    (found,) = await home.findings(older, newer)
    assert str(found).startswith(f"ledger: has lost entries that are in {newer.name}. Restore it;")
    restore(newer, home.place, NOW)
    assert await home.findings(older, newer) == []


def test_a_backup_without_a_seal_says_nothing_of_the_end(tmp_path: Path) -> None:
    place = Place(tmp_path / "studio.db", None)
    with closing(sqlite3.connect(place.database)) as connection:
        connection.executescript((SCHEMAS / "0002.sql").read_text())
    assert kept_seal(back_up(place, tmp_path, NOW)) == kept_seal(tmp_path) == ""
    place.database.write_bytes(b"torn")
    assert lost_entries(tmp_path, place) == 0


async def test_missing_pictures_are_found_and_nameless_ones_listed(home: Home) -> None:
    gone = files(home.folder / "images")[0]
    gone.unlink()
    nameless = await home.images.put(b"nobody's")
    missing, spare = sorted(await home.findings(), key=lambda finding: finding.harmless)
    assert (missing.about, missing.what) == (f"image {gone.name}", "image missing")
    assert (spare.about, spare.harmless) == (f"image {nameless}", True)


async def test_while_pictures_are_looked_at_the_log_can_be_emptied(home: Home) -> None:
    files(home.folder / "images")[0].unlink()
    async with (
        SqlDatabase.open(home.url) as database,
        aclosing(findings(home.url, home.images)) as found,
    ):
        async for _ in found:  # one picture is missing, the others are still to be looked at
            async with database.transaction() as tx:
                await tx.inbox.put([ask(2)], NOW)
            with closing(sqlite3.connect(home.place.database)) as other:
                busy, *_ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert not busy


async def test_a_torn_database_is_found_and_left_as_it_is(home: Home) -> None:
    torn = bytearray(home.place.database.read_bytes())
    torn[4096 * 3 : 4096 * 6] = os.urandom(4096 * 3)
    home.place.database.write_bytes(torn)
    found = await home.findings()
    assert any(finding.about == "database" for finding in found)
    assert home.place.database.read_bytes() == bytes(torn)


async def test_a_foreign_schema_is_found(home: Home) -> None:
    with closing(sqlite3.connect(home.place.database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    (found,) = await home.findings()
    assert "foreign schema 9999" in str(found)


async def test_a_backup_is_for_this_account_alone_and_shares_its_pictures(home: Home) -> None:
    before = os.umask(0o022)
    try:
        backup = back_up(home.place, home.folder / "backups", NOW)
    finally:
        os.umask(before)
    folders = [path for path in [backup, *backup.rglob("*")] if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    image = files(home.folder / "images")[0]
    assert (backup / "images" / image.parent.name / image.name).samefile(image)
    assert stat.S_IMODE((backup / "studio.db").stat().st_mode) == 0o600


async def test_restoring_brings_everything_back_and_keeps_what_was_there(home: Home) -> None:
    backup = back_up(home.place, home.folder / "backups", NOW)
    await home.ask_more()
    files(home.folder / "images")[0].unlink()
    moved = restore(backup, home.place, NOW)
    assert await home.asked() == 1
    assert await home.findings() == []
    kept = next(path for path in moved if path.name.startswith("studio.db.replaced-"))
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT count(*) FROM inbox").fetchone() == (2,)


async def test_a_backup_can_be_restored_into_a_new_folder(home: Home, tmp_path: Path) -> None:
    backup = back_up(home.place, home.folder / "backups", NOW)
    new = Home(tmp_path / "new")
    restore(backup, new.place, NOW)
    assert await new.asked() == 1
    assert await new.findings() == []


async def test_only_the_newest_backups_are_kept(home: Home) -> None:
    folder = home.folder / "backups"
    made = [back_up(home.place, folder, NOW + timedelta(hours=n)) for n in range(4)]
    (folder / "something else").mkdir()
    assert prune(folder, 2) == made[:2]
    assert backups(folder) == made[2:]
    assert (folder / "something else").is_dir()


class Busy(Images):
    """A store in which somebody draws and deletes as soon as its pictures are looked at."""

    @override
    async def get(self, sha256: str) -> bytes:
        found = await super().get(sha256)
        if len(await self.names()) > 1:
            await change(f"sqlite:///{self.folder}/../studio.db", self)
        return found


async def change(url: str, images: Images) -> None:
    async with SqlDatabase.open(url) as database, database.transaction() as tx:
        gone = await tx.pictures.forget("job1")
        if gone:
            await tx.jobs.add(job("job2"))
            await tx.pictures.add([picture("job2", 1, await images.put(b"new"))])
    for one in gone:
        await images.delete(one)


async def test_what_is_made_and_deleted_while_pictures_are_looked_at_is_no_damage(
    home: Home,
) -> None:
    busy = Busy(home.images.store)
    assert [finding async for finding in findings(home.url, busy)] == []
    assert len(await busy.names()) == 2


def test_a_backup_that_fails_leaves_nothing_behind(home: Home) -> None:
    (home.folder / "images" / "aa" / ("a" * 64)).mkdir(parents=True)  # no file: cannot be copied
    with pytest.raises(OSError, match="directory"):
        back_up(home.place, home.folder / "backups", NOW)
    assert list((home.folder / "backups").iterdir()) == []
