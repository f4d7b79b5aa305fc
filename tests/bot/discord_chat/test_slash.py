"""Slash commands, in every place where they can be given."""

import io

from PIL import Image

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
