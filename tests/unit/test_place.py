"""Writing below the catalog folder: whole or not at all, and nowhere else."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modelctl.catalog.safe_files import CannotWrite, SafeFolder, Taken, check_name
from modelctl.errors import ModelctlError, Refused

PLACE = "providers/acme/quick.yaml"


@pytest.fixture
def places(tmp_path: Path) -> SafeFolder:
    (tmp_path / "catalog/providers").mkdir(parents=True)
    return SafeFolder(tmp_path / "catalog")


def tree(places: SafeFolder) -> dict[str, str]:
    found = (path for path in places.root.rglob("*") if path.is_file())
    return {str(path.relative_to(places.root)): path.read_text() for path in found}


def test_create_replace_remove(places: SafeFolder) -> None:
    assert places.read(PLACE) is None
    places.create(PLACE, "a: 1\n")
    assert places.read(PLACE) == b"a: 1\n"
    with pytest.raises(Taken):
        places.create(PLACE, "a: 2\n")
    places.replace(PLACE, "a: 3\n")
    assert tree(places) == {PLACE: "a: 3\n"}
    places.remove(PLACE)
    assert tree(places) == {}
    assert not (places.root / "providers/acme").exists()
    assert (places.root / "providers").exists()


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes: what a full disk does to a write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_no_room_leaves_the_old_file_and_nothing_else(places: SafeFolder) -> None:
    places.create(PLACE, "a: 1\n")
    with little_room(100), pytest.raises(CannotWrite, match="could not be written"):
        places.replace(PLACE, "a: " + "x" * 1000)
    with little_room(100), pytest.raises(CannotWrite):
        places.create("providers/lab/new.yaml", "a: " + "x" * 1000)
    assert tree(places) == {PLACE: "a: 1\n"}
    assert not (places.root / "providers/lab").exists()


@pytest.mark.parametrize("where", ["providers", "providers/acme", PLACE])
def test_links_lead_nowhere(tmp_path: Path, where: str) -> None:
    outside = tmp_path / "outside"
    (outside / "acme").mkdir(parents=True)
    for path in (outside / "quick.yaml", outside / "acme/quick.yaml"):
        path.write_text("theirs\n")
    link = tmp_path / "catalog" / where
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "quick.yaml" if where == PLACE else outside)
    places = SafeFolder(tmp_path / "catalog")
    with pytest.raises(Refused):
        places.read(PLACE)
    if where != PLACE:
        for write in (places.create, places.replace):
            with pytest.raises(Refused):
                write(PLACE, "ours\n")
        with pytest.raises(Refused):
            places.remove(PLACE)
    assert {path.read_text() for path in outside.rglob("*.yaml")} == {"theirs\n"}


def test_a_folder_swapped_for_a_link_at_any_moment(places: SafeFolder, tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", places.root / "providers/acme"
    outside.mkdir()
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            try:
                folder.symlink_to(outside)
                folder.unlink()
            except OSError:
                pass

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for number in range(300):
            try:
                places.create(f"providers/acme/m{number}.yaml", "ours\n")
                places.remove(f"providers/acme/m{number}.yaml")
            except ModelctlError:
                continue
    finally:
        over.set()
        thread.join()
    assert list(outside.iterdir()) == []


def test_a_catalog_behind_a_link_is_written(tmp_path: Path) -> None:
    (tmp_path / "real/providers").mkdir(parents=True)
    (tmp_path / "catalog").symlink_to(tmp_path / "real")
    SafeFolder(tmp_path / "catalog").create(PLACE, "a: 1\n")
    assert (tmp_path / "real" / PLACE).read_text() == "a: 1\n"


def test_what_is_no_file(places: SafeFolder) -> None:
    (places.root / PLACE).mkdir(parents=True)
    with pytest.raises(Refused, match="no file"):
        places.read(PLACE)
    os.mkfifo(places.root / "providers/acme/pipe.yaml")
    with pytest.raises(Refused, match="no file"):
        places.read("providers/acme/pipe.yaml")


def test_no_catalog(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="cannot open the catalog folder"):
        SafeFolder(tmp_path / "nowhere").create(PLACE, "")


@pytest.mark.parametrize("name", ["gpt-5.1_mini", "a", "A1", "7b", "llama3.2", "x" * 100])
def test_good_names(name: str) -> None:
    check_name("model", name)
