"""That a change is noticed, once, whatever wrote it and whether the system sends events or not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from modelctl.control_plane import folder_digests, watch
from modelctl.control_plane.folder_digests import changed, picture, stirred
from modelctl.control_plane.watch import Watch, git_is_busy
from modelctl.system.open_for_writing import ignore_signals, is_open_for_writing
from support.waiting import run_async, wait_until, within

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
        await within(self.moment.wait(), 5)
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


def test_a_watch_ends_when_it_is_told_to_also_as_an_event_comes(folder: Path) -> None:
    """`asyncio.wait_for` of Python 3.11 swallows a cancellation in one of these turns of the loop."""

    async def ended(turns: int) -> bool:
        watch = Watch(folder, every=60, events=False)
        waiting = asyncio.ensure_future(watch._wait(60))
        await asyncio.sleep(0.01)
        watch._hurry.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        already = waiting.done()
        waiting.cancel()
        await asyncio.wait({waiting}, timeout=5)
        return waiting.cancelled() or already

    assert [run_async(ended(turns)) for turns in range(5)] == [True] * 5


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


@pytest.mark.parametrize("events", [False, True], ids=["looking", "events"])
def test_config_map_swap_of_a_folder_in_it(tmp_path: Path, events: bool) -> None:
    """Keys with a path of their own: `providers` is a link into `..data` as a whole."""
    folder = tmp_path / "catalog"
    for number in (1, 2):
        (folder / f"..{number}" / "providers").mkdir(parents=True)
        (folder / f"..{number}" / "providers" / "acme.yaml").write_text(f"x-n: {number}\n")
    (folder / "..data").symlink_to("..1")
    (folder / "providers").symlink_to("..data/providers")

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

    def ahead() -> bool | None:
        calls.append(picture(folder))
        if fails:
            raise RuntimeError("a bug")
        return None

    async def story() -> None:
        watch = aiter(Watch(folder, meanwhile=ahead))
        for number in (1, 2):
            told = asyncio.ensure_future(anext(watch))
            await asyncio.sleep(0)
            for each in range(20):
                (folder / "providers" / f"p{each}.yaml").write_text(f"n: {number}\n")
            assert await within(told, 5), "what was built is what has settled"
            assert len(calls) == number

    run_async(story())
    assert not changed(calls[-1], picture(folder))


@pytest.mark.parametrize("events", [False, True], ids=["looking", "events"])
@pytest.mark.parametrize("change", [edit, atomic_rename])
def test_one_whole_file_counts_at_once(folder: Path, change: Callable[[Path], None], events: bool) -> None:
    """However long a burst would be given."""
    ignore_signals()

    async def story() -> None:
        watch = Watch(folder, every=QUICK_S if not events else 0.25, settle=600, events=events, meanwhile=lambda: False)
        told = asyncio.ensure_future(anext(aiter(watch)))
        await asyncio.sleep(0)
        change(folder)
        await within(told, 10)

    run_async(story())


def test_one_whole_file_is_built_beside_the_quiet_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long that is, the build begins; nothing is told before it is over."""
    monkeypatch.setattr(watch, "QUIET_S", 600)
    built = threading.Event()

    async def story() -> None:
        told = asyncio.ensure_future(anext(aiter(Watch(folder, every=QUICK_S, events=False, meanwhile=built.set))))
        await asyncio.sleep(0)
        atomic_rename(folder)
        assert await asyncio.to_thread(built.wait, 10)
        assert not told.done()
        told.cancel()
        await asyncio.gather(told, return_exceptions=True)

    run_async(story())


def two_files(folder: Path) -> None:
    edit(folder)
    new_file(folder)


@pytest.mark.parametrize(
    ("change", "says", "writers"),
    [
        (edit, None, False),  # not sound
        (edit, False, None),  # nobody can tell whether its writer is done
        (two_files, False, False),
        (new_file, False, False),
    ],
    ids=["unsound", "unknown", "burst", "new"],
)
def test_what_may_be_part_of_a_burst_is_given_its_time(
    folder: Path,
    change: Callable[[Path], None],
    says: bool | None,
    writers: bool | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "is_open_for_writing", lambda path: writers)
    built = 0

    def meanwhile() -> bool | None:
        nonlocal built
        built += 1
        return says

    async def story() -> None:
        told = asyncio.ensure_future(
            anext(aiter(Watch(folder, every=QUICK_S, settle=600, events=False, meanwhile=meanwhile)))
        )
        await asyncio.sleep(0)
        change(folder)
        while not built:
            await asyncio.sleep(QUICK_S)
        done, _ = await asyncio.wait([told], timeout=10 * QUICK_S)
        told.cancel()
        assert not done

    run_async(story())


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
    before = picture(folder)

    def is_certain() -> bool:
        nonlocal before
        before = picture(folder, before)
        return not stirred(before, folder)

    wait_until(is_certain, "an equal look proves that nothing was written", 10)
    monkeypatch.setattr(folder_digests, "_digest", lambda path: pytest.fail(f"read {path}"))
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
                await within(counter.moment.wait(), 6 * watch.SETTLE_S)
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


