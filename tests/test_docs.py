"""Documents that the code can check: what is generated, what is listed, where links lead."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.catalogue import read_models
from docs.generate import EXAMPLE, default_of, pages, told_settings, variables

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PLATFORMS = {"telegram", "discord", "web", "cli"}
ASPECTS = {
    "emulator", "conformance", "faults", "cancel", "resume_after_kill", "single_order",
    "webhook_verified", "limits_as_data", "strings_translated", "how_to_page", "live_smoke_test",
}  # fmt: skip


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def anchors(file: Path) -> set[str]:
    """Name the headings of a page as GitHub does."""
    kept = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(words(file)))
    return {title.replace(" ", "-") for title in kept}


def words(file: Path) -> str:
    return FENCE.sub("", file.read_text(encoding="utf-8"))


def links(file: Path) -> list[str]:
    return [link for link in LINK.findall(words(file)) if "://" not in link]


@pytest.fixture
def quality() -> dict[str, Any]:
    return yaml.safe_load((DOCS / "quality.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", pages(), ids=named)
def test_a_reference_page_says_what_the_code_says(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == pages()[file], "run `make docs`"


def test_the_example_of_the_environment_explains_every_setting_and_no_other() -> None:
    told = {name: about for section in told_settings().values() for name, about in section.items()}
    assert set(told) == set(variables())
    assert [name for name, about in told.items() if not about.endswith(".")] == []


def test_the_example_of_the_environment_shows_the_defaults_and_sets_nothing() -> None:
    lines = [line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line]
    assert [line for line in lines if not line.startswith("#")] == []
    shown = {line[1:] for line in lines if re.match(r"#[A-Z_]+=", line)}
    assert shown == {f"{name}={default_of(field)}" for name, field in variables().items()}


@pytest.mark.parametrize("variable", variables())
def test_the_readme_names_every_setting(variable: str) -> None:
    assert f"`{variable}`" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", documents(), ids=named)
def test_every_link_leads_somewhere(file: Path) -> None:
    for link in links(file):
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("file", documents(), ids=named)
def test_every_page_can_be_reached_from_the_readme(file: Path) -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        targets = {(page.parent / link.partition("#")[0]).resolve() for link in links(page)}
        waiting += [one for one in targets - reached if one.suffix == ".md"]
    assert file in reached


def test_every_adapter_has_its_row_of_quality(quality: dict[str, Any]) -> None:
    providers = {model.provider for model in read_models()}
    folders = {one.name.removesuffix("_chat") for one in (ROOT / "bot").glob("*_chat")}
    assert set(quality["providers"]) == providers
    assert set(quality["platforms"]) == PLATFORMS
    assert folders <= PLATFORMS


def test_every_row_of_quality_says_done_todo_or_why_not(quality: dict[str, Any]) -> None:
    for adapter, row in {**quality["providers"], **quality["platforms"]}.items():
        assert set(row) == ASPECTS, adapter
        for aspect, state in row.items():
            assert re.fullmatch(r"done|todo|exempt: .+", state), f"{adapter}: {aspect}"
