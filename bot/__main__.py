"""`python -m bot` and the `nano-banana` program: hand over to the command line."""


def main() -> None:
    """Run the command line."""
    from bot.cli.main import main as run  # noqa: PLC0415  nothing is imported before it is wanted

    run()


if __name__ == "__main__":
    main()
