"""The guard against forged addresses: dial only what is public, and exactly what was vetted."""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast
from urllib.parse import urlsplit

import httpcore
from typing_extensions import override

PORTS = {"https": 443, "http": 80}
UNICAST = ip_network("2000::/3")
DENIED = tuple(
    ip_network(block)
    for block in (
        # Special blocks of IANA's registries that `is_global` lets through in some Python version.
        "192.88.99.0/24",  # 6to4 relays
        "224.0.0.0/4",  # multicast
        "2001::/23",  # Teredo and other protocol assignments
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4 holds any IPv4 address
        "3fff::/20",  # documentation
    )
)


class Unsafe(Exception):
    """An address that must not be dialled."""


def host_and_port(url: str) -> str:
    """Name the `host:port` of an address; raise Unsafe when it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise Unsafe from None
    if not parts.hostname or "@" in parts.netloc:
        raise Unsafe
    return f"{parts.hostname}:{port}"


def is_public(address: str) -> bool:
    """Tell whether an IP address can only be a host on the public internet."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip not in UNICAST:
        # Outside it lie loopback, link-local, IPv4 in disguise (mapped, NAT64) and multicast.
        return False
    return ip.is_global and not any(ip in block for block in DENIED)


def check_url(url: str, trusted: frozenset[str]) -> None:
    """Refuse every address but https on its own port; trusted hosts may do as they like."""
    where = host_and_port(url)
    if where not in trusted and not (url.startswith("https://") and where.endswith(":443")):
        raise Unsafe


def plain_hosts(bases: Iterable[str]) -> frozenset[str]:
    """Name the hosts of addresses configured without TLS: their files are as trusted as they."""
    return frozenset(host_and_port(base) for base in bases if base.startswith("http://"))


class VettedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name once, vets every answer and dials the vetted address: no rebinding."""

    def __init__(self, trusted: frozenset[str]) -> None:
        self._trusted = trusted
        # The library hides the class from type checkers, in case anyio should be missing.
        self._network = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first vetted address that answers."""
        addresses = await _resolve(host, port)
        if f"{host}:{port}" not in self._trusted and not all(map(is_public, addresses)):
            raise Unsafe
        failure: Exception = httpcore.ConnectError()
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    @override
    async def sleep(self, seconds: float) -> None:
        """Pause between the pool's own tries."""
        await asyncio.sleep(seconds)


async def _resolve(host: str, port: int) -> tuple[str, ...]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpcore.ConnectError from None
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
