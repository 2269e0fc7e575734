"""`upgrade` and the processes that it starts: whether they hang, end or are interrupted, nothing is left behind."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import sys
import tempfile
from pathlib import Path

import httpx
import pytest

from modelctl.trial.requests import MOST_SILENT, Caller, TrialRequest
from support.cli import Ran, call
from support.interpreters import hanging, living_in, saying, script
from support.lines import ROOT, litellm_release, python
from support.processes import Process
from support.waiting import wait_until

CONFIG = """\
model_list:
  - model_name: fast
    litellm_params: {model: openai/gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY}
  - model_name: slow
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, max_parallel_requests: -1}
router_settings:
  fallbacks:
    - fast: slow # the next best
"""
SOUND = """\
model_list:
  - model_name: fast
    litellm_params: {model: openai/gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY, rpm: 600}
  - model_name: slow
    litellm_params: {model: anthropic/claude-sonnet-4-5, api_key: os.environ/ANTHROPIC_API_KEY}
  - model_name: cloud
    litellm_params: {model: bedrock/amazon.nova-pro-v1:0}
  - model_name: openrouter/*
    litellm_params: {model: openrouter/*, api_key: os.environ/OPENROUTER_API_KEY}
  - model_name: vectors
    litellm_params: {model: openai/text-embedding-3-small, api_key: os.environ/OPENAI_API_KEY}
router_settings:
  enable_pre_call_checks: true
  model_group_alias: {active: fast}
  fallbacks:
    - active: [slow]
"""
STOPPED = "TypeError: Fallbacks for 'fast' must be a list"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "litellm_config.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def tried(config: Path, present: Path, candidate: Path, *more: str) -> Ran:
    ran = call("upgrade", config, "--present", present, "--python", candidate, *more)
    assert "Traceback" not in ran.err
    return ran


def nothing_is_left(folder: Path) -> None:
    wait_until(lambda: not living_in(folder), "no process of the trial is left")
    assert list(folder.iterdir()) == []


# -- those that hang ---------------------------------------------------------------------------


def test_a_candidate_that_hangs_is_ended_and_its_log_shown(config: Path, tmp_path: Path, left: Path) -> None:
    ran = tried(config, saying(tmp_path / "one", "1.106.12"), hanging(tmp_path / "two", "1.110.2"), "--wait", "1")
    assert ran.code == 1
    assert "LiteLLM 1.110.2 has not booted within 1 s" in ran.err
    assert "it reads the stars" in ran.err
    assert "--wait 2" in ran.err
    nothing_is_left(left)


def test_ctrl_c_leaves_nothing(config: Path, tmp_path: Path, left: Path) -> None:
    interrupted(config, saying(tmp_path / "one", "1.106.12"), hanging(tmp_path / "two", "1.110.2"), left, "candidate")


def test_sigterm_leaves_nothing(config: Path, tmp_path: Path, left: Path) -> None:
    """What a CI job or a container sends."""
    present, candidate = saying(tmp_path / "one", "1.106.12"), hanging(tmp_path / "two", "1.110.2")
    interrupted(config, present, candidate, left, "candidate", signal.SIGTERM)


@pytest.mark.boots
def test_ctrl_c_while_a_real_litellm_boots_leaves_nothing(config: Path, left: Path) -> None:
    interrupted(config, python(), python(), left, "present")


def test_ctrl_c_while_pip_waits_for_its_index_leaves_nothing(config: Path, tmp_path: Path, left: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as index:
        url = f"http://127.0.0.1:{index.getsockname()[1]}"
        env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "PIP_INDEX_URL": url, "PIP_NO_CACHE_DIR": "1"}
        command = [sys.executable, "-m", "modelctl", "upgrade", str(config), "--to", "1.110.2"]
        process = Process("upgrade", command, log=tmp_path / "upgrade.log", cwd=tmp_path, env=env)
        poll = select.poll()  # not `select`, which takes no descriptor beyond 1023
        poll.register(index, select.POLLIN)
        process.wait_for(lambda: poll.poll(0), "pip asks its index", 60)
        process.send(signal.SIGINT)
        assert process.wait(60) == 130
    assert "Traceback" not in process.output()
    wait_until(lambda: not living_in(tmp_path), "no pip is left")
    assert list((tmp_path / "cache/modelctl/litellm").iterdir()) == []
    assert list(left.iterdir()) == []
    process.stop()


def interrupted(
    config: Path, present: Path, candidate: Path, left: Path, side: str, by: signal.Signals = signal.SIGINT
) -> None:
    """Ctrl-C, or another signal, once that side's LiteLLM runs."""
    words = ["upgrade", str(config), "--present", str(present), "--python", str(candidate)]
    command = [sys.executable, "-m", "modelctl", *words]
    process = Process("upgrade", command, log=config.with_name("upgrade.log"), cwd=config.parent)
    process.wait_for(
        lambda: [folder for folder in left.glob(f"*/{side}") if living_in(folder)], f"the {side} one boots", 60
    )
    process.send(by)
    assert process.wait(60) == 128 + by
    assert "Traceback" not in process.output()
    nothing_is_left(left)
    process.stop()


