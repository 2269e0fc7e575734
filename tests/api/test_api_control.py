"""Routes, status, health and events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from modelctl import API_VERSION, __version__
from support.api_server import ACME, Plane, report, write_catalog
from support.waiting import wait_until


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path), watching=True)
    yield made
    made.stop()


def test_status(plane: Plane) -> None:
    report(plane.store, unset=["ACME_KEY"])
    plane.select("other-twin", pin=True)
    write_catalog(plane.catalog.parent, routes="active: {target: slow}\nside: {target: free}\n")
    wait_until(lambda: plane.client.get("/routes").json()[0]["default"] == "slow", "the edit is published")
    status = plane.client.get("/status").json()
    assert set(status) >= {"revision", "problems", "render", "routes", "workers"}
    active = status["routes"][0]
    assert {key: active[key] for key in ("route", "target", "model_id", "provider", "source", "until", "diverged")} == {
        "route": "active", "target": "other-twin", "model_id": "twin", "provider": "other", "source": "run-time",
        "until": None, "diverged": True,
    }  # fmt: skip
    worker = status["workers"][0]
    assert set(worker) >= {
        "id", "pid", "host", "revision", "selection", "acked", "error", "age_s", "unset", "restart_needed",
        "left_out", "state",
    }  # fmt: skip
    assert (worker["id"], worker["acked"], worker["unset"]) == ("w1", False, ["ACME_KEY"])
    assert status["render"] == {"current": False}
    assert (status["modelctl_version"], status["api_version"]) == (__version__, API_VERSION)


def test_a_route_tells_what_follows_its_limit_and_where_a_roll_back_leads(plane: Plane) -> None:
    def told() -> tuple[str, str | None, str | None]:
        active = plane.client.get("/status").json()["routes"][0]
        return active["target"], active["then"], active["rollback_to"]

    first = told()[0]
    assert told() == (first, None, None)
    plane.select("slow")
    assert told() == ("slow", None, first)
    plane.select("free", **{"for": 600})
    assert told() == ("free", "slow", "slow")
    plane.client.post("/rollback", json={"route": "active"}).raise_for_status()
    assert told() == ("slow", None, first)


def test_the_manual_page_of_a_rule(plane: Plane) -> None:
    page = plane.client.get("/rules/unset-variable").json()
    assert (page["rule"], "restart" in page["manual"] or ".env" in page["manual"]) == ("unset-variable", True)
    missing = plane.client.get("/rules/unset-varable")
    assert (missing.status_code, missing.json()["error"]["hint"]) == (404, "did you mean `unset-variable`?")


def test_status_of_a_broken_catalog_names_the_place(plane: Plane) -> None:
    revision = plane.client.get("/status").json()["revision"]
    write_catalog(plane.catalog.parent, routes="active:\n  targt: fast\n")
    problems = wait_until(lambda: plane.client.get("/status").json()["problems"], "the problem shows")
    assert [(Path(each["file"]).name, each["line"], each["column"]) for each in problems] == [("routes.yaml", 2, 3)]
    assert problems[0]["hint"] == "did you mean `target`?"
    assert plane.client.get("/status").json()["revision"] == revision
    write_catalog(plane.catalog.parent)
    wait_until(lambda: not plane.client.get("/status").json()["problems"], "the mended catalog is live")


def test_readyz_tells_who_lacks(plane: Plane) -> None:
    assert plane.client.get("/readyz").json() | {"revision": 0} == {
        "ready": False, "revision": 0, "workers": 0, "lacking": [], "stale": None,
    }  # fmt: skip
    report(plane.store, "w1")
    assert plane.client.get("/readyz").status_code == 200
    report(plane.store, "w2", error="boom")
    answer = plane.client.get("/readyz")
    assert (answer.status_code, [(one["id"], one["error"]) for one in answer.json()["lacking"]]) == (
        503,
        [("w2", "boom")],
    )
    plane.store.forget("w2")
    assert plane.client.get("/readyz").status_code == 200
    plane.select("slow")
    assert plane.client.get("/readyz").status_code == 503


def test_unset_variables_do_not_keep_a_worker_from_being_ready(plane: Plane) -> None:
    report(plane.store, "w1", unset=["ACME_KEY"])
    assert plane.client.get("/readyz").status_code == 200


def test_history_of_everything(plane: Plane) -> None:
    plane.select("slow")
    actions = [one["action"] for one in plane.client.get("/history", params={"route": "*"}).json()]
    assert actions == ["select", "publish"]
    assert plane.client.get("/history", params={"route": "sied"}).status_code == 404


def test_time_limit_is_swept(plane: Plane) -> None:
    plane.select("slow", actor="ada", **{"for": 0.3})
    expired = wait_until(
        lambda: [one for one in plane.client.get("/history").json() if one["action"] == "expire"], "the limit ends"
    )
    assert (expired[0]["before"], expired[0]["after"]) == ("slow", "fast")
    assert plane.store.head().selections == {}


# -- events ------------------------------------------------------------------------------------


class Listener:
    """Reads `/events` as a page does."""

    def __init__(self, plane: Plane) -> None:
        self._client = httpx.Client(base_url=plane.url, timeout=10, trust_env=False, verify=False)
        self._stream = self._client.stream("GET", "/events")
        self.answer = self._stream.__enter__()
        self._lines = self.answer.iter_lines()

    def next(self, kind: str) -> dict[str, Any]:
        """The data of the next event of that kind."""
        seen = ""
        for line in self._lines:
            seen = line.removeprefix("event: ") if line.startswith("event: ") else seen
            if line.startswith("data: ") and seen == kind:
                data: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return data
        raise AssertionError("the stream ended")

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def listener(plane: Plane) -> Iterator[Listener]:
    made = Listener(plane)
    yield made
    made.close()


def test_events_begin_with_the_present(plane: Plane, listener: Listener) -> None:
    assert listener.answer.headers["content-type"].startswith("text/event-stream")
    assert listener.next("revision")["revision"] == plane.store.head().revision
    assert listener.next("selection")["target"] == "fast"
    assert listener.next("problems")["problems"] == []


def test_events_tell_of_each_change(plane: Plane, listener: Listener) -> None:
    listener.next("problems")
    plane.select("slow")
    assert listener.next("selection")["target"] == "slow"
    report(plane.store, "w9")
    assert listener.next("worker")["id"] == "w9"
    write_catalog(plane.catalog.parent, providers_acme=ACME.replace("output: 4", "output: 5"))
    assert listener.next("revision")["revision"] == plane.store.head().revision
    write_catalog(plane.catalog.parent, routes=": [")
    assert listener.next("problems")["problems"][0]["line"] == 1
    plane.store.forget("w9")
    assert listener.next("worker") == {"id": "w9", "gone": True}


def test_server_ends_though_somebody_listens(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path / "second"))
    listener = Listener(plane)
    listener.next("revision")
    plane.stop()
    with pytest.raises((AssertionError, httpx.RemoteProtocolError), match=r"the stream ended|closed connection"):
        listener.next("nothing more")
    listener.close()
