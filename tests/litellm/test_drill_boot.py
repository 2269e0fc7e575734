"""A drill with a real LiteLLM: what was thought through is what it answers, chain by chain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.api_server import write_catalog
from support.cli import call

ROUTES = """\
active: {target: fast, fallbacks: [slow, other, cloud]}
alone: {target: fast}
calm: {target: other}
clouded: {target: cloud, fallbacks: [fast, other]}
search: {target: vectors, requires: {mode: embedding}}
dealt: {target: fast, fallbacks: [other], split: {fast: 60, cloud: 40}}
"""
ACME = """\
name: Acme
litellm_provider: openai
api_base: http://localhost:9/v1
api_key: none
models:
  fast: {mode: chat}
  slow: {mode: chat}
  vectors: {mode: embedding}
"""
OTHER = """\
name: Other
litellm_provider: anthropic
api_key: os.environ/OTHER_KEY
models:
  other: {mode: chat, model: claude-sonnet-4-5}
"""
CLOUD = """\
name: Cloud
litellm_provider: bedrock
models:
  cloud: {mode: chat, model: "amazon.nova-pro-v1:0"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_catalog(
        tmp_path, routes=ROUTES, providers_acme=ACME, providers_other=OTHER, providers_cloud=CLOUD,
    )  # fmt: skip


@pytest.mark.parametrize("down", [["acme"], ["cloud"], ["acme", "cloud"]])
def test_a_litellm_answers_what_was_thought(folder: Path, down: list[str]) -> None:
    named = [word for name in down for word in ("--down", name)]
    thought = json.loads(call("drill", *named, "--json").out)["drills"][0]
    ran = call("drill", *named, "--boot", "--json")
    tried = json.loads(ran.out)["drills"][0]
    assert tried["litellm"].startswith("1.")
    who = {(each["route"], each["asked"]): each["answers"] for each in tried["routes"]}
    assert who == {(each["route"], each["asked"]): each["answers"] for each in thought["routes"]}
    assert (ran.code, tried["silent"]) == (1 if thought["silent"] else 0, thought["silent"])


def test_boot_wants_to_know_what_is_down(folder: Path) -> None:
    ran = call("drill", "--boot")
    assert (ran.code, "--boot tries one outage: name it with --down" in ran.err) == (2, True)
