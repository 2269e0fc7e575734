"""A control plane that starts before its Redis does, as in a compose file: it waits, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.control_plane import first_store
from modelctl.control_plane.first_store import open_when_there
from modelctl.errors import StoreDown, StoreUnreachable
from modelctl.store import Store, open_store
from support.api_server import write_catalog
from support.processes import free_port
from support.redis_server import RedisServer
from support.serve_process import WarmControlPlane


def test_it_serves_once_redis_is_there(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis")
    plane = WarmControlPlane(tmp_path, write_catalog(tmp_path), tmp_path / "state", None, "--store", server.url)
    run = plane.begin()
    try:
        run.wait_for(lambda: "waiting for it" in run.output(), "it says what it waits for", 30)
        assert f"the Redis at {server.url} cannot be reached" in run.output()
        assert not plane.answers()
        server.start()
        run.wait_for(plane.answers, "it answers", 30)
        run.wait_for(lambda: plane.http.get("/models/current").status_code == 200, "it has published", 30)
        assert plane.current()["target"] == "fast"
    finally:
        plane.stop()
        if server.boots:
            server.stop()


def test_it_gives_up_in_the_end(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(first_store, "PAUSE_S", 0.01)
    address = f"redis://127.0.0.1:{free_port()}"
    tries: list[int] = []

    def open_() -> Store:
        tries.append(1)
        return open_store(address)

    with pytest.raises(StoreUnreachable, match="cannot be reached"):
        open_when_there(open_, longest_s=2)
    assert len(tries) > 1
    assert [record.getMessage().count("waiting for it, 2 s at most") for record in caplog.records] == [1]


def test_a_store_that_refuses_is_not_waited_for() -> None:
    tries: list[int] = []

    def refusing() -> Store:
        tries.append(1)
        raise StoreDown("the Redis at redis://here wants a password")

    with pytest.raises(StoreDown, match="wants a password"):
        open_when_there(refusing)
    assert len(tries) == 1
