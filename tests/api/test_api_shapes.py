"""That the OpenAPI tells the truth: each answer fits the shape that is promised for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from modelctl.service import answer_types, file_answer_types, status_answer_types, write_answer_types
from support.api_server import Plane, report, write_catalog
from support.openapi_shapes import fits

READS = {
    "/models/list": list[answer_types.ProviderAnswer],
    "/models/providers": list[str],
    "/models/current": answer_types.CurrentAnswer,
    "/routes": list[answer_types.RouteAnswer],
    "/history?route=*": list[answer_types.HistoryAnswer],
    "/status": status_answer_types.StatusAnswer,
    "/readyz": status_answer_types.Ready,
    "/models/custom": list[file_answer_types.CustomFile],
    "/models/custom/schema": file_answer_types.Schemas,
    "/presets": list[file_answer_types.PresetAnswer],
}
WRITES = {
    "/models/select": ({"model_id": "slow"}, write_answer_types.Selected),
    "/rollback": ({}, write_answer_types.Selected),
    "/models/refresh": ({}, write_answer_types.Refreshed),
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path_factory.mktemp("shapes")))
    report(made.store, version=10_000)
    made.select("tiny", force=True, reason="why", **{"for": 60})
    yield made
    made.stop()


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
            answers = operation["responses"]
            assert answers.get("200", answers.get("201"))["content"]["application/json"]["schema"] != {}
