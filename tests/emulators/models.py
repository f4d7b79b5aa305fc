"""What the endpoints of both providers take, give and cost.

Names, defaults and prices follow the providers' published schemas. What they do not publish, some
ranges and the prices of qwen-image, z-image and the upscalers, is set near their relatives'.
"""

from collections.abc import Mapping
from dataclasses import replace

from tests.emulators.schema import Field, Model, Price

SIZES = (
    "square_hd",
    "square",
    "portrait_4_3",
    "portrait_16_9",
    "landscape_4_3",
    "landscape_16_9",
)
NAMED_SIZES: Mapping[str, tuple[int, int]] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
    "auto": (1024, 1024),
    "auto_2K": (2048, 2048),
    "auto_4K": (4096, 4096),
}
NANO_RATIOS = ("21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16")
KONTEXT_RATIOS = ("21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21")
FLUX_RATIOS = (*NANO_RATIOS, "9:21")


def text(default: str | None = None) -> Field:
    return Field("string", default)


def whole(low: float, high: float, default: int | None = None) -> Field:
    return Field("integer", default, low=low, high=high)


def number(low: float, high: float, default: float | None = None) -> Field:
    return Field("number", default, low=low, high=high)


def flag(*, default: bool = False) -> Field:
    return Field("boolean", default)


def choice(*choices: str, default: str) -> Field:
    return Field("string", default, choices=choices)


def size(*extra: str, default: str = "landscape_4_3", low: int = 1, high: int = 14142) -> Field:
    return Field("size", default, choices=(*SIZES, *extra), low=low, high=high)


def urls(most: int) -> Field:
    return Field("urls", required=True, low=1, high=most)


PROMPT = Field("string", required=True)
URL = Field("url", required=True)
SEED = Field("integer")
LORAS = Field("loras", low=0, high=3)
ACCELERATION = choice("none", "regular", "high", default="none")
TOLERANCE = choice("1", "2", "3", "4", "5", "6", default="2")
JPEG_OR_PNG = choice("jpeg", "png", default="jpeg")
ANY_FORMAT = choice("jpeg", "png", "webp", default="png")

MADE = {"num_images": whole(1, 4, 1), "seed": SEED, "sync_mode": flag()}
FLUX = {
    "prompt": PROMPT,
    "image_size": size(),
    "num_inference_steps": whole(1, 50, 28),
    "guidance_scale": number(1, 20, 3.5),
    "enable_safety_checker": flag(default=True),
    "output_format": JPEG_OR_PNG,
    "acceleration": ACCELERATION,
    **MADE,
}
FLUX_SCHNELL = {**FLUX, "num_inference_steps": whole(1, 12, 4)}
FLUX_EDIT = {
    **{name: rule for name, rule in FLUX.items() if name != "image_size"},
    "image_url": URL,
    "strength": number(0.01, 1, 0.95),
    "num_inference_steps": whole(10, 50, 40),
}
FLUX_2 = {
    **FLUX,
    "guidance_scale": number(0, 20, 2.5),
    "num_inference_steps": whole(4, 50, 28),
    "acceleration": choice("none", "regular", "high", default="regular"),
    "enable_prompt_expansion": flag(),
    "output_format": ANY_FORMAT,
}
KONTEXT = {
    "prompt": PROMPT,
    "image_url": URL,
    "aspect_ratio": Field("string", choices=KONTEXT_RATIOS),
    "guidance_scale": number(1, 20, 3.5),
    "output_format": JPEG_OR_PNG,
    "safety_tolerance": TOLERANCE,
    "enhance_prompt": flag(),
    **MADE,
}
FILL = {
    "prompt": PROMPT,
    "image_url": URL,
    "mask_url": URL,
    "output_format": JPEG_OR_PNG,
    "safety_tolerance": TOLERANCE,
    "enhance_prompt": flag(),
    **MADE,
}
NANO = {
    "prompt": PROMPT,
    "aspect_ratio": choice(*NANO_RATIOS, default="1:1"),
    "output_format": ANY_FORMAT,
    "safety_tolerance": replace(TOLERANCE, default="4"),
    "limit_generations": flag(),
    **MADE,
}
SEEDREAM = {
    "prompt": PROMPT,
    "image_size": size("auto", "auto_2K", "auto_4K", default="auto_2K", low=960, high=4096),
    "enhance_prompt_mode": choice("standard", "fast", default="standard"),
    "enable_safety_checker": flag(default=True),
    **MADE,
    "num_images": whole(1, 6, 1),
    "max_images": whole(1, 6, 1),
}
QWEN = {
    **FLUX,
    "negative_prompt": text(" "),
    "num_inference_steps": whole(2, 250, 30),
    "guidance_scale": number(0, 20, 2.5),
    "loras": LORAS,
    "use_turbo": flag(),
    "output_format": replace(JPEG_OR_PNG, default="png"),
}
QWEN_EDIT = {
    **{name: rule for name, rule in QWEN.items() if name not in {"loras", "use_turbo"}},
    "image_url": URL,
    "image_size": Field("size", choices=SIZES),
    "guidance_scale": number(0, 20, 4),
}
Z_IMAGE = {
    **{name: rule for name, rule in FLUX_2.items() if name != "guidance_scale"},
    "num_inference_steps": whole(1, 8, 8),
}
CLARITY = {
    "image_url": URL,
    "prompt": text("masterpiece, best quality, highres"),
    "negative_prompt": text(""),
    "upscale_factor": number(1, 4, 2),
    "creativity": number(0, 1, 0.35),
    "resemblance": number(0, 1, 0.6),
    "guidance_scale": number(0, 20, 4),
    "num_inference_steps": whole(4, 50, 18),
    "enable_safety_checker": flag(default=True),
    "seed": SEED,
}
ESRGAN = {
    "image_url": URL,
    "scale": number(1, 8, 2),
    "model": choice(
        "RealESRGAN_x4plus",
        "RealESRGAN_x2plus",
        "RealESRGAN_x4plus_anime_6B",
        "RealESRGAN_x4_v3",
        "RealESRGAN_x4_wdn_v3",
        "RealESRGAN_x4_anime_v3",
        default="RealESRGAN_x4plus",
    ),
    "face": flag(),
    "tile": whole(0, 4096, 0),
    "output_format": replace(JPEG_OR_PNG, default="png"),
}
FAST_TRAINING = {
    "images_data_url": URL,
    "trigger_word": text(),
    "is_style": flag(),
    "create_masks": flag(default=True),
    "steps": whole(1, 10000, 1000),
    "is_input_format_already_preprocessed": flag(),
    "data_archive_format": text(),
}

