"""The control plane over a store that is deleted, replaced or damaged: it recovers by itself."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from modelctl.errors import NotFound, StoreDown
from modelctl.service import SelectRequest, Service
from modelctl.store import Store, open_store
from support.api_server import make_service, write_catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return write_catalog(tmp_path)


@pytest.fixture
def service(catalog: Path) -> Service:
    service = make_service(catalog)
    assert service.publish().verdict == "published"
    return service


def there(service: Service, catalog: Path) -> Store:
    return open_store(str(catalog.parent / ".modelctl"))


def lose(catalog: Path, empty: bool) -> None:
    shutil.rmtree(catalog.parent / ".modelctl")
    if empty:
        open_store(str(catalog.parent / ".modelctl"))


@pytest.mark.parametrize("empty", [False, True])
def test_a_selection_after_the_loss_is_in_the_store_that_all_read(service: Service, catalog: Path, empty: bool) -> None:
    revision = service.store.head().revision
    lose(catalog, empty)
    changed = service.select(SelectRequest("slow"))
    head = there(service, catalog).head()
    assert head == changed.head
    assert (head.revision, head.selections["active"][-1].target) == (revision, "slow")


def test_a_new_store_at_the_same_count_is_not_taken_for_the_old_one(service: Service, catalog: Path) -> None:
    service.select(SelectRequest("slow"))
    service.snapshot()
    lose(catalog, empty=False)
    changed = service.select(SelectRequest("acme-twin"))
    assert service.snapshot().head == changed.head


@pytest.mark.parametrize("empty", [False, True])
def test_a_selection_of_before_the_loss_goes_on(service: Service, catalog: Path, empty: bool) -> None:
    service.select(SelectRequest("slow"))
    lose(catalog, empty)
    service._snapshot = None  # a second later
    assert service.snapshot().targets["active"] == "slow"
    assert there(service, catalog).head() == service.store.head()
    assert "deleted or replaced" in (service.history(None, 1)[0].reason or "")


def test_publishing_the_same_after_the_loss_writes_it(service: Service, catalog: Path) -> None:
    lose(catalog, empty=False)
    service.publish()
    head = there(service, catalog).head()
    assert head.revision is not None
    assert there(service, catalog).holds(head.revision)


def test_a_store_that_was_put_back_counts_as_it_is(service: Service, catalog: Path, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / ".modelctl", tmp_path / "backup")
    backup = service.store.head()
    service.select(SelectRequest("slow"))
    shutil.rmtree(tmp_path / ".modelctl")
    (tmp_path / "backup").rename(tmp_path / ".modelctl")
    service._snapshot = None
    assert service.snapshot().head == backup
    assert service.select(SelectRequest("slow")).head == there(service, catalog).head()


def test_lost_before_anything_was_published(catalog: Path) -> None:
    service = make_service(catalog)
    service.snapshot()
    lose(catalog, empty=False)
    service._snapshot = None
    with pytest.raises(NotFound, match="nothing has been published"):
        service.select(SelectRequest("slow"))
    assert service.publish().verdict == "published"
    assert service.select(SelectRequest("slow")).head == there(service, catalog).head()


def damage(catalog: Path, table: str) -> None:
    with sqlite3.connect(catalog.parent / ".modelctl" / "modelctl.db") as db:
        db.execute(f"DELETE FROM {table}")
    db.close()


@pytest.mark.parametrize("table", ["revision", "body"])
@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("manual", [False, True])
def test_a_live_revision_that_cannot_be_read_is_written_again(
    catalog: Path, service: Service, table: str, restarted: bool, manual: bool
) -> None:
    damage(catalog, table)
    if restarted:
        service = make_service(catalog, manual=manual)
        with pytest.raises(StoreDown):
            service.snapshot()
    assert service.publish().verdict == "published"
    assert service.publish().verdict == "unchanged"
    assert make_service(catalog).snapshot().desired == service.built


def test_an_edit_gets_past_a_live_revision_that_cannot_be_read(catalog: Path, service: Service) -> None:
    damage(catalog, "revision")
    write_catalog(catalog.parent, routes="active: {target: slow}\n")
    restarted = make_service(catalog)
    assert restarted.plan().digest
    assert restarted.publish().verdict == "published"
    assert restarted.snapshot().targets == {"active": "slow"}
