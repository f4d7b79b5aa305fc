"""Real image bytes for tests."""

import io

from PIL import Image


def picture(width: int = 64, height: int = 48, color: str = "orange") -> bytes:
    """Draw a plain PNG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()
