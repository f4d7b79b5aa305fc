"""Pictures as files below a message, as large as the place has room for."""

from collections.abc import Sequence

from bot.discord_chat.layout import Upload
from bot.ladder import NotTaken, Reason, Step
from bot.render import alt
from core.errors import BadPicture, ImageWorkTooSlow
from core.ports import Finishing, ImageStore
from core.replies import Pictures

ALT = 1024


async def uploads(
    reply: Pictures,
    locale: str,
    step: Step,
    room: int,
    *,
    images: ImageStore,
    finishing: Finishing,
) -> list[Upload]:
    """Take the stored bytes, or smaller copies; `room` is the bytes that one file may have.

    Raises:
        NotTaken: they do not fit at this step.
    """
    stored = [await images.get(one.sha256) for one in reply.pictures]
    most = _most(step, stored, room)
    files: list[Upload] = []
    for picture, data in zip(reply.pictures, stored, strict=True):
        fitting, mime = data, picture.mime
        if len(data) > most:
            fitting, mime = await _smaller(data, most, finishing)
        name = f"{picture.job}-{picture.position}.{mime.rpartition('/')[2]}"
        files.append(Upload(name, fitting, alt(reply, len(files) + 1, locale)[:ALT]))
    return files


def _most(step: Step, stored: Sequence[bytes], room: int) -> int:
    """Tell how many bytes each file may have.

    Files that have room one by one may be too much together: then each gets a smaller share.
    """
    over = any(len(data) > room for data in stored)
    if step is Step.PHOTO and over:
        raise NotTaken(Reason.SIZE)
    return room if step is Step.PHOTO or over else room // (len(stored) + 1)


async def _smaller(data: bytes, most: int, finishing: Finishing) -> tuple[bytes, str]:
    try:
        copy = await finishing.fit(data, most)
    except (BadPicture, ImageWorkTooSlow) as error:
        raise NotTaken(Reason.SIZE) from error
    return copy.data, copy.mime
