"""Results and a platform that does not take them at once: the outbox over a real client."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from bot.telegram_chat.limiter import Limiter
from bot.telegram_chat.outbound import TelegramMessenger
from bot.telegram_chat.wire import TelegramBot
from core.context import Address, Ask, Chat, Context, User
from core.errors import DeliveryFailed
from core.ports import Delivery, Finishing, ImageStore, Messenger
from core.worker.again import MOST_TRIES, MOST_UNHEARD, again, away
from tests.bot.telegram_chat.home import ANNA, BORIS, FREE, SILENT, people
from tests.bot.test_failing_disk import until
from tests.emulators.telegram import TelegramEmulator
from tests.studio import Home, studio_at

GIVEN_UP = "nano_banana_deliveries_given_up_total"
HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True)
class Post:
    """A studio that writes to the emulated Telegram; what people say there is put in by hand."""

    telegram: TelegramEmulator
    home: Home

    async def say(self, words: str, person: int = ANNA) -> None:
        """Ask as if Telegram had brought the words."""
        request = f"telegram:{uuid4().hex}"
        address = Address(Chat("telegram", str(person)))
        context = Context(request=request, address=address, user=User("telegram", str(person)))
        ask = Ask(context=context, words=words)
        await self.home.intake.put([ask])
        self.home.intake.start([ask])

    async def owed(self) -> tuple[Delivery, ...]:
        """Read what was promised and is not yet closed."""
        studio = self.home.studio
        async with studio.database.reading() as tx:
            due = await tx.outbox.due(studio.now(), ["telegram"], 9)
            later = await tx.outbox.next_due(studio.now(), ["telegram"])
        assert later is None, "nothing may be put off for later"
        return due

    async def unanswered(self, count: int) -> bool:
        """Tell whether so many asks are open."""
        async with self.home.studio.database.reading() as tx:
            return len(await tx.inbox.waiting()) == count

    async def given_up(self) -> tuple[Delivery, ...]:
        """Read what no way was left to tell."""
        async with self.home.studio.database.reading() as tx:
            return await tx.outbox.given_up(datetime(2000, 1, 1, tzinfo=UTC))

    async def gave_up(self, count: int) -> bool:
        """Tell whether so many promises are given up."""
        return len(await self.given_up()) == count

    async def owes(self, count: int) -> bool:
        """Tell whether so many promises are open."""
        return len(await self.owed()) == count


@asynccontextmanager
async def post_at(
    folder: Path, telegram: TelegramEmulator, patience: float = 10, **settings: Any
) -> AsyncGenerator[Post]:
    async with TelegramBot(telegram.token, telegram.url, patience=patience) as bot:

        def messengers(images: ImageStore, finishing: Finishing) -> Mapping[str, Messenger]:
            limiter = Limiter(FREE)
            mine = TelegramMessenger(bot, images, finishing, limiter=limiter, pace=SILENT)
            return {"telegram": mine}

        async with studio_at(folder, messengers, **settings) as home:
            yield Post(telegram, home)
            await home.rest()


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    emulator = TelegramEmulator()
    people(emulator)
    yield emulator
    assert emulator.broken_rules == []


async def told(logs: list[MutableMapping[str, Any]], event: str) -> bool:
    """Tell whether the log says so."""
    return any(line["event"] == event for line in logs)


async def sent(telegram: TelegramEmulator, count: int) -> bool:
    """Tell whether so many messages were sent, taken or not."""
    return len(telegram.called("POST", "sendMessage")) >= count


async def test_what_a_silent_platform_was_not_told_is_due_the_moment_it_is_back(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with AsyncExitStack() as running:
        async with telegram:
            post = await running.enter_async_context(post_at(tmp_path, telegram))
        with capture_logs() as logs:
            for words in ("a fox", "an owl", "a hare"):
                await post.say(words)
            await until(partial(post.owes, 3))
            await until(partial(told, logs, "platform_unreachable"))
        assert {one.attempts for one in await post.owed()} == {0}
        async with telegram:
            for words in ("a fox", "an owl", "a hare"):
                await telegram.expect(lambda seen, said=words: said in seen.caption)
            await until(partial(post.owes, 0))
            await post.home.rest()
    assert len(telegram.messages(ANNA)) == 3


def test_a_silent_platform_is_looked_for_every_few_seconds_however_long_it_takes() -> None:
    assert [away(tries) for tries in range(6)] == [0.5, 1, 2, 4, 8, 10]
    assert away(100_000) == 10


def test_refusals_are_tried_for_a_day_and_a_platforms_wish_is_obeyed() -> None:
    refused = DeliveryFailed("telegram.refused")
    waits = [again(refused, tries) for tries in range(MOST_TRIES + 1)]
    assert waits[:3] == [1, 2, 4]
    assert waits[-1] is None
    assert 0.9 * DAY < sum(wait or 0 for wait in waits) < 1.1 * DAY
    asked = DeliveryFailed("telegram.flooded", retry_after=3 * HOUR)
    assert again(asked, 0) == 3 * HOUR
    assert again(DeliveryFailed("telegram.closed", lasting=True), 0) is None
    unheard = DeliveryFailed("telegram.unheard", unheard=True)
    assert again(unheard, MOST_UNHEARD) is not None  # refused before, it was not there before
    assert again(unheard, MOST_UNHEARD, repeated=True) is None


async def test_a_result_that_telegram_never_confirms_is_sent_once_more_and_never_called_delivered(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    before = REGISTRY.get_sample_value(GIVEN_UP)
    telegram.fault("sendPhoto", "slow", times=9, seconds=0.5)
    async with telegram, post_at(tmp_path, telegram, patience=0.2) as post:
        await post.say("a fox")
        await until(post.given_up)
        (lost,) = await post.given_up()
    assert lost.error == "error.telegram.unheard"
    assert REGISTRY.get_sample_value(GIVEN_UP) == (before or 0) + 1
    assert len(telegram.messages(ANNA)) <= MOST_UNHEARD + 1


async def test_words_are_said_again_until_they_are_taken_also_by_the_next_start(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.fault("sendMessage", "status", code=500)
    telegram.fault("sendMessage", "drop_before")
    async with telegram:
        async with post_at(tmp_path, telegram) as post:
            await post.say("/help")
            await until(partial(sent, telegram, 1))
            assert await post.unanswered(1)
            post.home.intake.stop()
        async with post_at(tmp_path, telegram) as post:
            await post.home.intake.take_up("telegram")
            await telegram.expect(lambda seen: "/imagine" in seen.text)
            await until(partial(post.unanswered, 0))
    assert len(telegram.messages(ANNA)) == 1
    assert len(telegram.called("POST", "sendMessage")) == 3


@pytest.mark.parametrize(("lost", "shown"), [(1, 2), (9, 2)])
async def test_words_that_telegram_does_not_confirm_are_said_once_more(
    telegram: TelegramEmulator, tmp_path: Path, lost: int, shown: int
) -> None:
    telegram.fault("sendMessage", "torn", times=lost)
    async with telegram, post_at(tmp_path, telegram) as post:
        await post.say("/help")
        await until(partial(sent, telegram, shown))
        await until(partial(post.unanswered, 0))
    assert len(telegram.messages(ANNA)) == shown


async def test_a_result_for_a_closed_chat_is_kept_and_the_operator_sees_it(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    operator = f"telegram:{BORIS}"
    telegram.dm(BORIS)
    telegram.block(ANNA)
    async with telegram, post_at(tmp_path, telegram, NANO_BANANA_OPERATORS=operator) as post:
        await post.say("a fox")
        await until(post.given_up)
        (lost,) = await post.given_up()
        await post.say("/jobs", BORIS)
        seen = await telegram.expect(lambda seen: lost.job in seen.text, chat=BORIS)
        async with post.home.studio.database.reading() as tx:
            assert len(await tx.pictures.of_job(lost.job)) == 1
    assert "could not be delivered: Telegram does not let me write to this chat." in seen.text


async def test_results_of_a_closed_chat_come_when_it_speaks_again_and_are_counted_lost_once(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    before = REGISTRY.get_sample_value(GIVEN_UP) or 0
    telegram.block(ANNA)
    with capture_logs() as logs:
        async with telegram, post_at(tmp_path, telegram) as post:
            for words in ("a fox", "an owl"):
                await post.say(words)
                await until(partial(post.owes, 0))
            await until(partial(post.gave_up, 2))
            await post.say("/help")
            await until(partial(told, logs, "delivery_given_up_again"))
            await until(partial(post.gave_up, 2))
            assert REGISTRY.get_sample_value(GIVEN_UP) == before + 2
            telegram.unblock(ANNA)
            await post.say("/help")
            for words in ("a fox", "an owl"):
                await telegram.expect(lambda seen, said=words: said in seen.caption)
            await until(partial(post.owes, 0))
            await post.say("/usage")
            await telegram.expect(lambda seen: "previews" in seen.text)
            assert await post.given_up() == ()
    photos = [seen.caption.split()[1] for seen in telegram.messages(ANNA) if seen.caption]
    assert sorted(photos) == ["fox", "owl"]


async def test_words_for_a_chat_that_is_closed_are_not_kept(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    telegram.block(ANNA)
    async with telegram, post_at(tmp_path, telegram) as post:
        await post.say("/help")
        await until(partial(sent, telegram, 1))
        await until(partial(post.unanswered, 0))


async def test_who_asks_too_fast_hears_it_once_and_the_rest_is_closed(
    telegram: TelegramEmulator, tmp_path: Path
) -> None:
    async with telegram, post_at(tmp_path, telegram, NANO_BANANA_ASKS_PER_MINUTE=1) as post:
        for _ in range(4):
            await post.say("/help")
        await telegram.expect(lambda seen: "at once" in seen.text)
        await telegram.expect(lambda seen: "/imagine" in seen.text)
        await until(partial(post.unanswered, 0))
    assert len(telegram.messages(ANNA)) == 2
