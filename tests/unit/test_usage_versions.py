"""`usage.db` says which version of the schema it has: an older one is migrated, a newer one is left alone."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from math import inf
from pathlib import Path

import pytest

from modelctl.errors import StoreDown
from modelctl.hook.counted import Attempt
from modelctl.store.usage_schema import MIGRATIONS
from modelctl.store.usage_store import MINUTE, UsageStore
from modelctl.usage.figures import FIELDS, Series
from support.counts import Counts

STORES = Path(__file__).parents[1] / "stores" / "usage"
FAST = Series("active", "fast", "fast-1", "openai")


def version_of(folder: Path) -> int:
    with sqlite3.connect(folder / "usage.db") as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    shutil.copy(STORES / "version-0.db", tmp_path / "usage.db")
    return tmp_path


@pytest.mark.parametrize("version", [0, 2])
def test_an_old_file_keeps_what_it_counted_and_counts_on(tmp_path: Path, version: int) -> None:
    old = tmp_path
    shutil.copy(STORES / f"version-{version}.db", old / "usage.db")
    kept = UsageStore(old)
    found = kept.sums(MINUTE, 0, inf, ("route", "model"))["active", "fast"]
    assert (found["attempts"], found["attempts_upstream"], found["prompt_tokens"], found["cost"]) == (2, 1, 11, 0.25)
    assert (found["tool_calls"], sum(found.attempt_bins.values()), kept.price_maps(0, inf)) == (0, 2, ["map-1"])
    assert version_of(old) == len(MIGRATIONS)
    more = Attempt(1_800_000_100.0, FAST, 0.5, parsed={"tool_calls": 3, "tool_calls_invalid": 1})
    Counts(old, "w2").add([more])
    found = kept.sums(MINUTE, 0, inf, ("model",))["fast",]
    assert (found["attempts"], found["tool_calls"], found["tool_calls_invalid"]) == (3, 3, 1)
    kept.close()


def test_every_old_file_is_tried_and_a_new_one_has_every_field(tmp_path: Path) -> None:
    assert len(MIGRATIONS) == len(list(STORES.glob("version-*.db"))) + 1
    UsageStore(tmp_path).oldest(MINUTE)
    with sqlite3.connect(tmp_path / "usage.db") as db:
        names = [row[1] for row in db.execute("PRAGMA table_info(usage)")]
    assert set(names) == {"grain", "at", "series", *FIELDS}


def test_an_old_file_without_the_table_of_price_maps_gets_it(old: Path) -> None:
    with sqlite3.connect(old / "usage.db") as db:
        db.execute("DROP TABLE price_map")
    assert UsageStore(old).price_maps(0, inf) == []


def test_many_that_open_an_old_file_at_once_migrate_it_once(old: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: UsageStore(old).oldest(MINUTE), range(16))) == {1_800_000_000}
    assert version_of(old) == len(MIGRATIONS)


def test_a_newer_file_is_refused_and_left_as_it_is(old: Path) -> None:
    with sqlite3.connect(old / "usage.db") as db:
        db.execute("PRAGMA user_version = 99")
    kept = UsageStore(old)
    for _ in range(2):
        with pytest.raises(StoreDown, match="a newer modelctl has written"):
            kept.oldest(MINUTE)
    assert version_of(old) == 99
