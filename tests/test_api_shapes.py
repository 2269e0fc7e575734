"""That the OpenAPI tells the truth: each answer fits the shape that is promised for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from modelctl.api import shapes
from support.plane import Plane, report, write_catalog

READS = {
    "/models/list": list[shapes.Provider],
    "/models/providers": list[str],
    "/models/current": shapes.Current,
    "/routes": list[shapes.Route],
    "/history?route=*": list[shapes.Entry],
    "/status": shapes.Status,
    "/readyz": shapes.Ready,
}
WRITES = {
    "/models/select": ({"model_id": "slow"}, shapes.Selected),
    "/rollback": ({}, shapes.Selected),
    "/models/refresh": ({}, shapes.Refreshed),
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path_factory.mktemp("shapes")))
    report(made.store, version=10_000)
    made.select("tiny", force=True, reason="why", **{"for": 60})
    yield made
    made.stop()


def fits(shape: Any, value: Any) -> bool:
    """Nothing missing, nothing more than promised, nothing of another type."""
    adapter = TypeAdapter(shape)
    shown = adapter.dump_python(adapter.validate_python(value, strict=True), exclude_unset=True)
    return bool(shown == value)


@pytest.mark.parametrize("path", READS)
def test_read(plane: Plane, path: str) -> None:
    assert fits(READS[path], plane.client.get(path).json())


@pytest.mark.parametrize("path", WRITES)
def test_write(plane: Plane, path: str) -> None:
    body, shape = WRITES[path]
    assert fits(shape, plane.client.post(path, json=body).json())


def test_every_documented_answer_has_a_shape(plane: Plane) -> None:
    schema = plane.client.get("/openapi.json").json()
    for path in (*READS, *WRITES):
        for operation in schema["paths"][path.partition("?")[0]].values():
            assert operation["responses"]["200"]["content"]["application/json"]["schema"] != {}
