"""An S3 server on loopback, with one bucket in it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import boto3
from moto.server import ThreadedMotoServer


@dataclass(frozen=True)
class Bucket:
    """Where a bucket is and what opens it."""

    endpoint: str
    name: str
    key: str = "test"
    secret: str = "test"
    region: str = "us-east-1"


@asynccontextmanager
async def bucket(name: str = "pictures") -> AsyncGenerator[Bucket]:
    """Run a server that holds an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    await asyncio.to_thread(server.start)
    host, port = server.get_host_and_port()
    opened = Bucket(endpoint=f"http://{host}:{port}", name=name)
    try:
        await asyncio.to_thread(_create, opened)
        yield opened
    finally:
        await asyncio.to_thread(server.stop)


def _create(wanted: Bucket) -> None:
    session = boto3.Session(wanted.key, wanted.secret, region_name=wanted.region)
    session.client("s3", endpoint_url=wanted.endpoint).create_bucket(Bucket=wanted.name)
