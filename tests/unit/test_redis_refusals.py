"""A Redis that cannot keep a store: one clear error each, and a remark where it might lose something."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.errors import StoreDown
from modelctl.state.selection import HistoryEntry
from modelctl.store import Store, open_store
from modelctl.store.redis_address import read_address
from modelctl.store.redis_checks import refuse_unfit
from support.api_server import make_service, write_catalog
from support.redis_server import LASTING, RedisServer, started
from support.serve_process import modelctl
from support.tls_relay import TlsRelay
from support.waiting import wait_until

PASSWORD = "correct-horse-battery"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = started(tmp_path / "redis", password=PASSWORD)
    yield server
    server.stop()


def refused(url: str, patience: float = 5.0) -> str:
    with pytest.raises(StoreDown) as raised:
        open_store(url, patience)
    said = f"{raised.value.message}; {raised.value.hint}"
    assert PASSWORD not in said
    return said


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "wants a password; redis://:PASSWORD@HOST"),
        (":wrong@", "refuses the password"),
        ("nobody:wrong@", "refuses the password"),
    ],
)
def test_without_the_right_password(server: RedisServer, given: str, says: str) -> None:
    assert says in refused(f"redis://{given}{server.address}")


def test_a_user_who_may_not_do_what_is_needed(server: RedisServer) -> None:
    server.call("ACL", "SETUSER", "ada", "on", ">secret", "~other:*", "+@all")
    assert "does not let this user" in refused(f"redis://ada:secret@{server.address}")
    server.call(
        "ACL", "SETUSER", "ada", "resetkeys", *["~{modelctl:*", "&{modelctl:*", "+@all", "-@dangerous", "+info"]
    )
    store = open_store(f"redis://ada:secret@{server.address}")
    assert store.commit(0).version == 1
    store.bell()
    open_store(server.url).commit(1)
    wait_until(lambda: store.bell()[0] == 2, "it may listen")


def test_a_user_who_may_not_ask_about_the_server(server: RedisServer) -> None:
    server.call("ACL", "SETUSER", "ada", "on", ">secret", "~{modelctl:*", "&{modelctl:*", "+@all", "-info", "-config")
    store = open_store(f"redis://ada:secret@{server.address}")
    assert (store.commit(0).version, store.remarks()) == (1, ())


def test_another_service_on_that_port() -> None:
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        assert "does not speak Redis's protocol" in refused(f"redis://127.0.0.1:{web.server_port}")
    finally:
        web.shutdown()
        web.server_close()


def test_nobody_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert "cannot be reached" in refused(f"redis://127.0.0.1:{port}")


def test_a_server_that_accepts_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "does not answer in time" in refused(f"redis://127.0.0.1:{silent.getsockname()[1]}", 0.2)


def test_a_replica(server: RedisServer, tmp_path: Path) -> None:
    replica = started(tmp_path / "replica", "--replicaof", f"127.0.0.1 {server.port}", password=PASSWORD)
    try:
        said = refused(replica.url)
        assert f"is a read-only replica of 127.0.0.1:{server.port}; name the primary" in said
    finally:
        replica.stop()


def test_one_that_becomes_a_replica(server: RedisServer) -> None:
    store = open_store(server.url)
    server.call("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(StoreDown, match="is a read-only replica"):
        store.commit(0)


@pytest.mark.parametrize(("version", "fit"), [("6.2.14", False), ("7.0.0", True), ("7.2.4", True), ("8.1", True)])
def test_how_old_it_may_be(version: str, fit: bool) -> None:
    info, address = {"redis_version": version, "role": "master"}, read_address("redis://box")
    if fit:
        return refuse_unfit(info, address)
    with pytest.raises(StoreDown, match=r"is 6\.2\.14, and the store needs 7 or newer"):
        refuse_unfit(info, address)


def test_one_that_is_full(server: RedisServer) -> None:
    store = open_store(server.url)
    server.call("CONFIG", "SET", "maxmemory", 1, "maxmemory-policy", "noeviction")
    with pytest.raises(StoreDown, match=r"is full \(maxmemory\)"):
        store.commit(0)
    server.call("CONFIG", "SET", "maxmemory", 0)
    assert store.commit(0).version == 1


def test_one_that_waits_for_replicas(server: RedisServer) -> None:
    store = open_store(server.url)
    server.call("CONFIG", "SET", "min-replicas-to-write", 1)
    with pytest.raises(StoreDown, match="too few replicas"):
        store.commit(0)


def of(store: Store) -> list[str]:
    return [problem.rule for problem in store.remarks()]


def test_what_may_lose_something_is_remarked(server: RedisServer) -> None:
    store = open_store(server.url)
    assert of(store) == ["store-forgets"]
    server.call("CONFIG", "SET", "appendonly", "yes", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lfu")
    other = open_store(server.url)
    assert of(other) == ["store-evicts"]
    assert "(maxmemory-policy allkeys-lfu)" in other.remarks()[0].message
    assert store.bell() == (0, 0)
    wait_until(lambda: of(store) == ["store-evicts"], "who listens looks again")
    server.call("CONFIG", "SET", "maxmemory-policy", "volatile-lru")  # our keys have no time limit
    assert of(open_store(server.url)) == []


def test_one_that_lasts_is_not_remarked(tmp_path: Path) -> None:
    server = started(tmp_path / "redis", *LASTING)
    try:
        assert open_store(server.url).remarks() == ()
    finally:
        server.stop()


@pytest.fixture
def relay(server: RedisServer, tmp_path: Path) -> Iterator[TlsRelay]:
    relay = TlsRelay(tmp_path, server.port)
    yield relay
    relay.close()


def test_tls(server: RedisServer, relay: TlsRelay) -> None:
    place, trusted = f":{PASSWORD}@127.0.0.1:{relay.port}", f"?ssl_ca_certs={relay.certificate}"
    store = open_store(f"rediss://{place}{trusted}")
    assert store.commit(0, entries=[HistoryEntry("select", 1.0, "ada")]).version == 1
    store.bell()
    open_store(server.url).commit(1)
    wait_until(lambda: store.bell()[0] == 2, "the bell is heard through TLS")
    assert "certificate that is not trusted; ?ssl_ca_certs=FILE" in refused(f"rediss://{place}")
    assert "rediss:// if it speaks TLS" in refused(f"redis://{place}")
    assert "redis:// if it speaks no TLS" in refused(f"rediss://:{PASSWORD}@{server.address}{trusted}", 0.3)


def test_the_command_line_says_it_in_two_lines(server: RedisServer, tmp_path: Path) -> None:
    write_catalog(tmp_path)
    code, out, err = modelctl("serve", "--store", f"redis://:wrong-{PASSWORD}@{server.address}", cwd=tmp_path)
    assert (code, out) == (1, "")
    assert f"the Redis at redis://{server.address} refuses the password" in err
    assert PASSWORD not in err
    assert len(err.strip().splitlines()) == 2


def test_a_service_shows_what_is_remarked(server: RedisServer, tmp_path: Path) -> None:
    store = open_store(server.url)
    service = make_service(write_catalog(tmp_path), store, beside=store.remarks)
    service.publish()
    assert [problem.rule for problem in service.troubles(service.snapshot())] == ["store-forgets"]
