"""Who may ask, and the one envelope of every refusal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from modelctl.api import guard
from modelctl.errors import StoreDown
from modelctl.project import parse_tokens
from support.api_server import Plane, write_catalog

SELECT = {"model_id": "slow"}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path_factory.mktemp("guard")))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    tokens = parse_tokens("ada:secret-one, secret-two")
    made = Plane(write_catalog(tmp_path_factory.mktemp("guarded")), loopback=False, tokens=tokens)
    yield made
    made.stop()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes with wrong tokens is not slowed down (`test_api_slowing` has that)."""

    async def no_time(delay: float) -> None: ...

    monkeypatch.setattr(guard, "sleep", no_time)


def refused(answer: httpx.Response, status: int, code: str) -> bool:
    body = answer.json()
    assert set(body) == {"src", "error"}
    assert set(body["error"]) >= {"code", "message", "problems"}
    return (answer.status_code, body["src"], body["error"]["code"]) == (status, "modelctl", code)


# -- loopback ----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "localhost:7777", "127.0.0.1:1", "127.8.8.8", "[::1]:7777"])
def test_hosts_of_this_machine(plane: Plane, host: str) -> None:
    assert plane.client.get("/models/current", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]", "a:b:c", ""]
)
def test_host_of_another_name_is_refused(plane: Plane, host: str) -> None:
    for path in ("/models/current", "/docs", "/nothing"):
        assert refused(plane.client.get(path, headers={"host": host}), 403, "forbidden")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:5999", "https://localhost:3000"])
def test_foreign_origin_may_not_write(plane: Plane, origin: str) -> None:
    assert refused(plane.client.post("/models/select", json=SELECT, headers={"origin": origin}), 403, "forbidden")


def test_page_of_another_site_may_not_write(plane: Plane) -> None:
    answer = plane.client.post("/models/refresh", headers={"sec-fetch-site": "cross-site"})
    assert refused(answer, 403, "forbidden")


@pytest.mark.parametrize(
    "origin", [f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 3001)]
)
def test_listed_origin_may_read_and_write(plane: Plane, origin: str) -> None:
    preflight = plane.client.options(
        "/models/select", headers={"origin": origin, "access-control-request-method": "POST",
                                   "access-control-request-headers": "content-type,if-match,authorization"},
    )  # fmt: skip
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, origin)
    answer = plane.client.post("/models/select", json=SELECT, headers={"origin": origin})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
    assert answer.headers["access-control-expose-headers"] == "ETag"


def test_own_origin_may_write(plane: Plane) -> None:
    assert plane.client.post("/models/select", json=SELECT, headers={"origin": plane.url}).status_code == 200


def test_foreign_origin_gets_no_leave_to_read(plane: Plane) -> None:
    answer = plane.client.get("/models/current", headers={"origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    asked = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    assert refused(plane.client.options("/models/select", headers=asked), 403, "forbidden")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_body_must_be_json_by_its_type(plane: Plane, kind: str) -> None:
    answer = plane.client.post("/models/select", content=b'{"model_id": "slow"}', headers={"content-type": kind})
    assert refused(answer, 400, "bad_request")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"model_id": "\\ud800"}', b"[" * 5000, b'{"model_id": NaN}']
)
def test_malformed_body(plane: Plane, body: bytes) -> None:
    answer = plane.client.post("/models/select", content=body, headers={"content-type": "application/json"})
    assert refused(answer, 400, "bad_request")


def test_large_body(plane: Plane) -> None:
    kind = {"content-type": "application/json"}
    assert refused(plane.client.post("/models/select", content=b" " * 70_000, headers=kind), 413, "too_large")


