"""Asking for keys and tokens, and keeping them in `.env` for this account alone."""

import os
from pathlib import Path

import click
from dotenv import dotenv_values, set_key

QUESTIONS = (
    ("FAL_KEY", "fal.ai key (fal.ai/dashboard/keys)"),
    ("REPLICATE_API_TOKEN", "Replicate token (replicate.com/account/api-tokens)"),
    ("TELEGRAM_BOT_TOKEN", "Telegram bot token (from @BotFather)"),
    ("DISCORD_BOT_TOKEN", "Discord bot token (discord.com/developers/applications)"),
    ("NANO_BANANA_OPERATORS", "Who may spend, such as telegram:1001,discord:2002"),
)


def ask_for_keys(path: Path = Path(".env")) -> None:
    """Ask for each; an empty answer keeps what is there."""
    click.echo(f"Each answer goes to {path}, readable by you alone. Enter keeps what is there.")
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    path.chmod(0o600)
    known = dotenv_values(path)
    for name, question in QUESTIONS:
        state = "set" if known.get(name) else "not set"
        hidden = name != "NANO_BANANA_OPERATORS"
        answer = click.prompt(
            f"{question} [{state}]", default="", show_default=False, hide_input=hidden
        )
        if answer.strip():
            set_key(path, name, answer.strip(), quote_mode="never")
            path.chmod(0o600)
    click.echo("Done. `nano-banana doctor` checks them, `make run` starts the studio.")
