"""ETags, packing, and the 304."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.api_server import Plane, report, write_catalog


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path))
    yield made
    made.stop()


@pytest.mark.parametrize("path", ["/models/list", "/models/current", "/models/providers", "/routes", "/history"])
def test_read_twice_is_a_304(plane: Plane, path: str) -> None:
    plane.select("slow")
    first = plane.client.get(path)
    again = plane.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_list_stays_a_304_over_a_selection(plane: Plane) -> None:
    before = plane.client.get("/models/list").headers["etag"]
    plane.select("slow")
    again = plane.client.get("/models/list", headers={"if-none-match": f"W/{before}"})
    assert again.status_code == 304
    assert again.headers["etag"] != before  # its version moved on: If-Match must notice


def test_list_changes_with_what_the_workers_miss(plane: Plane) -> None:
    before = plane.client.get("/models/list")
    report(plane.store, unset=["ACME_KEY"])
    after = plane.client.get("/models/list", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.content != before.content


def test_list_is_packed_for_those_who_take_that(plane: Plane) -> None:
    with plane.client.stream("GET", "/models/list", headers={"accept-encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
    plain = plane.client.get("/models/list", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.content
    assert plain.headers["vary"].lower().startswith("accept-encoding")


@pytest.mark.parametrize("path", ["/models/list", "/models/current", "/routes"])
def test_write_with_the_etag_of_any_read(plane: Plane, path: str) -> None:
    seen = plane.client.get(path).headers["etag"]
    first = plane.client.post("/models/select", json={"model_id": "slow"}, headers={"if-match": seen})
    assert first.status_code == 200
    late = plane.client.post("/models/select", json={"model_id": "acme-twin"}, headers={"if-match": seen})
    assert (late.status_code, late.json()["error"]["code"]) == (412, "stale")
    next_one = plane.client.post("/rollback", headers={"if-match": first.headers["etag"]})
    assert next_one.status_code == 200


@pytest.mark.parametrize("tag", ['"nonsense"', "", '"v99999-00"'])
def test_write_with_a_foreign_etag(plane: Plane, tag: str) -> None:
    answer = plane.client.post("/models/select", json={"model_id": "slow"}, headers={"if-match": tag})
    assert answer.status_code == 412


def test_write_with_a_star(plane: Plane) -> None:
    answer = plane.client.post("/models/select", json={"model_id": "slow"}, headers={"if-match": "*"})
    assert answer.status_code == 200
