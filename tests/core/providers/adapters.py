"""Building our adapters for emulators."""

from dataclasses import replace
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.providers.fal import Fal, FalHosts
from core.providers.patience import Patience
from core.providers.replicate import Replicate
from tests.emulators.fal import FalEmulator
from tests.emulators.replicate import ReplicateEmulator

HURRY = Patience(
    order=0.5,
    call=1.0,
    upload=5.0,
    download=1.0,
    silence=0.3,
    stuck=10.0,
    first_pause=0.01,
    longest_pause=0.05,
)


def fal_at(url: str, key: str = FalEmulator.key, callbacks_url: str = "", **patience: float) -> Fal:
    hosts = FalHosts(queue=url, rest=url, cdn=url, api=url)
    return Fal(SecretStr(key), hosts, frozenset(), replace(HURRY, **patience), callbacks_url)


def replicate_at(
    api: ReplicateEmulator,
    token: str = ReplicateEmulator.key,
    wait_seconds: int = 1,
    callbacks_url: str = "",
) -> Replicate:
    trusted = frozenset({urlsplit(api.delivery.url).netloc})
    return Replicate(
        SecretStr(token), api.url, trusted, HURRY, wait_seconds, callbacks_url=callbacks_url
    )
