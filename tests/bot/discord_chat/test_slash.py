"""Slash commands, in every place where they can be given."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from bot.strings import text
from tests.bot.discord_chat.scene import ANN, BEN, Scene
from tests.emulators.discord import DiscordEmulator


async def test_imagine_with_all_its_options_becomes_pictures_with_buttons(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    options = {
        "prompt": "a red fox",
        "model": "sketch",
        "aspect_ratio": "3:2",
        "count": 2,
        "seed": 7,
        "negative_prompt": "snow",
        "style": "ink",
        "provider": "sketch",
        "private": False,
    }
    asked = service.slash(ANN, general, "imagine", **options)
    assert (await service.acknowledged(asked)).answer == 5
    shown = await scene.pictures(general)
    assert shown.interaction_id == asked
    assert "a red fox" in shown.content
    assert [one.description for one in shown.attachments] == [
        "Picture 1 of 2: a red fox, " + scene.home.studio.catalogue.style("ink"),
        "Picture 2 of 2: a red fox, " + scene.home.studio.catalogue.style("ink"),
    ]
    assert shown.buttons == [
        *("✨ Vary 1", "✨ Vary 2", "⬆️ Upscale 1", "⬆️ Upscale 2"),
        *("🔄 Again", "📎 As file", "ℹ️ Details", "🗑️ Delete"),
    ]
    width, height = Image.open(io.BytesIO(shown.attachments[0].data)).size
    assert width * 2 == height * 3
    assert len(service.messages(general)) == 1


async def test_a_thread_and_a_private_chat_get_their_own_answers(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    thread, private = service.thread(general, "foxes"), service.dm(ANN)
    service.slash(ANN, thread, "imagine", prompt="a fox in a thread")
    service.slash(ANN, private, "imagine", prompt="a fox for me")
    assert "in a thread" in (await scene.pictures(thread)).content
    assert "for me" in (await scene.pictures(private)).content
    assert service.messages(general) == []


async def test_where_only_a_person_installed_the_bot_the_token_says_it_all(
    scene: Scene, service: DiscordEmulator
) -> None:
    foreign = service.channel(service.guild(77, "elsewhere", foreign=True), "general")
    service.slash(ANN, foreign, "imagine", prompt="a {red,blue} fox")
    shown = await scene.all_pictures(foreign, 2)
    assert [len(each.attachments) for each in shown] == [1, 1]
    assert service.called("POST", f"/channels/{foreign}/") == []


async def test_more_parts_than_a_token_allows_come_in_private(
    scene: Scene, service: DiscordEmulator
) -> None:
    foreign = service.channel(service.guild(77, "elsewhere", foreign=True), "general")
    service.slash(ANN, foreign, "imagine", prompt="{a,b,c,d,e,f,g} fox")
    quote = await service.expect(lambda seen: "Yes, draw 7" in seen.buttons, channel=foreign)
    service.press(ANN, quote.id, "Yes, draw 7")
    await scene.all_pictures(foreign, 6)
    assert len(await scene.all_pictures(service.dm(ANN), 1)) == 1


async def test_a_private_command_is_seen_by_who_asked_alone(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="a {red,blue} fox", private=True)
    shown = await scene.all_pictures(general, 2)
    assert [each.ephemeral_for for each in shown] == [str(ANN), str(ANN)]


async def test_further_parts_are_messages_of_the_bot(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    asked = service.slash(ANN, general, "imagine", prompt="a {red,blue} fox")
    shown = await scene.all_pictures(general, 2)
    assert {each.interaction_id for each in shown} == {asked, None}


async def test_ten_pictures_go_in_one_message_with_five_rows_of_buttons(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="a fox", count=10, model="sketch")
    shown = await service.expect(lambda seen: len(seen.attachments) == 10, channel=general)
    assert [len(row["components"]) for row in shown.components] == [5, 5, 5, 5, 4]
    assert shown.buttons[5] == "✨ Vary 6"
    assert len({one.name for one in shown.attachments}) == 10


@pytest.mark.parametrize("refused_by", ["Discord", "our clock"])
async def test_after_the_tokens_life_the_result_is_a_message_of_the_bot(
    scene: Scene, service: DiscordEmulator, general: str, refused_by: str
) -> None:
    asked = service.slash(ANN, general, "imagine", prompt="a fox")
    await service.acknowledged(asked)
    if refused_by == "Discord":
        service.expire(asked)
    else:
        scene.clock.ahead = timedelta(minutes=14, seconds=31)
    shown = await scene.pictures(general)
    assert shown.content.startswith("For <@2>:\na fox")
    assert shown.interaction_id is None
    assert shown.buttons


@pytest.mark.parametrize("place", ["hidden", "foreign"])
async def test_what_the_channel_must_not_see_comes_late_in_private(
    scene: Scene, service: DiscordEmulator, general: str, place: str
) -> None:
    channel = general
    if place == "foreign":
        channel = service.channel(service.guild(77, "elsewhere", foreign=True), "general")
    asked = service.slash(ANN, channel, "imagine", prompt="a fox", private=place == "hidden")
    await service.acknowledged(asked)
    service.expire(asked)
    assert "a fox" in (await scene.pictures(service.dm(ANN))).content
    assert not any(seen.attachments for seen in service.messages(channel))


async def test_a_wrong_word_is_answered_in_the_persons_language(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(BEN, general, "imagine", prompt="ein Fuchs --sed 7")
    shown = await service.expect(lambda seen: "--seed" in seen.content, channel=general)
    known = {"flag": r"\--sed", "nearest": r"\--seed"}
    assert shown.content == text("error.unknown_flag", "de", known)


async def test_signs_and_names_in_a_prompt_mean_nothing(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="@everyone **bold** [free](https://evil.test)")
    shown = await scene.pictures(general)
    assert shown.content.startswith("@\u200beveryone \\*\\*bold\\*\\* \\[free]")


async def test_suggestions_come_from_the_studio(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "imagine", prompt="a fox")
    job = (await scene.pictures(general)).attachments[0].name.partition("-")[0]

    async def suggested(command: str, option: str, typed: str, who: int = ANN) -> list[str]:
        choices = await service.autocomplete(who, general, command, option, typed)
        return [choice["value"] for choice in choices]

    assert await suggested("imagine", "model", "SKE") == ["sketch"]
    assert await suggested("imagine", "aspect_ratio", "16") == ["16:9", "9:16"]
    assert await suggested("imagine", "style", "ink") == ["ink"]
    assert await suggested("imagine", "provider", "nobody") == []
    assert await suggested("show", "job", "") == [job]
    assert await suggested("show", "job", "", BEN) == []


async def test_text_and_menus_are_said_where_they_were_asked(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    service.slash(ANN, general, "help")
    shown = await service.expect(lambda seen: "/imagine" in seen.content, channel=general)
    assert len(shown.content) <= 2000
    service.slash(ANN, general, "imagine", prompt="{a,b,c,d,e,f} fox")
    asked = await service.expect(lambda seen: "6" in seen.content, channel=general)
    assert asked.buttons == ["Yes, draw 6", "No, leave it"]
