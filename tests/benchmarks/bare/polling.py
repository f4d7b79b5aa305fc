"""The poll of python-telegram-bot, as its own examples use it."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from telegram import Bot, Update

LONG_POLL = 50


async def updates(telegram: Mapping[str, str]) -> AsyncGenerator[tuple[Bot, Sequence[Update]]]:
    """Yield batches; a batch is confirmed when the next one is asked for."""
    url = telegram["url"]
    async with Bot(telegram["token"], base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as me:
        offset = 0
        while True:
            came = await me.get_updates(offset, timeout=LONG_POLL, read_timeout=LONG_POLL + 10)
            yield me, came
            offset = came[-1].update_id + 1 if came else offset
