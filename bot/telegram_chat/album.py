"""Pictures as a photo, an album or files; what Telegram refuses as a photo goes as a file."""

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardMarkup, InputMediaDocument, InputMediaPhoto, Message
from telegram.error import BadRequest

from bot.telegram_chat.failures import PHOTO_REFUSED, says
from bot.telegram_chat.layout import file_name, fits_as_photo
from bot.telegram_chat.sending import Place
from bot.telegram_chat.wire import TelegramBot
from core.picture import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """One to ten pictures with their bytes; only a single one carries buttons."""

    pictures: Sequence[Picture]
    data: Sequence[bytes]
    caption: str
    buttons: InlineKeyboardMarkup | None
    as_files: bool

    async def send(self, bot: TelegramBot, place: Place) -> tuple[Message, ...]:
        """Send them as one thing."""
        photos = not self.as_files and all(fits_as_photo(one) for one in self.pictures)
        if photos:
            try:
                return await self._photos(bot, place)
            except BadRequest as error:
                if not says(error, *PHOTO_REFUSED):
                    raise
        return await self._files(bot, place)

    async def _photos(self, bot: TelegramBot, place: Place) -> tuple[Message, ...]:
        to = place.arguments()
        if len(self.data) > 1:
            media = [InputMediaPhoto(data) for data in self.data]
            return await bot.send_media_group(media=media, caption=self.caption, **to)
        sent = await bot.send_photo(
            photo=self.data[0], caption=self.caption, reply_markup=self.buttons, **to
        )
        return (sent,)

    async def _files(self, bot: TelegramBot, place: Place) -> tuple[Message, ...]:
        to = place.arguments()
        names = [file_name(picture) for picture in self.pictures]
        if len(self.data) > 1:
            media = [
                InputMediaDocument(data, filename=name)
                for data, name in zip(self.data, names, strict=True)
            ]
            return await bot.send_media_group(media=media, caption=self.caption, **to)
        sent = await bot.send_document(
            document=self.data[0],
            filename=names[0],
            caption=self.caption,
            reply_markup=self.buttons,
            **to,
        )
        return (sent,)
