"""Over loopback without a token, only the user whose control plane it is may write."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from modelctl.api import peers
from support.api_server import Plane, write_catalog
from support.serve_process import WarmControlPlane

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LINE = "   0: {local} {remote} 01 00000000:00000000 00:00000000 00000000 {user:5}        0 {inode} 1 0 20 4 30 10 -1\n"
NEAR, FAR = ("127.0.0.1", 0xC350), ("127.0.0.1", 0x1E61)
ASKED = """
import encodings.idna, os, socket, sys
if os.getuid() == 0 and sys.argv[2] == "another":
    os.setgid(65534), os.setuid(65534)
asked = {"/models/select": '{"model_id": "slow"}', "/models/custom/test": "{}", "/models/current": ""}
for path, body in asked.items():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        head = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
        connection.sendall("\\r\\n".join([*head, f"Content-Length: {len(body)}", "", body]).encode())
        print(path, connection.recv(12).decode()[9:])
"""


def table(folder: Path, user: int, inode: int, local: str = "0100007F:C350", remote: str = "0100007F:1E61") -> Path:
    path = folder / "tcp"
    path.write_text(HEAD + LINE.format(local=local, remote=remote, user=user, inode=inode))
    return path


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_connection_of_our_own(family: socket.AddressFamily) -> None:
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    with closing(socket.create_server((host, 0), family=family)) as listener:
        with closing(socket.create_connection(listener.getsockname()[:2])) as client:
            near, far = client.getsockname()[:2], listener.getsockname()[:2]
            assert peers.owner(near, far) == peers.owner(near, far, peers.TABLES) == os.getuid()
            assert peers.is_same_user(near, far)
            assert not peers.is_same_user(far, (*near[:1], near[1] + 1))
        assert not peers.is_same_user(near, far)  # closed: nobody holds it any more


@pytest.mark.parametrize(
    ("user", "inode", "fine"),
    [(os.getuid(), 7, True), (0, 7, True), (os.getuid() + 1, 7, False), (0, 0, False), (os.getuid(), 0, False)],
)
def test_who_holds_the_other_end(tmp_path: Path, user: int, inode: int, fine: bool) -> None:
    assert peers.is_same_user(NEAR, FAR, [tmp_path / "no-such", table(tmp_path, user, inode)]) is fine


def test_where_nobody_can_tell(tmp_path: Path) -> None:
    assert not peers.can_tell([tmp_path / "no-such"])
    assert peers.can_tell([tmp_path / "no-such", table(tmp_path, 0, 7)])
    assert peers.can_tell() is Path("/proc/net/tcp").is_file()


def test_ipv4_in_the_clothes_of_ipv6(tmp_path: Path) -> None:
    words = "0000000000000000FFFF00000100007F"
    own = table(tmp_path, os.getuid(), 7, f"{words}:C350", f"{words}:1E61")
    assert peers.is_same_user(NEAR, FAR, [own])
    assert peers.is_same_user(("::ffff:127.0.0.1", NEAR[1]), FAR, [own])


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[WarmControlPlane]:
    plane = WarmControlPlane(tmp_path, write_catalog(tmp_path), tmp_path / "state").start()
    yield plane
    plane.stop()


def test_another_user_reads_and_does_not_write(watched: WarmControlPlane) -> None:
    """Real users where this test may change to another; else both are one, and both may."""
    for who, select, test in (("self", "200", "400"), ("another", "403", "403")):
        done = subprocess.run(
            [sys.executable, "-c", ASKED, str(watched.port), who],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        allowed = who == "self" or os.getuid() != 0
        wanted = ("200", "400") if allowed else (select, test)
        lines = [f"/models/select {wanted[0]}", f"/models/custom/test {wanted[1]}", "/models/current 200"]
        assert done.stdout.splitlines() == lines, done.stderr


def test_what_is_said_to_another_user(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path), peers=lambda client, server: False)
    try:
        answer = plane.select("slow")
        said = answer.json()["error"]
        assert (answer.status_code, said["code"]) == (403, "forbidden")
        assert "another user of this machine" in said["message"]
        assert "MODELCTL_TOKEN" in said["hint"]
        assert plane.client.get("/models/current").status_code == 200
        demo = plane.client.post("/demo/v1/chat/completions", json={"model": "m", "messages": []})
        assert demo.status_code != 403  # LiteLLM asks it, whoever runs that
    finally:
        plane.stop()


def test_with_tokens_the_token_says_who(tmp_path: Path) -> None:
    tokens = {"a-long-secret": "ada"}
    plane = Plane(write_catalog(tmp_path), peers=lambda client, server: False, tokens=tokens)
    try:
        held = {"authorization": "Bearer a-long-secret"}
        assert plane.client.post("/models/select", json={"model_id": "slow"}, headers=held).status_code == 200
        assert plane.select("slow").status_code == 401
    finally:
        plane.stop()
