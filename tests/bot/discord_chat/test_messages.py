"""Words written to the bot, and its own messages."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bot.discord_chat.outbound import DiscordMessenger
from bot.discord_chat.ticket import ROOM, Ticket
from bot.links import Links
from core.context import Address, Attachment, Chat, User
from core.errors import DeliveryFailed
from core.ports import Pace
from core.replies import Pictures, Progress, Text
from core.show import shown
from tests.bot.discord_chat.scene import ANN, Scene, open_scene
from tests.emulators.discord import DiscordEmulator
from tests.emulators.pictures import plain_picture

MESSAGES = "POST /channels/{id}/messages"


async def test_a_mention_is_a_prompt_and_its_status_line_becomes_the_picture(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.say(ANN, general, "nothing for the bot")
    said = service.say(ANN, general, "<@1> a fox --ar 3:2")
    answer = await scene.pictures(general)
    assert answer.content.startswith("a fox\n")
    assert answer.reply_to == said
    assert len(service.messages(general)) == 3


async def test_a_reply_to_the_bot_is_a_prompt(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.say(ANN, general, "<@1> a fox")
    first = await scene.pictures(general)
    service.say(ANN, general, "a hare", reply_to=first.id)
    assert "a hare" in (await scene.pictures(general, after=first.id)).content


async def test_in_private_every_word_is_for_the_bot(scene: Scene, service: DiscordEmulator) -> None:
    private = service.dm(ANN)
    service.say(ANN, private, "/help")
    await service.expect(lambda seen: "/imagine" in seen.content, channel=private)
    service.say(ANN, private, "a fox")
    assert "a fox" in (await scene.pictures(private)).content


async def test_a_notice_said_again_after_a_crash_stands_once_in_the_private_channel(
    scene: Scene, service: DiscordEmulator
) -> None:
    news = Text("notice.taken", {"provider": "fal"})
    for name in ("notice:a", "notice:a", "notice:b"):
        address = scene.messenger.private(User("discord", str(ANN)), name)
        await scene.messenger.send(address, news, locale="en")
    told = [one.content for one in service.messages(service.dm(ANN))]
    assert told == ["fal takes orders again."] * 2


async def test_an_empty_mention_is_asked_what_to_draw(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.say(ANN, general, "<@1>")
    question = await service.expect(lambda seen: seen.author_id == "1", channel=general)
    assert question.content == "What shall I draw?"
    service.say(ANN, general, "a fox", reply_to=question.id)
    assert "a fox" in (await scene.pictures(general)).content


async def test_the_bot_is_seen_typing(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    async with open_scene(
        tmp_path, service, pace=Pace(first_after=9, every=9, typing_every=9)
    ) as scene:
        service.say(ANN, general, "<@1> a fox")
        await scene.pictures(general)
    assert len(service.called("POST", "/typing")) == 1


async def test_a_send_whose_answer_was_lost_is_shown_once(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    address, reply = _address(general), await _pictures(scene, general)
    already = len(service.messages(general))
    service.fault(MESSAGES, "accept_then_drop")
    with pytest.raises(DeliveryFailed) as failed:
        await scene.messenger.send(address, reply, locale="en", nonce="job-done")
    assert not failed.value.lasting
    (sent,) = await scene.messenger.send(address, reply, locale="en", nonce="job-done")
    assert [seen.id for seen in service.messages(general)][already:] == [sent]


async def test_a_result_takes_the_place_of_a_status_line_that_nobody_noted(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    address, reply = _address(general), await _pictures(scene, general)
    already = len(service.messages(general))
    line = await scene.messenger.send(address, Progress(reply.job), locale="en")
    nonce = f"{reply.job}-1"
    assert await scene.messenger.send(address, reply, locale="en", nonce=nonce) == line
    (shown,) = service.messages(general)[already:]
    assert shown.attachments


async def test_a_result_stays_that_takes_the_place_of_a_status_line_without_a_token(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    reply = await _pictures(scene, general)
    already = len(service.messages(general))
    now = int(scene.home.studio.now().timestamp())
    ticket = Ticket(application="1", token="nobody's", asked_at=now, user=str(ANN))
    address = Address(Chat("discord", general), ticket=ticket.write())
    (line,) = await scene.messenger.send(address, Progress(reply.job), locale="en")
    nonce = f"{reply.job}-1"
    sent = await scene.messenger.send(address, reply, locale="en", replaces=line, nonce=nonce)
    (shown,) = service.messages(general)[already:]
    assert sent == (shown.id,)
    assert shown.attachments


async def test_words_and_a_status_line_that_answer_the_same_message_stand_apart(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    said = service.say(ANN, general, "a fox")
    address = Address(Chat("discord", general), reply_to=said)
    words = await scene.messenger.send(address, Text("dismissed"), locale="en")
    assert await scene.messenger.send(address, Progress("a1b2c3"), locale="en") != words


async def test_a_file_too_large_goes_as_a_smaller_copy_and_says_so(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    reply = await _pictures(scene, general)
    room = reply.pictures[0].bytes - 1
    (sent,) = await scene.messenger.send(_address(general, room=room), reply, locale="en")
    (copy,) = [seen for seen in service.messages(general) if seen.id == sent]
    assert len(copy.attachments[0].data) <= room
    assert copy.content.endswith("They are kept.")


async def test_files_that_are_too_much_together_go_smaller_and_then_as_a_link(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    reply = await _pictures(scene, general)
    room = 2 * reply.pictures[0].bytes - 3
    texts: list[str] = []
    for refusals in (2, 1):
        service.fault(MESSAGES, "status", times=refusals, status=413, code=40005)
        (sent,) = await scene.messenger.send(_address(general, room=room), reply, locale="en")
        (seen,) = [seen for seen in service.messages(general) if seen.id == sent]
        texts.append(f"{len(seen.attachments)} {seen.content}")
    assert "0 a fox" in texts[0]
    assert "not even smaller" in texts[0]
    assert "1 a fox" in texts[1]
    assert "Shown smaller" in texts[1]


async def test_where_the_bot_may_attach_nothing_a_message_says_where_the_pictures_are(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    reply = await _pictures(scene, general)
    service.deny(general, "ATTACH_FILES")
    links = Links("https://studio_1.test", b"a secret")
    messenger = replace(cast("DiscordMessenger", scene.messenger), links=links)
    (sent,) = await messenger.send(_address(general), reply, locale="en", nonce="one")
    (seen,) = [seen for seen in service.messages(general) if seen.id == sent]
    assert "I may not send pictures to this chat." in seen.content
    token = seen.content.rpartition("https://studio_1.test/shared/")[2]
    assert links.read(token) == (reply.job, 1)
    assert len(seen.buttons) == len(reply.buttons)


async def test_an_answer_to_a_message_that_is_gone_is_still_said(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    said = service.say(ANN, general, "gone in a moment")
    service.erase(said)
    address = Address(Chat("discord", general), reply_to=said)
    await scene.messenger.send(address, Text("dismissed"), locale="en")
    assert len(service.messages(general)) == 1


@pytest.mark.parametrize("harm", ["silenced", "removed", "limited"])
async def test_a_refusal_says_whether_trying_again_helps(
    scene: Scene, service: DiscordEmulator, general: str, harm: str
) -> None:
    if harm == "silenced":
        service.deny(general, "SEND_MESSAGES")
    elif harm == "removed":
        service.remove_channel(general)
    else:
        service.fault(MESSAGES, "status", status=429, retry_after=31.0)
    with pytest.raises(DeliveryFailed) as failed:
        await scene.messenger.send(_address(general), Text("dismissed"), locale="en")
    told = (failed.value.lasting, failed.value.retry_after)
    assert told == ((False, 31.0) if harm == "limited" else (True, 0.0))


async def test_an_attached_file_is_read_by_a_fresh_address(
    scene: Scene, service: DiscordEmulator
) -> None:
    private = service.dm(ANN)
    said = service.say(ANN, private, "/help", files=[("cat.png", plain_picture())])
    (uploaded,) = service.world.uploads
    read = await scene.messenger.fetch(Attachment(f"{private}/{said}/{uploaded}"))
    assert read == plain_picture()
    with pytest.raises(DeliveryFailed):
        await scene.messenger.fetch(Attachment(f"{private}/{said}/1"))


async def test_an_attached_file_of_twenty_megabytes_and_more_is_not_even_fetched(
    scene: Scene, service: DiscordEmulator
) -> None:
    private, huge = service.dm(ANN), bytes(20 * 1024 * 1024 + 1)
    service.say(ANN, private, "make it night", files=[("cat.png", huge)])
    await service.expect(lambda seen: "20 MB is the most" in seen.content, channel=private)
    assert not service.called("GET", "/attachments/")


def _address(channel: str, room: int = ROOM) -> Address:
    return Address(Chat("discord", channel), ticket=Ticket(user=str(ANN), room=room).write())


async def _pictures(scene: Scene, channel: str) -> Pictures:
    """Draw something in a channel and return its reply."""
    scene.service.slash(ANN, channel, "imagine", prompt="a fox")
    drawn = await scene.pictures(channel)
    job_id = drawn.attachments[0].name.partition("-")[0]
    studio = scene.home.studio
    async with studio.database.reading() as tx:
        job, pictures = await tx.jobs.get(job_id), await tx.pictures.of_job(job_id)
    assert job is not None
    return shown(studio.catalogue, job, pictures)


async def test_what_was_being_tried_when_the_connection_was_lost_waits_for_the_next(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    messenger = cast("DiscordMessenger", scene.messenger)
    service.fault(MESSAGES, "status", times=5, code=503)
    async with asyncio.TaskGroup() as group:
        trying = group.create_task(_refused(messenger, general))
        while not service.called("POST", f"/channels/{general}/messages"):  # noqa: ASYNC110  nobody announces it
            await asyncio.sleep(0.01)
        await messenger.wire.client.close()
    assert trying.result().unreachable


async def _refused(messenger: DiscordMessenger, channel: str) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        await messenger.send(_address(channel), Text("dismissed"), locale="en")
    return failed.value
