"""Pictures as a photo, an album or files, in whichever of these shapes Telegram takes them."""

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardMarkup, InputMediaDocument, InputMediaPhoto, Message
from telegram.error import TelegramError

from bot.ladder import NotTaken, Reason, Step
from bot.telegram_chat.failures import not_taken
from bot.telegram_chat.layout import PHOTO_BYTES, file_name, fits_as_photo
from bot.telegram_chat.sending import Place
from bot.telegram_chat.wire import TelegramBot
from core.errors import BadPicture, ImageWorkTooSlow
from core.picture import Picture
from core.ports import Finishing


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """One to ten pictures with their bytes; only a single one carries buttons."""

    pictures: Sequence[Picture]
    data: Sequence[bytes]
    buttons: InlineKeyboardMarkup | None

    async def offer(
        self, bot: TelegramBot, place: Place, step: Step, caption: str, finishing: Finishing
    ) -> tuple[Message, ...]:
        """Send them as one thing in this shape; raise NotTaken when it is not the right one."""
        try:
            if step is Step.DOCUMENT:
                return await self._files(bot, place, caption)
            photos = self._whole() if step is Step.PHOTO else await self._smaller(finishing)
            return await self._photos(bot, place, caption, photos)
        except TelegramError as error:
            reason = not_taken(error)
            if reason is None:
                raise
            raise NotTaken(reason) from error

    def _whole(self) -> Sequence[bytes]:
        if all(fits_as_photo(one) for one in self.pictures):
            return self.data
        raise NotTaken(Reason.SIZE)

    async def _smaller(self, finishing: Finishing) -> Sequence[bytes]:
        try:
            copies = [(await finishing.fit(data, PHOTO_BYTES)).data for data in self.data]
        except (BadPicture, ImageWorkTooSlow) as error:
            raise NotTaken(Reason.SIZE) from error
        if copies == list(self.data):
            raise NotTaken(Reason.SIZE)
        return copies

    async def _photos(
        self, bot: TelegramBot, place: Place, caption: str, photos: Sequence[bytes]
    ) -> tuple[Message, ...]:
        to = place.arguments()
        if len(photos) > 1:
            media = [InputMediaPhoto(data) for data in photos]
            return await bot.send_media_group(media=media, caption=caption, **to)
        sent = await bot.send_photo(
            photo=photos[0], caption=caption, reply_markup=self.buttons, **to
        )
        return (sent,)

    async def _files(self, bot: TelegramBot, place: Place, caption: str) -> tuple[Message, ...]:
        to = place.arguments()
        names = [file_name(picture) for picture in self.pictures]
        if len(self.data) > 1:
            media = [
                InputMediaDocument(data, filename=name)
                for data, name in zip(self.data, names, strict=True)
            ]
            return await bot.send_media_group(media=media, caption=caption, **to)
        sent = await bot.send_document(
            document=self.data[0],
            filename=names[0],
            caption=caption,
            reply_markup=self.buttons,
            **to,
        )
        return (sent,)
