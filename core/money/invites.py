"""Invitations: a code is told once, and only its hash is kept."""

import hashlib
from datetime import datetime

from core.budget import of_user
from core.context import User
from core.errors import NotFound, Refused
from core.ports import UnitOfWork


def digest(code: str) -> str:
    """Hash a code, however its owner spelt it; it is too long for its hash to be searched."""
    plain = "".join(code.lower().replace("-", " ").split())
    return hashlib.sha256(plain.encode()).hexdigest()


async def join(tx: UnitOfWork, user: User, code: str, now: datetime) -> None:
    """Allow a person to spend who has a good code; it is good once, and lifts no denial."""
    if (await tx.access.rules([of_user(user)])).get(of_user(user)) is False:
        raise Refused("may_not_spend", user=user.key)
    inviter = await tx.access.redeem(digest(code), user, now)
    if inviter is None:
        raise NotFound("invite")
    await tx.access.set(of_user(user), f"invited by {inviter}", now, allowed=True)
