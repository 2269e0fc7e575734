"""The store's file says which version of the schema it has: an older one is migrated, a newer one is left alone."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from modelctl.errors import StoreDown
from modelctl.state.selection import HistoryEntry
from modelctl.store import desired_state, open_store
from modelctl.store.database import MIGRATIONS, SCHEMA_VERSION
from support.cli import called
from support.processes import free_port

STORES = Path(__file__).parents[1] / "stores"


def version_of(folder: Path) -> int:
    with sqlite3.connect(folder / "modelctl.db") as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A state folder with the store of the first release."""
    shutil.copy(STORES / "version-0.db", tmp_path / "modelctl.db")
    assert version_of(tmp_path) == 0
    return tmp_path


def test_an_old_store_is_migrated_with_all_that_it_holds(old: Path) -> None:
    store = open_store(str(old))
    assert version_of(old) == SCHEMA_VERSION == len(MIGRATIONS)
    head = store.head()
    assert (head.version, head.revision, head.selections["active"][-1].target) == (2, "298a62f71d7daf84", "slow")
    assert [(entry.action, entry.actor) for entry in store.history()] == [("select", "ada"), ("publish", "ada")]
    desired = desired_state(store, head.revision)
    assert (list(desired.deployments), desired.routes["active"].target) == (["fast-1", "slow-1"], "fast")
    assert (store.resting(), store.proven(), len(store.id)) == ((), None, 16)
    after = store.commit(2, entries=[HistoryEntry("publish", 1.0, "bob", revision=head.revision)])
    assert open_store(str(old)).head() == after


def test_every_old_store_is_tried() -> None:
    assert sorted(path.name for path in STORES.glob("*.db")) == [f"version-{at}.db" for at in range(SCHEMA_VERSION)]


def test_many_that_open_an_old_store_at_once_migrate_it_once(old: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: open_store(str(old)).id, range(16)))
    assert (len(ids), version_of(old)) == (1, SCHEMA_VERSION)


def test_a_migration_that_fails_leaves_the_file_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ("CREATE TABLE store (one INTEGER);\nINSERT INTO missing VALUES (1);\n",)
    monkeypatch.setattr("modelctl.store.database.MIGRATIONS", broken)
    with pytest.raises(StoreDown, match="no such table: missing"):
        open_store(str(old))
    monkeypatch.undo()
    assert version_of(old) == 0
    assert open_store(str(old)).head().version == 2


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    open_store(str(tmp_path))
    with sqlite3.connect(tmp_path / "modelctl.db") as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = (tmp_path / "modelctl.db").read_bytes()
    with pytest.raises(StoreDown, match="a newer modelctl has written the store") as refused:
        open_store(str(tmp_path))
    assert "MODELCTL_STATE" in str(refused.value.hint)
    assert (tmp_path / "modelctl.db").read_bytes() == before


def test_serve_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "catalog/providers").mkdir(parents=True)
    (tmp_path / "catalog/providers/acme.yaml").write_text("litellm_provider: openai\nmodels: {fast: {mode: chat}}\n")
    open_store(str(tmp_path / ".modelctl"))
    with sqlite3.connect(tmp_path / ".modelctl/modelctl.db") as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    ran = called("serve", "--port", str(free_port()), cwd=tmp_path)
    assert (ran.code, "Traceback" in ran.err) == (1, False)
    assert f"version {SCHEMA_VERSION + 1} of its schema, and this modelctl knows {SCHEMA_VERSION}" in ran.err
    assert "hint: run the newer modelctl" in ran.err
