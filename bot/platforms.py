"""The chat platforms whose tokens are set; their libraries are imported only then."""

from typing import Protocol

from bot.intake import Intake
from bot.links import Links
from bot.settings import Settings
from core.ports import Finishing, Health, ImageStore, Messenger
from core.studio import Studio


class Platform(Protocol):
    """A chat platform, from its token to its end."""

    @property
    def name(self) -> str:
        """Its name in addresses and user keys."""
        ...

    def messenger(self, images: ImageStore, finishing: Finishing, links: Links) -> Messenger:
        """Make its way out; what it takes no pictures of, it links to."""
        ...

    async def run(self, studio: Studio, intake: Intake) -> None:
        """Take asks in until cancelled; raise ConfigError when the token is wrong."""
        ...

    async def check(self) -> Health:
        """Find out with a free call whether the token is good."""
        ...


def configured(settings: Settings) -> tuple[Platform, ...]:
    """Make the platforms whose tokens are set."""
    platforms: list[Platform] = []
    if settings.telegram_token is not None:
        from bot.telegram_chat.platform import Telegram  # noqa: PLC0415  half a second

        token = settings.telegram_token.get_secret_value()
        platforms.append(Telegram(token, str(settings.telegram_url)))
    if settings.discord_token is not None:
        from bot.discord_chat.platform import Discord  # noqa: PLC0415  only when wanted
        from bot.discord_chat.wire import point_at  # noqa: PLC0415  only when wanted

        cdn = settings.discord_cdn_url
        api = settings.discord_url
        point_at(str(api or ""), settings.discord_gateway_url, str(cdn or ""))
        token = settings.discord_token.get_secret_value()
        platforms.append(Discord(token, settings.data_dir, settings.discord_shards))
    return tuple(platforms)
