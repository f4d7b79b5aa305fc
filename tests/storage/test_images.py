"""Every image store keeps the same promises."""

import hashlib
from dataclasses import dataclass

import boto3

DATA = b"\x89PNG not really" * 1000
NAME = hashlib.sha256(DATA).hexdigest()
PLACE = f"{NAME[:2]}/{NAME}"


@dataclass(frozen=True)
class Bucket:
    """A loopback S3 with one bucket."""

    url: str
    options: dict[str, object]
    client: "boto3.client"
