"""A new command is a file, its place in the list and its words; every surface then has it."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.dialogs.dialog import come_true
from tests.dialogs.discord import ANN, DiscordDialog
from tests.dialogs.telegram import ANNA, TelegramDialog
from tests.dialogs.web import page
from tests.emulators.discord import DiscordEmulator
from tests.emulators.discord_wire import TOKEN
from tests.emulators.telegram import TelegramEmulator
from tests.program import ROOT, Program, Serving

WORDS = """
[postcard]
title = "A card:"
line = "{greeting}!"
"""
GREETED = "A card:\nHello Bob!\nHello Bob!"


@pytest.fixture
def enlarged(tmp_path: Path) -> Path:
    """Copy the program and add the command to the copy."""
    root = tmp_path / "program"
    for package in ("bot", "core", "storage"):
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, root / package, ignore=leave)
    shutil.copy(Path(__file__).with_name("postcard.py"), root / "core/commands/postcard.py")
    with (root / "core/commands/__init__.py").open("a") as listed:
        listed.write("\nfrom core.commands.postcard import Postcard\nCOMMANDS += (Postcard,)\n")
    for language in ("en", "de"):
        words = root / f"bot/locales/{language}.toml"
        said = words.read_text() + WORDS
        said = said.replace("[command]\n", '[command]\npostcard = "Write a greeting"\n')
        said = said.replace("[option]\n", '[option]\ngreeting = "To whom"\ntimes = "How often"\n')
        words.write_text(said)
    return root


async def test_every_surface_offers_and_runs_a_command_that_none_was_written_for(
    tmp_path: Path, enlarged: Path
) -> None:
    async with TelegramEmulator() as telegram, DiscordEmulator() as discord:
        telegram.user(ANNA, "Anna")
        telegram.dm(ANNA)
        discord.user(ANN, "ann")
        settings = {
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.url,
            "DISCORD_BOT_TOKEN": TOKEN,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "DISCORD_CDN_URL": discord.cdn_url,
        }
        async with Program(tmp_path, settings, enlarged).serving() as studio:
            await asyncio.gather(
                on_telegram(telegram), on_discord(discord), in_the_web_chat(studio)
            )
    await at_the_terminal(Program(tmp_path, root=enlarged))


async def on_telegram(service: TelegramEmulator) -> None:
    chat = TelegramDialog(service, ANNA)
    await come_true(lambda: len(service.commands) == 4)
    await chat.say("/postcard Hello Bob -x 2")
    await chat.expect(GREETED)
    for menu in service.commands.values():
        assert {"command": "postcard", "description": "Write a greeting"} in menu


async def on_discord(service: DiscordEmulator) -> None:
    chat = DiscordDialog(service, ANN, service.dm(ANN))
    await come_true(lambda: service.gateway.sessions)
    service.slash(ANN, service.dm(ANN), "postcard", greeting="Hello Bob", times=2)
    await chat.expect(GREETED)


async def in_the_web_chat(studio: Serving) -> None:
    async with page(studio.url, studio.link) as chat:
        await chat.say("/postcard Hello Bob -x 2")
        await chat.expect(GREETED)
        offered = (await chat.client.get("/api/commands")).json()["commands"]
    card = next(command for command in offered if command["name"] == "postcard")
    assert [option["flag"] for option in card["options"]] == ["--greeting", "-x"]


async def at_the_terminal(program: Program) -> None:
    told = await program.run("postcard", "Hello", "Bob", "--times", "2")
    assert told.text == f"{GREETED}\n"
    assert "Write a greeting" in (await program.run("--help")).text
