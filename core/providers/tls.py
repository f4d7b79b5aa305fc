"""Whose certificates are believed."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """Read the list of certificate authorities, once: each reading delays the start by 20 ms."""
    return httpx.create_ssl_context(trust_env=False)
