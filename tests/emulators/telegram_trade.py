"""Stars and inline mode: invoices, paid media, refunds and answers to inline queries."""

from tests.emulators.telegram_methods import (
    Method,
    caption,
    input_media,
    post,
    settle_query,
)
from tests.emulators.telegram_rules import Json, bad, utf16_length
from tests.emulators.telegram_wire import Parameters
from tests.emulators.telegram_world import World

STARS = range(1, 25_001)


async def send_invoice(world: World, sent: Parameters) -> Json:
    """Ask for Stars in a chat; no other currency is emulated."""
    prices: list[Json] = sent.value("prices") or []
    if sent.text("currency") != "XTR":
        raise bad("CURRENCY_INVALID")
    if len(prices) != 1 or sent.text("provider_token"):
        raise bad("STARS_INVOICE_INVALID")
    if not 1 <= len(sent.text("payload").encode()) <= 128:
        raise bad("INVOICE_PAYLOAD_INVALID")
    if not 1 <= utf16_length(sent.text("title")) <= 32:
        raise bad("INVOICE_TITLE_INVALID")
    shown: Json = {name: sent.text(name) for name in ("title", "description", "currency")}
    shown |= {"start_parameter": "", "total_amount": int(prices[0]["amount"])}
    message = post(world, sent, {"invoice": shown})
    world.invoices[message["chat"]["id"], message["message_id"]] = sent.text("payload")
    return message


async def send_paid_media(world: World, sent: Parameters) -> Json:
    """Send photos that people see after paying."""
    items: list[Json] = sent.value("media") or []
    if sent.integer("star_count") not in STARS:
        raise bad("STARS_AMOUNT_INVALID")
    if not 1 <= len(items) <= 10:
        raise bad("too many media items" if items else "there are no media to send")
    blocks = [await input_media(world, sent, item) for item in items]
    paid = [{"type": "photo", **block} for block in blocks]
    content = {"paid_media": {"star_count": sent.integer("star_count"), "paid_media": paid}}
    return post(world, sent, content | caption(sent))


async def answer_pre_checkout_query(world: World, sent: Parameters) -> bool:
    """Say whether a payment may go ahead."""
    if not sent.flag("ok") and not sent.text("error_message"):
        raise bad("error_message must be non-empty")
    answer = {"ok": sent.flag("ok"), "error_message": sent.text("error_message")}
    return settle_query(world, sent.text("pre_checkout_query_id"), answer)


async def refund_star_payment(world: World, sent: Parameters) -> bool:
    """Give the Stars of a payment back, once."""
    charge = sent.text("telegram_payment_charge_id")
    if world.charges.get(charge) is None:
        raise bad("CHARGE_ALREADY_REFUNDED" if charge in world.charges else "CHARGE_NOT_FOUND")
    if world.charges[charge] != sent.integer("user_id"):
        raise bad("CHARGE_NOT_FOUND")
    world.charges[charge] = None
    return True


async def answer_inline_query(world: World, sent: Parameters) -> bool:
    """Offer results to a person who types the bot's name."""
    results: list[Json] = sent.value("results") or []
    if len(results) > 50:
        raise bad("RESULTS_TOO_MUCH")
    if len({result["id"] for result in results}) < len(results):
        raise bad("RESULT_ID_DUPLICATE")
    if any(not 1 <= len(str(result["id"]).encode()) <= 64 for result in results):
        raise bad("RESULT_ID_INVALID")
    answer = {"results": results, "is_personal": sent.flag("is_personal")}
    return settle_query(world, sent.text("inline_query_id"), answer)


TRADING: dict[str, Method] = {
    "sendInvoice": send_invoice,
    "sendPaidMedia": send_paid_media,
    "answerPreCheckoutQuery": answer_pre_checkout_query,
    "refundStarPayment": refund_star_payment,
    "answerInlineQuery": answer_inline_query,
}
