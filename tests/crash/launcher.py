"""Forks one life of the program after another, so that a thousand starts import it once.

Every line on the standard input is a life: empty, or `POINT:VISIT` where it is to die by its own
hand. Its process id is printed at once, its exit status when it has ended. The program finds its
settings in the working directory's `.env`.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

PRELOADED = (
    "bot.serve",
    "bot.cli.main",
    "bot.telegram_chat.platform",
    "bot.discord_chat.platform",
    "core.providers.fal",
    "core.providers.replicate",
    "aiosqlite",
)
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Leave no process behind when whoever watches was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def live(crash_at: str) -> None:
    """Be the program until the end; whatever it prints is kept in a file."""
    die_with_parent()
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


def main() -> None:
    """Fork a life for every line."""
    die_with_parent()
    for module in PRELOADED:
        __import__(module)
    before = 0
    while line := sys.stdin.readline():
        if before:
            os.waitpid(before, 0)
        child = os.fork()
        if not child:
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