def test_it_ends_though_its_listener_misses_that_it_should(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf(self: Watch) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    monkeypatch.setattr(Watch, "_listen", deaf)

    async def story() -> None:
        async with watching(folder, events=True) as counter:
            edit(folder)
            await counter.next()

    run_async(within(story(), 30))


# -- what may be half of a change --------------------------------------------------------------

Writer = Callable[[Path], None]
WHOLE = "models:\n  one: {mode: chat}\n  two: {mode: chat}\n"


def empty(path: Path) -> None:
    path.write_text("")


def gone(path: Path) -> None:
    path.unlink()


def within_a_line(path: Path) -> None:
    path.write_text(WHOLE[:20])


def folder_away(path: Path) -> None:
    path.parent.rename(path.parent.with_name(".away"))


def put_back(path: Path) -> None:
    away = path.parent.with_name(".away")
    if away.exists():
        away.rename(path.parent)
    path.write_text(WHOLE)


@pytest.mark.parametrize("events", [False, True], ids=["looking", "events"])
@pytest.mark.parametrize("half", [empty, gone, within_a_line, folder_away])
def test_half_a_write_is_no_change(folder: Path, half: Writer, events: bool) -> None:
    """What comes back as it was has not been told; what somebody changed beside it has."""
    path = folder / "providers" / "a.yaml"
    path.write_text(WHOLE)
    told: list[set[str]] = []

    async def story() -> None:
        async for _ in Watch(folder, every=QUICK_S if not events else 0.25, events=events):
            told.append({Path(each).name for each in picture(folder)})
            return

    async def writer() -> None:
        half(path)
        await asyncio.sleep(watch.UNFINISHED_S / 3)
        put_back(path)
        (folder / "routes.yaml").write_text("x-n: 1\n")

    async def both() -> None:
        await within(asyncio.gather(story(), writer()), 10)

    run_async(both())
    assert told == [{"a.yaml", "routes.yaml"}]
    assert path.read_text() == WHOLE


@pytest.mark.parametrize("change", [empty, gone], ids=["emptied", "removed"])
def test_a_removal_that_is_meant_is_told_all_the_same(folder: Path, change: Writer) -> None:
    async def story() -> None:
        async with watching(folder, events=True) as counter:
            change(folder / "providers" / "a.yaml")
            await counter.next()

    run_async(story())


def test_what_takes_something_away_waits_for_the_rest(folder: Path) -> None:
    """A slow writer of whole lines: valid at each moment."""
    path = folder / "providers" / "a.yaml"
    path.write_text(WHOLE)
    told: list[str] = []

    async def story() -> None:
        async for _ in Watch(folder, meanwhile=lambda: "two" not in path.read_text()):
            told.append(path.read_text())
            return

    async def writer() -> None:
        lines = ["x-new: 1\n", *WHOLE.splitlines(keepends=True)]
        path.write_text("")
        for line in lines:
            with path.open("a") as file:
                file.write(line)
            await asyncio.sleep(4 * watch.SETTLE_S)

    async def both() -> None:
        await within(asyncio.gather(story(), writer()), 20)

    run_async(both())
    assert told == ["x-new: 1\n" + WHOLE]


def test_a_file_that_is_open_for_writing_is_waited_for(folder: Path) -> None:
    """Longer than one that is not: a program that still holds it will write more. Also where it is a new file."""
    ignore_signals()
    path = folder / "providers" / "new.yaml"
    told: list[str] = []

    async def story() -> None:
        async for _ in Watch(folder):
            told.append(path.read_text())
            return

    async def writer() -> None:
        with path.open("w") as file:
            for line in ("a: 1\n", "b: 2\n"):
                file.write(line)
                file.flush()
                await asyncio.sleep(1.5 * watch.UNFINISHED_S)

    async def both() -> None:
        await within(asyncio.gather(story(), writer()), 20)

    run_async(both())
    assert told == ["a: 1\nb: 2\n"]


def test_who_has_a_file_open_for_writing(tmp_path: Path) -> None:
    ignore_signals()
    path = tmp_path / "a.yaml"
    with path.open("w") as file:
        assert is_open_for_writing(str(path))
        file.write("a: 1\n")
    with path.open():
        assert is_open_for_writing(str(path)) is False
    assert is_open_for_writing(str(tmp_path / "nothing")) is None


def test_a_start_waits_for_a_file_that_is_being_written(folder: Path) -> None:
    path = folder / "providers" / "a.yaml"
    path.write_text("")
    began: list[str] = []

    async def story() -> None:
        await Watch(folder).finished()
        began.append(path.read_text())

    async def writer() -> None:
        await asyncio.sleep(watch.UNFINISHED_S / 3)
        path.write_text(WHOLE)

    async def both() -> None:
        await within(asyncio.gather(story(), writer()), 10)

    run_async(both())
    assert began == [WHOLE]


def test_same_size_and_time_but_changed_long_after(folder: Path) -> None:
    """`cp -p`, `rsync -t`, a restored backup: only the time of the change itself tells."""
    path = folder / "providers" / "a.yaml"
    os.utime(path, (1_000_000, 1_000_000))
    before = picture(folder)
    path.write_text("a: 7\n")
    os.utime(path, (1_000_000, 1_000_000))
    assert stirred(before, folder)
    assert changed(before, picture(folder, before))
