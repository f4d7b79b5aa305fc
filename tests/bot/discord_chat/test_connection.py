"""Signing in, listing the commands, and staying connected."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.discord_chat.platform import Discord
from bot.strings import text
from core.commands import COMMANDS
from core.context import Address, Ask, Chat, Context, User
from core.errors import ConfigError, DeliveryFailed
from core.ports import Health
from core.replies import Text
from tests.bot.discord_chat.scene import ANN, GUILD, PACE, TEMPO, no_messengers, open_scene
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_reading import Seen
from tests.emulators.discord_wire import TOKEN
from tests.studio import studio_at


async def test_commands_are_listed_once_and_again_when_they_change(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    for commands, syncs in ((COMMANDS, 1), (COMMANDS, 1), (COMMANDS[:3], 2)):
        async with open_scene(tmp_path, service, commands):
            assert service.syncs == syncs
    listed = {each["name"]: each for each in service.commands}
    assert list(listed) == [one.name for one in COMMANDS[:3]]
    imagine = listed["imagine"]
    assert (imagine["integration_types"], imagine["contexts"]) == ([0, 1], [0, 1, 2])
    assert imagine["description_localizations"] == {"de": text("command.imagine", "de")}
    options = {each["name"]: each for each in imagine["options"]}
    assert options["prompt"]["required"]
    assert (options["count"]["type"], options["count"]["max_value"]) == (4, 10)
    assert options["model"]["autocomplete"]
    assert options["private"]["type"] == 5


async def test_commands_are_listed_at_a_word(tmp_path: Path, service: DiscordEmulator) -> None:
    for _ in range(2):
        await Discord(TOKEN, tmp_path).list_commands(COMMANDS)
    assert service.syncs == 2
    with pytest.raises(ConfigError):
        await Discord("another", tmp_path).list_commands(COMMANDS)


async def test_two_shards_both_answer(tmp_path: Path, service: DiscordEmulator) -> None:
    far = service.guild(1 << 22, "far")
    channels = service.channel(GUILD, "near"), service.channel(far, "far")
    service.gateway.max_concurrency = 2
    async with open_scene(tmp_path, service, shards=2):
        for channel in channels:
            service.slash(ANN, channel, "help")
            await service.expect(lambda seen: "/imagine" in seen.content, channel=channel)
    assert sorted(each["shard"] for each in service.gateway.identified) == [[0, 2], [1, 2]]


async def test_no_privileged_intent_is_asked_for(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    async with open_scene(tmp_path, service):
        assert [each["intents"] for each in service.gateway.identified] == [1 | 1 << 9 | 1 << 12]


async def test_a_wrong_token_is_named_as_the_setting_it_is(
    tmp_path: Path, service: DiscordEmulator
) -> None:
    async with studio_at(tmp_path, no_messengers) as home:
        with pytest.raises(ConfigError, match="DISCORD_BOT_TOKEN"):
            await Discord("another", tmp_path).run(home.studio, home.intake)


async def test_a_check_says_who_the_token_belongs_to(
    tmp_path: Path, service: DiscordEmulator
) -> None:
    known, unknown = Discord(TOKEN, tmp_path), Discord("another", tmp_path)
    assert await known.check() == Health(ok=True, detail="nano-banana")
    assert not (await unknown.check()).ok
    assert service.gateway.identified == []


async def test_a_connection_that_dies_is_made_anew(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    async with open_scene(tmp_path, service) as scene:
        scene.chat.connected.clear()
        await service.gateway.close(4010)
        async with asyncio.timeout(30):
            await scene.chat.connected.wait()
        service.slash(ANN, general, "help")
        await service.expect(lambda seen: "/imagine" in seen.content, channel=general)


@pytest.mark.parametrize("turns", range(6))
async def test_it_ends_when_told_at_whichever_moment_of_connecting(
    tmp_path: Path, service: DiscordEmulator, turns: int
) -> None:
    chat = Discord(TOKEN, tmp_path, pace=PACE, tempo=TEMPO)
    async with studio_at(tmp_path, no_messengers) as home:
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            running = group.create_task(chat.run(home.studio, home.intake))
            await service.gateway.greeted.wait()
            for _ in range(turns):
                await asyncio.sleep(0)
            running.cancel()
        assert running.cancelled()


async def test_what_a_crash_left_unanswered_is_answered_at_the_next_start(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    context = Context(
        request="discord:5",
        address=Address(Chat("discord", general)),
        user=User("discord", str(ANN)),
    )
    async with studio_at(tmp_path, no_messengers) as home:
        await home.intake.put([Ask(context=context, words="/help")])
    async with open_scene(tmp_path, service):
        await service.expect(lambda seen: "/imagine" in seen.content, channel=general)


async def test_one_event_told_twice_is_answered_once(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    async with open_scene(tmp_path, service):
        service.say(ANN, general, "<@1> /help")
        await service.expect(lambda seen: "/imagine" in seen.content, channel=general)
        (session,) = service.gateway.sessions.values()
        (told,) = [each for each in session.events if "<@1>" in str(each["d"].get("content"))]
        session.tell(told["t"], told["d"])
        service.say(ANN, general, "<@1> /usage")
        await service.expect(lambda seen: "previews" in seen.content, channel=general)
    assert len([seen for seen in service.messages(general) if "/imagine" in seen.content]) == 1


async def test_without_a_connection_a_message_waits(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    async with open_scene(tmp_path, service) as scene:
        messenger = scene.messenger
    with pytest.raises(DeliveryFailed) as failed:
        await messenger.send(Address(Chat("discord", general)), Text("dismissed"), locale="en")
    assert not failed.value.lasting
    assert failed.value.retry_after > 0


async def test_a_late_acknowledgement_still_ends_in_an_answer(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    async with open_scene(tmp_path, service):
        asked = service.slash(ANN, general, "help")
        service.expire(asked, 3.1)
        shown = await service.expect(lambda seen: "/imagine" in seen.content, channel=general)
    assert shown.content.startswith("For <@2>:")


async def test_what_could_not_be_committed_is_told_to_who_asked(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    async with open_scene(tmp_path, service):
        with closing(sqlite3.connect(tmp_path / "studio.db")) as database:
            database.execute("ALTER TABLE inbox RENAME TO stolen")
        asked = service.slash(ANN, general, "help")
        shown = await service.expect(lambda seen: "damaged" in seen.content, channel=general)
        said = service.say(ANN, general, "<@1> a fox")
        answer = await service.expect(lambda seen: seen.reply_to == said, channel=general)
    assert (shown.interaction_id, shown.ephemeral_for) == (asked, str(ANN))
    assert "damaged" in answer.content


async def test_who_is_too_fast_alone_sees_it_and_every_command_is_answered(
    tmp_path: Path, service: DiscordEmulator, general: str
) -> None:
    async with open_scene(tmp_path, service, NANO_BANANA_ASKS_PER_MINUTE=1):
        service.slash(ANN, general, "help")
        await service.expect(lambda seen: "/imagine" in seen.content, channel=general)
        asked = {service.slash(ANN, general, "help") for _ in range(2)}
        told: list[Seen] = []

        def both(_: Seen) -> bool:
            told[:] = [one for one in service.messages(general) if "at once" in one.content]
            return len(told) == len(asked)

        await service.expect(both, channel=general)
    assert {(one.interaction_id, one.ephemeral_for) for one in told} == {
        (one, str(ANN)) for one in asked
    }
