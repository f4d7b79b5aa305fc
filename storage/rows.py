"""Between the core's values and the rows that keep them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from core.context import Chat, User
from core.job import Job, Status
from core.picture import Picture
from core.ports import Message
from core.replies import Pictures, Progress, Removed, Reply

Row = Mapping[str, Any]


def chat_row(chat: Chat) -> dict[str, str]:
    """Write a chat."""
    return {"platform": chat.platform, "chat": chat.id, "thread": chat.thread}


def user_row(user: User) -> dict[str, str]:
    """Write a person."""
    return {"user_platform": user.platform, "user_id": user.id, "user_name": user.name}


def job_row(job: Job) -> dict[str, Any]:
    """Write a job."""
    flat = _flat(job)
    del flat["user"]
    remote_id = None if job.remote is None else job.remote.id
    return {
        **flat,
        **chat_row(job.address.chat),
        **user_row(job.user),
        "remote_id": remote_id,
    }


def job_of(row: RowMapping) -> Job:
    """Read a job."""
    rest = dict(row)
    _chat(rest)  # copies for the indexes: the address knows, and so does `remote`
    del rest["remote_id"]
    status = Status(rest.pop("status"))
    return Job(user=_user(rest), status=status, **rest)


def picture_row(picture: Picture) -> dict[str, Any]:
    """Write a picture."""
    return _flat(picture)


def picture_of(row: RowMapping) -> Picture:
    """Read a picture."""
    return Picture(**row)


def message_of(row: RowMapping) -> Message:
    """Read a message, with the ids that its platform gave it; what the studio said has no user."""
    rest = dict(row)
    user = _user(rest)
    ids = [one.partition(" ") for one in (rest.pop("platform_ids") or "").splitlines()]
    in_order = sorted(ids, key=lambda one: int(one[0]))
    return Message(
        chat=_chat(rest),
        user=user if user.id else None,
        platform_ids=tuple([name for _, _, name in in_order]),
        **rest,
    )


def shown_job(reply: Reply) -> str:
    """Name the job that a reply shows, or nothing."""
    return reply.job if isinstance(reply, Progress | Pictures | Removed) else ""


def _flat(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _chat(row: dict[str, Any]) -> Chat:
    return Chat(row.pop("platform"), row.pop("chat"), row.pop("thread"))


def _user(row: dict[str, Any]) -> User:
    return User(row.pop("user_platform"), row.pop("user_id"), row.pop("user_name"))
