"""What a provider is asked to make, in diffusers' field names and nobody's dialect."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Task(StrEnum):
    """What kind of making it is; models declare which they can."""

    TEXT_TO_IMAGE = "text_to_image"
    IMAGE_TO_IMAGE = "image_to_image"
    INPAINT = "inpaint"
    UPSCALE = "upscale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Pictures from words."""

    prompt: str
    width: int
    height: int
    aspect_ratio: str
    seed: int | None
    """None where the model takes none."""
    num_images: int = 1
    negative_prompt: str = ""
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    kind: Literal["generation"] = "generation"

    @property
    def task(self) -> Task:
        """Making from words alone."""
        return Task.TEXT_TO_IMAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Pictures from a picture: in the light of words, inside a mask, or larger."""

    image: str
    """Content hash of the picture it starts from."""
    prompt: str
    width: int
    height: int
    aspect_ratio: str
    seed: int | None
    """None where the model takes none."""
    num_images: int = 1
    negative_prompt: str = ""
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    mask_image: str = ""
    """Content hash of a mask, white where the picture may change; empty for the whole picture."""
    strength: float | None = None
    """0 keeps the picture, 1 forgets it; the model's own when None."""
    upscale_factor: int = 1
    kind: Literal["edit"] = "edit"

    @property
    def task(self) -> Task:
        """Follow from the fields which kind of edit it is."""
        if self.upscale_factor > 1:
            return Task.UPSCALE
        return Task.INPAINT if self.mask_image else Task.IMAGE_TO_IMAGE


Work = Generation | Edit
