"""The studio as it is run, in a process of its own, among the emulated services."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.benchmarks.processes import Child, running
from tests.benchmarks.service import Service, emulated
from tests.emulators.discord_wire import TOKEN
from tests.emulators.telegram import TEST_TOKEN

FAL_KEY = "fal-test-key"
REPLICATE_KEY = "r8_test"
LINK = "Sign in to the web chat: "
FREELY = {
    "NANO_BANANA_ACCESS": "everyone",
    "NANO_BANANA_BUDGET_PER_DAY": "100000",
    "NANO_BANANA_BUDGET_PER_USER_PER_DAY": "100000",
}


@dataclass(frozen=True)
class Running:
    """A studio at work."""

    child: Child
    link: str

    @property
    def url(self) -> str:
        """Where its web chat is."""
        return self.link.partition("/sign-in")[0]


@asynccontextmanager
async def town(folder: Path, *names: str) -> AsyncGenerator[dict[str, Service]]:
    """Run emulators by name."""
    async with AsyncExitStack() as stack:
        services = {name: await stack.enter_async_context(emulated(folder, name)) for name in names}
        if discord := services.get("discord"):
            await discord.tell("user", 2, "ann")
            await discord.tell("guild", 9, "lab")
        yield services


async def settings_for(services: Mapping[str, Service]) -> dict[str, str]:
    """Write the settings of a studio that uses these services and no other."""
    urls = {name: service.url for name, service in services.items()}
    found = dict(FREELY)
    if telegram := urls.get("telegram"):
        found |= {"TELEGRAM_BOT_TOKEN": TEST_TOKEN, "TELEGRAM_API_URL": telegram}
    if fal := urls.get("fal"):
        names = ("FAL_QUEUE_URL", "FAL_REST_URL", "FAL_CDN_URL", "FAL_API_URL")
        found |= {"FAL_KEY": FAL_KEY, **dict.fromkeys(names, fal)}
    if replicate := urls.get("replicate"):
        files = await services["replicate"].ask("delivery_url")
        found |= {"REPLICATE_API_TOKEN": REPLICATE_KEY, "REPLICATE_BASE_URL": replicate}
        found |= {"NANO_BANANA_TRUSTED_HOSTS": files.removeprefix("http://")}
    if discord := services.get("discord"):
        found |= {
            "DISCORD_BOT_TOKEN": TOKEN,
            "DISCORD_API_URL": await discord.ask("api_url"),
            "DISCORD_GATEWAY_URL": await discord.ask("gateway_url"),
            "DISCORD_CDN_URL": await discord.ask("cdn_url"),
        }
    return found


@asynccontextmanager
async def served(folder: Path, settings: Mapping[str, str]) -> AsyncGenerator[Running]:
    """Run `nano-banana serve` with its data in a folder; it answers when this is entered."""
    own = {"NANO_BANANA_DATA_DIR": str(folder / "data"), "NANO_BANANA_WEB_PORT": "0"}
    async with running(folder, "bot", "serve", settings={**own, **settings}) as child:
        link = (await child.line(LINK)).removeprefix(LINK)
        studio = Running(child, link)
        async with httpx.AsyncClient() as client:
            (await client.get(f"{studio.url}/healthz")).raise_for_status()
        yield studio
