"""Writers at once, two control planes on one store, a disk that takes nothing: what was acknowledged stands.

`FAULTS=200` (`make faults`) does more of each.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest

from support.api_server import write_catalog
from support.serve_process import ControlPlane, WarmControlPlane
from support.waiting import wait_until

MODELS = ("fast", "slow", "acme-twin")
ROUNDS = max(1, int(os.environ.get("FAULTS", "3")) // 3)
CLIENTS, EACH = 10, 10


@pytest.fixture
def planes(tmp_path: Path) -> Iterator[list[ControlPlane]]:
    """Two that share catalog and store."""
    catalog = write_catalog(tmp_path)
    made: list[ControlPlane] = [
        WarmControlPlane(tmp_path / name, catalog, tmp_path / "state") for name in ("one", "two")
    ]
    for each in made:
        each._folder.mkdir()
    try:
        yield [each.start() for each in made]
    finally:
        for each in made:
            each.stop()


def selections(urls: list[str], label: str, number: int) -> Counter[int]:
    """How often each status was answered, 0 where nobody did; every client asks those planes in turn."""
    tally: Counter[int] = Counter()
    with httpx.Client(timeout=30, trust_env=False) as client:
        for turn in range(EACH):
            # Each with a time limit of its own: what is selected already is answered too, and writes nothing.
            body = {"model_id": MODELS[(number + turn) % len(MODELS)], "for": 3600 + EACH * number + turn}
            try:
                asked = {**body, "reason": f"{label}-{number}-{turn}"}
                tally[client.post(f"{urls[turn % len(urls)]}/models/select", json=asked).status_code] += 1
            except httpx.TransportError:
                tally[0] += 1
    return tally


def at_once(urls: list[str], label: str) -> Counter[int]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(lambda number: selections(urls, label, number), range(CLIENTS)), Counter[int]())


def recorded(plane: ControlPlane, label: str) -> list[str]:
    """The reasons of one round that stand in the history."""
    entries = plane.http.get("/history", params={"limit": 1000}).raise_for_status().json()
    return sorted(entry["reason"] for entry in entries if (entry["reason"] or "").startswith(f"{label}-"))


def went_through(plane: ControlPlane, label: str, number: int, asked: Future[Counter[int]]) -> bool:
    return asked.done() or len(recorded(plane, label)) >= number


def say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n{text}")


def test_a_hundred_selections_of_ten_clients(planes: list[ControlPlane], capsys: pytest.CaptureFixture[str]) -> None:
    """By one control plane, then by two on one store: each that was acknowledged stands in the history once."""
    for label, urls in {"one": [planes[0].url], "two": [each.url for each in planes]}.items():
        tally = at_once(urls, label)
        say(capsys, f"{CLIENTS * EACH} selections at once by {label} of two control planes: {dict(tally)}")
        assert set(tally) == {200}
        wanted = sorted(f"{label}-{number}-{turn}" for number in range(CLIENTS) for turn in range(EACH))
        assert [recorded(each, label) for each in planes] == [wanted, wanted]
    assert planes[0].current()["target"] == planes[1].current()["target"]


def test_one_of_two_control_planes_dies_again_and_again(
    planes: list[ControlPlane], capsys: pytest.CaptureFixture[str]
) -> None:
    chance, tally = random.Random(1), Counter[int]()
    for number in range(ROUNDS):
        label = f"round{number}"
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(at_once, [each.url for each in planes], label)
            wait_until(partial(went_through, planes[0], label, chance.randrange(30), asked), "some went through")
            planes[1].process.send(signal.SIGKILL)
            answered = asked.result()
        tally += answered
        stand = len(recorded(planes[0], label))
        assert answered[200] <= stand <= answered[200] + answered[0], "an answer that was lost may have been done"
        planes[1].start()
        assert planes[0].current()["target"] == planes[1].current()["target"]
    say(capsys, f"{ROUNDS} kills of one of two control planes: {dict(tally)}")
    assert set(tally) <= {0, 200}


def test_a_disk_that_takes_nothing(planes: list[ControlPlane]) -> None:
    """Each write fails: a selection is refused and changes nothing, reading goes on; with room again all is well."""
    plane = planes[0]
    assert plane.select("slow").status_code == 200
    _, hard = resource.prlimit(plane.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(plane.process.pid, resource.RLIMIT_FSIZE, (0, hard))
    answers = [plane.select("fast") for _ in range(3)]
    assert {(answer.status_code, answer.json()["error"]["code"]) for answer in answers} == {(503, "store_down")}
    assert plane.current()["target"] == "slow"
    resource.prlimit(plane.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    wait_until(lambda: plane.select("fast").status_code == 200, "it takes them again")
    assert plane.current()["target"] == "fast"


def test_a_disk_that_is_full_while_it_renders(tmp_path: Path) -> None:
    """The file stands as it was, nothing lies beside it, and the message is one line."""
    write_catalog(tmp_path)
    run = [sys.executable, "-m", "modelctl", "render"]
    assert subprocess.run(run, cwd=tmp_path, timeout=60).returncode == 0
    before = (tmp_path / "litellm_config.yaml").read_text()
    write_catalog(tmp_path, routes="active: {target: slow}\n")
    full = ["bash", "-c", 'ulimit -f 0; exec "$@"', "bash", *run]
    ran = subprocess.run(full, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "cannot write" in ran.stderr
    assert (tmp_path / "litellm_config.yaml").read_text() == before
    assert {path.name for path in tmp_path.iterdir()} <= {"catalog", "litellm_config.yaml", ".modelctl"}
