"""Outages thought through: who answers, what is lost, where nobody answers; and the command that says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelctl.errors import NotFound
from modelctl.pipeline import build
from modelctl.plan.drill import Drill, think_through
from modelctl.plan.drill_text import drill_text
from support.api_server import write_catalog
from support.cli import call

ROUTES = """\
active: {target: fast, fallbacks: [slow, free]}
alone: {target: fast}
calm: {target: free}
shared: {target: both, fallbacks: [free]}
dealt: {target: fast, fallbacks: [slow], split: {fast: 60, free: 40}}
"""
SHARED = """\
name: Shared
litellm_provider: openai
api_base: http://localhost:9/v1
api_key: none
models:
  one: {public_name: both, mode: chat, load_balanced: true}
"""
SHARED_TOO = SHARED.replace("Shared", "Shared too").replace(":9/", ":10/")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("drill")
    return write_catalog(root, routes=ROUTES, providers_here=SHARED, providers_there=SHARED_TOO)


def made(folder: Path, *down: str) -> Drill:
    return think_through(build(folder).sound(), down)


def test_who_answers_while_a_provider_is_down(folder: Path) -> None:
    found = made(folder, "acme")
    assert {(each.route, each.asked): each.answers for each in found.stands} == {
        ("active", "fast"): "free", ("alone", "fast"): None, ("calm", "free"): "free", ("shared", "both"): "both",
        ("dealt", "fast"): None, ("dealt", "free"): "free",
    }  # fmt: skip
    assert found.silent == ("alone", "dealt")
    assert next(each.skipped for each in found.stands if each.route == "active") == ("fast", "slow")


def test_a_model_alone_is_down(folder: Path) -> None:
    found = made(folder, "fast")
    assert (found.down, found.silent) == (("fast",), ("alone",))
    assert next(each.answers for each in found.stands if each.route == "active") == "slow"


def test_a_name_with_members_elsewhere_answers_and_is_called_weakened(folder: Path) -> None:
    assert (made(folder, "here").weakened, made(folder, "here").down) == (("both",), ())
    both = made(folder, "here", "there")
    assert (both.down, next(each.answers for each in both.stands if each.route == "shared")) == (("both",), "free")


def test_what_apps_lose_is_said(folder: Path) -> None:
    said = drill_text(made(folder, "acme"))
    active = next(line for line in said.splitlines() if line.startswith("  active"))
    assert active.startswith("  active: fast > slow -> free: ")
    assert "context window 128k to 64k" in active
    assert "  alone: fast -> NOBODY" in said
    assert said.splitlines()[-1] == "nobody answers for alone, dealt"


def test_an_unknown_name_is_offered_the_nearest(folder: Path) -> None:
    with pytest.raises(NotFound, match="no provider or model `acmee`; did you mean `acme`"):
        made(folder, "acmee")
    with pytest.raises(NotFound) as found:
        made(folder, "something-else")
    assert "providers: acme, here, other, there" in str(found.value.hint)


def test_the_command_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    ran = call("drill", "--down", "acme")
    assert (ran.code, "nobody answers for alone, dealt" in ran.out) == (1, True)
    assert call("drill", "--down", "there").code == 0
    answer = json.loads(call("drill", "--json").out)
    assert [each["named"] for each in answer["drills"]] == [["acme"], ["here"], ["other"], ["there"]]
    assert answer["ok"] is False
    mistyped = call("drill", "--down", "acmee")
    assert (mistyped.code, "did you mean `acme`" in mistyped.err) == (1, True)


def test_check_with_a_drill(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(folder.parent)
    ran = call("check", "--drill")
    assert (ran.code, "nobody answers for alone, dealt" in ran.out) == (1, True)
    assert call("check").code == 0
    sound = write_catalog(tmp_path, routes="active: {target: fast, fallbacks: [free]}\n")
    ran = call("check", "--drill", str(sound))
    assert (ran.code, "every route answers while one provider is down" in ran.out) == (0, True)
