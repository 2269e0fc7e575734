"""When a worker that follows a file takes an edit for finished. (What it does with it: `test_file_mode`.)"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import pytest

from modelctl.hook import file_reader
from modelctl.hook.events import ContentSeen
from modelctl.hook.file_reader import FileReader
from support.waiting import wait_until

pytestmark = pytest.mark.litellm
ENTRY = "- model_name: {0}\n  litellm_params: {{model: openai/{0}}}\n"
CONFIG = f"model_list:\n{ENTRY.format('a')}{ENTRY.format('b')}general_settings: {{}}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def reader(config: Path) -> Iterator[FileReader]:
    """As it is once it has taken `CONFIG`."""
    reader = FileReader(str(config), object())
    reader._names, reader._sections = Counter("ab"), frozenset({"general_settings"})
    wait_until(reader.due, "the file as it is counts", 60, every=0.005)
    assert isinstance(reader.look(), ContentSeen)
    yield reader
    child = reader._child
    assert child is not None
    assert child._process is not None
    child._process.kill()
    child._process.wait()


def add(path: Path) -> None:
    path.write_text(CONFIG.replace("general_settings", ENTRY.format("c") + "general_settings"))


def change(path: Path) -> None:
    path.write_text(CONFIG.replace("openai/b", "openai/other"))


def rename(path: Path) -> None:
    beside = path.with_name(".new")
    change(beside)
    beside.replace(path)


@pytest.mark.parametrize("edit", [add, change, rename])
def test_what_is_whole_and_lacks_nothing_counts_at_once(
    config: Path, reader: FileReader, edit: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_reader, "SETTLE", 600)
    edit(config)
    wait_until(reader.due, "the edit counts", 60, every=0.005)
    seen = reader.look()
    assert isinstance(seen, ContentSeen)
    assert seen.models == (3 if edit is add else 2)


def remove(path: Path) -> None:
    path.write_text(CONFIG.replace(ENTRY.format("b"), ""))


def without_section(path: Path) -> None:
    path.write_text(CONFIG.replace("general_settings: {}\n", ""))


def with_an_error(path: Path) -> None:
    path.write_text(CONFIG + "router_settings: {model_group_alias: {x: nothing}}\n")


def in_two_files(path: Path) -> None:
    (path.parent / "more.yaml").write_text("model_list:\n" + ENTRY.format("c"))
    path.write_text(CONFIG + "include: [more.yaml]\n")


def cut(path: Path) -> None:
    path.write_text(CONFIG.rstrip("\n"))


HANDLES: list[TextIO] = []


def held(path: Path) -> None:
    change(path)
    HANDLES.append(path.open("a"))


def with_an_error_and_held(path: Path) -> None:
    with_an_error(path)
    HANDLES.append(path.open("a"))


def test_an_error_in_a_file_that_is_being_written_is_no_verdict_yet(
    config: Path, reader: FileReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_reader, "UNFINISHED", 600)
    with_an_error_and_held(config)
    patience: list[float] = []

    def read() -> bool:
        assert not reader.due()
        if reader._reading is not None and reader._reading.done():
            patience.append(reader._patience(reader._reading))
        return bool(patience)

    wait_until(read, "the file has been read", 60, every=0.005)
    assert patience == [600]
    monkeypatch.undo()
    HANDLES.pop().close()
    wait_until(reader.due, "it counts after all", 60, every=0.005)


@pytest.mark.parametrize("edit", [remove, without_section, with_an_error, in_two_files, cut, held])
def test_what_may_be_half_of_it_waits(
    config: Path, reader: FileReader, edit: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_reader, "SETTLE", 600)
    monkeypatch.setattr(file_reader, "UNFINISHED", 600)
    edit(config)

    def read() -> bool:
        assert not reader.due()
        return reader._reading is not None and reader._reading.done()

    wait_until(read, "the file has been read", 60, every=0.005)
    assert not any(reader.due() for _ in range(20))
    assert reader.look() is None  # the loop looks now and then without having asked
    monkeypatch.undo()
    while HANDLES:
        HANDLES.pop().close()
    wait_until(reader.due, "it counts after all", 60, every=0.005)
