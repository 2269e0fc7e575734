"""Two control planes with different catalogs on one state folder: both are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modelctl.control_plane import neighbours
from modelctl.control_plane.neighbours import Neighbours
from support.api_server import settings_for, write_catalog


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "LOOK_EVERY_S", 0.0)


def test_another_catalog_is_told_on_both(tmp_path: Path) -> None:
    one = settings_for(write_catalog(tmp_path / "one"))
    other = replace(settings_for(write_catalog(tmp_path / "other")), state=one.state)
    first = Neighbours(one)
    assert first() == ()
    second = Neighbours(other)
    assert [each.rule for each in (*first(), *second())] == ["another-catalog"] * 2
    assert str(other.catalog) in first()[0].message
    assert str(one.catalog) in second()[0].message
    second.close()
    assert first() == ()
    first.close()


def test_the_same_catalog_twice_is_nothing_to_tell(tmp_path: Path) -> None:
    settings = settings_for(write_catalog(tmp_path))
    assert (Neighbours(settings)(), Neighbours(settings)()) == ((), ())
    assert len(Neighbours(replace(settings, environment="staging"))()) >= 1


def test_what_a_dead_one_left_behind_counts_for_nothing(tmp_path: Path) -> None:
    settings = settings_for(write_catalog(tmp_path))
    left = settings.state / "planes" / "1-dead.json"
    left.parent.mkdir(parents=True)
    left.write_text('{"mark": "x", "environment": null, "catalog": "/gone", "pid": 1}')
    assert Neighbours(settings)() == ()
    assert not left.exists()
