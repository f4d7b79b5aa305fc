"""What operators are told of their account at a provider: it is refused, or good again."""

from core.errors import ProviderDenied
from core.notices import hourly, notify
from core.providers.breaker import Breaker
from core.replies import Text
from core.studio import Studio
from core.worker.insist import insisting


async def report(studio: Studio, breaker: Breaker) -> None:
    """Tell of a refusal once, and once when an order is taken after it, until cancelled.

    An account without credit passes the free check and refuses the next order, again and again.
    That is one refusal: only an order that is taken ends it.
    """
    told = ""
    while True:
        refusal = await breaker.news.get()
        if refusal is not None and not told:
            told = await _refused(studio, breaker.name, refusal)
        elif refusal is None and told:
            await _tell(studio, f"taken:{told}", Text("notice.taken", {"provider": breaker.name}))
            told = ""


async def _refused(studio: Studio, provider: str, refusal: ProviderDenied) -> str:
    """Tell of a refusal, once an hour; return the occasion."""
    occasion = hourly(provider, studio.now())
    about = {**refusal.values, "provider": provider}
    await _tell(studio, f"denied:{occasion}", Text("notice.denied", about))
    return occasion


@insisting
async def _tell(studio: Studio, occasion: str, said: Text) -> None:
    async with studio.database.transaction() as tx:
        await notify(studio, tx, occasion, said)
    studio.notices.set()
