"""`/health`, `modelctl health`, and what `status` and `/metrics` make of it, over workers that are played."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from modelctl.service.health_types import Cleared, HealthAnswer
from modelctl.state.cooldown import Cooldown, RateLimit, RouterHealth
from modelctl.state.selection import Worker
from modelctl.store import open_store
from support.api_server import Plane, write_catalog
from support.cli import call, plain, seen
from support.openapi_shapes import fits


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path))
    monkeypatch.setenv("MODELCTL_SERVER", made.url)
    monkeypatch.chdir(tmp_path)
    yield made
    made.stop()


def says(plane: Plane, name: str, health: RouterHealth | None) -> Worker:
    head = plane.store.head()
    worker = Worker(
        name, os.getpid(), socket.gethostname(), head.version, head.revision, at=time.time(), health=health
    )  # fmt: skip
    plane.store.report(worker)
    return worker


def cooled(model: str = "fast", *, left: float = 50, why: str = "rate_limit") -> Cooldown:
    now = time.time()
    return Cooldown(f"id-{model}", model, why, now - 10, now + left, "RateLimitError", 429)


@contextmanager
def clearing(plane: Plane, counts: dict[str, int | None]) -> Iterator[None]:
    """Workers that answer a request to clear with so many deployments; None: one whose hook is older."""
    store, over = open_store(str(plane.settings.state)), threading.Event()
    rows = [says(plane, name, RouterHealth(())) for name in counts]
    before = store.head().version

    def follow() -> None:
        while not over.wait(0.002):
            version = store.head().version
            if version == before:
                continue
            for row in rows:
                count = counts[row.id]
                said = None if count is None else RouterHealth((), cleared={version: count})
                store.report(replace(row, version=version, at=time.time(), health=said))
            return

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        store.close()


def test_what_is_avoided_is_told_by_worker_the_last_to_end_first(plane: Plane) -> None:
    limits = (RateLimit("id-slow", "slow", time.time(), requests=3, requests_limit=10),)
    says(plane, "w1", RouterHealth((cooled(left=20), cooled("slow", why="timeout")), 2, limits))
    says(plane, "w2", RouterHealth((cooled(left=-1),)))
    says(plane, "w3", None)
    found = plane.client.get("/health").raise_for_status().json()
    assert fits(HealthAnswer, found)
    assert [(each["model"], each["worker"], each["provider"]) for each in found["cooldowns"]] == [
        ("slow", "w1", "acme"), ("fast", "w1", "acme"),
    ]  # fmt: skip
    assert (found["workers"], found["more"], found["untold"]) == (3, 2, ["w3"])
    (limit,) = found["limits"]
    assert (limit["requests"], limit["requests_limit"], limit["tokens"]) == (3, 10, None)


def test_a_person_sees_it_within_80_columns(plane: Plane) -> None:
    assert call("health").out == "no worker runs\n"
    says(plane, "w1", RouterHealth(()))
    assert call("health").out == "no model is avoided on 1 worker\n"
    says(
        plane,
        "host-0:1234567:0123abcd",
        RouterHealth((cooled(),), limits=(RateLimit("d", "slow", time.time(), 3, 10, 5, None),)),
    )
    for command in ("health", "status"):
        shown = plain(seen(command).out)
        assert "rate_limit (429 RateLimitError)" in " ".join(shown.split())
        assert max(map(len, shown.splitlines())) <= 80
    assert "3 of 10 requests, 5 tokens" in call("health").out
    assert json.loads(call("health", "--json").out)["cooldowns"][0]["model"] == "fast"


def test_clearing_says_on_how_many_workers_it_was_ended(plane: Plane) -> None:
    with clearing(plane, {"w1": 2, "w2": 0}):
        ran = call("health", "--clear", "fast", "--reason", "mended")
    assert (ran.code, ran.out) == (0, "cooldown of fast ended on 1 worker; 1 worker did not avoid it\n")
    entry = plane.client.get("/history", params={"route": "*", "limit": 1}).json()[0]
    assert (entry["action"], entry["after"], entry["reason"], entry["route"]) == ("clear", "fast", "mended", None)
    assert "clear the cooldown of fast, mended" in " ".join(plain(seen("history").out).split())


def test_a_route_stands_for_its_target_and_a_worker_that_cannot_is_named(plane: Plane) -> None:
    with clearing(plane, {"w1": 1, "old": None}):
        found = plane.client.post("/health/clear", json={"model": "side"}).raise_for_status().json()
    assert fits(Cleared, found)
    assert found["model"] == "free"
    assert {each["id"]: each["deployments"] for each in found["workers"]} == {"w1": 1, "old": None}
    with clearing(plane, {"w1": 1, "old": None}):
        ran = call("health", "--clear", "free")
    assert ran.code == 1
    assert "old: cannot end cooldowns" in ran.err


def test_a_name_that_is_no_model_is_answered_with_the_nearest(plane: Plane) -> None:
    before = plane.store.head().version
    answer = plane.client.post("/health/clear", json={"model": "fsat"})
    assert (answer.status_code, answer.json()["error"]["hint"]) == (404, "did you mean `fast`?")
    assert plane.client.post("/health/clear", json={"model": "a\nb"}).status_code == 400
    assert plane.client.post("/health/clear", json={"model": "fast", "all": True}).status_code == 400
    assert plane.store.head().version == before


def test_prometheus_reads_what_is_avoided_and_what_is_left(plane: Plane) -> None:
    limits = (
        RateLimit("d1", "slow", time.time(), requests=3, requests_limit=10),
        RateLimit("d2", "slow", time.time(), requests=9, requests_limit=10),
    )
    says(plane, "w1", RouterHealth((cooled(left=20), cooled(left=40)), limits=limits))
    text = plane.client.get("/metrics").text
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["modelctl_cooldowns", "fast", "rate_limit", "w1"] == 2
    assert 20 < found["modelctl_cooldown_left_seconds", "fast", "w1"] <= 40
    assert found["modelctl_ratelimit_remaining", "requests", "slow", "w1"] == 3
    assert found["modelctl_ratelimit_limit", "requests", "slow", "w1"] == 10