FAL: Mapping[str, Model] = {
    "fal-ai/flux/schnell": Model(FLUX_SCHNELL, Price(3_000, "megapixel")),
    "fal-ai/flux/dev": Model(FLUX, Price(25_000, "megapixel")),
    "fal-ai/flux/dev/image-to-image": Model(FLUX_EDIT, Price(25_000, "megapixel"), size="input"),
    "fal-ai/flux-lora": Model({**FLUX, "loras": LORAS}, Price(35_000, "megapixel")),
    "fal-ai/flux-lora/image-to-image": Model(
        {**FLUX, "loras": LORAS, "image_url": URL, "strength": number(0.01, 1, 0.85)},
        Price(35_000, "megapixel"),
        size="input",
    ),
    "fal-ai/flux-lora-fast-training": Model(FAST_TRAINING, Price(2_000, "step"), "weights"),
    "fal-ai/flux-2": Model(FLUX_2, Price(12_000, "megapixel")),
    "fal-ai/flux-2/edit": Model(
        {**FLUX_2, "image_urls": urls(4), "image_size": Field("size", choices=SIZES)},
        Price(12_000, "megapixel"),
        size="input",
    ),
    "fal-ai/flux-pro/kontext": Model(KONTEXT, Price(40_000), size="input"),
    "fal-ai/flux-pro/v1/fill": Model(FILL, Price(50_000), size="input"),
    "fal-ai/nano-banana": Model(NANO, Price(39_000), "described", flags=False),
    "fal-ai/nano-banana/edit": Model(
        {
            **NANO,
            "image_urls": urls(10),
            "aspect_ratio": choice("auto", *NANO_RATIOS, default="auto"),
        },
        Price(39_000),
        "described",
        size="input",
        flags=False,
    ),
    "fal-ai/bytedance/seedream/v4/text-to-image": Model(
        SEEDREAM, Price(30_000), kind="png", flags=False
    ),
    "fal-ai/bytedance/seedream/v4/edit": Model(
        {**SEEDREAM, "image_urls": urls(10)}, Price(30_000), kind="png", flags=False
    ),
    "fal-ai/qwen-image": Model(QWEN, Price(20_000, "megapixel")),
    "fal-ai/qwen-image-edit": Model(QWEN_EDIT, Price(30_000, "megapixel"), size="input"),
    "fal-ai/z-image/turbo": Model(Z_IMAGE, Price(5_000, "megapixel")),
    "fal-ai/clarity-upscaler": Model(
        CLARITY, Price(30_000, "megapixel"), "image", size="scaled", kind="png"
    ),
    "fal-ai/esrgan": Model(ESRGAN, Price(2_000, "megapixel"), "image", size="scaled", kind="png"),
}
