"""Commands, buttons and forms on the emulated Discord, witnessed by the real discord.py."""

import asyncio
import re
from collections.abc import Awaitable
from io import BytesIO
from typing import Any

import discord
import discord.http
import pytest
from discord import app_commands
from typing_extensions import override

from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_witness import ANN, BEN, Bot, png, running


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
            async with asyncio.timeout(30):
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
        for number in range(5):
            await interaction.followup.send(f"{number}")
        with pytest.raises(discord.HTTPException) as refused:
            await interaction.followup.send("5")
        codes.append(refused.value.code)
        with pytest.raises(discord.Forbidden) as forbidden:
            await bot.http.send_message(int(foreign), params=empty_params("hello"))
        codes.append(forbidden.value.code)
        done.set()

    async with running(bot):
        await bot.tree.sync()
        service.slash(ANN, foreign, "imagine")
        async with asyncio.timeout(30):
            await done.wait()
    assert codes == [40094, 50001]
    assert len(service.messages(foreign)) == 6


def empty_params(content: str) -> Any:
    return discord.http.handle_message_parameters(
        content, allowed_mentions=discord.AllowedMentions.none()
    )
