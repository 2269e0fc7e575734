"""`block` and `unblock`, by the command line and over HTTP: what they say, what they refuse, what shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.api_server import Plane, report, write_catalog
from support.cli import call

ROUTES = """\
active: {target: fast, fallbacks: [slow]}
side: {target: free}
"""


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path, routes=ROUTES))
    monkeypatch.setenv("MODELCTL_SERVER", made.url)
    monkeypatch.setenv("USER", "ada")
    monkeypatch.chdir(tmp_path)
    yield made
    made.stop()


def post(plane: Plane, path: str, **body: object) -> httpx.Response:
    return plane.client.post(path, json=body)


def test_block_status_current_list_history_unblock(plane: Plane) -> None:
    blocked = call("block", "fast", "--for", "1h", "--reason", "it lies")
    assert blocked.code == 0
    assert blocked.out.startswith("fast is blocked, ends in 60 min (")
    assert blocked.out.endswith("\n  active: fast -> slow\n")
    assert call("current").out == "active -> slow (acme/slow), for fast, which is blocked\n"
    assert "fast is blocked until " in call("status").out
    assert " by ada: it lies" in call("status").out
    row = next(line for line in call("list").out.splitlines() if " fast " in line)
    assert "blocked" in row
    assert [line.split()[1] for line in call("history").out.splitlines()[1:]] == ["block", "block", "publish"]
    back = call("unblock", "fast")
    assert back.out == "fast takes requests again\n  active: slow -> fast\n"
    assert call("current").out == "active -> fast (acme/fast)\n"
    again = call("unblock", "fast")
    assert (again.code, "`fast` is not blocked" in again.err) == (1, True)


def test_the_only_model_of_a_route_needs_force(plane: Plane) -> None:
    refused = call("block", "free")
    assert refused.code == 1
    assert "without `free` nobody answers for `side`" in refused.err
    assert "modelctl use MODEL --route side" in refused.err
    forced = call("block", "free", "--force")
    assert "side: no model is left, its requests are refused" in forced.out
    assert call("current", "--route", "side").out.endswith(", which is blocked: nobody answers\n")


def test_where_a_route_would_go_to_a_model_without_its_key_it_needs_force(plane: Plane) -> None:
    write_catalog(plane.catalog.parent, routes="active: {target: free, fallbacks: [slow]}\n")
    plane.service.publish()
    report(plane.service.store, unset=["ACME_KEY"])
    refused = call("block", "free")
    assert refused.code == 1
    assert "`active` would go to `slow`, which misses ACME_KEY" in refused.err
    assert call("block", "free", "--force").code == 0
    assert call("block", "fast").code == 0  # it could answer nothing before either


def test_selecting_it_is_refused_with_the_way_out(plane: Plane) -> None:
    call("block", "slow")
    refused = call("use", "slow", "--force")
    assert (refused.code, "modelctl unblock slow" in refused.err) == (1, True)


def test_a_mistyped_name_and_a_dry_run(plane: Plane) -> None:
    assert "did you mean `fast`" in call("block", "fasst").err
    assert call("block", "fast", "--dry-run").out == "fast would be blocked\n  active: fast -> slow\n"
    assert plane.client.get("/models/blocked").json() == []


def test_over_http(plane: Plane) -> None:
    answer = post(plane, "/models/block", model_id="fast", reason="it lies", actor="bob").json()
    assert (answer["block"]["model"], answer["block"]["actor"], answer["silent"]) == ("fast", "bob", [])
    assert answer["routes"] == [{"route": "active", "before": "fast", "after": "slow"}]
    assert plane.client.get("/models/blocked").json() == [answer["block"]]
    assert plane.client.get("/status").json()["blocked"] == [answer["block"]]
    model = plane.client.get("/models/list").json()[0]["models"][0]
    assert (model["public_name"], model["available"], model["reason"]) == ("fast", False, "`fast` is blocked: it lies")
    current = plane.client.get("/models/current").json()
    assert (current["target"], current["instead_of"]) == ("slow", "fast")
    assert post(plane, "/models/block", model_id="fast", reason="it lies").json()["already"] is True
    entry = json.loads(call("history", "--json").out)[0]
    assert (entry["action"], entry["route"], entry["model"]) == ("block", "active", "fast")
    assert post(plane, "/models/unblock", model_id="fast").status_code == 200
    assert plane.client.get("/models/list").json()[0]["models"][0]["available"] is True
