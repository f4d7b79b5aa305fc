"""The emulated Discord, witnessed by the real discord.py."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from typing import Any

import aiohttp
import discord
import discord.asset
import discord.gateway
import discord.http
import pytest
import yarl
from discord import app_commands
from PIL import Image
from typing_extensions import override

from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_wire import TOKEN

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
ANN, BEN, GUILD = 2, 3, 9
MESSAGES = "/channels/{id}/messages"


def png(colour: str = "red") -> bytes:
    made = BytesIO()
    Image.new("RGB", (8, 6), colour).save(made, "PNG")
    return made.getvalue()


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordEmulator]:
    async with DiscordEmulator() as emulator:
        monkeypatch.setattr(discord.http.Route, "BASE", emulator.api_url)
        dialled = yarl.URL(emulator.gateway_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", dialled)
        monkeypatch.setattr(discord.asset.Asset, "BASE", emulator.cdn_url)
        emulator.user(ANN, "ann")
        emulator.user(BEN, "ben", locale="de")
        emulator.guild(GUILD, "lab")
        yield emulator


@pytest.fixture
def general(service: DiscordEmulator) -> str:
    return service.channel(GUILD, "general")


class Bot(discord.Client):
    """A client that notes what it hears."""

    def __init__(self, intents: discord.Intents = INTENTS) -> None:
        super().__init__(
            intents=intents,
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
        )
        self.tree: app_commands.CommandTree[Any] = app_commands.CommandTree(self)
        self.up = asyncio.Event()
        self.heard: asyncio.Queue[discord.Message] = asyncio.Queue()

    async def on_ready(self) -> None:
        self.up.set()

    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify again at once; the library would wait five seconds."""

    async def on_message(self, message: discord.Message) -> None:
        if not message.author.bot:
            self.heard.put_nowait(message)

    async def hears(self) -> discord.Message:
        async with asyncio.timeout(5):
            return await self.heard.get()

    async def place(self, channel: str) -> Any:
        return await self.fetch_channel(int(channel))


@contextlib.asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[Bot]:
    async with asyncio.TaskGroup() as tasks, bot:
        tasks.create_task(bot.start(TOKEN))
        async with asyncio.timeout(5):
            await bot.up.wait()
        yield bot


async def test_a_slash_command_is_deferred_and_answered_with_a_picture(
    service: DiscordEmulator, general: str
) -> None:
    bot = Bot()
    read: list[bytes] = []

    @bot.tree.command(description="Draw a picture")
    @app_commands.describe(prompt="What to draw", image="A picture to start from")
    async def imagine(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 20],
        image: discord.Attachment | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True)
        if image is not None:
            read.append(await image.read())
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="Vary", custom_id="vary:7"))
        file = discord.File(BytesIO(png("blue")), "a cat.png", description=prompt)
        await interaction.edit_original_response(content="Done", attachments=[file], view=view)

    async with running(bot):
        await bot.tree.sync()
        with pytest.raises(AssertionError, match="no options"):
            service.slash(ANN, general, "imagine", prompt="a cat", sed=1)
        with pytest.raises(AssertionError, match="max_length"):
            service.slash(ANN, general, "imagine", prompt="a cat" * 5)
        with pytest.raises(AssertionError, match="needs"):
            service.slash(ANN, general, "imagine")
        asked = service.slash(ANN, general, "imagine", prompt="a cat", image=png())
        thought = await service.acknowledged(asked)
        shown = await service.expect(lambda seen: not seen.thinking, channel=general)
    assert thought.answer == 5
    assert read == [png()]
    assert (shown.content, shown.buttons) == ("Done", ["Vary"])
    assert [(each.name, each.description) for each in shown.attachments] == [("a_cat.png", "a cat")]
    assert shown.attachments[0].data == png("blue")
    assert service.syncs == 1
    assert service.broken_rules == []


class Vary(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"vary:(?P<job>\d+)"):
    """A button that is known by its custom_id alone."""

    def __init__(self, job: int) -> None:
        super().__init__(discord.ui.Button(label="Vary", custom_id=f"vary:{job}"))
        self.job = job

    @classmethod
    @override
    async def from_custom_id(cls, interaction: Any, item: Any, match: re.Match[str]) -> Any:
        return cls(int(match["job"]))

    @override
    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.followup.send(f"varied {self.job}", ephemeral=True)
        await interaction.edit_original_response(view=None)


async def test_a_button_still_works_after_a_restart(service: DiscordEmulator, general: str) -> None:
    async with running(Bot()) as bot:
        view = discord.ui.View(timeout=None).add_item(Vary(7))
        await (await bot.place(general)).send("a cat", view=view)
    picture = await service.expect(lambda seen: seen.buttons == ["Vary"], channel=general)
    reborn = Bot()
    reborn.add_dynamic_items(Vary)
    async with running(reborn):
        service.press(BEN, picture.id, "Vary")
        private = await service.expect(lambda seen: seen.content == "varied 7", channel=general)
        await service.expect(lambda seen: seen.id == picture.id and seen.edited, channel=general)
    assert private.ephemeral_for == str(BEN)
    with pytest.raises(AssertionError, match="no 'Vary' under the message"):
        service.press(BEN, picture.id, "Vary")
    assert service.broken_rules == []


