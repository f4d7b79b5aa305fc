"""Column types: moments as microseconds, values as JSON text, the same in every database."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """A moment as whole microseconds since 1970 in UTC: exact, sortable, free of time zones."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    @override
    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


class Document(TypeDecorator[object]):
    """A value of one type as JSON text.

    Text and not a JSON column: a database that parses numbers may hand 1.0 back as 1.
    """

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    @override
    def process_bind_param(self, value: object | None, dialect: Dialect) -> str | None:
        return None if value is None else adapter(self.kind).dump_json(value).decode()

    @override
    def process_result_value(self, value: Any | None, dialect: Dialect) -> object | None:
        return None if value is None else adapter(self.kind).validate_json(value)


@cache
def adapter(kind: Any) -> TypeAdapter[object]:
    """Build the reader and writer of a type once, when it is first needed."""
    return TypeAdapter(kind)
