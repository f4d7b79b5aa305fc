"""A loopback Discord, as strict as the real one: REST v10, gateway, interactions and files."""

from aiohttp import web
from typing_extensions import override

from tests.emulators.discord_people import People


class DiscordEmulator(People):
    """The whole service; see `People` for what a test can do and see."""

    @override
    def routes(self) -> list[web.RouteDef]:
        return [*self.channel_routes(), *self.command_routes(), *self.interaction_routes()]
