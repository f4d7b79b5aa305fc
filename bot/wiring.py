"""The composition root: settings -> studio. Only here is it known which adapters exist."""

import random
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime

from bot.lock import make_private
from bot.settings import Settings, micro_dollars, plain
from bot.web_chat.inbound import OWNER
from core.catalogue import Catalogue
from core.command import Command
from core.commands import COMMANDS
from core.errors import ConfigError, NotFound
from core.images.finishing import Chain
from core.images.worker import ImageWorker
from core.money.policy import Policy
from core.ports import Finishing, ImageStore, Messenger, Provider
from core.providers.breaker import Breaker, Limits
from core.providers.patience import Patience
from core.providers.sketch import Sketch
from core.studio import Studio
from storage.address import BadAddress
from storage.database import SqlDatabase
from storage.images import Images
from storage.room import DiskRoom

MakeMessengers = Callable[[ImageStore, Finishing], Mapping[str, Messenger]]

ORDER_HELD = 5
"""Seconds that Replicate may hold the answer to an order: a crash meanwhile leaves it in doubt."""


@asynccontextmanager
async def open_studio(
    settings: Settings,
    messengers: MakeMessengers,
    commands: tuple[type[Command], ...] = COMMANDS,
    *,
    checkpoints: bool = True,
) -> AsyncGenerator[Studio]:
    """Open everything that the settings name, and close it in the end.

    Whoever may run beside a server leaves its database's `checkpoints` to it.
    """
    make_private(settings.data_dir)
    async with AsyncExitStack() as stack:
        with _named("NANO_BANANA_IMAGES_URL"):
            images = await Images.reach(settings.images)
        with _named("NANO_BANANA_DATABASE_URL"):
            database = await stack.enter_async_context(
                SqlDatabase.open(settings.database, checkpoints=checkpoints)
            )
        chain = Chain(await stack.enter_async_context(ImageWorker()))
        providers = await _providers(settings, stack, chain.worker)
        yield Studio(
            database=database,
            images=images,
            room=DiskRoom(settings.data_dir),
            providers={provider.name: provider for provider in providers},
            breakers={provider.name: Breaker(provider, Limits()) for provider in providers},
            messengers=messengers(images, chain),
            commands=commands,
            catalogue=_catalogue(settings, providers),
            policy=_policy(settings),
            finishing=chain,
            now=lambda: datetime.now(UTC),
            random=random.SystemRandom(),
        )


@contextmanager
def _named(variable: str) -> Generator[None]:
    """Name the variable whose address leads nowhere."""
    try:
        yield
    except BadAddress as error:
        raise ConfigError(variable, str(error)) from None


async def _providers(
    settings: Settings, stack: AsyncExitStack, worker: ImageWorker
) -> list[Provider]:
    """Build the providers that have a key, and the sketch; their libraries only then."""
    providers: list[Provider] = []
    trusted, patience = settings.trusted_hosts, Patience()
    if settings.fal_key is not None:
        from core.providers.fal import Fal, FalHosts  # noqa: PLC0415  only when wanted

        hosts = FalHosts(
            queue=plain(settings.fal_queue_url),
            rest=plain(settings.fal_rest_url),
            cdn=plain(settings.fal_cdn_url),
            api=plain(settings.fal_api_url),
        )
        fal = Fal(settings.fal_key, hosts, trusted, patience, settings.callbacks_url)
        providers.append(await stack.enter_async_context(fal))
    if settings.replicate_token is not None:
        from core.providers.replicate import Replicate  # noqa: PLC0415  only when wanted

        url = plain(settings.replicate_url)
        replicate = Replicate(
            settings.replicate_token,
            url,
            trusted,
            patience,
            ORDER_HELD,
            callbacks_url=settings.callbacks_url,
        )
        providers.append(await stack.enter_async_context(replicate))
    return [*providers, Sketch(worker)]


def _catalogue(settings: Settings, providers: list[Provider]) -> Catalogue:
    names = [provider.name for provider in providers]
    try:
        return Catalogue.load(names, settings.default_model)
    except NotFound as error:
        remedy = (
            f"there is no usable model {settings.default_model}; perhaps {error.values['nearest']}"
        )
        raise ConfigError("NANO_BANANA_DEFAULT_MODEL", remedy) from None


def _policy(settings: Settings) -> Policy:
    return Policy(
        operators=settings.operators | {OWNER.key},
        access=settings.access,
        per_day=micro_dollars(settings.budget_per_day),
        per_user_per_day=micro_dollars(settings.budget_per_user_per_day),
        confirm_above=micro_dollars(settings.confirm_above),
        jobs_per_user=settings.jobs_per_user,
        jobs_per_provider=settings.jobs_per_provider,
        asks_per_minute=settings.asks_per_minute,
    )
