"""What the Dockerfile and the compose file promise; no engine is needed to read them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.fixture
def stages() -> list[list[str]]:
    """Read the instructions of the Dockerfile, one list per stage."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    found: list[list[str]] = []
    for line in filter(None, lines):
        if line.startswith("FROM "):
            found.append([])
        found[-1].append(line)
    return found


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture
def studio(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]["studio"]


def only(stage: list[str], name: str) -> str:
    (found,) = [line.removeprefix(f"{name} ") for line in stage if line.startswith(f"{name} ")]
    return found


def health_check(stage: list[str]) -> list[str]:
    return json.loads(only(stage, "HEALTHCHECK").partition("CMD ")[2])


def test_two_stages_share_one_small_python_that_the_project_supports(
    stages: list[list[str]],
) -> None:
    images = [only(stage, "FROM").partition(" AS ")[0] for stage in stages]
    assert images == ["python:3.13-slim"] * 2


def test_every_package_comes_from_the_lock_with_its_hash(stages: list[list[str]]) -> None:
    installs = [line for stage in stages for line in stage if "pip install" in line]
    assert [line.partition("pip install ")[2] for line in installs] == [
        "--require-hashes -r requirements.lock",
        "--no-deps --no-build-isolation .",
    ]


def test_the_last_stage_carries_only_what_was_built(stages: list[list[str]]) -> None:
    assert only(stages[-1], "COPY") == "--from=build /venv /venv"


def test_the_image_runs_as_somebody_without_rights(stages: list[list[str]]) -> None:
    assert only(stages[-1], "USER") == "studio"
    assert stages[-1].index("USER studio") > stages[-1].index("VOLUME /data")


def test_the_image_writes_only_to_its_volume(stages: list[list[str]]) -> None:
    settings = only(stages[-1], "ENV").split()
    assert "PYTHONDONTWRITEBYTECODE=1" in settings
    assert "NANO_BANANA_DATA_DIR=/data" in settings
    assert only(stages[-1], "VOLUME") == only(stages[-1], "WORKDIR") == "/data"


def test_the_image_starts_the_studio_without_a_shell_so_that_signals_reach_it(
    stages: list[list[str]],
) -> None:
    started = json.loads(only(stages[-1], "ENTRYPOINT")) + json.loads(only(stages[-1], "CMD"))
    assert started == ["nano-banana", "serve"]


def test_the_health_check_asks_healthz_by_python(stages: list[list[str]]) -> None:
    program, flag, script = health_check(stages[-1])
    assert (program, flag) == ("python", "-c")
    compile(script, "HEALTHCHECK", "exec")
    assert "http://127.0.0.1:8765/healthz" in script


def test_both_files_check_health_the_same_way(
    stages: list[list[str]], studio: dict[str, Any]
) -> None:
    assert studio["healthcheck"]["test"] == ["CMD", *health_check(stages[-1])]


def test_one_service_has_one_volume(compose: dict[str, Any], studio: dict[str, Any]) -> None:
    assert (list(compose["services"]), list(compose["volumes"])) == (["studio"], ["data"])
    assert studio["volumes"] == ["data:/data"]


def test_only_this_machine_reaches_the_web_chat(studio: dict[str, Any]) -> None:
    assert studio["ports"] == ["127.0.0.1:8765:8765"]


def test_the_container_may_do_next_to_nothing(studio: dict[str, Any]) -> None:
    assert studio["cap_drop"] == ["ALL"]
    assert studio["security_opt"] == ["no-new-privileges:true"]
    assert studio["read_only"] is True
    assert studio["tmpfs"] == ["/tmp"]  # noqa: S108  the container's own, in memory
    assert studio["mem_limit"] == "1g"
    assert "privileged" not in studio


def test_keys_come_from_a_file_that_need_not_be_there(studio: dict[str, Any]) -> None:
    assert studio["env_file"] == [{"path": ".env", "required": False}]


def test_what_the_compose_file_relies_on_wins_over_the_file_of_keys(
    stages: list[list[str]], studio: dict[str, Any]
) -> None:
    baked = dict(one.split("=", 1) for one in only(stages[-1], "ENV").split())
    ours = {name: value for name, value in baked.items() if name.startswith("NANO_BANANA_")}
    assert studio["environment"] == ours


def test_only_what_is_copied_is_sent_to_the_builder(stages: list[list[str]]) -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copies = [line.split()[1:-1] for line in stages[0] if line.startswith("COPY ")]
    assert "*" in ignored
    assert sent == {name for names in copies for name in names}
