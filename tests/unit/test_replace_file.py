"""One step from the old file to the new: never half of either, on a full disk and whenever the process is killed."""

from __future__ import annotations

import errno
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from test_place import little_room

from modelctl.system import replace_file as module
from modelctl.system.replace_file import PRIVATE, replace_file, replace_files, staged

OLD, NEW = "a: old\n", "a: " + "new " * 1000 + "\n"

# Kills itself at the named call: what was done before is on the disk, nothing after it.
KILLED = """
import os, signal, sys
from pathlib import Path
from modelctl.system.replace_file import replace_file

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(os, sys.argv[2], die)
replace_file(Path(sys.argv[1]), "new " * 1000)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.yaml"
    path.write_text(OLD)
    return path


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_text_and_bytes(file: Path) -> None:
    replace_file(file, "ä\r\n")
    assert file.read_bytes() == b"\xc3\xa4\r\n"
    replace_file(file, b"\xff", durable=False)
    assert file.read_bytes() == b"\xff"
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_file_keeps_its_rights(file: Path, mode: int) -> None:
    file.chmod(mode)
    replace_file(file, NEW)
    assert rights(file) == mode


def test_a_new_file_has_the_usual_rights_or_those_that_are_asked_for(tmp_path: Path) -> None:
    usual, private = tmp_path / "usual", tmp_path / "private"
    (tmp_path / "beside").touch()
    replace_file(usual, NEW)
    assert rights(usual) == rights(tmp_path / "beside")
    private.touch(0o644)
    replace_file(private, NEW, mode=PRIVATE)
    assert rights(private) == PRIVATE


def test_a_secret_is_private_from_its_first_byte(file: Path) -> None:
    with staged(file, NEW, mode=PRIVATE) as part:
        assert rights(part) == PRIVATE
        assert part.name.startswith(".")
    assert list(file.parent.iterdir()) == [file]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(file: Path) -> None:
    with little_room(100), pytest.raises(OSError, match=r"file\.yaml") as caught:
        replace_file(file, NEW)
    assert caught.value.filename == str(file)
    assert file.read_text() == OLD
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_is_full_late(file: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, call, full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(file, NEW)
    assert file.read_text() == OLD
    assert list(file.parent.iterdir()) == [file]


def test_of_several_files_none_is_replaced_where_there_is_no_room_for_all(file: Path) -> None:
    other = file.with_name("other.yaml")
    other.write_text(OLD)
    with little_room(100), pytest.raises(OSError, match=r"other\.yaml"):
        replace_files({file: "a: 1\n", other: NEW})
    assert (file.read_text(), other.read_text()) == (OLD, OLD)
    assert sorted(file.parent.iterdir()) == [file, other]
    replace_files({file: "a: 1\n", other: NEW})
    assert (file.read_text(), other.read_text()) == ("a: 1\n", NEW)


@pytest.mark.parametrize("call", ["open", "fchmod", "fsync", "replace"])
def test_a_kill_leaves_the_old_file(file: Path, call: str) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(file), call], timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert file.read_text() == OLD
    assert all(path == file or path.name.startswith(".") for path in file.parent.iterdir())


def test_who_reads_meanwhile_never_sees_half_a_file(file: Path) -> None:
    texts = {OLD, NEW}
    done = threading.Event()

    def write() -> None:
        for count in range(100):
            replace_file(file, OLD if count % 2 else NEW, durable=False)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert file.read_text() in texts
    writer.join()
    assert list(file.parent.iterdir()) == [file]