@pytest.mark.boots
def test_the_same_litellm_twice_changes_nothing(config: Path, left: Path) -> None:
    """Whatever differs from boot to boot would be told here as a change of the upgrade."""
    config.write_text(SOUND)
    ran = call("upgrade", config, "--present", python(), "--python", python())
    release = litellm_release()
    assert ran.out.startswith(f"LiteLLM {release} -> {release}: 5 models, 22 mocked requests to both\n")
    assert ran.out.endswith("\nnothing changes\n")
    assert ran.code == 0
    nothing_is_left(left)


@pytest.mark.boots
def test_what_stops_a_real_litellm_is_found(config: Path, tmp_path: Path, left: Path) -> None:
    """On every line it wants mappings in `fallbacks`."""
    config.write_text(SOUND.replace("- active: [slow]", "- active: [slow]\n    - slow"))
    made = json.loads(tried(config, saying(tmp_path / "one", "1.106.12"), python(), "--json").out)
    found = [each for each in made["findings"] if each["area"] == "boot"]
    assert [(each["name"], each["place"]) for each in found] == [("router_settings.fallbacks[1]", f"{config}:17")]
    assert "is not a dictionary" in found[0]["text"]
    nothing_is_left(left)


def test_a_litellm_that_answers_no_request_is_asked_no_more() -> None:
    asked = 0

    def silent(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        raise httpx.ReadTimeout("nothing comes", request=request)

    with httpx.Client(base_url="http://127.0.0.1:1", transport=httpx.MockTransport(silent)) as client:
        caller = Caller(client)
        replies = [caller.ask(TrialRequest(number, "fast", "chat")) for number in range(MOST_SILENT * 3)]
    assert asked == MOST_SILENT
    assert json.loads(replies[0].text) == {"error": "no answer: ReadTimeout"}
    assert "not asked" in replies[-1].text


# -- those that do not start -------------------------------------------------------------------


def test_what_stops_a_start_is_named_with_its_place_and_the_lines_to_write(
    config: Path, tmp_path: Path, left: Path
) -> None:
    culprit = {"path": ["router_settings", "fallbacks", 0, "fast"], "message": STOPPED}
    stopped = saying(tmp_path / "two", "1.108.14", {"failed": STOPPED}, {"culprit": culprit}, {"searched": True})
    ran = tried(config, saying(tmp_path / "one", "1.106.12"), stopped)
    assert ran.code == 1
    assert " ".join(ran.out.split()) == (
        "LiteLLM 1.106.12 -> 1.108.14: 2 models, 0 mocked requests to both "
        "Lost - boot: router_settings.fallbacks[0].fast: LiteLLM 1.108.14 does not start "
        "with it: TypeError: Fallbacks for 'fast' must be a list "
        f"{config}:8 write: - fast: [slow] # the next best "
        "1 lost, 0 changed, 0 gained"
    )
    nothing_is_left(left)


def test_what_check_knows_of_the_entry_that_stops_a_start_is_said_with_it(config: Path, tmp_path: Path) -> None:
    culprit = {"path": ["model_list", 1, "litellm_params", "max_parallel_requests"], "message": "OverflowError: below"}
    stopped = saying(tmp_path / "two", "1.110.2", {"failed": "x"}, {"culprit": culprit}, {"searched": True})
    made = json.loads(tried(config, saying(tmp_path / "one", "1.109.3"), stopped, "--json").out)
    assert [(each["area"], each["name"], each["place"]) for each in made["findings"]] == [
        ("boot", "slow: litellm_params.max_parallel_requests", f"{config}:5")
    ]
    assert made["findings"][0]["advice"] == (
        "litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, max_parallel_requests: null}"
    )


def test_a_start_that_no_part_of_the_config_stops(config: Path, tmp_path: Path, left: Path) -> None:
    body = "echo 'ImportError: half of it is gone' >&2\nexit 7"
    ran = tried(config, saying(tmp_path / "one", "1.106.12"), script(tmp_path / "two", "1.108.14", body))
    assert ran.code == 1
    assert "does not start on this config: ImportError: half of it is gone" in " ".join(ran.out.split())
    nothing_is_left(left)


def test_a_present_litellm_that_does_not_start_where_the_other_does(config: Path, tmp_path: Path) -> None:
    stopped = saying(tmp_path / "one", "1.106.12", {"failed": "ValueError: no"}, {"searched": True})
    ran = tried(config, stopped, saying(tmp_path / "two", "1.108.14"))
    assert "+ boot: 1.106.12: LiteLLM 1.106.12 does not start on this config: ValueError: no" in " ".join(
        ran.out.split()
    )


# -- those that are broken, or not known -------------------------------------------------------


def test_a_half_installed_litellm(config: Path, tmp_path: Path, left: Path) -> None:
    """Its files are there in part: what it says, and the command that puts it right."""
    (tmp_path / "litellm").mkdir()
    (tmp_path / "litellm/__init__.py").touch()
    body = f'exec env PYTHONPATH={tmp_path} {sys.executable} "$@"'
    half = script(tmp_path / "half", "1.110.2", body)
    ran = tried(config, saying(tmp_path / "one", "1.106.12"), half)
    assert ran.code == 1
    assert "cannot be imported: ModuleNotFoundError: No module named 'litellm.proxy'" in ran.err
    assert f"{half} -m pip install --force-reinstall 'litellm[proxy]==1.110.2'" in ran.err
    nothing_is_left(left)


def test_a_line_that_modelctl_was_not_tested_with_is_tried_and_said(config: Path, tmp_path: Path) -> None:
    ran = tried(config, saying(tmp_path / "one", "1.110.2"), saying(tmp_path / "two", "1.115.0"))
    assert "LiteLLM 1.115 is newer than what this modelctl was tested with" in " ".join(ran.out.split())


def test_a_line_that_is_too_new_to_be_read(config: Path, tmp_path: Path, left: Path) -> None:
    strange = saying(tmp_path / "two", "1.130.0", {"strange": "AttributeError: no llm_router"})
    ran = tried(config, saying(tmp_path / "one", "1.110.2"), strange)
    assert ran.code == 1
    assert "LiteLLM 1.130.0 runs, and this modelctl cannot read what it registered: AttributeError" in ran.err
    assert "lines that work: 1.106, 1.108, 1.109, 1.110" in ran.err
    nothing_is_left(left)


def test_a_program_that_is_no_python(config: Path, tmp_path: Path) -> None:
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\n")
    silent.chmod(0o755)
    ran = tried(config, silent, silent)
    assert (ran.code, "is no Python" in ran.err, "ENV/bin/python" in ran.err) == (1, True, True)


def test_a_line_that_pip_does_not_find(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    ran = call("upgrade", config, "--to", "1.107")
    assert (ran.code, "No matching distribution" in ran.err, "Traceback" in ran.err) == (1, True, False)
    assert "lines that work: 1.106, 1.108, 1.109, 1.110" in ran.err
    assert "--python ENV/bin/python" in ran.err


# -- the page ----------------------------------------------------------------------------------


def test_the_page_shows_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words are those of LiteLLM 1.110.2 (see test_upgrade_lines.py for the real one)."""
    page = (ROOT / "docs/upgrade.md").read_text()
    written, shown = (re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)[0] for kind in ("yaml", "text"))
    monkeypatch.chdir(tmp_path)
    Path("litellm_config.yaml").write_text(written)
    text = "TypeError: Fallbacks for 'active' must be a list of model names, got 'slow'. Use {'active': ['slow']}"
    number = "ValueError: the router config is invalid: deployment `slow` has invalid litellm_params: "
    parts = [
        {"path": ["router_settings", "fallbacks", 0], "message": text},
        {
            "path": ["model_list", 1, "litellm_params", "max_parallel_requests"],
            "message": f"{number}invalid value: integer `-1`, expected u64",
        },
    ]
    said = [{"failed": text}, *({"culprit": each} for each in parts), {"searched": True}]
    two = saying(tmp_path / "two", "1.110.2", *said)
    ran = tried(Path("litellm_config.yaml"), saying(tmp_path / "one", "1.106.12"), two)
    assert ran.out == shown
