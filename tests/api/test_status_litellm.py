"""Which LiteLLM each worker runs, in `/status` and `modelctl status`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.api_server import Plane, report, write_catalog
from support.cli import call


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path))
    monkeypatch.setenv("MODELCTL_SERVER", made.url)
    monkeypatch.chdir(tmp_path)
    yield made
    made.stop()


def test_one_litellm_is_named_once(plane: Plane) -> None:
    for name in ("w1", "w2"):
        report(plane.store, name, litellm="1.110.2")
    assert "\nLiteLLM 1.110.2\n" in call("status").out


def test_two_lines_on_one_store_are_named_with_their_workers(plane: Plane) -> None:
    report(plane.store, "w1", litellm="1.106.12")
    report(plane.store, "w2", litellm="1.110.2", error="LiteLLM drops `odd`")
    workers = {one["id"]: one for one in plane.client.get("/status").json()["workers"]}
    assert {name: (one["litellm"], one["error"]) for name, one in workers.items()} == {
        "w1": ("1.106.12", None),
        "w2": ("1.110.2", "LiteLLM drops `odd`"),
    }
    out = call("status").out
    assert "LiteLLM 1.106.12 on w1\n" in out
    assert "LiteLLM 1.110.2 on w2\n" in out


def test_a_newer_litellm_than_was_tested_is_one_line(plane: Plane) -> None:
    for name in ("w1", "w2"):
        report(plane.store, name, litellm="1.111.0")
    text = "LiteLLM 1.111 is newer than what this modelctl was tested with (1.106 to 1.110)"
    assert {one["litellm_remark"] for one in plane.client.get("/status").json()["workers"]} == {text}
    assert call("status").out.count(text) == 1


def test_a_tested_litellm_has_no_remark(plane: Plane) -> None:
    report(plane.store, litellm="1.108.14")
    assert [one["litellm_remark"] for one in plane.client.get("/status").json()["workers"]] == [None]
