"""What somebody is on a server decides whether they may spend there."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.bot.discord_chat.scene import ANN, GUILD, Scene, open_scene
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_reading import Seen

MIA = 4
"""Not an operator."""
MAY, MAY_NOT = "Today: ", "You can draw free previews here."


@pytest.fixture
async def scene(tmp_path: Path, service: DiscordEmulator, general: str) -> AsyncIterator[Scene]:
    service.user(MIA, "mia")
    async with open_scene(tmp_path, service, NANO_BANANA_OPERATORS=f"discord:{ANN}") as opened:
        yield opened


async def test_a_role_lets_spend_on_its_server_and_a_denied_one_outweighs_it(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    async def slash(person: int, command: str, said: str, /, **options: str) -> None:
        asked = service.slash(person, general, command, **options)
        await heard(general, lambda seen: seen.interaction_id == asked, said)

    async def write(channel: str, said: str) -> None:
        asked = service.say(MIA, channel, "<@1> /usage")
        await heard(channel, lambda seen: int(seen.id) > int(asked), said)

    async def heard(channel: str, answers: Callable[[Seen], bool], said: str) -> None:
        answer = await service.expect(
            lambda seen: answers(seen) and bool(seen.content), channel=channel
        )
        assert said in answer.content

    painters, guests = service.role(GUILD, MIA), service.role(GUILD, MIA)
    await slash(MIA, "usage", MAY_NOT)
    await slash(ANN, "allow", "may spend now.", who=f"role:discord:{painters}")
    await slash(MIA, "usage", MAY)
    await write(general, MAY)
    await write(service.dm(MIA), MAY_NOT)
    await slash(ANN, "deny", "may not spend any more.", who=f"role:discord:{guests}")
    await slash(MIA, "usage", MAY_NOT)
    await write(general, MAY_NOT)


async def test_an_invitation_is_shown_to_who_made_it_alone(
    scene: Scene, service: DiscordEmulator, general: str
) -> None:
    async def answered(channel: str) -> Seen:
        return await service.expect(lambda seen: "nvitation" in seen.content, channel=channel)

    service.say(ANN, general, "<@1> /invite")
    aloud = await answered(general)
    service.slash(ANN, general, "invite")
    aside = await service.expect(lambda seen: "/join " in seen.content, channel=general)
    service.say(ANN, service.dm(ANN), "/invite")
    private = await answered(service.dm(ANN))
    assert aloud.content.endswith("Send me /invite in our private chat.")
    assert aside.ephemeral_for == str(ANN)
    assert "/join " in private.content
