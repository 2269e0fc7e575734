"""`check --litellm LINE`: what a config meets on that line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.litellm_spec import known_keys, supported_lines
from support.cli import call

CONFIG = """\
model_list:
  - model_name: gpt
    litellm_params: {model: openai/gpt-5-mini, api_key: os.environ/OPENAI_API_KEY, rpm: 60}
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
  store_model_in_db: true
litellm_settings:
  cache: true
  cache_params: {type: disk}
router_settings:
  enable_pre_call_checks: true
  enable_mid_stream_fallback_continuation: true
  retry_policy: {TimeoutErrorRetries: -1}
"""
LINES = {
    "1.106": {"newer-key"},
    "1.108": {"newer-key"},
    "1.109": {"disk-cache", "soft-rpm-cap"},
    "1.110": {"disk-cache", "soft-rpm-cap", "stored-settings", "rust-router-declines"},
}
ABOUT_LINES = set().union(*LINES.values())


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "litellm_config.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def aimed() -> Iterator[None]:
    yield
    supported_lines.aim(None)


@pytest.mark.parametrize("line", LINES)
def test_each_line_has_its_own(config: Path, line: str) -> None:
    done = call("check", "--litellm", line, "--json", config)
    found = {each["rule"] for each in json.loads(done.out)["problems"]}
    assert found & ABOUT_LINES == LINES[line]
    assert done.code == (1 if line in ("1.109", "1.110") else 0)


def test_without_the_option_it_is_the_installed_litellm(config: Path) -> None:
    line = supported_lines.line_of(supported_lines.installed())
    plain, named = (call("check", *words, "--json", config).out for words in ((), ("--litellm", line)))
    assert json.loads(plain) == json.loads(named)


def test_the_answer_says_for_which_litellm_it_was_checked(config: Path) -> None:
    assert call("check", "--litellm=1.110", config).out.endswith("checked for LiteLLM 1.110.2\n")


def test_a_line_that_is_not_known_is_an_error_with_those_that_are(config: Path) -> None:
    done = call("check", "--litellm", "1.42", config)
    assert done.code == 2
    assert "1.106, 1.108, 1.109, 1.110" in done.err
    assert "Traceback" not in done.err


@pytest.mark.usefixtures("aimed")
def test_a_key_that_went_names_the_last_line_that_read_it() -> None:
    supported_lines.aim("1.108")
    assert known_keys.once("litellm_params", "chatgpt_auth_file") == "1.106.12"
    assert "disk" in known_keys.values("cache_type")
    supported_lines.aim("1.110")
    assert known_keys.once("litellm_params", "chatgpt_auth_file") is None
    assert "disk" not in known_keys.values("cache_type")
    assert known_keys.made_from() == "litellm 1.110.2"


@pytest.mark.usefixtures("aimed")
def test_a_newer_litellm_than_any_is_checked_as_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supported_lines, "installed", lambda: "1.115.0")
    supported_lines.aim(None)
    assert known_keys.made_from() == "litellm 1.110.2"
    assert supported_lines.since("1.110.0")


def test_what_has_one_right_answer_on_a_line_is_mended(config: Path) -> None:
    config.write_text(CONFIG.replace("rpm: 60", "max_parallel_requests: -1").replace("disk", "local"))
    mended = call("check", "--litellm", "1.110", "--fix", config)
    assert mended.code == 0
    assert "max_parallel_requests: null" in config.read_text()
    assert "retry_policy: {TimeoutErrorRetries: 0}" in config.read_text()


def test_the_hint_for_a_cap_keeps_the_checks_that_are_written(config: Path) -> None:
    config.write_text(f"{CONFIG}  optional_pre_call_checks: [prompt_caching]\n")
    told = json.loads(call("check", "--litellm", "1.110", "--json", config).out)["problems"]
    assert [each["hint"] for each in told if each["rule"] == "soft-rpm-cap"] == [
        "router_settings.optional_pre_call_checks: [prompt_caching, enforce_model_rate_limits]"
    ]
