"""`python -m bot` and the `nano-banana` program: hand over to the command line."""


def main() -> None:
    """Run the command line."""
