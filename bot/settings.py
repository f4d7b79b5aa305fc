"""The environment and `.env` as one frozen object; the only reader of either.

A wrong value stops the start with the variable's name and the remedy.
"""

from contextvars import ContextVar
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import ConfigError

Names = Annotated[frozenset[str], NoDecode]
Port = Annotated[int, Field(ge=0, le=65535)]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000)]


class Settings(BaseSettings):
    """Every setting with its default; names are those of the environment variables."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    telegram_token: SecretStr | None = Field(None, alias="TELEGRAM_BOT_TOKEN")
    telegram_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://api.telegram.org"), alias="TELEGRAM_API_URL"
    )

    discord_token: SecretStr | None = Field(None, alias="DISCORD_BOT_TOKEN")
    discord_url: AnyHttpUrl | None = Field(None, alias="DISCORD_API_URL")
    discord_gateway_url: str = Field("", alias="DISCORD_GATEWAY_URL")
    discord_cdn_url: AnyHttpUrl | None = Field(None, alias="DISCORD_CDN_URL")
    discord_shards: int | None = Field(None, ge=1, alias="DISCORD_SHARDS")

    fal_key: SecretStr | None = Field(None, alias="FAL_KEY")
    fal_queue_url: AnyHttpUrl = Field(AnyHttpUrl("https://queue.fal.run"), alias="FAL_QUEUE_URL")
    fal_rest_url: AnyHttpUrl = Field(AnyHttpUrl("https://rest.fal.ai"), alias="FAL_REST_URL")
    fal_cdn_url: AnyHttpUrl = Field(AnyHttpUrl("https://v3.fal.media"), alias="FAL_CDN_URL")
    fal_api_url: AnyHttpUrl = Field(AnyHttpUrl("https://api.fal.ai"), alias="FAL_API_URL")

    replicate_token: SecretStr | None = Field(None, alias="REPLICATE_API_TOKEN")
    replicate_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://api.replicate.com"), alias="REPLICATE_BASE_URL"
    )

    data_dir: Path = Field(Path("data"), alias="NANO_BANANA_DATA_DIR")
    database_url: str = Field("", alias="NANO_BANANA_DATABASE_URL")
    images_url: str = Field("", alias="NANO_BANANA_IMAGES_URL")
    web_host: str = Field("127.0.0.1", alias="NANO_BANANA_WEB_HOST")
    web_port: Port = Field(8765, alias="NANO_BANANA_WEB_PORT")
    web_names: Names = Field(frozenset(), alias="NANO_BANANA_WEB_NAMES")
    public_url: AnyHttpUrl | None = Field(None, alias="NANO_BANANA_PUBLIC_URL")
    trusted_hosts: Names = Field(frozenset(), alias="NANO_BANANA_TRUSTED_HOSTS")
    default_model: str = Field("", alias="NANO_BANANA_DEFAULT_MODEL")
    operators: Names = Field(frozenset(), alias="NANO_BANANA_OPERATORS")
    access: Literal["allowed", "everyone"] = Field("allowed", alias="NANO_BANANA_ACCESS")
    budget_per_day: Dollars = Field(Decimal("5.00"), alias="NANO_BANANA_BUDGET_PER_DAY")
    budget_per_user_per_day: Dollars = Field(
        Decimal("1.00"), alias="NANO_BANANA_BUDGET_PER_USER_PER_DAY"
    )
    confirm_above: Dollars = Field(Decimal("0.10"), alias="NANO_BANANA_CONFIRM_ABOVE")

    asks_per_minute: int = Field(30, ge=1, alias="NANO_BANANA_ASKS_PER_MINUTE")
    jobs_per_user: int = Field(8, ge=1, alias="NANO_BANANA_JOBS_PER_USER")
    jobs_per_provider: int = Field(24, ge=1, alias="NANO_BANANA_JOBS_PER_PROVIDER")

    @field_validator("web_names", "trusted_hosts", "operators", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("operators")
    @classmethod
    def _named_with_platform(cls, value: frozenset[str]) -> frozenset[str]:
        for name in value:
            platform, _, user = name.partition(":")
            if platform not in {"telegram", "discord"} or not user.isdigit():
                message = f"{name!r} is not written like telegram:1001 or discord:2002"
                raise ValueError(message)
        return value

    @field_validator("public_url")
    @classmethod
    def _encrypted(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if value is not None and value.scheme != "https" and value.host != "127.0.0.1":
            message = f"{value} must begin with https://: what arrives there is signed, not sealed"
            raise ValueError(message)
        return value

    @property
    def callbacks_url(self) -> str:
        """Where providers may call back, without a trailing slash; empty when nowhere."""
        return "" if self.public_url is None else f"{plain(self.public_url)}/callbacks"

    @property
    def links_url(self) -> str:
        """Where people reach the web chat, without a trailing slash; empty when nowhere."""
        return "" if self.public_url is None else plain(self.public_url)

    @property
    def hosts(self) -> list[str]:
        """The names under which the web chat is asked for."""
        public = self.public_url.host if self.public_url is not None else None
        return [self.web_host, *self.web_names, *([public] if public else [])]

    def secrets(self) -> tuple[str, ...]:
        """List what must never be shown."""
        keys = (self.telegram_token, self.discord_token, self.fal_key, self.replicate_token)
        return tuple(key.get_secret_value() for key in keys if key is not None)

    @property
    def database(self) -> str:
        """The database's address: a file inside the data directory unless told otherwise."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.absolute()}/studio.db"

    @property
    def images(self) -> str:
        """Where pictures lie: inside the data directory unless told otherwise."""
        return self.images_url or f"file://{self.data_dir.absolute()}/images"


_said: ContextVar[dict[str, str]] = ContextVar("_said")


def choose_database(url: str) -> None:
    """Have this run use another database than the environment and `.env` say."""
    _said.set({"NANO_BANANA_DATABASE_URL": url})


def read_settings() -> Settings:
    """Read the settings, or raise ConfigError with the variable and what to do."""
    try:
        return Settings(**_said.get({}))  # pyright: ignore[reportArgumentType]  # the values come from outside
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        variable = str(first["loc"][0]) if first["loc"] else "settings"
        raise ConfigError(variable, f"{first['msg']}. Change it in .env or unset it.") from None


def micro_dollars(amount: Decimal) -> int:
    """Turn dollars as people write them into the ledger's unit."""
    return int(amount * 1_000_000)


def plain(url: AnyHttpUrl) -> str:
    """Write an address without the slash that its parser adds."""
    return str(url).rstrip("/")