# -- tokens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", "Basic secret-one", "secret-one", "Bearer secret-one2", "Bearer é"]
)
def test_write_without_a_valid_token(guarded: Plane, at_once: None, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header.encode()}
    for path in ("/models/select", "/rollback", "/models/refresh"):
        answer = guarded.client.post(path, json={}, headers=headers)
        assert refused(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("S,rest-of-a-random-secret", {"S,rest-of-a-random-secret": ""}),
        ("0123456789,abcdefghij", {"0123456789,abcdefghij": ""}),
        ("S:rest,of-a-random-secret", {"S:rest,of-a-random-secret": ""}),
        ("ada:secret-one,bob:secret-two", {"secret-one": "ada", "secret-two": "bob"}),
        ("ada:secret-one, secret-two", {"secret-one": "ada", "secret-two": ""}),
        ("ada:x,bob:y", {"x": "ada", "y": "bob"}),
        ("ada:a-secret", {"a-secret": "ada"}),
        ("", {}),
    ],
)
def test_tokens_as_they_are_written(text: str, tokens: dict[str, str]) -> None:
    assert parse_tokens(text) == tokens


def test_token_names_the_actor(guarded: Plane) -> None:
    for secret, actor, model in (("secret-one", "ada", "slow"), ("secret-two", "mallory", "acme-twin")):
        body = {"model_id": model, "actor": "mallory"}
        answer = guarded.client.post("/models/select", json=body, headers={"authorization": f"Bearer {secret}"})
        assert answer.status_code == 200
        assert guarded.client.get("/history").json()[0]["actor"] == actor


def test_reads_need_no_token_and_any_host(guarded: Plane) -> None:
    assert guarded.client.get("/models/list", headers={"host": "models.example.com"}).status_code == 200


# -- errors ------------------------------------------------------------------------------------


def test_unknown_path_and_wrong_method(plane: Plane) -> None:
    assert refused(plane.client.get("/models"), 404, "not_found")
    assert refused(plane.client.get("/models/list/"), 404, "not_found")
    answer = plane.client.delete("/models/list")
    assert refused(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=100000", f"route={'x' * 301}"])
def test_malformed_query(plane: Plane, query: str) -> None:
    assert refused(plane.client.get(f"/history?{query}"), 400, "bad_request")


def test_422_is_nowhere_in_the_openapi(plane: Plane) -> None:
    schema = plane.client.get("/openapi.json").json()
    codes = {code for path in schema["paths"].values() for each in path.values() for code in each["responses"]}
    assert {"200", "400", "404", "409", "412", "503"} <= codes
    assert "422" not in codes
    assert "HTTPValidationError" not in schema["components"]["schemas"]


def test_docs_load_nothing_from_elsewhere(plane: Plane) -> None:
    page = plane.client.get("/docs")
    assert "POST</b> <code>/models/select" in page.text
    assert "http://" not in page.text.replace(plane.url, "")
    assert "https://" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def down(*_: Any, **__: Any) -> Any:
    raise StoreDown("the store answers: disk I/O error")


def test_store_down(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    revision = plane.client.get("/status").json()["revision"]
    monkeypatch.setattr(plane.store, "commit", down)
    assert refused(plane.client.post("/models/select", json={"model_id": "acme-twin"}), 503, "store_down")
    monkeypatch.setattr(plane.store, "head", down)
    monkeypatch.setattr(plane.store, "bell", lambda: (0, 0))
    assert refused(plane.client.get("/models/current"), 503, "store_down")
    status = plane.client.get("/status").json()
    assert (status["revision"], status["problems"][0]["rule"]) == (revision, "store-down")
    assert plane.client.get("/readyz").status_code == 503
    assert plane.client.get("/healthz").status_code == 200
    monkeypatch.undo()
    assert plane.client.post("/models/select", json=SELECT).status_code == 200


def test_bug_of_ours_leaks_nothing(
    plane: Plane, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("sk-very-secret")

    monkeypatch.setattr(plane.service, "history", broken)
    with caplog.at_level(logging.CRITICAL, "modelctl.api"):
        answer = plane.client.get("/history")
    assert refused(answer, 500, "internal")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
