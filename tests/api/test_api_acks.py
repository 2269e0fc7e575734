"""Who has acked a selection: also a worker that refuses the published revision, once its route points there."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.api.acks import acks
from modelctl.state.selection import Worker
from support.api_server import Plane, write_catalog
from support.waiting import run_async

NACK = "LiteLLM drops `bad`"


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path))
    yield made
    made.stop()


def say(plane: Plane, target: str, error: str | None = NACK) -> None:
    head = plane.store.head()
    plane.store.report(
        Worker(
            "w1",
            os.getpid(),
            socket.gethostname(),
            head.version,
            "an-older-one",
            {"active": target},
            error,
            time.time(),
        )
    )


@pytest.mark.parametrize(("target", "acked"), [("slow", True), ("fast", False)])
def test_a_worker_that_refuses_the_revision(plane: Plane, target: str, acked: bool) -> None:
    say(plane, target)
    version = plane.store.head().version
    assert run_async(acks(plane.service, version, ("active", "slow"))) == [{"id": "w1", "acked": acked, "error": NACK}]


def test_a_publish_is_acked_by_its_revision(plane: Plane) -> None:
    say(plane, "slow")
    assert run_async(acks(plane.service, plane.store.head().version)) == [{"id": "w1", "acked": False, "error": NACK}]
