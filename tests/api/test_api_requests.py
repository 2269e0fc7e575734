"""`/requests/{id}` and `modelctl explain-request`, over requests that the test wrote as workers do."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.service.request_types import RequestAnswer
from modelctl.state.request_record import RequestOrigin, RequestRecord, TriedCall
from modelctl.store.request_store import RequestStore
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


def keep(plane: Plane, id_: str, response: str | None = None) -> None:
    origin = RequestOrigin("w1", plane.store.head().revision, "active", "fast", "git")
    tried = (TriedCall("fast", "d1", "openai", 0.5, "timeout", "Timeout"), TriedCall("slow", "d2", "openai", 1.0))
    one = RequestRecord(
        id_, time.time(), "active", origin, "answered", response=response, seconds=1.7, tried=tried
    )  # fmt: skip
    store = RequestStore(plane.settings.state)
    store.write([one], time.time())
    store.close()


def test_a_request_is_explained_by_either_id(plane: Plane) -> None:
    keep(plane, "call-1", "chatcmpl/odd id")
    for id_ in ("call-1", "chatcmpl/odd%20id"):
        found = plane.client.get(f"/requests/{id_}").raise_for_status().json()
        assert fits(RequestAnswer, found)
        assert (found["id"], found["model"], found["published"]["actor"]) == ("call-1", "slow", "catalog")
    shown = plain(seen("explain-request", "chatcmpl/odd id").out)
    assert "call 2: slow by openai (fallback from fast) answered after 1.00 s" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
    assert json.loads(call("explain-request", "call-1", "--json").out)["tried"][0]["failed"] == "timeout"


def test_an_id_that_is_not_known_is_a_404_that_says_how_long_ids_are_kept(plane: Plane) -> None:
    answer = plane.client.get("/requests/never-heard-of")
    assert answer.status_code == 404
    assert "the last 20,000 are kept" in answer.json()["error"]["message"]
    ran = call("explain-request", "never-heard-of")
    assert (ran.code, "hint: a request is known a second after its end" in ran.err) == (1, True)
    assert plane.client.get(f"/requests/{'x' * 301}").status_code == 400


def test_a_garbled_file_is_a_503(plane: Plane) -> None:
    keep(plane, "call-1")
    (plane.settings.state / "requests.db").write_bytes(b"no database" * 1000)
    assert plane.client.get("/requests/call-1").status_code == 503
