"""Our measure against Telegram's: whatever is offered, nothing is refused and nothing is lost."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telegram_chat.limiter import MOST_LANES, Limiter
from tests.bot.telegram_chat.desk import Clock
from tests.emulators.telegram_flood import FloodMeter

DM, GROUP = 501, -700


async def offer(chats: list[int]) -> float:
    """Send to all chats at once through the limiter; return the seconds that it took."""
    clock = Clock()
    limiter, meter = Limiter(now=clock, sleep=clock.sleep), FloodMeter(clock)

    async def send(chat: int) -> None:
        await limiter.message(chat)
        meter.message(chat, group=chat < 0)

    async with asyncio.TaskGroup() as group:
        for chat in chats:
            group.create_task(send(chat))
    return clock.now - 100


@given(st.lists(st.integers(-4, 4), max_size=120))
@settings(max_examples=30)
def test_telegram_never_has_to_refuse(chats: list[int]) -> None:
    asyncio.run(offer(chats))


async def test_ten_times_the_bearable_load_takes_ten_times_as_long() -> None:
    assert await offer([DM] * 4) == 0
    assert 40 <= await offer([DM] * 40) <= 50
    assert 540 <= await offer([GROUP] * 200) <= 670
    assert await offer(list(range(1, 301))) >= 10


async def test_one_chat_does_not_hold_up_another() -> None:
    clock = Clock()
    limiter = Limiter(now=clock, sleep=clock.sleep)
    await limiter.message(GROUP, 10)
    limiter.hold(GROUP, 300)
    assert not limiter.room(GROUP)
    assert limiter.room(DM)
    await limiter.message(DM)
    assert clock.now == 100
    await limiter.message(GROUP)
    assert clock.now == 400


async def test_edits_have_room_of_their_own_and_never_wait() -> None:
    clock = Clock()
    limiter = Limiter(now=clock, sleep=clock.sleep)
    await limiter.message(GROUP, 10)
    assert [limiter.edit(GROUP), limiter.edit(GROUP), limiter.edit(DM)] == [True, False, True]
    clock.now += 4
    assert limiter.edit(GROUP)


async def test_a_chat_that_must_wait_is_remembered_among_ever_so_many() -> None:
    clock = Clock()
    limiter = Limiter(now=clock, sleep=clock.sleep)
    limiter.hold(GROUP, 5000)
    for chat in range(1, MOST_LANES + 10):
        clock.now += 1
        await limiter.message(chat)
    assert not limiter.room(GROUP)
