"""A proof before a switch, as programs and people meet it: API and command line of a control plane that acts."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.hook.counted import Attempt
from modelctl.service import answer_types
from modelctl.usage.figures import Series
from support.api_server import Plane, write_catalog
from support.cli import call
from support.counts import Counts
from support.openapi_shapes import fits
from support.waiting import wait_until


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path), watching=True)
    monkeypatch.setenv("MODELCTL_SERVER", made.url)
    monkeypatch.setenv("USER", "ada")
    monkeypatch.chdir(tmp_path)
    yield made
    made.stop()


def proof(plane: Plane) -> answer_types.ProofAnswer | None:
    found: answer_types.ProofAnswer | None = plane.client.get("/models/current").json()["proof"]
    return found


def worked(plane: Plane, **calls: tuple[int, int]) -> None:
    """Model -> good and failed calls, counted once the control plane has met the step."""
    wait_until(lambda: (seen := proof(plane)) and seen["figures"], "the step is watched")
    counts = Counts(plane.settings.state)
    counts.add(
        Attempt(time.time(), Series("active", model, model, "openai"), 0.5, failed="upstream" if number < bad else None)
        for model, (good, bad) in calls.items()
        for number in range(good + bad)
    )


def test_current_routes_and_status_show_it_and_a_rollback_stops_it(plane: Plane) -> None:
    asked = plane.select("slow", prove=900, steps=[5, 25, 100])
    assert (asked.status_code, asked.json()["split"]) == (200, {"fast": 95, "slow": 5})
    worked(plane, slow=(10, 1), fast=(100, 0))
    wait_until(lambda: (seen := proof(plane)) and (figures := seen["figures"]) and figures["new"]["calls"], "counted")
    for path in ("/models/current", "/routes", "/status"):
        told = plane.client.get(path).json()
        pointing = told if path == "/models/current" else (told if path == "/routes" else told["routes"])[0]
        seen = pointing["proof"]
        assert fits(answer_types.ProofAnswer, seen)
        assert (seen["new"], seen["present"], seen["step"], seen["share"]) == ("slow", "fast", 1, 5)
        assert (seen["figures"]["new"]["calls"], seen["figures"]["new"]["failed"]) == (11, {"upstream": 1})
    status = call("status").out
    assert "proving slow: step 1 of 3 at 5 %" in status
    assert call("rollback").out == "active points to fast (was fast)\n"
    assert proof(plane) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"steps": [25, 5]}, "rising"),
        ({"steps": []}, "under 100"),
        ({"share": 5}, "neither with"),
        ({"for": 5}, "neither"),
    ],
)
def test_what_makes_no_sense_is_a_400(plane: Plane, body: dict[str, object], words: str) -> None:
    answer = plane.select("slow", prove=900, **body)
    assert (answer.status_code, words in answer.json()["error"]["message"]) == (400, True)


def test_the_command_follows_a_failing_model_to_its_end_and_says_why(plane: Plane) -> None:
    helper = threading.Thread(target=worked, args=(plane,), kwargs={"slow": (0, 8), "fast": (150, 0)})
    helper.start()
    ran = call("use", "slow", "--prove", "15m", "--steps", "5,25,100")
    helper.join()
    assert ran.code == 1
    assert "step 1 of 3: 5 % to slow" in ran.err
    assert "return, proof: step 1 of 3 (5 %): `slow` is worse: 8 of 8 calls failed, against 0 of 150" in ran.out
    assert ran.out.endswith("active -> fast (acme/fast)\n")


def test_an_interrupted_command_leaves_it_running_and_says_how_to_stop_it(plane: Plane) -> None:
    command = [sys.executable, "-m", "modelctl", "use", "slow", "--prove", "15m"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        wait_until(lambda: "step 1 of 3" in process.stderr.readline(), "it follows")
        process.send_signal(signal.SIGINT)
        assert "the proof goes on; `modelctl rollback` stops it" in process.stderr.read()
    assert process.returncode == 130
    assert proof(plane) is not None


def test_the_commands_of_the_page_begin_one(plane: Plane) -> None:
    page = (Path(__file__).parents[2] / "docs/usage.md").read_text(encoding="utf-8")
    lines = page.partition("```sh prove\n")[2].partition("```")[0].replace("claude-haiku-4-5", "slow").splitlines()
    assert len(lines) == 2
    for line in lines:
        assert call(*shlex.split(line)[1:], "--json").code == 0
        assert call("rollback").code == 0


def test_with_json_it_does_not_wait(plane: Plane) -> None:
    assert '"split": {' in call("use", "slow", "--prove", "15m", "--json").out
    assert proof(plane) is not None
    assert call("use", "slow", "--prove", "soon").code == 2
    assert call("use", "slow", "--prove", "15m", "--steps", "some").code == 2
