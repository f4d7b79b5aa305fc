"""Messages and what Discord refuses, witnessed by the real discord.py."""

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import aiohttp
import discord
import discord.http
import pytest
from typing_extensions import override

from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_spec import official
from tests.emulators.discord_wire import TOKEN
from tests.emulators.discord_witness import ANN, INTENTS, MESSAGES, Bot, png, running


async def test_a_rate_limited_send_waits_and_arrives_once(
    service: DiscordEmulator, general: str
) -> None:
    async with running(Bot()) as bot:
        place = await bot.place(general)
        service.fault(f"POST {MESSAGES}", "status", status=429, retry_after=0.05)
        await place.send("a cat", file=discord.File(BytesIO(png()), "cat.png"))
    first, second = service.called("POST", "/messages")
    assert second.at - first.at >= 0.05
    assert len(service.messages(general)) == 1


async def test_a_send_whose_answer_was_lost_is_not_doubled_by_its_nonce(
    service: DiscordEmulator, general: str
) -> None:
    async with running(Bot()) as bot:
        place = await bot.place(general)
        service.fault(f"POST {MESSAGES}", "accept_then_drop")
        with pytest.raises(aiohttp.ClientError):
            await place.send("a cat", nonce="job-7")
        again = await place.send("a cat", nonce="job-7")
        await place.send("a cat", nonce="job-8")
    assert [each.content for each in service.messages(general)] == ["a cat", "a cat"]
    assert str(again.id) == service.messages(general)[0].id


Act = Callable[[Any, DiscordEmulator, str], Awaitable[Any]]


async def _too_large(place: Any, service: DiscordEmulator, channel: str) -> None:
    await place.send(file=discord.File(BytesIO(bytes(10 * 1024 * 1024 + 1)), "big.png"))


async def _empty(place: Any, service: DiscordEmulator, channel: str) -> None:
    await place.send("")


async def _long(place: Any, service: DiscordEmulator, channel: str) -> None:
    await place.send("x" * 2001)


async def _long_label(place: Any, service: DiscordEmulator, channel: str) -> None:
    button: discord.ui.Button[Any] = discord.ui.Button(label="x" * 81, custom_id="a")
    await place.send("a", view=discord.ui.View().add_item(button))


async def _gone(place: Any, service: DiscordEmulator, channel: str) -> None:
    sent = await place.send("a")
    service.erase(sent.id)
    await sent.edit(content="b")


async def _removed(place: Any, service: DiscordEmulator, channel: str) -> None:
    service.remove_channel(channel)
    await place.send("a")


async def _silenced(place: Any, service: DiscordEmulator, channel: str) -> None:
    service.deny(channel, "SEND_MESSAGES")
    await place.send("a")


async def _hidden(place: Any, service: DiscordEmulator, channel: str) -> None:
    service.deny(channel, "VIEW_CHANNEL")
    await place.send("a")


async def _locked(place: Any, service: DiscordEmulator, channel: str) -> None:
    thread = await place.create_thread(name="cats", type=discord.ChannelType.public_thread)
    service.close_thread(thread.id)
    await thread.send("opens it again")
    service.close_thread(thread.id, lock=True)
    await thread.send("b")


async def _unwelcome(place: Any, service: DiscordEmulator, channel: str) -> None:
    service.refuse_messages(ANN)
    await (await place._state._get_client().fetch_user(ANN)).send("a")


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (_too_large, 40005),
        (_empty, 50006),
        (_long, 50035),
        (_long_label, 50035),
        (_gone, 10008),
        (_removed, 10003),
        (_silenced, 50013),
        (_hidden, 50001),
        (_locked, 50083),
        (_unwelcome, 50007),
    ],
)
async def test_what_discord_would_not_take_is_refused_with_its_code(
    service: DiscordEmulator, general: str, act: Act, code: int
) -> None:
    async with Bot() as bot:
        await bot.login(TOKEN)
        place = await bot.place(general)
        with pytest.raises(discord.HTTPException) as refused:
            await act(place, service, general)
    assert refused.value.code == code


