"""Every image store keeps the same promises."""

import asyncio
import hashlib
import os
import stat
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from core.errors import StorageError
from storage.images import Images

DATA = b"\x89PNG not really" * 1000
NAME = hashlib.sha256(DATA).hexdigest()
PLACE = f"{NAME[:2]}/{NAME}"


@dataclass(frozen=True)
class Bucket:
    """A loopback S3 with one bucket."""

    url: str
    options: dict[str, object]
    client: "boto3.client"
