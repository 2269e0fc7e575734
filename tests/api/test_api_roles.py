"""Roles of tokens: what each may do, that every endpoint has one, and that the file counts as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from modelctl.api import guard
from modelctl.api.application import SECTIONS
from modelctl.api.roles import NEEDED, OPEN, grants, needed_role
from modelctl.system.token_file import ROLES, add_token, remove_token
from support.api_server import Plane, write_catalog


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tokens") / "tokens"


@pytest.fixture(scope="module")
def tokens(file: Path) -> dict[str, str]:
    return {role: add_token(file, f"{role}-er", role) for role in ROLES}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory, file: Path, tokens: dict[str, str]) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path_factory.mktemp("roles")), token_file=file)
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes with wrong tokens is not slowed down (`test_api_slowing` has that)."""

    async def no_time(delay: float) -> None: ...

    monkeypatch.setattr(guard, "sleep", no_time)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def operations(plane: Plane) -> set[str]:
    paths = plane.client.get("/openapi.json").json()["paths"]
    return {f"{method.upper()} {path}" for path, each in paths.items() for method in each}


def test_every_endpoint_of_the_openapi_has_its_row(plane: Plane) -> None:
    rows = {line.replace(":path}", "}") for line in NEEDED}
    assert operations(plane) - rows == set()


def test_every_row_is_an_endpoint() -> None:
    routers: list[APIRouter] = [module.router for module in SECTIONS]
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    there = {f"{method} {route.path}" for route in routes for method in route.methods} | {"GET /openapi.json"}
    demo = {line for line in NEEDED if "/demo/" in line}
    assert set(NEEDED) - demo - there == set()


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/restart"), ("PUT", "/models/list"), ("DELETE", "/"), ("PATCH", "/status")]
)
def test_what_has_no_row_needs_the_highest_role(method: str, path: str) -> None:
    assert needed_role(method, path) == "admin"


def test_roles_in_order() -> None:
    assert [[grants(held, needed) for needed in (OPEN, *ROLES)] for held in ROLES] == [
        [True, True, False, False, False, False],
        [True, True, True, False, False, False],
        [True, True, False, True, False, False],
        [True, True, False, True, True, False],
        [True, True, True, True, True, True],
    ]


WRITES = sorted(line for line, role in NEEDED.items() if not line.startswith("GET") and role != OPEN)


@pytest.mark.parametrize("line", WRITES)
@pytest.mark.parametrize("role", ROLES)
def test_each_write_with_each_role(plane: Plane, tokens: dict[str, str], line: str, role: str) -> None:
    """The body is malformed or the thing unknown: whoever comes so far was let in, and nothing is changed."""
    method, path = line.split(" ")
    path = path.replace("{provider}/{id:path}", "acme/none").replace("{name:path}", "none").replace("{id}", "none")
    path = path.replace("{id:path}", "none")
    content = b"{" if path != "/models/refresh" else b'{"unknown": 1}'
    kind = {"content-type": "application/json"} if method != "DELETE" else {}
    body = content if method != "DELETE" else None
    answer = plane.client.request(method, path, content=body, headers={**bearer(tokens[role]), **kind})
    if grants(role, NEEDED[line]):
        assert answer.status_code in (400, 404, 428) or line.startswith("DELETE /store/workers/")  # gone is gone
        return
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "role")
    assert error["message"] == f"this needs a token of the role `{NEEDED[line]}`; the one that came has `{role}`"


def test_the_tokens_name_stands_in_history(plane: Plane, tokens: dict[str, str]) -> None:
    body = {"model_id": "slow", "actor": "somebody else"}
    assert plane.client.post("/models/select", json=body, headers=bearer(tokens["select"])).status_code == 200
    assert plane.client.get("/history").json()[0]["actor"] == "select-er"


def test_a_change_of_the_file_counts_at_once(plane: Plane, file: Path) -> None:
    body = {"model_id": "slow", "dry_run": True}
    token = add_token(file, "late", "select")
    assert plane.client.post("/models/select", json=body, headers=bearer(token)).status_code == 200
    remove_token(file, "late")
    assert plane.client.post("/models/select", json=body, headers=bearer(token)).status_code == 401


def test_a_file_that_breaks_keeps_what_it_said_and_is_told_once(
    plane: Plane, file: Path, tokens: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    file.chmod(0o644)
    try:
        for _ in range(3):
            answer = plane.client.post("/rollback", content=b"{", headers=bearer(tokens["select"]))
            assert answer.json()["error"]["code"] == "bad_request"
    finally:
        file.chmod(0o600)
    assert [record.message.count("open to others") for record in caplog.records] == [1]


def test_a_file_that_is_gone_opens_nothing(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    plane = Plane(write_catalog(tmp_path), token_file=file)
    try:
        assert plane.select("slow").status_code == 200, "no token is asked for where there is none"
        token = add_token(file, "ana", "select")
        assert plane.select("slow").status_code == 401
        assert plane.client.post("/rollback", headers=bearer(token)).status_code == 200
        file.unlink()
        assert plane.select("slow").status_code == 401
        assert plane.client.post("/rollback", headers=bearer(token)).status_code == 401
    finally:
        plane.stop()


def test_reads_that_need_a_token(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    token = add_token(file, "ana", "read")
    plane = Plane(write_catalog(tmp_path), token_file=file, private_reads=True)
    try:
        for path in ("/", "/healthz", "/readyz", "/docs", "/openapi.json", "/demo/v1/models"):
            assert plane.client.get(path).status_code in (200, 503)
        for path in ("/status", "/models/list", "/metrics", "/usage", "/nothing"):
            assert plane.client.get(path).status_code == 401
            assert plane.client.get(path, headers=bearer(token)).status_code in (200, 404)
    finally:
        plane.stop()
