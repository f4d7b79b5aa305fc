"""What people do in the emulated Telegram, as python-telegram-bot hears of it."""

import asyncio

import pytest
from aiohttp import web
from telegram import Bot, InlineQueryResultCachedPhoto, InputPaidMediaPhoto, LabeledPrice
from telegram.error import BadRequest, Conflict
from typing_extensions import override

from tests.emulators.pictures import plain_picture
from tests.emulators.server import Emulator
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_cast import ANNA, GROUP, button, connect, next_update
from tests.emulators.telegram_webhook import SECRET_HEADER


class Webhook(Emulator):
    def __init__(self, statuses: list[int]) -> None:
        super().__init__()
        self.statuses = iter(statuses)

    @override
    def routes(self) -> list[web.RouteDef]:
        return [web.post("/hook", self._take)]

    async def _take(self, _: web.Request) -> web.Response:
        return web.Response(status=next(self.statuses))


async def polled(telegram: TelegramEmulator, times: int) -> None:
    async with asyncio.timeout(30), telegram.world.changed:
        await telegram.world.changed.wait_for(lambda: telegram.world.updates.polls == times)


async def test_unconfirmed_updates_come_again_and_confirmed_ones_vanish(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    await telegram.say(ANNA, "one")
    await telegram.say(ANNA, "two")
    first, second = await bot.get_updates()
    assert [each.update_id for each in await bot.get_updates()] == [
        first.update_id,
        second.update_id,
    ]
    assert await next_update(bot, after=first) == second
    assert await bot.get_updates(offset=second.update_id + 1) == ()


async def test_a_long_poll_ends_with_the_first_update(telegram: TelegramEmulator, bot: Bot) -> None:
    async with asyncio.TaskGroup() as tasks:
        polling = tasks.create_task(bot.get_updates(timeout=10))
        await telegram.say(ANNA, "/imagine@nano_banana_bot a cat")
    [update] = polling.result()
    assert update.message
    assert update.message.entities[0].type == "bot_command"
    assert update.message.from_user
    assert update.message.from_user.language_code == "de"


async def test_a_newer_poll_ends_the_older_with_a_conflict(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    async def older() -> str:
        with pytest.raises(Conflict, match="only one bot instance") as refused:
            await bot.get_updates(timeout=10)
        return refused.value.message

    async with connect(telegram) as twin, asyncio.TaskGroup() as tasks:
        tasks.create_task(older())
        await polled(telegram, 1)
        newer = tasks.create_task(twin.get_updates(timeout=10))
        await polled(telegram, 2)
        await telegram.say(ANNA, "hello")
    assert len(newer.result()) == 1


async def test_reactions_come_only_if_asked_for(telegram: TelegramEmulator, bot: Bot) -> None:
    sent = await bot.send_message(ANNA, "Done")
    await telegram.react(ANNA, sent.message_id, ANNA, "🍌")
    assert await bot.get_updates(allowed_updates=["message_reaction"]) == ()
    await telegram.react(ANNA, sent.message_id, ANNA, "🍌")
    assert (await next_update(bot)).message_reaction


async def test_a_photo_from_a_person_can_be_downloaded(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    await telegram.say(ANNA, "make it night", photo=plain_picture(400, 300))
    update = await next_update(bot)
    assert update.message
    file = await bot.get_file(update.message.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == telegram.messages(ANNA)[0].photo
    again = await bot.send_photo(ANNA, update.message.photo[-1].file_id)
    assert again.photo == update.message.photo
    with pytest.raises(BadRequest, match="Can't use file of type photo as document"):
        await bot.send_document(ANNA, update.message.photo[-1].file_id)


async def test_a_file_over_twenty_megabytes_cannot_be_downloaded(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    await telegram.say(ANNA, document=("raw.bin", bytes(20 * 1024 * 1024 + 1)))
    update = await next_update(bot)
    assert update.message
    assert update.message.document
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(update.message.document)


async def test_a_pressed_button_is_answered_once(telegram: TelegramEmulator, bot: Bot) -> None:
    sent = await bot.send_photo(ANNA, plain_picture(), reply_markup=button("again:7"))
    query = await telegram.press(ANNA, sent.message_id, ANNA, "Again")
    update = await next_update(bot)
    assert update.callback_query
    assert update.callback_query.data == "again:7"
    await update.callback_query.answer("Drawing again")
    assert await telegram.answered(query) == {"text": "Drawing again", "show_alert": False}
    with pytest.raises(BadRequest, match="Query is too old"):
        await update.callback_query.answer()
    with pytest.raises(AssertionError, match=r"no button 'Other'.*\n.*\n.*\(Again\)"):
        await telegram.press(ANNA, sent.message_id, ANNA, "Other")


@pytest.mark.parametrize(
    ("text", "arrives"),
    [
        ("/imagine@nano_banana_bot a cat", True),
        ("/imagine@other_bot a cat", False),
        ("/imagine a cat", False),
        ("hey @nano_banana_bot, a cat", True),
        ("a cat", False),
    ],
)
async def test_privacy_mode_lets_only_what_is_meant_for_the_bot_through(
    telegram: TelegramEmulator, text: str, *, arrives: bool
) -> None:
    await telegram.say(ANNA, text, GROUP)
    assert bool(telegram.world.updates.waiting) is arrives


async def test_a_bare_command_arrives_while_the_bot_spoke_last(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    sent = await bot.send_message(GROUP, "Hello")
    await telegram.say(ANNA, "/imagine a cat", GROUP)
    await telegram.say(ANNA, "/imagine a dog", GROUP)
    await telegram.say(ANNA, "make it night", GROUP, reply_to=sent.message_id)
    texts = [each.message.text for each in await bot.get_updates() if each.message]
    assert texts == ["/imagine a cat", "make it night"]


async def test_an_album_from_a_person_arrives_in_parts(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    await telegram.album(
        ANNA, [plain_picture(color=each) for each in ("red", "blue")], "/train anna"
    )
    first, second = [each.message for each in await bot.get_updates()]
    assert first
    assert second
    assert first.media_group_id == second.media_group_id
    assert (first.caption, second.caption) == ("/train anna", None)


async def test_stars_are_paid_and_refunded_once(telegram: TelegramEmulator, bot: Bot) -> None:
    price = [LabeledPrice("Ten pictures", 50)]
    with pytest.raises(BadRequest, match="Stars_invoice_invalid"):
        await bot.send_invoice(ANNA, "Pictures", "Ten pictures", "ten", "XTR", price * 2)
    sent = await bot.send_invoice(ANNA, "Pictures", "Ten pictures", "ten", "XTR", price)
    query = await telegram.checkout(ANNA, sent.message_id, ANNA)
    asked = await next_update(bot)
    assert asked.pre_checkout_query
    await asked.pre_checkout_query.answer(ok=True)
    assert (await telegram.answered(query))["ok"]
    charge = await telegram.pay(ANNA, sent.message_id, ANNA)
    paid = await next_update(bot, after=asked)
    assert paid.message
    assert paid.message.successful_payment
    assert paid.message.successful_payment.invoice_payload == "ten"
    await bot.refund_star_payment(ANNA, charge)
    with pytest.raises(BadRequest, match="Charge_already_refunded"):
        await bot.refund_star_payment(ANNA, charge)


async def test_an_inline_question_is_answered_with_known_photos(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    sent = await bot.send_paid_media(ANNA, 5, [InputPaidMediaPhoto(plain_picture())], caption="Two")
    assert sent.paid_media
    query = await telegram.ask_inline(ANNA, "a cat")
    update = await next_update(bot)
    assert update.inline_query
    await update.inline_query.answer([InlineQueryResultCachedPhoto("1", "AgAC1")], cache_time=0)
    assert [each["id"] for each in (await telegram.answered(query))["results"]] == ["1"]


async def test_a_webhook_gets_the_updates_until_it_refuses(
    telegram: TelegramEmulator, bot: Bot
) -> None:
    async with Webhook([200, 503, 200]) as hook:
        await bot.set_webhook(f"{hook.url}/hook", secret_token="s3cret")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        await telegram.say(ANNA, "one")
        await telegram.say(ANNA, "two")
        assert await telegram.deliver() == [200, 503]
        assert await telegram.deliver() == [200]
        assert [call.headers[SECRET_HEADER] for call in hook.calls] == ["s3cret"] * 3
        assert (await bot.get_webhook_info()).pending_update_count == 0
