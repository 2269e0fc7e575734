"""The worst day, with load and a tally: processes killed at random moments, and one that hangs.

`make faults` does it many times and prints the figures (FAULTS=200 kills); without it each victim has its turn once.
What counts: nothing that was acknowledged is lost, no answer is from a wrong model or two, and all is equal at the end.
Requests that were in a process as it was killed are lost with it: they are counted, and none fails for another reason.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.load import Load, Sample
from support.running_up import MODELS, RunningUp, words
from support.timeline import Timeline, mixed, wrong
from support.upstream import Upstream
from support.waiting import wait_until

pytestmark = [pytest.mark.boots, pytest.mark.timeout(7200)]
VICTIMS = ("control plane", "worker", "supervisor")
KILLS = int(os.environ.get("FAULTS", "3"))
SEED = int(os.environ.get("SEED", "1"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, session_upstream: Upstream) -> Iterator[RunningUp]:
    made = RunningUp(tmp_path_factory.mktemp("faults"), session_upstream)
    try:
        yield made.start()
    finally:
        made.stop()


def victims(chance: random.Random) -> list[str]:
    """Each at least once; more often those that are back soon (a supervisor's end takes the workers along)."""
    more = chance.choices(VICTIMS, weights=(6, 3, 1), k=max(0, KILLS - len(VICTIMS)))
    return [*VICTIMS, *more][:KILLS]


def test_kills_at_random_moments(
    running: RunningUp, session_upstream: Upstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, lost = random.Random(SEED), list[str]()
    session_upstream.reset()
    session_upstream.behave("*", seconds=0.1, pieces=4)
    wait_until(running.settled, "all run the same", 120)
    present = running.target() or "alpha"
    timeline, tally = Timeline(words(present)), Counter[str]()
    with Load(tmp_path, [running.proxy], connections=4, stream_every=4) as load:
        for number, victim in enumerate(victims(chance)):
            target = MODELS[number % len(MODELS)]
            with timeline.change(words(target)):
                asked: list[bool] = []
                switch = threading.Thread(target=lambda: asked.append(running.select(target)))  # noqa: B023
                load.wait_until_count(load.count() + chance.randrange(6), 120)
                switch.start()
                if chance.random() < 0.5:
                    switch.join()
                pid = running.kill(victim, chance.choice)
                switch.join()
                running.recover(victim, pid)
                tally[f"{victim} killed"] += 1
                if asked[0] and running.target() != target:
                    lost.append(f"{number}: {target} was acknowledged, {running.target()} stands")
                tally["acknowledged" if asked[0] else "unanswered"] += 1
                if not asked[0]:
                    assert running.select(target), "who got no answer asks again"
                wait_until(running.settled, "all follow", 120)
    report(capsys, f"{KILLS} kills", tally, load, timeline)
    assert [lost, mixed(load.samples), wrong(load.samples, timeline)] == [[], [], []]
    assert len(load.samples) > KILLS
    assert {each.status for each in load.failed} <= {0, 200, 503}, "cut off, or nobody there; never another's error"


def test_a_worker_that_hangs(
    running: RunningUp, session_upstream: Upstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stopped, it is told apart from one that died: named as silent, while the other follows each switch. Back again it
    serves nothing old."""
    session_upstream.reset()
    wait_until(running.settled, "all run the same", 120)
    assert running.select("alpha")
    wait_until(running.settled, "all follow", 120)
    timeline, pid = Timeline(words("alpha")), running.worker_pids()[0]
    with Load(tmp_path, [running.proxy], connections=4) as load:
        with timeline.change(words("beta")):
            os.kill(pid, signal.SIGSTOP)
            try:
                assert running.select("beta")
                silent = wait_until(lambda: said_of(running, pid), "it is named", 60)
                assert silent.startswith("silent for")
                assert not running.ready()
            finally:
                os.kill(pid, signal.SIGCONT)
            wait_until(running.settled, "it has caught up", 120)
        load.wait_until_count(load.count() + 20, 120)
    report(capsys, "a worker stopped", Counter(), load, timeline)
    assert pid in running.worker_pids(), "it was not killed for being slow"
    assert [load.failed, mixed(load.samples), wrong(load.samples, timeline)] == [[], [], []]


def said_of(running: RunningUp, pid: int) -> str:
    status = running.ask("/status")
    rows = [row for row in status["workers"] if row["pid"] == pid] if status else []
    return str(rows[0]["error"] or "") if rows else ""


def report(capsys: pytest.CaptureFixture[str], title: str, tally: Counter[str], load: Load, timeline: Timeline) -> None:
    """The figures, on the terminal also where pytest keeps what tests print."""
    failed = Counter(_kind(each) for each in load.failed)
    figures = {
        **tally, "requests": len(load.samples), "failed": len(load.failed), "mixed": len(mixed(load.samples)),
        "wrong": len(wrong(load.samples, timeline)),
    }  # fmt: skip
    with capsys.disabled():
        print(f"\n{title}: " + ", ".join(f"{name} {number}" for name, number in figures.items()))
        print("  failed: " + (", ".join(f"{kind} {number}" for kind, number in failed.most_common()) or "none"))


def _kind(sample: Sample) -> str:
    return sample.text.partition(":")[0][:60] if sample.status == 0 else f"{sample.status} {sample.text[:60]}"