async def test_files_are_kept_added_and_dropped_by_an_edit(
    service: DiscordEmulator, general: str
) -> None:
    def file(name: str) -> discord.File:
        return discord.File(BytesIO(png()), name, description=f"the {name}")

    async with Bot() as bot:
        await bot.login(TOKEN)
        place = await bot.place(general)
        sent = await place.send(files=[file("a.png"), file("b.png")])
        await sent.edit(attachments=[sent.attachments[1], file("c.png")])
        await sent.add_reaction("👍")
        fresh = await place.fetch_message(sent.id)
        assert (fresh.attachments[0].width, fresh.attachments[0].height) == (8, 6)
        (shown,) = service.messages(general)
        await sent.delete()
    assert [each.description for each in shown.attachments] == ["the b.png", "the c.png"]
    assert shown.reactions == ("👍",)
    assert service.messages(general) == []
    assert service.broken_rules == []


async def test_a_gallery_shows_its_uploads_and_a_menu_is_chosen_from(
    service: DiscordEmulator, general: str
) -> None:
    chosen: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

    class Models(discord.ui.Select[Any]):
        @override
        async def callback(self, interaction: discord.Interaction) -> None:
            await interaction.response.edit_message(view=None, content="so be it")

        @override
        async def interaction_check(self, interaction: discord.Interaction) -> bool:
            chosen.set_result(self.values)
            return True

    gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery(
        discord.MediaGalleryItem("attachment://cat.png", description="a cat")
    )
    options = [discord.SelectOption(label=each) for each in ("flux", "sdxl")]
    async with running(Bot()) as bot:
        place = await bot.place(general)
        layout = discord.ui.LayoutView().add_item(gallery)
        sent = await place.send(view=layout, file=discord.File(BytesIO(png()), "cat.png"))
        with pytest.raises(discord.HTTPException, match="was not found"):
            await place.send(view=layout)
        menu = discord.ui.View().add_item(Models(custom_id="models", options=options))
        asked = await place.send("which?", view=menu)
        with pytest.raises(AssertionError, match="not all among"):
            service.select(ANN, asked.id, "models", ["dall-e"])
        service.select(ANN, asked.id, "models", ["flux"])
        await service.expect(lambda seen: seen.content == "so be it", channel=general)
    assert await chosen == ["flux"]
    assert sent.components[0].items[0].media.url == sent.attachments[0].url
    assert service.broken_rules == []


async def test_a_call_hangs_or_is_cut_off_before_it_counts(
    service: DiscordEmulator, general: str
) -> None:
    async with Bot() as bot:
        await bot.login(TOKEN)
        place = await bot.place(general)
        service.fault(f"POST {MESSAGES}", "drop_before")
        with pytest.raises(aiohttp.ClientError):
            await place.send("a cat")
        hanging = service.fault(f"POST {MESSAGES}", "hang")
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(place.send("a cat"))
            await hanging.met.wait()
            sending.cancel()
        service.fault(f"POST {MESSAGES}", "status", status=503)
        with pytest.raises(discord.DiscordServerError):
            await place.send("a cat")
    assert service.messages(general) == []


@pytest.mark.skipif(official() is None, reason="the official schema lies outside the checkout")
async def test_a_misspelt_field_breaks_the_official_schema(
    service: DiscordEmulator, general: str
) -> None:
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=general)
    body = {"content": "a", "contnet": "b", "allowed_mentions": {"parse": []}}
    async with Bot() as bot:
        await bot.login(TOKEN)
        await bot.http.request(route, json=body)
    (broken,) = service.broken_rules
    assert "contnet" in broken


async def test_a_message_that_could_ping_breaks_a_rule(
    service: DiscordEmulator, general: str
) -> None:
    async with discord.Client(intents=INTENTS) as bot:
        await bot.login(TOKEN)
        place: Any = await bot.fetch_channel(int(general))
        await place.send("@everyone")
    assert len(service.broken_rules) == 1
    assert "allowed_mentions" in service.broken_rules[0]
