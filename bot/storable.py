"""Words from outside, made fit to be kept."""


def storable(words: str) -> str:
    """Mend halves of characters and drop NUL: no database takes them."""
    mended = words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return mended.replace("\x00", "")
