"""Everything the studio raises on purpose: a key for the words, and the values that fill them.

StudioError
├─ UserError                the person can mend it: answered in the chat, never charged
│  ├─ BadCommand            unknown option, value out of range
│  │  └─ Missing            an option that must be there: the studio asks for it
│  ├─ BadPicture            bytes that are no picture we take
│  ├─ NotFound              model, job, picture or style; names the nearest
│  ├─ Unsupported           this model cannot; names the models that can
│  ├─ Refused               not this person's to do
│  ├─ LimitReached          a budget or a queue is full
│  └─ Conflict              the job is not in a state that allows this
├─ ProviderError            `retryable` is a fact of the class, not a guess at the call site
│  ├─ ProviderUnavailable   connect, timeout, 5xx on a free call
│  ├─ RateLimited           429, with the seconds to wait
│  ├─ ProviderRejected      4xx: our order is wrong, or the model cannot do it
│  ├─ ProviderRefused       its safety filter said no
│  ├─ ProviderDenied        401, 402, 403: key, credit or account
│  ├─ Stuck                 it was taken and never ends
│  ├─ ResultLost            it was made and paid, and can no longer be fetched
│  └─ InDoubt               the paid order may or may not have been taken
├─ DeliveryFailed           the platform refused the message; the outbox keeps it
│  └─ ChatClosed            blocked, gone or not permitted, until somebody writes from there
├─ ImageWorkTooSlow         a picture took longer than the limited worker may
├─ StorageError             missing image, foreign database
│  └─ StoreFailing          disk full, busy, unreachable: later it may work
└─ ConfigError              start-up only; names the variable and the remedy
"""

from collections.abc import Mapping
from typing import ClassVar

from typing_extensions import override

Value = str | int | float | bool
Values = Mapping[str, Value]


class StudioError(Exception):
    """An error with words: `key` names them in the locales, `values` fill them."""

    def __init__(self, key: str, **values: Value) -> None:
        super().__init__(key, dict(values))
        self.key = f"error.{key}"
        self.values: Values = values


class UserError(StudioError):
    """The person who asked can mend it."""


class BadCommand(UserError):
    """The words do not make a command."""


class Missing(BadCommand):
    """A required option was not given."""

    def __init__(self, command: str, option: str) -> None:
        super().__init__("missing", command=command, option=option)
        self.command = command
        self.option = option


class BadPicture(UserError):
    """Bytes that are no picture the studio takes: an upload's, or a provider's."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"picture_{reason}")
        self.reason = reason
        """`format`, `too_large`, `too_many_pixels`, `broken` or `empty`."""


class NotFound(UserError):
    """Nothing has that name."""


class Unsupported(UserError):
    """The chosen model cannot do this."""


class Refused(UserError):
    """This person may not do this."""


class LimitReached(UserError):
    """A budget is spent or a queue is full."""


class Conflict(UserError):
    """The job is in a state that does not allow this."""


class ProviderError(StudioError):
    """A provider did not do what was asked of it."""

    retryable: ClassVar[bool] = False


class ProviderUnavailable(ProviderError):
    """The provider cannot be reached or is failing."""

    retryable = True


class RateLimited(ProviderError):
    """The provider asks to wait."""

    retryable = True

    def __init__(self, key: str, *, retry_after: float, **values: Value) -> None:
        super().__init__(key, **values)
        self.retry_after = retry_after
        """Seconds to wait before the next call."""


class ProviderRejected(ProviderError):
    """The order was refused as wrong."""


class ProviderRefused(ProviderError):
    """The provider's safety filter refused the words or the picture."""


class ProviderDenied(ProviderError):
    """The key, the credit or the account is not good."""


class Stuck(ProviderError):
    """The order was taken and has not ended in any time worth waiting."""


class ResultLost(ProviderError):
    """The work was done and paid, and its result is gone."""


class InDoubt(ProviderError):
    """The paid order was sent and its answer was lost: never send it again blindly."""


class DeliveryFailed(StudioError):
    """A platform did not take a message."""

    def __init__(
        self,
        key: str,
        *,
        lasting: bool = False,
        unreachable: bool = False,
        unheard: bool = False,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(key)
        self.lasting = lasting
        """True when trying again cannot help: blocked, chat gone, permission missing."""
        self.unreachable = unreachable
        """True when the platform gave no answer at all: that says nothing about the message."""
        self.unheard = unheard
        """True when it was sent and only the answer was lost: it may well be there."""
        self.retry_after = retry_after
        """Seconds that the platform asks to wait; 0 when it does not say."""


class ChatClosed(DeliveryFailed):
    """A chat that takes nothing: the bot is blocked, or may not write there, or it is gone."""

    def __init__(self, platform: str) -> None:
        super().__init__(f"{platform}.closed", lasting=True)


class ImageWorkTooSlow(StudioError):
    """Image work took longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__("image_too_slow", seconds=round(seconds))


class StorageError(StudioError):
    """The database or the image store cannot do this."""


class StoreFailing(StorageError):
    """The disk, the database or the image store fails just now; later it may work."""


class ConfigError(StudioError):
    """A setting is wrong; `variable` and `remedy` say which and what to do."""

    def __init__(self, variable: str, remedy: str) -> None:
        super().__init__("config", variable=variable, remedy=remedy)

    @override
    def __str__(self) -> str:
        return f"{self.values['variable']}: {self.values['remedy']}"
