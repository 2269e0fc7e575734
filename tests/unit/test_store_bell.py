"""The bell: cheap, shared, and harmless to its readers whatever happens to the file."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from modelctl.store import open_store
from modelctl.store.bell import HEAD, WORKERS, Bell

READER = """
import sys, time
from modelctl.store import open_store
store = open_store(sys.argv[1])
while True:
    print(*store.bell(), flush=True)
    sys.stdin.readline()
"""


def test_a_ring_is_heard_by_all(tmp_path: Path) -> None:
    one, other = Bell(tmp_path / "bell"), Bell(tmp_path / "bell")
    one.ring(HEAD, 7)
    one.ring(WORKERS, 2**63)
    assert other.read() == one.read() == (7, 2**63)


def test_a_ring_wakes_who_listens(tmp_path: Path) -> None:
    one, other = Bell(tmp_path / "bell"), Bell(tmp_path / "bell")
    wakes = other.wakes()
    assert wakes is not None
    assert other.wakes() == wakes
    assert not readable(wakes)
    one.ring(HEAD, 7)
    one.ring(HEAD, 8)
    assert readable(wakes)
    os.read(wakes, 4096)
    assert not readable(wakes)
    other.close()
    assert not is_open(wakes)


def readable(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def is_open(descriptor: int) -> bool:
    return Path(f"/proc/self/fd/{descriptor}").exists()


def test_a_truncated_file_does_not_kill_its_readers(tmp_path: Path) -> None:
    """`cp` of a backup over the state folder: truncate, then write. Mapped memory would be SIGBUS."""
    store = open_store(str(tmp_path))
    store.commit(0)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdin is not None
    assert reader.stdout is not None
    said = [reader.stdout.readline()]
    for content in (b"", b"\x01", b"\x09" + bytes(15)):
        (tmp_path / "bell").write_bytes(content)
        print(file=reader.stdin, flush=True)
        said.append(reader.stdout.readline())
    reader.kill()
    reader.communicate()
    assert said == ["1 0\n", "1 0\n", "1 0\n", "9 0\n"]


def test_a_truncated_file_is_made_whole_by_the_next_ring(tmp_path: Path) -> None:
    one, other = Bell(tmp_path / "bell"), Bell(tmp_path / "bell")
    (tmp_path / "bell").write_bytes(b"")
    one.ring(HEAD, 4)
    one.ring(WORKERS, 5)
    assert other.read() == (4, 5)


def test_a_closed_bell_reads_what_it_read_last(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "bell")
    bell.ring(HEAD, 3)
    bell.read()
    bell.close()
    bell.close()
    assert bell.read() == (3, 0)


def test_reading_keeps_the_gil(tmp_path: Path) -> None:
    """A read that lets go of it waits for a thread that computes: 5 ms, on the worker's loop."""
    assert not others_get_on(Bell(tmp_path / "bell").read, 20_000)
    assert others_get_on((tmp_path / "bell").stat, 10_000_000)  # it lets go each time


def others_get_on(work: Callable[[], object], times: int) -> bool:
    """Whether another thread, which Python never hurries, gets its turn within so many runs of `work`."""
    computed: list[bool] = []
    may = threading.Event()
    thread = threading.Thread(target=lambda: may.wait() and computed.append(True))
    thread.start()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        may.set()
        return any(work() is not None and computed for _ in range(times))
    finally:
        sys.setswitchinterval(before)
        thread.join()
