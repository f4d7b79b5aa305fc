"""Sending updates to the bot's webhook, one after another, as long as it says yes."""

import aiohttp

from tests.emulators.telegram_updates import Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


async def deliver(updates: Updates) -> list[int]:
    """Post what waits and return the statuses; the first refusal ends the round.

    What was not accepted with a 2xx stays in the queue and is sent again by the next round.
    """
    hook = updates.webhook
    headers = {SECRET_HEADER: hook["secret"]} if hook["secret"] else {}
    statuses: list[int] = []
    async with aiohttp.ClientSession(headers=headers) as session:
        for update in updates.waiting:
            async with session.post(hook["url"], json=update) as answer:
                statuses.append(answer.status)
            if not answer.ok:
                break
            updates.confirm(update)
    return statuses
