"""From neutral work to a provider's input, as the endpoint's row in the catalogue says."""

from collections.abc import Callable, Mapping
from typing import Any

from core.catalogue import ModelSpec
from core.errors import Unsupported
from core.work import Edit, Task, Work

OWN: Mapping[Task, frozenset[str]] = {
    Task.TEXT_TO_IMAGE: frozenset({"prompt"}),
    Task.IMAGE_TO_IMAGE: frozenset({"prompt", "image"}),
    Task.INPAINT: frozenset({"prompt", "image", "mask_image"}),
    Task.UPSCALE: frozenset({"image", "upscale_factor"}),
}
"""What every endpoint of a task takes; the rest must stand in `accepts`."""
NEUTRAL: Mapping[str, Any] = {"num_images": 1, "upscale_factor": 1}
"""Values that ask for nothing; those of all other fields are None and empty."""
PICTURES = ("image", "mask_image")
FIELDS = (
    "prompt",
    "negative_prompt",
    *PICTURES,
    "strength",
    "num_images",
    "num_inference_steps",
    "guidance_scale",
    "seed",
    "upscale_factor",
)

Size = Callable[[Work], Mapping[str, Any]]


def _width_height(work: Work) -> Mapping[str, Any]:
    return {"width": work.width, "height": work.height}


SIZES: Mapping[str, Size] = {
    "image_size": lambda work: {"image_size": _width_height(work)},
    "width_height": _width_height,
    "aspect_ratio": lambda work: {"aspect_ratio": work.aspect_ratio},
    "none": lambda _: {},
}


def payload(spec: ModelSpec, work: Work, addresses: Mapping[str, str]) -> dict[str, Any]:
    """Write the input; `addresses` says where the provider finds each picture, by content hash.

    Raises:
        Unsupported: the work sets a field that this endpoint does not take.
    """
    endpoint = spec.endpoints[work.task]
    taken = OWN[work.task] | endpoint.accepts
    written: dict[str, Any] = {**endpoint.fixed, **SIZES[endpoint.size](work)}
    for name, value in _asked(work).items():
        if name not in taken:
            raise Unsupported("unsupported_by_all", model=spec.name, what=name, models="", most=1)
        sent = addresses[str(value)] if name in PICTURES else value
        wire_name = endpoint.rename.get(name, name)
        written[wire_name] = [sent] if wire_name in endpoint.lists else sent
    return written


def _asked(work: Work) -> Mapping[str, Any]:
    """List the fields that a work sets; the prompt of an enlargement is only a caption."""
    values = {name: getattr(work, name, None) for name in FIELDS}
    if work.task is Task.UPSCALE:
        del values["prompt"]
    return {
        name: value
        for name, value in values.items()
        if name == "prompt" or value not in {None, "", NEUTRAL.get(name)}
    }


def unsaid(spec: ModelSpec, task: Task) -> Mapping[str, Any]:
    """List what an order may leave out, by the provider's names, with the values that ask nothing.

    Whoever sends one of them with another value orders something else.
    """
    endpoint = spec.endpoints[task]
    return {endpoint.rename.get(name, name): NEUTRAL.get(name) for name in endpoint.accepts}


def pictures(work: Work) -> tuple[str, ...]:
    """List the content hashes of the pictures that a work starts from."""
    named = (work.image, work.mask_image) if isinstance(work, Edit) else ()
    return tuple(dict.fromkeys(sha256 for sha256 in named if sha256))
