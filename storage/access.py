"""Whom operators have allowed or denied to spend, and their invitations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core.budget import Scope
from core.context import User
from storage.statements import insert
from storage.tables import access, invites


@dataclass(frozen=True, slots=True)
class SqlAccess:
    """The tables of who may spend, inside one transaction."""

    connection: AsyncConnection

    async def rules(self, scopes: Sequence[Scope]) -> Mapping[Scope, bool]:
        """Read which of these scopes are allowed (True) or denied (False)."""
        wanted = access.c.scope.in_([scope.name for scope in scopes])
        rows = await self.connection.execute(select(access.c.scope, access.c.allowed).where(wanted))
        return {Scope.read(scope): allowed for scope, allowed in rows}

    async def set(self, scope: Scope, by: str, now: datetime, *, allowed: bool) -> None:
        """Allow or deny a scope; the newest word counts."""
        said = {"allowed": allowed, "set_by": by, "set_at": now}
        new = insert(self.connection, access).values(scope=scope.name, **said)
        await self.connection.execute(new.on_conflict_do_update(access.primary_key, set_=said))

    async def remove(self, scope: Scope) -> None:
        """Forget what was said about a scope."""
        await self.connection.execute(delete(access).where(access.c.scope == scope.name))

    async def invite(self, digest: str, by: User, now: datetime, until: datetime) -> None:
        """Keep an invitation by the SHA-256 of its code."""
        row = {"digest": digest, "made_by": by.key, "made_at": now, "until": until, "used_by": ""}
        await self.connection.execute(plain_insert(invites).values(row))

    async def redeem(self, digest: str, by: User, now: datetime) -> str | None:
        """Use an invitation up and name who made it; None when it is not good."""
        good = (invites.c.digest == digest, invites.c.used_by == "", invites.c.until > now)
        used = update(invites).where(*good).values(used_by=by.key, used_at=now)
        return await self.connection.scalar(used.returning(invites.c.made_by))
