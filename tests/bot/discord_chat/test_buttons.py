"""Buttons: known by their token alone, answered where it fits."""

from pathlib import Path

from core.context import Address, Ask, Chat, Context, User
from tests.bot.discord_chat.scene import ANN, BEN, GUILD, Scene, open_scene
from tests.emulators.discord import DiscordEmulator


async def test_a_button_works_after_a_restart(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    async with open_scene(tmp_path, service) as scene:
        service.slash(ANN, general, "imagine", prompt="a fox")
        first = await scene.pictures(general)
    async with open_scene(tmp_path, service) as scene:
        service.press(ANN, first.id, "✨ Vary 1")
        varied = await scene.pictures(general, after=first.id)
    assert "a fox" in varied.content
    assert varied.buttons == first.buttons


async def test_again_under_a_hidden_answer_is_hidden(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="a fox", private=True)
    first = await scene.pictures(general)
    service.press(ANN, first.id, "🔄 Again")
    assert (await scene.pictures(general, after=first.id)).ephemeral_for == str(ANN)


async def test_details_are_told_to_who_pressed(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="a fox")
    first = await scene.pictures(general)
    service.press(BEN, first.id, "ℹ️ Details")
    told = await service.expect(lambda seen: "Modell" in seen.content, channel=general)
    assert told.ephemeral_for == str(BEN)


async def test_files_come_as_a_new_message(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="a fox")
    first = await scene.pictures(general)
    service.press(ANN, first.id, "📎 As file")
    files = await scene.pictures(general, after=first.id)
    assert files.attachments[0].data == first.attachments[0].data
    assert files.buttons == []


async def test_deleting_takes_every_copy_and_leaves_a_word(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="a fox")
    first = await scene.pictures(general)
    job = first.attachments[0].name.partition("-")[0]
    context = Context(
        request="discord:5",
        address=Address(Chat("discord", general)),
        user=User("discord", str(ANN)),
    )
    await scene.home.intake.answer(Ask(context=context, command={"command": "files", "job": job}))
    assert len(await scene.all_pictures(general, 2)) == 2
    service.press(ANN, first.id, "🗑️ Delete")
    left = await service.expect(lambda seen: not seen.attachments, channel=general)
    assert (left.id, left.buttons) == (first.id, [])
    assert [seen.id for seen in service.messages(general)] == [first.id]


async def test_a_hidden_answer_can_be_deleted(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="a fox", private=True)
    first = await scene.pictures(general)
    service.press(ANN, first.id, "🗑️ Delete")
    left = await service.expect(lambda seen: seen.edited and not seen.attachments, channel=general)
    assert (left.id, left.ephemeral_for) == (first.id, str(ANN))


async def test_a_stranger_is_refused_in_private_and_nothing_changes(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="a fox")
    first = await scene.pictures(general)
    service.press(BEN, first.id, "🗑️ Delete")
    told = await service.expect(lambda seen: seen.ephemeral_for is not None, channel=general)
    assert told.ephemeral_for == str(BEN)
    assert [seen for seen in service.messages(general) if seen.id == first.id] == [first]


async def test_a_confirmed_quote_becomes_the_first_picture(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="{a,b,c,d,e} fox")
    quote = await service.expect(lambda seen: "Yes, draw 5" in seen.buttons, channel=general)
    service.press(ANN, quote.id, "Yes, draw 5")
    await service.expect(
        lambda seen: seen.id == quote.id and bool(seen.attachments), channel=general
    )


async def test_a_dismissed_quote_loses_its_buttons(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="{a,b,c,d,e} fox")
    quote = await service.expect(lambda seen: "No, leave it" in seen.buttons, channel=general)
    service.press(ANN, quote.id, "No, leave it")
    left = await service.expect(lambda seen: seen.id == quote.id and seen.edited, channel=general)
    await service.expect(lambda seen: seen.id == quote.id and not seen.buttons, channel=general)
    assert left.id == quote.id


async def test_a_moderator_may_delete_what_somebody_else_asked_for(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.role(GUILD, BEN, moderates=True)
    service.slash(ANN, general, "imagine", prompt="a fox")
    first = await scene.pictures(general)
    service.press(BEN, first.id, "🗑️ Delete")
    left = await service.expect(lambda seen: not seen.attachments, channel=general)
    assert (left.id, left.buttons) == (first.id, [])


async def test_a_moderator_may_cancel_in_words(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.role(GUILD, BEN, moderates=True)
    service.slash(ANN, general, "imagine", prompt="a fox")
    first = await scene.pictures(general)
    job = first.attachments[0].name.partition("-")[0]
    asked = service.say(BEN, general, f"<@1> /cancel {job}")
    told = await service.expect(lambda seen: seen.reply_to == asked, channel=general)
    assert told.content == f"Job {job} is already done."