async def test_a_form_is_opened_filled_in_and_answered(
    service: DiscordEmulator, general: str
) -> None:
    class Form(discord.ui.Modal, title="Edit"):
        prompt: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Prompt", max_length=9)
        picture: discord.ui.Label[Any] = discord.ui.Label(
            text="Picture", component=discord.ui.FileUpload(custom_id="ref")
        )

        @override
        async def on_submit(self, interaction: discord.Interaction) -> None:
            upload = self.picture.component
            assert isinstance(upload, discord.ui.FileUpload)
            said = f"{self.prompt.value}: {await upload.values[0].read() == png()}"
            await interaction.response.send_message(said)

    bot = Bot()

    @bot.tree.context_menu(name="Edit image")
    async def edit(interaction: discord.Interaction, message: discord.Message) -> None:
        form = Form()
        form.prompt.default = f"{len(message.attachments)}"
        form.prompt.custom_id = "prompt"
        await interaction.response.send_modal(form)

    async with running(bot):
        await bot.tree.sync()
        theirs = service.say(BEN, general, "look", files=[("cat.png", png())])
        asked = service.menu(ANN, general, "Edit image", theirs)
        with pytest.raises(AssertionError, match="takes 0 to 9"):
            await service.submit_modal(ANN, asked, {"prompt": "x" * 10, "ref": [png()]})
        await service.submit_modal(ANN, asked, {"prompt": "blue", "ref": [png()]})
        await service.expect(lambda seen: seen.content == "blue: True", channel=general)
    assert service.interactions[asked].modal is not None
    assert service.broken_rules == []


async def test_suggestions_follow_what_is_typed(service: DiscordEmulator, general: str) -> None:
    bot = Bot()
    group = app_commands.Group(name="models", description="Models")

    @group.command(description="Choose a model")
    async def choose(interaction: discord.Interaction, name: str) -> None:
        await interaction.response.send_message(name)

    @choose.autocomplete("name")
    async def suggest(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        names = [each for each in ("flux", "flow", "sdxl") if each.startswith(typed)]
        return [app_commands.Choice(name=each.title(), value=each) for each in names]

    bot.tree.add_command(group)
    async with running(bot):
        await bot.tree.sync()
        choices = await service.autocomplete(ANN, general, "models choose", "name", "fl")
        service.slash(ANN, general, "models choose", name=choices[0]["value"])
        await service.expect(lambda seen: seen.content == "flux", channel=general)
    assert [each["name"] for each in choices] == ["Flux", "Flow"]
    assert service.broken_rules == []


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
    async with asyncio.timeout(8), asyncio.TaskGroup() as tasks, bot:
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
        async with asyncio.timeout(5):
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


async def test_an_answer_must_come_in_time_and_only_once(
    service: DiscordEmulator, general: str
) -> None:
    bot = Bot()
    codes: list[int] = []
    done = asyncio.Event()

    async def code(sending: Awaitable[Any]) -> None:
        with pytest.raises(discord.HTTPException) as refused:
            await sending
        codes.append(refused.value.code)

    @bot.tree.command(description="Draw a picture")
    async def imagine(interaction: discord.Interaction, late: bool) -> None:  # noqa: FBT001 - a slash option
        mine = str(interaction.id)
        if late:
            service.expire(mine, 3.1)
            await code(interaction.response.defer())
            done.set()
            return
        await interaction.response.defer()
        twice: Any = interaction.response
        twice._response_type = None
        await code(twice.defer())
        service.expire(mine)
        await code(interaction.edit_original_response(content="too late"))
        await (await bot.place(general)).send(f"{interaction.user.mention} here it is")
        done.set()

    async with running(bot):
        await bot.tree.sync()
        for late in (True, False):
            done.clear()
            service.slash(ANN, general, "imagine", late=late)
            async with asyncio.timeout(5):
                await done.wait()
    assert codes == [10062, 40060, 50027]
    assert service.messages(general)[-1].content == "<@2> here it is"


async def test_an_app_installed_by_a_person_has_only_its_token(service: DiscordEmulator) -> None:
    foreign = service.channel(service.guild(77, "elsewhere", foreign=True), "general")
    bot = Bot()
    codes: list[int] = []
    done = asyncio.Event()

    @bot.tree.command(description="Draw a picture")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def imagine(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("one moment")
        with pytest.raises(discord.HTTPException) as refused:
            for number in range(6):
                await interaction.followup.send(f"{number}")
        codes.append(refused.value.code)
        with pytest.raises(discord.Forbidden) as forbidden:
            await bot.http.send_message(int(foreign), params=empty_params("hello"))
        codes.append(forbidden.value.code)
        done.set()

    async with running(bot):
        await bot.tree.sync()
        service.slash(ANN, foreign, "imagine")
        async with asyncio.timeout(5):
            await done.wait()
    assert codes == [40094, 50001]
    assert len(service.messages(foreign)) == 6


def empty_params(content: str) -> Any:
    return discord.http.handle_message_parameters(
        content, allowed_mentions=discord.AllowedMentions.none()
    )


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


async def test_a_message_that_could_ping_breaks_a_rule(
    service: DiscordEmulator, general: str
) -> None:
    async with discord.Client(intents=INTENTS) as bot:
        await bot.login(TOKEN)
        place: Any = await bot.fetch_channel(int(general))
        await place.send("@everyone")
    assert len(service.broken_rules) == 1
    assert "allowed_mentions" in service.broken_rules[0]
