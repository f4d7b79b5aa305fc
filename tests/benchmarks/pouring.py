"""The emulated Telegram, with people who write at a steady rate: `--calls FILE` as ever."""

import argparse
import asyncio
import time
from pathlib import Path

from tests.emulators.__main__ import serve
from tests.emulators.telegram import TelegramEmulator

FIRST = 10_000
PEOPLE = 50


class PouringTelegram(TelegramEmulator):
    """A Telegram that notes when each update could first be fetched."""

    def people(self, count: int) -> list[int]:
        """Introduce people who all write to the bot in private."""
        return [self.dm(self.user(FIRST + number, f"P{number}")) for number in range(count)]

    def unconfirmed(self) -> int:
        """Count the updates that the next who polls would get."""
        return len(self.world.updates.waiting)

    async def pour(self, seconds: float, rate: float, words: str) -> list[tuple[int, float]]:
        """Let people write in turn; return each update's number and its moment.

        The moment is taken just before, so that no wait is counted too short.
        """
        people, poured = self.people(PEOPLE), list[tuple[int, float]]()
        clock = asyncio.get_running_loop().time
        began = clock()
        for number in range(int(seconds * rate)):
            await asyncio.sleep(began + number / rate - clock())
            poured.append((self.world.updates.next_id, time.time()))
            await self.say(people[number % PEOPLE], words)
        return poured


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=Path, required=True)
    asyncio.run(serve(PouringTelegram(), parser.parse_args().calls))


if __name__ == "__main__":
    main()
