"""A second opinion on the emulated Discord: hikari, by other authors, runs on it unchanged."""

import asyncio

import hikari

from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_wire import TOKEN
from tests.emulators.discord_witness import ANN, GUILD, png


async def test_hikari_starts_answers_a_command_and_sends_a_picture(
    service: DiscordEmulator, general: str
) -> None:
    bot = hikari.GatewayBot(TOKEN, banner=None, rest_url=service.api_url, logs=None)
    problems: list[str] = []

    @bot.listen()
    async def on_interaction(event: hikari.InteractionCreateEvent) -> None:
        interaction = event.interaction
        assert isinstance(interaction, hikari.CommandInteraction)
        assert interaction.options is not None
        deferred = hikari.ResponseType.DEFERRED_MESSAGE_CREATE
        await interaction.create_initial_response(deferred)
        await interaction.edit_initial_response(
            f"{interaction.options[0].value}",
            attachment=hikari.Bytes(png(), "cat.png"),
            mentions_everyone=False,
            user_mentions=False,
            role_mentions=False,
        )

    @bot.listen()
    async def on_problem(event: hikari.ExceptionEvent[hikari.Event]) -> None:
        problems.append(repr(event.exception))

    async with asyncio.timeout(30):
        await bot.start(check_for_updates=False)
    prompt = hikari.CommandOption(
        type=hikari.OptionType.STRING, name="prompt", description="What", is_required=True
    )
    command = bot.rest.slash_command_builder("imagine", "Draw").add_option(prompt)
    me = bot.get_me()
    assert me is not None
    await bot.rest.set_application_commands(me.id, [command])
    service.slash(ANN, general, "imagine", prompt="a cat")
    shown = await service.expect(lambda seen: seen.content == "a cat", channel=general)
    guild = bot.cache.get_guild(GUILD)
    await bot.close()
    assert problems == []
    assert service.broken_rules == []
    assert shown.attachments[0].data == png()
    assert guild is not None
    assert guild.name == "lab"
