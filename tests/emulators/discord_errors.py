"""Discord's refusals: HTTP status, numeric code and wording, as its REST API answers them."""

from typing import Any


class Refused(Exception):
    """A request that Discord turns down."""

    def __init__(
        self, status: int, code: int, message: str, errors: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


def unauthorized() -> Refused:
    return Refused(401, 0, "401: Unauthorized")


def unknown_channel() -> Refused:
    return Refused(404, 10003, "Unknown Channel")


def unknown_message() -> Refused:
    return Refused(404, 10008, "Unknown Message")


def unknown_user() -> Refused:
    return Refused(404, 10013, "Unknown User")


def unknown_webhook() -> Refused:
    return Refused(404, 10015, "Unknown Webhook")


def unknown_interaction() -> Refused:
    return Refused(404, 10062, "Unknown interaction")


def too_many_files() -> Refused:
    return Refused(400, 30015, "Maximum number of attachments in a message reached (10)")


def too_large() -> Refused:
    return Refused(413, 40005, "Request entity too large")


def already_acknowledged() -> Refused:
    return Refused(400, 40060, "Interaction has already been acknowledged.")


def too_many_follow_ups() -> Refused:
    return Refused(400, 40094, "This interaction has hit the maximum number of follow up messages.")


def missing_access() -> Refused:
    return Refused(403, 50001, "Missing Access")


def another_author() -> Refused:
    return Refused(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> Refused:
    return Refused(400, 50006, "Cannot send an empty message")


def closed_to_messages() -> Refused:
    return Refused(403, 50007, "Cannot send messages to this user")


def missing_permission() -> Refused:
    return Refused(403, 50013, "Missing Permissions")


def token_expired() -> Refused:
    return Refused(401, 50027, "Invalid Webhook Token")


def thread_archived() -> Refused:
    return Refused(403, 50083, "Thread is archived")


def invalid(path: str, code: str, message: str) -> Refused:
    """Refuse a form field, naming it by its dotted path the way Discord nests its errors."""
    nested: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for key in reversed(path.split(".")):
        nested = {key: nested}
    return Refused(400, 50035, "Invalid Form Body", nested)
