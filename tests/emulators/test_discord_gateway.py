"""The emulated Discord's gateway, witnessed by the real discord.py."""

import asyncio

import discord
import pytest
from typing_extensions import override

from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_wire import TOKEN
from tests.emulators.discord_witness import ANN, GUILD, INTENTS, Bot, png, running


async def test_each_shard_hears_its_own_guild(service: DiscordEmulator) -> None:
    class Shards(discord.AutoShardedClient):
        def __init__(self) -> None:
            super().__init__(intents=INTENTS, guild_ready_timeout=0.05)
            self.up = asyncio.Event()
            self.heard: asyncio.Queue[tuple[int, str]] = asyncio.Queue()

        async def on_ready(self) -> None:
            self.up.set()

        @override
        async def before_identify_hook(
            self, shard_id: int | None, *, initial: bool = False
        ) -> None:
            """The gateway lets both identify at once."""

        async def on_message(self, message: discord.Message) -> None:
            assert message.guild is not None
            await self.heard.put((message.guild.shard_id, message.content))

    far = service.guild(1 << 22, "far")
    near_channel, far_channel = service.channel(GUILD, "near"), service.channel(far, "far")
    service.gateway.shards = service.gateway.max_concurrency = 2
    bot = Shards()
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks, bot:
        tasks.create_task(bot.start(TOKEN))
        await bot.up.wait()
        service.say(ANN, near_channel, "<@1> near")
        service.say(ANN, far_channel, "<@1> far")
        heard = {await bot.heard.get(), await bot.heard.get()}
    assert heard == {(0, "<@1> near"), (1, "<@1> far")}
    assert sorted(each["shard"] for each in service.gateway.identified) == [[0, 2], [1, 2]]


async def test_text_is_hidden_unless_it_is_meant_for_the_bot(
    service: DiscordEmulator, general: str
) -> None:
    async with running(Bot()) as bot:
        own = await (await bot.place(general)).send("hello")
        service.say(ANN, general, "secret", files=[png()])
        service.say(ANN, general, "hey <@1>")
        service.say(ANN, general, "thanks", reply_to=own.id)
        service.say(ANN, service.dm(ANN), "private", files=[png()])
        heard = [await bot.hears() for _ in range(4)]
        assert await heard[3].attachments[0].read() == png()
        await heard[3].channel.send("hello ann")
    assert [each.content for each in heard] == ["", "hey <@1>", "thanks", "private"]
    assert heard[0].attachments == []
    assert [each.content for each in service.messages(service.dm(ANN))] == ["private", "hello ann"]


async def test_a_lost_connection_resumes_and_hears_what_it_missed(
    service: DiscordEmulator, general: str
) -> None:
    async with running(Bot()) as bot:
        for fault in ("close", "reconnect"):
            service.fault("gateway", fault)
            service.say(ANN, general, f"<@1> {fault}")
            assert (await bot.hears()).content == f"<@1> {fault}"
        assert len(service.gateway.resumed) == 2
        assert len(service.gateway.identified) == 1


async def test_a_session_that_is_gone_starts_anew(service: DiscordEmulator, general: str) -> None:
    async with running(Bot()) as bot:
        bot.up.clear()
        service.fault("gateway", "close", code=4009)
        service.say(ANN, general, "<@1> lost")
        async with asyncio.timeout(30):
            await bot.up.wait()
        service.say(ANN, general, "<@1> heard")
        assert (await bot.hears()).content == "<@1> heard"
    assert len(service.gateway.identified) == 2


async def test_a_privileged_intent_is_refused(service: DiscordEmulator) -> None:
    async with Bot(INTENTS | discord.Intents(message_content=True)) as bot:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await bot.start(TOKEN)
    assert service.gateway.refused_intents == [1 << 15]


async def test_a_wrong_token_is_refused(service: DiscordEmulator) -> None:
    async with Bot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("another")
