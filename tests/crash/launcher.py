"""Forks one life of the program after another, so that a thousand starts import it once.

Every line on the standard input is a life: empty, or `POINT:VISIT` where it is to die by its own
hand. Its process id is printed at once, its exit status when it has ended. The program finds its
settings in the working directory's `.env`. Each life speaks from an address of its own.
"""

import ctypes
import gc
import os
import signal
import socket
import ssl
import sys
from functools import cache, wraps
from itertools import count
from pathlib import Path
from typing import Any

import httpcore
import httpx

PRELOADED = (
    "anyio._backends._asyncio",
    "bot.serve",
    "bot.cli.main",
    "bot.cli.operator",
    "bot.telegram_chat.platform",
    "bot.discord_chat.platform",
    "core.providers.fal",
    "core.providers.replicate",
    "aiosqlite",
    "encodings.idna",
    "uvicorn.lifespan.off",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)
PR_SET_PDEATHSIG = 1


def address_of(life: int) -> str:
    """Name the address of the loopback that the n-th life speaks from."""
    return f"127.1.{life // 256}.{life % 256}"


def life_at(address: str) -> int:
    """Number the life that speaks from an address."""
    *_, high, low = address.split(".")
    return 256 * int(high) + int(low)


def die_with_parent() -> None:
    """Leave no process behind when whoever watches was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def speak_from(address: str) -> None:
    """Let a busy service that reads a request late still see whose it was."""
    connect = socket.socket.connect

    @wraps(connect)
    def connected(self: socket.socket, place: Any) -> None:
        if self.family == socket.AF_INET:
            self.bind((address, 0))
        connect(self, place)

    setattr(socket.socket, connect.__name__, connected)


def live(crash_at: str) -> None:
    """Be the program until the end; whatever it prints is kept in a file."""
    with Path("life.log").open("ab") as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    if crash_at:
        from tests.crash.points import Bomb  # noqa: PLC0415 - a clean life has nothing of it

        point, _, visit = crash_at.rpartition(":")
        Bomb(point, int(visit)).arm()
    from bot.__main__ import main as run  # noqa: PLC0415

    sys.argv = ["nano-banana", "serve"]
    run()


def prepare() -> None:
    """Do once what every start would do anew: import, and read the certificates of the world."""
    for module in PRELOADED:
        __import__(module)
    ssl.create_default_context = cache(ssl.create_default_context)
    httpcore.default_ssl_context = cache(httpcore.default_ssl_context)
    httpx.create_ssl_context()
    httpcore.default_ssl_context()
    gc.collect()
    gc.freeze()


def main() -> None:
    """Fork a life for every line."""
    die_with_parent()
    prepare()
    before = 0
    for number in count():
        line = sys.stdin.readline()
        if not line:
            return
        if before:
            os.waitpid(before, 0)
        child = os.fork()
        if not child:
            die_with_parent()
            speak_from(address_of(number))
            live(line.strip())
            return
        print(child, flush=True)  # noqa: T201 - the promised lines
        print(_status(child), flush=True)  # noqa: T201
        before = child


def _status(child: int) -> int:
    """Wait for an end, and leave the number taken: whoever kills by it must not hit another."""
    ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


if __name__ == "__main__":
    main()
