"""What operators are told of their account at a provider: it is refused, or good again."""

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
    name, occasion, told = breaker.name, "", False
    while True:
        refusal = await breaker.news.get()
        if refusal is not None and not told:
            occasion = hourly(name, studio.now())
            about = {**refusal.values, "provider": name}
            told = await _tell(studio, f"denied:{occasion}", Text("notice.denied", about))
        elif refusal is None and occasion:
            # Whoever heard of it from an earlier start hears of its end as well.
            await _tell(studio, f"taken:{occasion}", Text("notice.taken", {"provider": name}))
            occasion, told = "", False


@insisting
async def _tell(studio: Studio, occasion: str, said: Text) -> bool:
    async with studio.database.transaction() as tx:
        new = await notify(studio, tx, occasion, said)
    studio.notices.set()
    return new
