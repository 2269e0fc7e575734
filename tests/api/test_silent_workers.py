"""A worker on another host that stops reporting is named, until it speaks again or says goodbye."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from modelctl.state.selection import Worker
from support.api_server import Plane, write_catalog
from support.cli import called, plain


def silences(plane: Plane) -> list[str]:
    problems = plane.client.get("/status").json()["problems"]
    found = [one for one in problems if one["rule"] == "worker-silent"]
    assert {one["severity"] for one in found} <= {"warning"}  # an error would say that the last edit is not live
    return [one["message"] for one in found]


def test_it_is_named_in_status_until_it_is_back(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path))
    try:
        head, now = plane.store.head(), time.time()
        there = Worker("w9", 7, "node-b", version=head.version, revision=head.revision, at=now - 30)
        plane.store.report(there)
        (text,) = silences(plane)
        assert text.startswith("worker `w9` on node-b has not reported since 20")
        assert text.endswith(f"it is gone, or goes on with revision {head.revision}")
        shown = plain(called("status", "--server", plane.url, cwd=tmp_path).out)
        assert "w9" in shown
        assert "has not reported since" in " ".join(shown.split())
        plane.store.report(replace(there, at=time.time()))
        assert silences(plane) == []
        plane.store.report(there)
        assert len(silences(plane)) == 1
        plane.store.forget("w9")
        assert silences(plane) == []
    finally:
        plane.stop()
