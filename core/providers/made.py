"""From a provider's list of pictures to their bytes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import ProviderError, ProviderRejected, ResultLost
from core.ports import Made
from core.providers.download import Downloads


@dataclass(frozen=True, slots=True)
class Found:
    """A picture that a provider says it made."""

    url: str
    seed: int | None = None
    flagged: bool = False


async def collect(
    provider: str,
    found: Sequence[Found],
    downloads: Downloads,
    *,
    cost: int | None,
    most: int,
    flagged: int = 0,
) -> Made:
    """Fetch all pictures that are not flagged, at most as many as were asked for.

    `flagged` counts pictures that the provider itself left out. Those and the ones gone for ever
    are billed all the same.
    """
    found = found[:most]
    made = min(len(found) + flagged, most)
    if not made:
        raise ProviderRejected("nothing_made", provider=provider)
    kept = [picture for picture in found if not picture.flagged]
    came = await _fetched(kept, downloads) if kept else []
    return Made(
        images=tuple(data for _, data in came),
        seeds=tuple(picture.seed for picture, _ in came),
        cost=cost,
        withheld=made - len(came),
    )


async def _fetched(kept: Sequence[Found], downloads: Downloads) -> list[tuple[Found, bytes]]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_tried(picture, downloads)) for picture in kept]
    results = [task.result() for task in tasks]
    came = [(one, data) for one, data in zip(kept, results, strict=True) if isinstance(data, bytes)]
    failures = [result for result in results if isinstance(result, ProviderError)]
    again = [failure for failure in failures if not isinstance(failure, ResultLost)]
    if again or not came:
        raise (again or failures)[0]
    return came


async def _tried(picture: Found, downloads: Downloads) -> bytes | ProviderError:
    try:
        return await downloads.picture(picture.url)
    except ProviderError as error:
        return error
