"""What is hashed and stored of a long list of entries follows the edit, and means the same as the whole list."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path

import pytest

from modelctl.state.desired import Deployment, DesiredState, deployment
from modelctl.state.desired_json import manifest
from modelctl.state.stretches import LENGTH, cut
from modelctl.store import Store, desired_state, open_store
from modelctl.store.revision_parts import KEEP_REVISIONS

MANY = 20 * LENGTH + 7


def entry(name: str, version: int = 0) -> Deployment:
    return deployment(name, {"model": f"openai/{name}", "timeout": version}, {})


def state(*entries: Deployment) -> DesiredState:
    return DesiredState({one.id: one for one in entries})


ENTRIES = [entry(f"m{number}") for number in range(MANY)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


def edited(number: int, version: int = 1) -> DesiredState:
    return state(*ENTRIES[:number], entry(f"m{number}", version), *ENTRIES[number + 1 :])


@pytest.mark.parametrize("count", [0, 1, LENGTH - 1, LENGTH, LENGTH + 1, MANY])
def test_the_stretches_in_a_row_are_the_list(count: int) -> None:
    ids = [one.id for one in ENTRIES[:count]]
    assert [id_ for part in cut(ids).values() for id_ in part] == ids


def test_an_edit_changes_one_stretch() -> None:
    whole = state(*ENTRIES)
    for number in (0, LENGTH - 1, LENGTH, MANY - 1):
        after = edited(number)
        assert len(after.stretches.keys() - whole.stretches.keys()) == 1
        assert after.revision != whole.revision


def test_beyond_is_what_the_other_lacks() -> None:
    numbers = random.Random(7)
    for _ in range(30):
        one, other = (numbers.sample(ENTRIES, numbers.randint(0, 3 * LENGTH)) for _ in range(2))
        lacking = [each for each in one if each not in other]
        assert state(*one).beyond(state(*other)) == lacking


@pytest.mark.parametrize("count", [0, 1, LENGTH, LENGTH + 1, MANY])
def test_what_was_stored_comes_back(store: Store, tmp_path: Path, count: int) -> None:
    published = state(*ENTRIES[:count])
    store.commit(0, desired=published)
    for each in (store, open_store(str(tmp_path))):
        again = desired_state(each, published.revision)
        assert list(again.deployments.values()) == ENTRIES[:count]
        assert again.revision == published.revision
        assert each.manifest(published.revision) == manifest(published)
        assert each.holds(published.revision)


def written(folder: Path) -> dict[str, int]:
    """Digest or revision -> length of what is stored under it."""
    db = sqlite3.connect(folder / "modelctl.db")
    try:
        rows = "SELECT digest, length(body) FROM body UNION SELECT revision, length(manifest) FROM revision"
        return dict(db.execute(rows).fetchall())
    finally:
        db.close()


def test_an_edit_of_one_entry_writes_little_more_than_it(store: Store, tmp_path: Path) -> None:
    """In bytes: its body, its stretch, and a manifest of digests."""
    store.commit(0, desired=state(*ENTRIES))
    before = written(tmp_path)
    store.commit(1, desired=edited(MANY // 2))
    new = {name: length for name, length in written(tmp_path).items() if name not in before}
    assert len(new) == 3
    ids = len(json.dumps([one.id for one in ENTRIES]))
    assert sum(new.values()) < ids / 8


def test_all_kept_revisions_stay_whole(store: Store) -> None:
    """Whatever is swept meanwhile, entries that come and go included."""
    numbers = random.Random(7)
    last: list[DesiredState] = []
    for version in range(3 * KEEP_REVISIONS):
        start = numbers.randint(0, 5)
        last.append(state(*ENTRIES[start : 2 * LENGTH], entry("other", version)))
        store.commit(version, desired=last[-1])
    for each in last[-KEEP_REVISIONS:]:
        assert store.holds(each.revision)
        assert desired_state(store, each.revision) == each


def test_a_revision_that_lacks_a_stretch_is_not_held(store: Store, tmp_path: Path) -> None:
    published = state(*ENTRIES)
    store.commit(0, desired=published)
    db = sqlite3.connect(tmp_path / "modelctl.db")
    with db:
        db.execute("DELETE FROM body WHERE digest = ?", (next(iter(published.stretches)),))
    db.close()
    assert not store.holds(published.revision)


def test_a_manifest_from_before_there_were_stretches_is_read(store: Store, tmp_path: Path) -> None:
    published = state(*ENTRIES)
    store.commit(0, desired=published)
    db = sqlite3.connect(tmp_path / "modelctl.db")
    with db:
        db.execute("UPDATE revision SET manifest = ?", (json.dumps(manifest(published)),))
    db.close()
    assert store.holds(published.revision)
    assert desired_state(store, published.revision) == published
