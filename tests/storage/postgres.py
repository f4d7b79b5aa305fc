"""A PostgreSQL server of the tests' own: on a socket in a folder, for this session alone."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

PROGRAMS = Path("/usr/lib/postgresql")
ACCOUNT = "postgres"


def programs() -> Path | None:
    """Find the newest server that is installed."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def serving(programs: Path) -> Generator[Path]:
    """Run a server; give the folder of its socket."""
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, ACCOUNT)
        data = str(folder / "data")
        _run(programs, "initdb", "-D", data, "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "-N")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        pg_ctl = ("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"))
        _run(programs, *pg_ctl, "-o", options, "start")
        try:
            yield folder
        finally:
            _run(programs, *pg_ctl, "-m", "immediate", "stop")


def _run(programs: Path, program: str, *words: str) -> None:
    """Run a program of the server, which refuses to run as root."""
    drop = ("runuser", "-u", ACCOUNT, "--") if os.geteuid() == 0 else ()
    command = (*drop, str(programs / program), *words)
    done = subprocess.run(command, capture_output=True, timeout=60, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())


def new_database(socket: Path, name: str) -> str:
    """Make an empty database; give its address."""

    async def make() -> None:
        server = await asyncpg.connect(host=str(socket), user=ACCOUNT, database=ACCOUNT)
        await server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        await server.close()

    asyncio.run(make())
    return f"postgresql://{ACCOUNT}@/{name}?host={socket}"
