"""What a bot can do by name: fetch updates, or have them sent to a webhook."""

from tests.emulators.telegram_methods import Method
from tests.emulators.telegram_rules import Json, bad
from tests.emulators.telegram_wire import Parameters
from tests.emulators.telegram_world import World


async def get_updates(world: World, sent: Parameters) -> list[Json]:
    """Wait for updates."""
    if "allowed_updates" in sent.fields:
        world.updates.ask_for(sent.value("allowed_updates"))
    limit = sent.integer("limit") or 100
    return await world.updates.poll(sent.integer("offset"), limit, sent.integer("timeout"))


async def set_webhook(world: World, sent: Parameters) -> bool:
    """Have updates sent to an address instead."""
    url = sent.text("url")
    if url and not url.startswith(("https://", "http://127.0.0.1")):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if "allowed_updates" in sent.fields:
        world.updates.ask_for(sent.value("allowed_updates"))
    _forget_if_told(world, sent)
    secret = sent.text("secret_token")
    world.updates.webhook = {"url": url, "secret": secret} if url else {}
    return True


async def delete_webhook(world: World, sent: Parameters) -> bool:
    """Return to fetching."""
    _forget_if_told(world, sent)
    world.updates.webhook = {}
    return True


async def get_webhook_info(world: World, _: Parameters) -> Json:
    """Say where updates go."""
    return {
        "url": world.updates.webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.waiting),
    }


def _forget_if_told(world: World, sent: Parameters) -> None:
    if sent.flag("drop_pending_updates"):
        world.updates.forget()


POLLING: dict[str, Method] = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
