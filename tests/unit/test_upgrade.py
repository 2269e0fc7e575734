"""`upgrade`: what is compared, what reaches nobody, and what people do wrong. Real LiteLLMs: see the end."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from modelctl.errors import Problem
from modelctl.project import resolve
from modelctl.trial.boot_log import own_words, without_frames
from modelctl.trial.checked import Checked
from modelctl.trial.differences import compare
from modelctl.trial.mocked_config import DUMMY, mocked
from modelctl.trial.requests import TrialAnswer, matrix
from modelctl.trial.side import Side
from modelctl.trial.trial_config import of_catalog
from modelctl.trial.trial_text import markdown, text
from modelctl.trial.upstream import Upstream, marks
from support.cli import call

CONFIG: dict[str, Any] = {
    "model_list": [
        {"model_name": "fast", "litellm_params": {"model": "openai/gpt-4o-mini", "api_key": "sk-real-0123456789"}},
        {
            "model_name": "slow",
            "litellm_params": {"model": "anthropic/claude-sonnet-4-5", "api_key": "os.environ/KEY_A"},
        },
        {"model_name": "cloud", "litellm_params": {"model": "bedrock/amazon.nova-pro-v1:0"}},
        {"model_name": "vectors", "litellm_params": {"model": "openai/text-embedding-3-small"}},
    ],
    "router_settings": {
        "model_group_alias": {"active": "fast"},
        "fallbacks": [{"active": ["slow"]}],
        "redis_host": "redis.internal",
    },
    "litellm_settings": {
        "drop_params": True,
        "callbacks": ["langfuse"],
        "cache": True,
        "cache_params": {"type": "redis"},
    },
    "general_settings": {"master_key": "sk-real-9876543210", "database_url": "postgres://u:p@db/x"},
    "guardrails": [],
}
BASE = {"params": {}, "info": {}, "known": {"input_cost_per_token": 1e-6, "supports_vision": True, "mode": "chat"}}


def side(version: str, known: dict[str, Any] | None = None, answers: Any = None, **router: Any) -> Side:
    """A LiteLLM that registered all of CONFIG."""
    entries = [
        {**BASE, "group": each["model_name"], "id": f"entry-{at}"} for at, each in enumerate(CONFIG["model_list"])
    ]
    entries[0] = {**entries[0], "known": {**BASE["known"], **(known or {})}}
    registered = {
        "deployments": entries,
        "router": {"model_group_alias": {"active": "fast"}, "fallbacks": [{"active": ["slow"]}], **router},
        "litellm_settings": {},
        "general_settings": {},
    }
    return Side(version, registered, answers or {})


def findings(before: Side, after: Side) -> list[tuple[str, str, str]]:
    made = compare(before, after, mocked(CONFIG, "http://127.0.0.1:1", {}))
    return [(each.kind, each.area, each.name) for each in made.findings]


# -- the copy ----------------------------------------------------------------------------------


def test_the_copy_holds_no_secret_and_reaches_nobody() -> None:
    made = mocked(CONFIG, "http://127.0.0.1:1", {"KEY_A": "sk-real-abcdef"})
    written = json.dumps(made.config) + json.dumps(made.environ)
    assert "sk-real" not in written
    assert "redis.internal" not in written
    assert "postgres" not in written
    assert made.config["model_list"][0]["litellm_params"]["api_base"] == "http://127.0.0.1:1/d0/v1"
    assert made.config["model_list"][1]["litellm_params"]["api_key"] == DUMMY
    assert made.config["model_list"][2]["litellm_params"]["mock_response"]


def test_what_is_left_out_is_named() -> None:
    assert set(mocked(CONFIG, "http://127.0.0.1:1", {}).left_out) == {
        "guardrails", "router_settings.redis_host", "litellm_settings.callbacks", "litellm_settings.cache",
        "litellm_settings.cache_params", "general_settings.database_url",
    }  # fmt: skip


def test_every_name_is_asked_by_what_fits_and_once_with_a_failure() -> None:
    asked = {(ask.name, ask.kind, ask.failing) for ask in matrix(mocked(CONFIG, "http://127.0.0.1:1", {}))}
    for name in ("fast", "slow", "cloud", "active"):
        assert {(name, kind, ()) for kind in ("chat", "stream", "messages", "responses")} <= asked
    assert {each for each in asked if each[0] == "vectors"} == {("vectors", "embeddings", ())}
    assert {each for each in asked if each[2]} == {("active", "chat", (0,))}


# -- the upstream ------------------------------------------------------------------------------


def test_the_upstream_answers_fails_on_demand_and_remembers() -> None:
    with Upstream() as upstream, httpx.Client(base_url=upstream.url, trust_env=False) as client:
        body = {"model": "m", "messages": [{"role": "user", "content": marks(7, (3,))}]}
        assert client.post("/d3/v1/chat/completions", json=body).status_code == 500
        assert client.post("/d4/v1/chat/completions", json=body).json()["usage"]["total_tokens"] == 1500
        assert client.post("/d4/nowhere", json=body).status_code == 404
        assert [(each.deployment, each.status) for each in upstream.received(7)] == [(3, 500), (4, 200), (4, 404)]


# -- the comparison ----------------------------------------------------------------------------


def test_equal_sides_say_nothing() -> None:
    assert findings(side("1"), side("2")) == []


def test_prices_and_abilities() -> None:
    found = findings(side("1"), side("2", {"input_cost_per_token": 2e-6, "supports_vision": False}))
    assert found == [("lost", "models", "fast"), ("changed", "prices", "fast")]


def test_a_deployment_that_is_dropped_is_lost_with_its_place() -> None:
    before, after = side("1"), side("2")
    after.registered["deployments"].pop(0)
    made = compare(before, after, mocked(CONFIG, "http://127.0.0.1:1", {}), lambda path: f"config.yaml:{path[1] + 2}")
    assert [(each.kind, each.name, each.place) for each in made.findings] == [
        ("lost", "fast (openai/gpt-4o-mini)", "config.yaml:2")
    ]


def test_routes_fallbacks_and_settings() -> None:
    after = side("2", model_group_alias={}, fallbacks=[{"active": "slow"}], num_retries=3)
    assert findings(side("1", num_retries=2), after) == [
        ("lost", "routes", "active"),
        ("changed", "fallbacks", "active"),
        ("changed", "settings", "router_settings.num_retries"),
    ]


def test_a_default_that_changed_comes_with_the_line_that_keeps_it() -> None:
    """Where it is a setting that people may write, and a value that can be written."""
    before = side("1.106.12", num_retries=2, retry_after=None, a_thing_inside=1, allowed_fails=3)
    after = side("1.110.2", num_retries=3, retry_after=5, a_thing_inside=2, allowed_fails=3, max_fallbacks=5)
    made = compare(before, after, mocked(CONFIG, "http://127.0.0.1:1", {}))
    assert [(each.name, each.text, each.advice) for each in made.findings] == [
        ("router_settings.a_thing_inside", "default: 1 to 2", None),
        ("router_settings.num_retries", "default: 2 to 3", "router_settings:\n  num_retries: 2"),
        ("router_settings.retry_after", "default: nothing to 5", None),
    ]


def test_what_check_says_of_the_two_lines_is_told_where_it_differs() -> None:
    gone = Problem("newer-key", "read from 1.110 on", "config.yaml", 4, 3, "warning")
    both = Problem("drop-params", "hides mistakes", "config.yaml", 9, 3, "warning")
    cap = Problem("soft-rpm-cap", "refuses nothing", "config.yaml", 5, 3, "warning", "router_settings.num_retries: 2")
    disk = Problem("disk-cache", "no cache on disk", "config.yaml", 7, 3, hint="local, or redis")
    told = Checked([gone, both], [both, cap, disk])
    made = compare(side("1.106.12"), side("1.110.2"), mocked(CONFIG, "http://127.0.0.1:1", {}), told=told)
    assert [(each.kind, each.name, each.place, each.advice, each.hint) for each in made.findings] == [
        ("lost", "disk-cache", "config.yaml:7", None, "local, or redis"),
        ("changed", "soft-rpm-cap", "config.yaml:5", "router_settings:\n  num_retries: 2", None),
        ("gained", "newer-key", "config.yaml:4", None, None),
    ]
    assert "    hint: local, or redis" in text(made).splitlines()
    assert "      router_settings:\n        num_retries: 2" in text(made)
    assert "| | write | `router_settings:`<br>`  num_retries: 2` | |" in markdown(made)
    assert "| | hint | `local, or redis` | |" in markdown(made)


def test_nothing_and_a_cost_of_nothing_are_the_same() -> None:
    key = ("fast", "chat", False)
    before, after = ({key: TrialAnswer(200, "fast", cost=cost)} for cost in (None, 0.0))
    assert findings(side("1", answers=before), side("2", answers=after)) == []


def test_answers() -> None:
    sent = {"path": "/v1/chat/completions", "body": {"user": "a", "config": {"temperature": 1.0, "top_k": 3}}}
    key, failing = ("active", "chat", False), ("active", "chat", True)
    before = {key: TrialAnswer(200, "fast", cost=0.1, sent=sent), failing: TrialAnswer(200, "slow", ("fast",) * 3)}
    after = {
        key: TrialAnswer(200, "fast", cost=0.1, sent={**sent, "body": {"config": {"top_k": 4}}}),
        failing: TrialAnswer(500, error="no fallback"),
    }
    made = compare(side("1", answers=before), side("2", answers=after), mocked(CONFIG, "http://127.0.0.1:1", {}))
    assert [each.text for each in made.findings] == [
        "chat while its target fails: answers -> no fallback",
        "chat: its provider gets no `config.temperature` (1), another `config.top_k`, no `user`",
    ]


def test_a_candidate_that_does_not_boot_is_lost_with_its_own_words() -> None:
    made = compare(side("1"), Side("2", failed="ValueError: fallbacks must be a list", log="the last line"),
                   mocked(CONFIG, "http://127.0.0.1:1", {}))  # fmt: skip
    assert "fallbacks must be a list" in " ".join(text(made).split())
    assert "the last line" in text(made)
    assert made.lost


def test_why_it_does_not_boot_is_said_by_its_log_and_not_by_a_traceback() -> None:
    log = (
        'a remark\nTraceback (most recent call last):\n  File "router.py", line 9, in check\n    raise TypeError(\n'
        "TypeError: Fallbacks for 'active' must be a list\nERROR:    Application startup failed. Exiting."
    )
    assert own_words("SystemExit: 3", log) == "TypeError: Fallbacks for 'active' must be a list"
    assert own_words("ValueError: its own", log) == "ValueError: its own"
    assert without_frames(log).splitlines() == [
        "a remark", "TypeError: Fallbacks for 'active' must be a list", "ERROR:    Application startup failed. Exiting."
    ]  # fmt: skip


def test_the_report_fits_80_columns_and_markdown_has_its_cells() -> None:
    after = side("2", {"input_cost_per_token": 2e-6, "supports_vision": False}, model_group_alias={})
    made = compare(side("1"), after, mocked(CONFIG, "http://127.0.0.1:1", {}))
    assert max(map(len, text(made).splitlines())) <= 80
    assert "2 lost, 1 changed, 0 gained" in text(made)
    assert "| prices | `fast` | input price: $1 per 1M to $2 per 1M |  |" in markdown(made)
    assert made.to_dict()["ok"] is False


# -- where it is written -----------------------------------------------------------------------


def test_what_a_catalog_renders_is_found_where_the_catalog_says_it(tmp_path: Path) -> None:
    folder = tmp_path / "catalog"
    (folder / "providers").mkdir(parents=True)
    (folder / "providers/a.yaml").write_text(
        "name: A\nparams:\n  api_key: os.environ/KEY_A\nmodels:\n  fast: {}\n  slow:\n    params:\n      rpm: 60\n"
    )
    (folder / "proxy.yaml").write_text("router_settings:\n  num_retries: 2\n")
    found = of_catalog(resolve(folder))
    names = [each["model_name"] for each in found.config["model_list"]]
    slow = names.index("slow")
    assert [
        found.place(path).rpartition("/")[2]
        for path in (
            ("model_list", slow), ("model_list", slow, "litellm_params", "rpm"),
            ("model_list", slow, "litellm_params", "api_key"), ("router_settings", "num_retries"),
        )
    ] == ["a.yaml:6", "a.yaml:8", "a.yaml:3", "proxy.yaml:2"]  # fmt: skip
    assert found.place(("router_settings", "fallbacks", 0)) == ""


# -- what people do wrong ----------------------------------------------------------------------


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(json.dumps(CONFIG))
    return path


def test_an_interpreter_that_is_not_there(config: Path) -> None:
    ran = call("upgrade", config, "--python", config.parent / "none/bin/python")
    assert (ran.code, "cannot run" in ran.err, "Traceback" in ran.err) == (1, True, False)


def test_an_environment_without_litellm(config: Path, tmp_path: Path) -> None:
    empty = tmp_path / "python"
    empty.write_text(f'#!/bin/sh\nexec {sys.executable} -S -I "$@"\n')
    empty.chmod(0o755)
    ran = call("upgrade", config, "--python", empty)
    assert (ran.code, "has no LiteLLM proxy" in ran.err, "pip install" in ran.err) == (1, True, True)


def test_a_config_that_is_not_there(tmp_path: Path) -> None:
    ran = call("upgrade", tmp_path / "none.yaml", "--python", sys.executable)
    assert (ran.code, "there is no file" in ran.err) == (1, True)


def test_which_litellm_must_be_said(config: Path) -> None:
    ran = call("upgrade", config)
    assert (ran.code, "--to 1.110" in ran.err) == (2, True)


def test_what_is_no_version(config: Path) -> None:
    ran = call("upgrade", config, "--to", "newest; rm -rf")
    assert (ran.code, "is no version of LiteLLM" in ran.err) == (2, True)


def test_an_environment_that_does_not_install(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip's own words, the way round, and nothing is left in the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    ran = call("upgrade", config, "--to", "1.110.2")
    assert (ran.code, "No matching distribution" in ran.err, "Traceback" in ran.err) == (1, True, False)
    assert "--python ENV/bin/python" in ran.err
    assert list((tmp_path / "cache/modelctl/litellm").iterdir()) == []
