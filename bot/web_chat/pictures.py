"""Pictures over HTTP: only those of this chat, small copies from a bounded shelf."""

from collections import OrderedDict
from collections.abc import Mapping

from starlette.responses import Response

from bot.web_chat.inbound import HOME
from core.errors import NotFound
from core.studio import Studio

MOST = 256
"""Small copies kept; at about 60 KB each that is some 15 MB."""
SIDES = frozenset({512, 1024})
"""Sizes of small copies in pixels; fixed, so that nobody can ask for a thousand kinds."""

FOR_GOOD = "private, max-age=31536000, immutable"

UNLISTED: Mapping[str, str] = {"X-Robots-Tag": "noindex, nofollow"}
"""What is at a link is for whoever holds it, and for no search engine."""

SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"RIFF", "webp"))


class Shelf:
    """Answers for the pictures of this chat."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._small: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    async def picture(self, sha256: str, side: int, *, save: bool) -> Response:
        """Send a picture, whole or small; one of another chat does not exist here."""
        async with self._studio.database.reading() as tx:
            if not await tx.pictures.known(sha256, HOME):
                raise NotFound("image")
        data = (
            await self._studio.images.get(sha256) if side == 0 else await self._copy(sha256, side)
        )
        return _sent(data, sha256, {"Cache-Control": FOR_GOOD}, save=save)

    async def shared(self, job: str, position: int) -> Response:
        """Send one picture to whoever holds its link; no search engine may keep it."""
        async with self._studio.database.reading() as tx:
            pictures = await tx.pictures.of_job(job)
        for one in pictures:
            if one.position == position:
                data = await self._studio.images.get(one.sha256)
                return _sent(data, one.sha256, UNLISTED)
        raise NotFound("image")

    async def _copy(self, sha256: str, side: int) -> bytes:
        if side not in SIDES:
            raise NotFound("image")
        place = (sha256, side)
        if place not in self._small:
            whole = await self._studio.images.get(sha256)
            self._small[place] = (await self._studio.finishing.thumbnail(whole, side)).data
            if len(self._small) > MOST:
                self._small.popitem(last=False)
        # Gone again when another request made room meanwhile: then it is made anew.
        small = self._small.get(place) or await self._copy(sha256, side)
        self._small.move_to_end(place)
        return small


def _sent(data: bytes, sha256: str, headers: Mapping[str, str], *, save: bool = False) -> Response:
    ending = next((name for start, name in SIGNATURES if data.startswith(start)), "")
    name = f"nano-banana-{sha256[:12]}.{ending}"
    shown = "attachment" if save else "inline"
    return Response(
        data,
        media_type=f"image/{ending}" if ending else "application/octet-stream",
        headers={**headers, "Content-Disposition": f'{shown}; filename="{name}"'},
    )
