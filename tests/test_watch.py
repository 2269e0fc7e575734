"""That a change is noticed, once, whatever wrote it and whether the system sends events or not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from modelctl import watch
from modelctl.watch import Watch, changed, git_is_busy, picture, stirred
from support.waiting import run_async

QUICK_S = 0.02


class Counter:
    """Counts what a watch says."""

    def __init__(self, folder: Path, events: bool) -> None:
        self.seen = 0
        self.moment = asyncio.Event()
        self._watch = Watch(folder, every=QUICK_S if not events else 0.25, events=events)

    async def run(self) -> None:
        async for _ in self._watch:
            self.seen += 1
            self.moment.set()

    async def next(self) -> None:
        await asyncio.wait_for(self.moment.wait(), 5)
        self.moment.clear()


@contextlib.asynccontextmanager
async def watching(folder: Path, events: bool = False) -> AsyncIterator[Counter]:
    counter = Counter(folder, events)
    task = asyncio.create_task(counter.run())
    try:
        yield counter
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "catalog" / "providers").mkdir(parents=True)
    (tmp_path / "catalog" / "providers" / "a.yaml").write_text("a: 1\n")
    return tmp_path / "catalog"


def edit(folder: Path) -> None:
    (folder / "providers" / "a.yaml").write_text("a: 2\n")


def same_size_same_mtime(folder: Path) -> None:
    path = folder / "providers" / "a.yaml"
    status = path.stat()
    path.write_text("a: 3\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def atomic_rename(folder: Path) -> None:
    part = folder / "providers" / ".a.yaml.swp"
    part.write_text("a: 4\n")
    part.replace(folder / "providers" / "a.yaml")


def new_file(folder: Path) -> None:
    (folder / "providers" / "b.yml").write_text("b: 1\n")


def vanished(folder: Path) -> None:
    (folder / "providers" / "a.yaml").unlink()


def folder_renamed_in(folder: Path) -> None:
    other = folder.parent / "other"
    other.mkdir()
    (other / "c.yaml").write_text("c: 1\n")
    other.rename(folder / "more")


def mtime_in_the_past(folder: Path) -> None:
    path = folder / "providers" / "a.yaml"
    path.write_text("a: 9\n")
    os.utime(path, (1_000_000, 1_000_000))


@pytest.mark.parametrize("events", [False, True], ids=["looking", "events"])
@pytest.mark.parametrize(
    "change", [edit, same_size_same_mtime, atomic_rename, new_file, vanished, folder_renamed_in, mtime_in_the_past]
)
def test_change_is_noticed(folder: Path, change: Callable[[Path], None], events: bool) -> None:
    async def story() -> None:
        async with watching(folder, events) as counter:
            change(folder)
            await counter.next()

    run_async(story())


@pytest.mark.parametrize("events", [False, True], ids=["looking", "events"])
def test_config_map_swap(tmp_path: Path, events: bool) -> None:
    """Kubernetes: files are links into `..data`, which is itself a link that is replaced."""
    folder = tmp_path / "catalog"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"..{number}").mkdir()
        (folder / f"..{number}" / "routes.yaml").write_text(f"x-n: {number}\n")
    (folder / "..data").symlink_to("..1")
    (folder / "routes.yaml").symlink_to("..data/routes.yaml")

    async def story() -> None:
        async with watching(folder, events) as counter:
            (folder / "..new").symlink_to("..2")
            (folder / "..new").replace(folder / "..data")
            await counter.next()

    run_async(story())


def test_burst_is_one_change(folder: Path) -> None:
    async def story() -> None:
        async with watching(folder, events=True) as counter:
            for number in range(200):
                (folder / "providers" / f"p{number}.yaml").write_text(f"n: {number}\n")
            await counter.next()
            # A last edit, alone: had the burst been told in parts, more than two would be counted by now.
            edit(folder)
            await counter.next()
            assert counter.seen == 2

    run_async(story())


@pytest.mark.parametrize("fails", [False, True], ids=["works", "fails"])
def test_work_ahead_is_done_once_a_burst_before_it_is_told(folder: Path, fails: bool) -> None:
    calls = []

    def ahead() -> None:
        calls.append(picture(folder))
        if fails:
            raise RuntimeError("a bug")

    async def story() -> None:
        watch = aiter(Watch(folder, meanwhile=ahead))
        for number in (1, 2):
            told = asyncio.ensure_future(anext(watch))
            await asyncio.sleep(0)
            for each in range(20):
                (folder / "providers" / f"p{each}.yaml").write_text(f"n: {number}\n")
            await asyncio.wait_for(told, 5)
            assert len(calls) == number

    run_async(story())
    assert not changed(calls[-1], picture(folder))


def test_half_written_file_settles_first(folder: Path) -> None:
    async def story() -> None:
        path = folder / "providers" / "a.yaml"
        async with watching(folder) as counter:
            with path.open("w") as file:
                for _ in range(10):
                    file.write("a: 5 \n")
                    file.flush()
                    await asyncio.sleep(watch.SETTLE_S / 5)  # a slow writer
            await counter.next()
            assert counter.seen == 1

    run_async(story())


@pytest.mark.parametrize("name", ["notes.txt", ".hidden.yaml", "a.yaml~", "4913", ".git"])
def test_other_names_are_not_read(folder: Path, name: str) -> None:
    before = picture(folder)
    (folder / "providers" / name).write_text("x")
    assert not changed(before, picture(folder))


def test_touch_is_no_change(folder: Path) -> None:
    before = picture(folder)
    os.utime(folder / "providers" / "a.yaml", (1, 1))
    assert stirred(before, folder)
    assert not changed(before, picture(folder, before))


def test_quiet_files_are_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(folder / "providers" / "a.yaml", (1_000_000, 1_000_000))
    before = picture(folder)
    monkeypatch.setattr(watch, "_digest", lambda path: pytest.fail(f"read {path}"))
    assert not stirred(before, folder)
    assert picture(folder, before) == before


def test_unreadable_and_vanishing_files_are_survived(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "broken.yaml").symlink_to("nowhere.yaml")
    before = picture(folder)
    assert set(before) == {str(folder / "providers" / "a.yaml")}
    assert picture(folder / "not there") == {}

    def refuse(path: str, *_: object, **__: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert changed(before, picture(folder))


def test_git_checkout_is_waited_for(folder: Path) -> None:
    (folder.parent / ".git").mkdir()
    lock = folder.parent / ".git" / "index.lock"
    lock.touch()

    async def story() -> None:
        async with watching(folder) as counter:
            edit(folder)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(counter.moment.wait(), 6 * watch.SETTLE_S)
            lock.unlink()
            await counter.next()

    run_async(story())


def test_git_is_busy(folder: Path) -> None:
    assert not git_is_busy(folder)
    real = folder.parent / "elsewhere"
    real.mkdir()
    (folder.parent / ".git").write_text(f"gitdir: {real}\n")
    assert not git_is_busy(folder)
    lock = real / "index.lock"
    lock.touch()
    assert git_is_busy(folder)
    long_ago = time.time() - watch.LOCK_IS_STALE_S - 1
    os.utime(lock, (long_ago, long_ago))
    assert not git_is_busy(folder)


def test_folder_that_comes_later(tmp_path: Path) -> None:
    folder = tmp_path / "catalog"

    async def story() -> None:
        async with watching(folder, events=True) as counter:
            folder.mkdir()
            (folder / "routes.yaml").write_text("x-a: 1\n")
            await counter.next()

    run_async(story())
