"""Values to store."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.context import Address, Ask, Attachment, Chat, Context, User
from core.job import Job
from core.picture import Picture, Recipe
from core.replies import Pictures, Reply, Text
from core.work import Generation

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
CHAT = Chat("telegram", "-100", "7")
ANNA = User("telegram", "1001", "Anna")
BEN = User("discord", "1001", "Ben")
FOX = Generation(prompt="a fox", width=1024, height=768, aspect_ratio="4:3", seed=7)


def job(name: str = "job1", **changes: Any) -> Job:
    """Make an order for a fox; its request is its own unless told."""
    plain = Job(
        id=name,
        request=f"telegram:{name}",
        number=0,
        address=Address(CHAT, "41", "ticket"),
        user=ANNA,
        locale="de",
        provider="fal",
        model="flux",
        work=FOX,
        hold=40_000,
        created_at=NOW,
    )
    return replace(plain, **changes)


def ask(number: int) -> Ask:
    """Make an asking."""
    context = Context(
        request=f"telegram:{number}",
        address=Address(CHAT),
        user=ANNA,
        attachments=(Attachment("file", "image/png", 12),),
    )
    return Ask(context=context, command={"command": "imagine", "count": number})


def picture(name: str, position: int, sha256: str) -> Picture:
    """Make a picture of a job."""
    return Picture(
        job=name,
        position=position,
        sha256=sha256,
        mime="image/png",
        width=1024,
        height=768,
        bytes=5,
        seed=7,
        recipe=Recipe(provider="fal", model="flux", endpoint="fal-ai/flux", work=FOX),
    )


def shown(name: str) -> Reply:
    """Make the reply that shows a job."""
    return Pictures(name, (picture(name, 1, "ab"),), Text("caption", {"seed": 7}), "a fox")
