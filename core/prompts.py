"""Permutations: `{red,blue} fox` is two prompts."""

import re
from itertools import product

from core.errors import BadCommand

BRACES = re.compile(r"\{([^{}]*)\}")
MOST = 40
"""Prompts that one asking may unfold into."""


def expand(prompt: str) -> tuple[str, ...]:
    """Unfold every `{a,b}` of a prompt, the last one fastest; refuse more than MOST."""
    pieces = BRACES.split(prompt)
    choices = [
        [part.strip() for part in piece.split(",")] if place % 2 else [piece]
        for place, piece in enumerate(pieces)
    ]
    total = 1
    for choice in choices:
        total *= len(choice)
        if total > MOST:
            raise BadCommand("too_many_prompts", most=MOST)
    return tuple(" ".join("".join(parts).split()) for parts in product(*choices))
