"""The endpoint of the shipped demo model, asked over HTTP: who may ask, odd requests, and its connections."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from modelctl.api.demo_endpoint import DIMENSIONS
from modelctl.project import DEMO_PATH
from modelctl.supervisor.launch import direct
from support.api_server import Plane
from support.demo import demo_plane


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = demo_plane(tmp_path_factory.mktemp("demo"))
    yield made
    made.stop()


def test_upstream_wants_no_token(tmp_path: Path) -> None:
    demo_plane(tmp_path).stop()
    plane = Plane(tmp_path / "catalog", tokens={"secret-of-ada": "ada"})
    try:
        body = {"model": "demo", "messages": [{"role": "user", "content": "hello"}]}
        assert plane.client.post(f"{DEMO_PATH}/chat/completions", json=body).status_code == 200
        assert plane.client.post("/models/refresh", json={}).status_code == 401
        assert plane.client.post(f"{DEMO_PATH}/../models/refresh", json={}).status_code == 401
    finally:
        plane.stop()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"nul", b"[" * 100_000, b'{"messages": "\xff"}'])
@pytest.mark.parametrize("path", ["chat/completions", "embeddings"])
def test_what_is_no_object_is_refused_in_openais_shape(plane: Plane, path: str, body: bytes) -> None:
    head = {"content-type": "application/json"}
    answer = plane.client.post(f"{DEMO_PATH}/{path}", content=body, headers=head)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "odd",
    [{}, {"messages": 7}, {"max_tokens": "many"}, {"max_tokens": -1}, {"max_tokens": True}, {"stream_options": 1}],
)
def test_odd_fields_do_not_stop_the_answer(plane: Plane, odd: dict[str, object]) -> None:
    for stream in (False, True):
        answer = plane.client.post(f"{DEMO_PATH}/chat/completions", json={**odd, "stream": stream})
        assert answer.status_code == 200
        assert "Hello" in answer.text


@pytest.mark.parametrize(
    ("given", "count"), [("one", 1), (["one", "two"], 2), ([1, 2], 1), ([[1], [2, 3]], 2), ([], 1), (None, 1)]
)
def test_inputs_of_embeddings(plane: Plane, given: object, count: int) -> None:
    data = plane.client.post(f"{DEMO_PATH}/embeddings", json={"input": given, "encoding_format": "base64"}).json()[
        "data"
    ]
    vectors = [struct.unpack(f"<{DIMENSIONS}f", base64.b64decode(each["embedding"])) for each in data]
    assert len(vectors) == count
    assert all(sum(value * value for value in vector) == pytest.approx(1, abs=1e-5) for vector in vectors)


def test_large_prompts_are_taken_and_endless_ones_are_not(plane: Plane) -> None:
    def ask(size: int) -> httpx.Response:
        body = {"messages": [{"role": "user", "content": "x" * size}]}
        return plane.client.post(f"{DEMO_PATH}/chat/completions", json=body)

    assert ask(2_000_000).status_code == 200
    assert ask(9_000_000).status_code == 413


@pytest.mark.parametrize("given", ["", "intern.example", "intern.example, 127.0.0.1"])
def test_a_web_proxy_is_not_asked_for_this_machine(given: str) -> None:
    made = direct({"HTTP_PROXY": "http://proxy.example:3128", "NO_PROXY": given})
    assert set(made["NO_PROXY"].split(",")) == {"127.0.0.1", "localhost", "::1", *given.split(", ")} - {""}
    assert made["no_proxy"] == made["NO_PROXY"]
    assert direct({"PATH": "/bin"}) == {"PATH": "/bin"}


def test_no_connection_is_kept_open(plane: Plane) -> None:
    """One that LiteLLM kept would break when the control plane is restarted."""
    answer = plane.client.post(f"{DEMO_PATH}/chat/completions", json={"messages": []})
    assert answer.headers["connection"] == "close"
