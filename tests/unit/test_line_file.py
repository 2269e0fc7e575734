"""Lines that are added to a file of limited size, by several at once."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from modelctl.system import line_file
from modelctl.system.line_file import add_line


def test_full_files_are_kept_and_the_oldest_goes(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    for number in range(7):
        add_line(path, f"line {number}", most=16, keep=2)
    found = {each.name: each.read_text() for each in tmp_path.iterdir()}
    assert found == {"audit": "line 6\n", "audit.1": "line 4\nline 5\n", "audit.2": "line 2\nline 3\n"}


def test_a_line_over_the_limit_is_kept_whole(tmp_path: Path) -> None:
    add_line(tmp_path / "audit", "x" * 100, most=10)
    assert (tmp_path / "audit").read_text() == "x" * 100 + "\n"


def test_many_writers_lose_no_line_and_mix_none(tmp_path: Path) -> None:
    path = tmp_path / "audit"

    def write(name: str) -> None:
        for number in range(50):
            add_line(path, f"{name}-{number}-" + "x" * 30, most=2000, keep=100)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    lines = [line for each in tmp_path.iterdir() for line in each.read_text().splitlines()]
    assert sorted(lines) == sorted(f"{name}-{number}-" + "x" * 30 for name in "abcd" for number in range(50))


def test_for_the_owner_alone_and_through_no_link(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    before = os.umask(0)
    try:
        add_line(path, "one")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(OSError, match="symbolic link"):
        add_line(tmp_path / "link", "two")


def test_half_a_line_on_a_full_disk_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "audit"
    add_line(path, "whole")
    write = os.write
    monkeypatch.setattr(line_file.os, "write", lambda handle, data: write(handle, data[:3]))
    with pytest.raises(OSError, match="no space"):
        add_line(path, "another")
    assert path.read_text() == "whole\n"
