"""A key in the query of an address is a secret like any other: check refuses it, and no text repeats it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.pipeline import build
from modelctl.text.redact import mask
from support.api_server import ACME, Plane, write_catalog

VALUE = "abcdefgh12345678"


@pytest.mark.parametrize("name", ["key", "api_key", "api-key", "access_token", "token", "sig", "code", "secret"])
@pytest.mark.parametrize("before", ["?", "?api-version=2026-01-01&"])
def test_it_is_found_and_masked(tmp_path: Path, name: str, before: str) -> None:
    address = f"https://lab.example/v1{before}{name}={VALUE}&x=1"
    found = build(write_catalog(tmp_path, providers_acme=ACME.replace("http://localhost:9/v1", f'"{address}"')))
    assert [(each.rule, each.line) for each in found.problems if each.severity == "error"] == [("literal-secret", 3)]
    assert VALUE not in str(found.problems)
    assert VALUE not in mask(f"cannot reach {address}", {})


@pytest.mark.parametrize(
    "query", ["?api-version=2026-01-01", "?monkey=abcdefgh12345678", "?key=", "", "?tokens=1234567890"]
)
def test_other_queries_are_none(tmp_path: Path, query: str) -> None:
    acme = ACME.replace("http://localhost:9/v1", f'"https://lab.example/v1{query}"')
    assert build(write_catalog(tmp_path, providers_acme=acme)).desired is not None


def test_no_answer_holds_it(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path))
    try:
        acme = ACME.replace("http://localhost:9/v1", f"https://lab.example/v1?key={VALUE}")
        write_catalog(tmp_path, providers_acme=acme)
        assert plane.client.post("/models/refresh", json={}).json()["result"] == "refused"
        for path in ("/status", "/models/list", "/desired", "/routes", "/history?route=*", "/models/custom"):
            assert VALUE not in plane.client.get(path).text
    finally:
        plane.stop()
