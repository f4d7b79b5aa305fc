"""The parts of an update that the studio reads; whatever does not fit is no update."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from bot.storable import storable

Model = TypeVar("Model", bound=BaseModel)

Words = Annotated[str, AfterValidator(storable)]


class Person(BaseModel):
    """Who wrote or pressed."""

    id: int
    is_bot: bool = False
    first_name: Words = ""
    language_code: Words = "en"


class Place(BaseModel):
    """A chat: `private`, `group`, `supergroup` or `channel`."""

    id: int
    type: str


class Entity(BaseModel):
    """A marked part of a text; offset and length count UTF-16 units."""

    type: str
    offset: int = Field(ge=0)
    length: int = Field(ge=0)
    user: Person | None = None


class File(BaseModel):
    """A photo's size or a document."""

    file_id: Words
    mime_type: Words = "image/jpeg"
    file_size: int = Field(0, ge=0)


class Quoted(BaseModel):
    """The message that another one answers."""

    message_id: int
    sender: Person | None = Field(None, alias="from")
    forum_topic_created: Any = None
    """Set when this is only the head of a topic, which every message in it seems to answer."""


class Message(BaseModel):
    """Something said in a chat."""

    message_id: int
    chat: Place
    sender: Person | None = Field(None, alias="from")
    message_thread_id: int | None = None
    is_topic_message: bool = False
    text: Words = ""
    entities: list[Entity] = []
    caption: Words = ""
    caption_entities: list[Entity] = []
    photo: list[File] = []
    document: File | None = None
    media_group_id: str | None = None
    reply_to_message: Quoted | None = None
    forward_origin: Any = None


class Press(BaseModel):
    """A pressed button; `message` is missing under inline messages."""

    id: str
    sender: Person = Field(alias="from")
    data: Words = ""
    message: Message | None = None


class Update(BaseModel):
    """One thing that happened."""

    update_id: int
    message: Message | None = None
    callback_query: Press | None = None


def read(raw: object) -> Update | None:
    """Read an update as it came over the wire."""
    return _read(Update, raw)


def number(raw: object) -> int | None:
    """Read the number alone, which even an unreadable update must be confirmed by."""
    found = _read(_Numbered, raw)
    return found.update_id if found else None


class _Numbered(BaseModel):
    update_id: int


def _read(model: type[Model], raw: object) -> Model | None:
    try:
        return model.model_validate(raw)
    except (ValidationError, RecursionError):
        return None
