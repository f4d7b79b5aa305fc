"""What the models at Replicate take, give and cost."""

from collections.abc import Mapping
from dataclasses import replace

from tests.emulators.models import (
    FLUX_RATIOS,
    PROMPT,
    SEED,
    URL,
    choice,
    flag,
    number,
    text,
    whole,
)
from tests.emulators.schema import Field, Model, Price

OPTIONAL_URL = replace(URL, required=False)
WEBP = choice("webp", "jpg", "png", default="webp")
RATIO = choice(*FLUX_RATIOS, default="1:1")
MEGAPIXELS = choice("1", "0.25", default="1")

FLUX_SCHNELL = {
    "prompt": PROMPT,
    "aspect_ratio": RATIO,
    "num_outputs": whole(1, 4, 1),
    "num_inference_steps": whole(1, 4, 4),
    "seed": SEED,
    "output_format": WEBP,
    "output_quality": whole(0, 100, 80),
    "disable_safety_checker": flag(),
    "go_fast": flag(default=True),
    "megapixels": MEGAPIXELS,
}
FLUX_DEV = {
    **FLUX_SCHNELL,
    "image": OPTIONAL_URL,
    "prompt_strength": number(0, 1, 0.8),
    "num_inference_steps": whole(1, 50, 28),
    "guidance": number(0, 10, 3),
}
FLUX_FILL = {
    **{
        name: rule for name, rule in FLUX_SCHNELL.items() if name not in {"aspect_ratio", "go_fast"}
    },
    "image": URL,
    "mask": OPTIONAL_URL,
    "num_inference_steps": whole(1, 50, 28),
    "guidance": number(0, 100, 30),
    "megapixels": choice("1", "0.25", "match_input", default="1"),
    "lora_weights": text(),
    "lora_scale": number(-1, 3, 1),
}
FLUX_PRO = {
    "prompt": PROMPT,
    "image_prompt": OPTIONAL_URL,
    "aspect_ratio": choice(*FLUX_RATIOS, "custom", default="1:1"),
    "width": whole(256, 1440),
    "height": whole(256, 1440),
    "safety_tolerance": whole(1, 6, 2),
    "seed": SEED,
    "prompt_upsampling": flag(),
    "output_format": WEBP,
    "output_quality": whole(0, 100, 80),
}
KONTEXT = {
    "prompt": PROMPT,
    "input_image": OPTIONAL_URL,
    "aspect_ratio": choice("match_input_image", *FLUX_RATIOS, default="match_input_image"),
    "seed": SEED,
    "prompt_upsampling": flag(),
    "output_format": choice("jpg", "png", default="png"),
    "safety_tolerance": whole(0, 6, 2),
}
NANO = {
    "prompt": PROMPT,
    "image_input": Field("urls", default=()),
    "aspect_ratio": choice("match_input_image", *FLUX_RATIOS, default="match_input_image"),
    "output_format": choice("jpg", "png", default="jpg"),
}
ESRGAN = {"image": URL, "scale": number(0, 10, 4), "face_enhance": flag()}
TRAINED = {
    "prompt": PROMPT,
    "image": OPTIONAL_URL,
    "mask": OPTIONAL_URL,
    "aspect_ratio": choice(*FLUX_RATIOS, "custom", default="1:1"),
    "width": whole(256, 1440),
    "height": whole(256, 1440),
    "model": choice("dev", "schnell", default="dev"),
    "num_outputs": whole(1, 4, 1),
    "num_inference_steps": whole(1, 50, 28),
    "guidance_scale": number(0, 10, 3),
    "prompt_strength": number(0, 1, 0.8),
    "seed": SEED,
    "output_format": WEBP,
    "output_quality": whole(0, 100, 80),
    "lora_scale": number(-1, 3, 1),
    "extra_lora": text(),
    "extra_lora_scale": number(-1, 3, 1),
    "megapixels": MEGAPIXELS,
    "go_fast": flag(),
    "disable_safety_checker": flag(),
}
TRAINER = {
    "input_images": URL,
    "trigger_word": text("TOK"),
    "autocaption": flag(default=True),
    "autocaption_prefix": text(),
    "autocaption_suffix": text(),
    "steps": whole(3, 6000, 1000),
    "learning_rate": number(0, 1, 4e-4),
    "batch_size": whole(1, 8, 1),
    "resolution": text("512,768,1024"),
    "lora_rank": whole(1, 128, 16),
    "caption_dropout_rate": number(0, 1, 0.05),
    "optimizer": text("adamw8bit"),
    "cache_latents_to_disk": flag(),
    "layers_to_optimize_regex": text(),
    "hf_repo_id": text(),
    "hf_token": text(),
}

TRAINED_MODEL = Model(TRAINED, Price(25_000), "list", kind="webp")
TRAINERS: Mapping[str, Model] = {
    "ostris/flux-dev-lora-trainer": Model(TRAINER, Price(1_500, "step"), "weights"),
}
COMMUNITY = {"nightmareai/real-esrgan"}
REPLICATE: Mapping[str, Model] = {
    "black-forest-labs/flux-schnell": Model(FLUX_SCHNELL, Price(3_000), "list", kind="webp"),
    "black-forest-labs/flux-dev": Model(FLUX_DEV, Price(25_000), "list", kind="webp"),
    "black-forest-labs/flux-fill-dev": Model(
        FLUX_FILL, Price(40_000), "list", size="input", kind="webp"
    ),
    "black-forest-labs/flux-1.1-pro": Model(FLUX_PRO, Price(40_000), "single", kind="webp"),
    "black-forest-labs/flux-kontext-pro": Model(
        KONTEXT, Price(40_000), "single", size="input", kind="png"
    ),
    "google/nano-banana": Model(NANO, Price(39_000), "single", size="input", kind="jpg"),
    "nightmareai/real-esrgan": Model(ESRGAN, Price(2_000), "single", size="scaled", kind="png"),
}
OFFICIAL = REPLICATE.keys() - COMMUNITY
