"""The one tag of usage: where it is read, what is refused, how many are told apart, and older files without."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from modelctl.errors import UsageError
from modelctl.hook.counted import Request
from modelctl.hook.ledger import MOST_TAGS, Ledger
from modelctl.hook.payload import LitellmEvent
from modelctl.hook.usage_tag import LONGEST, VARIABLE, usage_tag
from modelctl.store.http_wire import row_from_dict, row_to_dict
from modelctl.store.usage_store import DAY, UsageStore
from modelctl.usage.figures import Series

BODY = {"metadata": {"team": "blue", "tags": ["team:red", "other:x", 7]}, "litellm_metadata": {"job": "nightly"}}


def value(setting: str, headers: dict[str, Any] | None = None, body: dict[str, Any] | None = None) -> str:
    body = BODY if body is None else body
    sent = {"headers": headers or {}, "body": body}
    tag = usage_tag({VARIABLE: setting})
    assert tag is not None
    return tag.value(LitellmEvent({"proxy_server_request": sent, "metadata": body.get("metadata", {})}))


def test_it_is_read_from_a_header_from_metadata_or_from_litellms_tags() -> None:
    assert value("header:X-Team", {"x-team": "green"}) == "green"
    assert value("metadata:team") == "blue"
    assert value("metadata:job") == "nightly"
    assert value("tags:team") == "red"
    assert value("tags:nothing") == value("header:x-team") == value("metadata:none") == "none"


@pytest.mark.parametrize("odd", ["x" * (LONGEST + 1), "a\nb", "sk-" + "a1" * 12])
def test_what_is_no_name_is_other(odd: str) -> None:
    assert value("metadata:team", body={"metadata": {"team": odd}}) == "other"


@pytest.mark.parametrize("odd", [None, 5, ["a"], {"a": 1}, "", "  "])
def test_what_is_no_text_is_none(odd: object) -> None:
    assert value("metadata:team", body={"metadata": {"team": odd}}) == "none"
    assert value("tags:team", body={"metadata": {"tags": odd}}) == "none"


def test_settings_that_name_no_tag_or_a_secret_are_refused() -> None:
    assert usage_tag({}) is None
    for setting in (
        "team",
        "header:",
        "cookie:x",
        "header:a b",
        "header:Authorization",
        "header:x-api-key",
        "tags:a:b",
    ):
        with pytest.raises(UsageError):
            usage_tag({VARIABLE: setting})


def test_only_so_many_values_of_a_day_are_told_apart() -> None:
    ledger, now = Ledger(), time.time()
    ledger.take(Request(now, Series("a", "b", "c", "d", str(each)), 1.0) for each in range(MOST_TAGS + 20))
    tags = {row.series.tag: row.figures["requests"] for row in ledger.rows() if row.grain == DAY}
    assert (len(tags), tags["other"]) == (MOST_TAGS + 1, 20)


def test_a_tag_is_a_group_and_goes_over_the_wire(tmp_path: Path) -> None:
    ledger, now = Ledger(), time.time()
    ledger.take(Request(now, Series("a", "b", "c", "d", tag), 1.0) for tag in ("red", "red", "blue", ""))
    assert [row_from_dict(row_to_dict(row)) for row in ledger.rows()] == ledger.rows()
    store = UsageStore(tmp_path)
    store.write("w", ledger.rows())
    found = store.sums(DAY, 0, float("inf"), ("tag",))
    assert {key: figures["requests"] for key, figures in found.items()} == {("red",): 2, ("blue",): 1, ("",): 1}
    store.close()


def test_a_file_of_before_there_were_tags_goes_on(tmp_path: Path) -> None:
    ledger, now = Ledger(), time.time()
    ledger.take([Request(now, Series("a", "b", "c", "d"), 1.0)])
    store = UsageStore(tmp_path)
    store.write("w", ledger.rows())
    store.close()
    db = sqlite3.connect(tmp_path / "usage.db", isolation_level=None)
    db.executescript("""
      CREATE TABLE before (id INTEGER PRIMARY KEY, route TEXT NOT NULL, model TEXT NOT NULL, deployment TEXT NOT NULL,
        provider TEXT NOT NULL, worker TEXT NOT NULL, seen REAL NOT NULL,
        UNIQUE (worker, route, model, deployment, provider));
      INSERT INTO before SELECT id, route, model, deployment, provider, worker, seen FROM series;
      DROP TABLE series; ALTER TABLE before RENAME TO series; PRAGMA user_version = 2;
    """)
    db.close()
    stores = [UsageStore(tmp_path), UsageStore(tmp_path)]
    ledger.take([Request(now, Series("a", "b", "c", "d", "red"), 1.0)])
    for each in stores:
        each.write("w", ledger.rows())
    found = stores[0].sums(DAY, 0, float("inf"), ("tag",))
    assert {key: figures["requests"] for key, figures in found.items()} == {("",): 1, ("red",): 1}
    for each in stores:
        each.close()
