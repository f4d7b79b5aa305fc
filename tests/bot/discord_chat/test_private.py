"""Private pictures that were asked for where others read along."""

from dataclasses import replace

import pytest

from bot.discord_chat.ticket import Ticket
from bot.strings import text
from core.context import Address, Chat
from core.errors import DeliveryFailed
from core.replies import Pictures, Progress
from core.show import shown
from tests.bot.discord_chat.scene import ANN, BEN, GUILD, Scene
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_reading import Seen

WORDS = text("discord.in_private", "en", {})


def public(service: DiscordEmulator, channel: str) -> list[Seen]:
    """Read what the bot says to all in a channel."""
    said = [one for one in service.messages(channel) if one.author_id == "1"]
    return [one for one in said if one.ephemeral_for is None]


async def words_alone(service: DiscordEmulator, channel: str, words: str = WORDS) -> None:
    """Wait for the words, and see that nothing else is said to all."""
    await service.expect(lambda seen: seen.content.endswith(words), channel=channel)
    (said,) = public(service, channel)
    assert "fox" not in said.content
    assert (said.attachments, said.buttons) == ((), [])


async def drawn(scene: Scene, place: str) -> str:
    """Draw a private picture and name its job."""
    scene.service.slash(ANN, place, "imagine", prompt="a secret fox", private=True)
    return (await scene.pictures(place)).attachments[0].name.partition("-")[0]


async def test_pictures_of_a_private_mention_go_to_who_asked_and_can_be_deleted_there(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.say(ANN, general, "<@1> a secret fox --private")
    seen = await scene.pictures(service.dm(ANN))
    assert "a secret fox" in seen.content
    await words_alone(service, general)
    service.press(ANN, seen.id, "🗑️ Delete")
    await service.expect(lambda seen: not seen.attachments, channel=service.dm(ANN))
    assert len(service.messages(service.dm(ANN))) == 1


@pytest.mark.parametrize("place", ["server", "foreign"])
async def test_a_variant_of_a_private_picture_is_shown_to_who_asked_alone(
    scene: Scene, service: DiscordEmulator, general: str, place: str
) -> None:
    if place == "foreign":
        general = service.channel(service.guild(77, "elsewhere", foreign=True), "general")
    job = await drawn(scene, general)
    service.slash(ANN, general, "vary", job=job)
    first, varied = await scene.all_pictures(general, 2)
    assert (first.ephemeral_for, varied.ephemeral_for) == (str(ANN), str(ANN))
    await words_alone(service, general)
    assert service.messages(service.dm(ANN)) == []


async def test_a_private_variant_that_comes_late_is_a_direct_message(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    asked = service.slash(ANN, general, "vary", job=await drawn(scene, general))
    await service.acknowledged(asked)
    service.expire(asked)
    await scene.pictures(service.dm(ANN))
    said = await service.expect(lambda seen: WORDS in seen.content, channel=general)
    assert said.content == f"For <@{ANN}>:\n{WORDS}"
    assert not any(one.attachments for one in public(service, general))


async def test_who_takes_no_direct_messages_is_told_what_to_do(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.refuse_messages(BEN)
    service.say(BEN, general, "<@1> a secret fox --private")
    said = await service.expect(lambda seen: "/files" in seen.content, channel=general)
    job = said.content.partition("/files ")[2].split()[0]
    await words_alone(service, general, text("discord.not_private", "en", {"job": job}))
    service.world.person(BEN).takes_messages = True
    service.say(BEN, service.dm(BEN), f"/files {job}")
    assert "a secret fox" in (await scene.pictures(service.dm(BEN))).content


async def test_in_a_private_chat_private_pictures_are_shown_as_ever(
    scene: Scene, service: DiscordEmulator
) -> None:
    private = service.dm(ANN)
    asked = service.say(ANN, private, "a fox --private")
    seen = await scene.pictures(private)
    assert seen.reply_to == asked
    assert public(service, private) == [seen]


@pytest.mark.parametrize(
    "lost", ["POST /channels/{id}/messages", "PATCH /channels/{id}/messages/{message}"]
)
async def test_private_pictures_and_their_words_stand_once_when_an_answer_was_lost(
    scene: Scene, service: DiscordEmulator, general: str, lost: str
) -> None:
    reply = await _private(scene, service.dm(ANN))
    before = len(service.messages(service.dm(ANN)))
    ticket = Ticket(user=str(ANN)).write()
    address = Address(Chat("discord", general), ticket=ticket, server=str(GUILD))
    (line,) = await scene.messenger.send(address, Progress(reply.job), locale="en")
    service.fault(lost, "accept_then_drop")
    nonce = f"{reply.job}-1"
    with pytest.raises(DeliveryFailed):
        await scene.messenger.send(address, reply, locale="en", replaces=line, nonce=nonce)
    (sent,) = await scene.messenger.send(address, reply, locale="en", replaces=line, nonce=nonce)
    (seen,) = service.messages(service.dm(ANN))[before:]
    assert sent == f"{service.dm(ANN)}/{seen.id}"
    assert seen.attachments
    await words_alone(service, general)


async def _private(scene: Scene, place: str) -> Pictures:
    """Draw a private picture and return its reply."""
    job_id, studio = await drawn(scene, place), scene.home.studio
    async with studio.database.reading() as tx:
        job, pictures = await tx.jobs.get(job_id), await tx.pictures.of_job(job_id)
    assert job is not None
    return replace(shown(studio.catalogue, job, pictures), private=True)
