"""`upgrade` from the line before to the line under test (`--line`), on configs that are known to change.

Each change is written with the release that brought it: it must be told where the pair spans that release, and nowhere
else. Without `--line` this file is not collected (see conftest.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modelctl.litellm_spec.supported_lines import order
from support.cli import Ran, program
from support.lines import ROOT, litellm_release, python, python_before, release_of

pytestmark = [pytest.mark.boots, pytest.mark.timeout(900)]  # two LiteLLMs one after the other, and a catalog asked

CHANGES = """\
model_list:
  - model_name: fast
    litellm_params: {model: openai/gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY, rpm: 60}
  - model_name: slow
    litellm_params: {model: anthropic/claude-opus-4-8, api_key: os.environ/ANTHROPIC_API_KEY}
  - model_name: flash
    litellm_params: {model: gemini/gemini-3.8-flash, api_key: os.environ/GEMINI_API_KEY}
  - model_name: vectors
    litellm_params: {model: openai/text-embedding-3-small, api_key: os.environ/OPENAI_API_KEY}
router_settings:
  enable_pre_call_checks: true
  model_group_alias: {active: fast}
  fallbacks: [{active: [slow]}]
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
"""
STOPS = """\
model_list:
  - model_name: fast
    litellm_params: {model: openai/gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY}
  - model_name: slow
    litellm_params:
      model: anthropic/claude-sonnet-4-5
      api_key: os.environ/ANTHROPIC_API_KEY
      max_parallel_requests: -1
router_settings:
  model_group_alias: {active: fast}
  retry_policy: {TimeoutErrorRetries: -1}
  fallbacks:
    - active: slow # cheaper
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
"""


@dataclass(frozen=True)
class Known:
    """One difference: the release that brought it, and the finding that tells it."""

    since: str
    kind: str
    area: str
    name: str
    text: str

    def told_by(self, finding: dict[str, Any]) -> bool:
        same = (finding["kind"], finding["area"], finding["name"]) == (self.kind, self.area, self.name)
        return same and self.text in finding["text"]


KNOWN = (
    Known("1.108.0", "changed", "requests", "flash", "chat: its provider gets no `generationConfig.temperature` (1)"),
    Known("1.109.0", "changed", "check", "soft-rpm-cap", "the `rpm` of `fast` refuses nothing"),
    Known("1.109.0", "lost", "models", "flash", "no longer takes temperature, top_p"),
    Known("1.110.0", "lost", "models", "slow", "no longer takes top_p"),
)
# What stops a start: since which release, its name, its line, and the lines to write.
STOPPING = (
    ("1.108.1", "router_settings.fallbacks[0]", 13, "- active: [slow] # cheaper"),
    ("1.110.0", "router_settings.retry_policy.TimeoutErrorRetries", 11, "retry_policy: {TimeoutErrorRetries: 0}"),
    ("1.110.0", "slow: litellm_params.max_parallel_requests", 8, "max_parallel_requests: null"),
)


@dataclass(frozen=True)
class Tried:
    ran: Ran
    file: Path

    @property
    def made(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ran.out)
        return found


def upgrade(folder: Path, text: str | None) -> Tried:
    file = folder / "litellm_config.yaml"
    if text:
        file.write_text(text)
    words = [str(file)] if text else ["--catalog", str(ROOT / "catalog")]
    pair = ["--present", str(python_before()), "--python", str(python())]
    ran = program("upgrade", *words, *pair, "--json", cwd=folder, timeout=900)
    assert "Traceback" not in ran.err, ran.err
    return Tried(ran, file)


def spans(release: str) -> bool:
    """Whether this pair takes that release in."""
    return order(release_of(python_before())) < order(release) <= order(litellm_release())


def holds(release: str) -> bool:
    return order(release) <= order(litellm_release())


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    return upgrade(tmp_path_factory.mktemp("changes"), CHANGES)


@pytest.fixture(scope="module")
def stops(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    return upgrade(tmp_path_factory.mktemp("stops"), STOPS)


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"{known.name}-{known.since}")
def test_what_is_known_to_change_is_told_of_that_pair_alone(changes: Tried, known: Known) -> None:
    assert any(known.told_by(each) for each in changes.made["findings"]) is spans(known.since)


def test_nothing_is_said_lost_that_is_not(changes: Tried) -> None:
    lost = [each for each in changes.made["findings"] if each["kind"] == "lost"]
    assert [each for each in lost if not any(known.told_by(each) for known in KNOWN)] == []
    assert changes.made["requests"] == 18
    assert changes.ran.code == (1 if lost else 0)


def test_the_cap_that_went_comes_with_the_lines_that_bring_it_back(changes: Tried) -> None:
    written = [each["advice"] for each in changes.made["findings"] if each["name"] == "soft-rpm-cap"]
    asked = "router_settings:\n  optional_pre_call_checks: [enforce_model_rate_limits]"
    assert written == ([asked] if spans("1.109.0") else [])


def test_every_part_that_stops_the_start_is_named_with_its_line_and_what_to_write(stops: Tried) -> None:
    told = [
        (each["name"], each["place"].rpartition(":")[2], each["advice"])
        for each in stops.made["findings"]
        if (each["kind"], each["area"]) == ("lost", "boot")
    ]
    wanted = [(name, str(line), lines) for since, name, line, lines in STOPPING if holds(since)]
    assert sorted(told) == sorted(wanted)


def test_litellm_starts_once_the_lines_are_written(stops: Tried, tmp_path: Path) -> None:
    mended = "\n".join(_mended(stops)) + "\n"
    made = upgrade(tmp_path, mended).made
    assert [each for each in made["findings"] if each["area"] == "boot"] == []
    assert made["requests"] > 0


def _mended(stops: Tried) -> Iterator[str]:
    """The file with each advice in place of its line."""
    findings = stops.made["findings"]
    written = {int(each["place"].rpartition(":")[2]): each["advice"] for each in findings if each["advice"]}
    for number, line in enumerate(STOPS.splitlines(), start=1):
        indent = line[: len(line) - len(line.lstrip())]
        yield indent + written[number] if number in written else line


# What the shipped catalog loses, looked at one by one: LiteLLM's own `get_supported_openai_params` says so too.
REVIEWED = {
    ("1.109.0", "gemini-3.5-flash-lite", "no longer takes temperature, top_p"),
    ("1.109.0", "gemini-3.8-flash", "no longer takes temperature, top_p"),
    ("1.110.0", "claude-fable-5-1", "no longer takes top_p"),
    ("1.110.0", "claude-opus-4-8", "no longer takes top_p"),
}


def test_the_shipped_catalog_loses_nothing_but_what_was_looked_at(tmp_path: Path) -> None:
    made = upgrade(tmp_path, None).made
    lost = {(each["name"], each["text"]) for each in made["findings"] if each["kind"] == "lost"}
    assert lost == {(name, text) for since, name, text in REVIEWED if spans(since)}
