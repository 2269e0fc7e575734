"""`/compare`: several models answer at once through a proxy that the tests' upstream plays."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from modelctl.api import compare_endpoint as shapes
from modelctl.service.comparison import Compares, ProxyAddress, Question
from modelctl.service.model_index import Target
from support.api_server import Plane, write_catalog
from support.openapi_shapes import fits
from support.upstream import Upstream
from support.waiting import run_async, wait_until

KEY = "sk-master-of-the-test"


@pytest.fixture
def plane(tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    monkeypatch.setenv("MODELCTL_PROXY", f"{upstream.url}/v1")
    monkeypatch.setenv("LITELLM_MASTER_KEY", KEY)
    made = Plane(write_catalog(tmp_path))
    yield made
    made.stop()


def compare(plane: Plane, *models: str, **more: Any) -> list[dict[str, Any]]:
    body = {"models": models, "prompt": "hello", **more}
    with plane.client.stream("POST", "/compare", json=body) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
        lines = [json.loads(line) for line in answer.iter_lines() if line]
    assert all(fits(shapes.StreamLine, line) for line in lines)
    return lines


def of(lines: list[dict[str, Any]], model: str, event: str) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("model") == model and line["event"] == event]


def test_two_models_answer(plane: Plane, upstream: Upstream) -> None:
    lines = compare(plane, "fast", "slow", params={"temperature": 0.5, "max_tokens": 20})
    assert (lines[0]["event"], lines[0]["models"], lines[-1]["event"]) == ("compare", ["fast", "slow"], "end")
    for model, usd in (("fast", (5 * 1 + 7 * 2) / 1e6), ("slow", (5 * 2 + 7 * 4) / 1e6)):
        words = "".join(line["text"] for line in of(lines, model, "delta"))
        assert words == f"model={model} key={KEY};" * 3
        (done,) = of(lines, model, "done")
        assert done["tokens"] == {"input": 5, "output": 7}
        assert done["cost"] == {"usd": pytest.approx(usd), "source": "listed price"}
        assert 0 < done["ttft_ms"] <= done["total_ms"]
    assert {one["model"] for one in upstream.requests()} == {"fast", "slow"}
    for one in upstream.requests():
        assert (one["body"]["temperature"], one["body"]["max_tokens"], one["body"]["disable_fallbacks"]) == (
            0.5,
            20,
            True,
        )
    assert plane.client.get("/models/current").json()["version"] == 1, "no route is changed"


def test_a_failing_and_a_slow_one(plane: Plane, upstream: Upstream) -> None:
    upstream.behave("fast", status=429)
    upstream.behave("slow", delay=0.3)
    lines = compare(plane, "fast", "slow", "free")
    (failed,) = of(lines, "fast", "error")
    assert (failed["status"], failed["message"]) == (429, "fast fails on demand")
    assert of(lines, "slow", "done")[0]["ttft_ms"] >= 300
    assert of(lines, "free", "done")[0]["cost"] == {"usd": None, "source": "unknown"}
    order = [(line["event"], line.get("model")) for line in lines]
    assert order.index(("done", "free")) < order.index(("delta", "slow")), "nobody waits for the slow one"


def test_an_answer_that_breaks_off(plane: Plane, upstream: Upstream) -> None:
    upstream.behave("fast", cut_after=1)
    lines = compare(plane, "fast", "slow")
    assert of(lines, "fast", "error")[0]["message"] == "the proxy broke the answer off"
    assert of(lines, "slow", "done")


def test_too_long(plane: Plane, upstream: Upstream) -> None:
    upstream.behave("fast", delay=30)
    lines = compare(plane, "fast", "slow", timeout=0.5)
    assert of(lines, "fast", "error")[0]["message"] == "no end within 0.5 s"


def test_strange_characters_come_whole(plane: Plane, upstream: Upstream) -> None:
    text = "a\u2028b\x85c <script>alert(1)</script> \r\n d"
    upstream.behave("fast", text=text, pieces=1)
    lines = compare(plane, "fast", "slow")
    assert [line["text"] for line in of(lines, "fast", "delta")] == [text]


def test_messages_instead_of_a_prompt(plane: Plane, upstream: Upstream) -> None:
    messages = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}]
    compare(plane, "fast", "slow", prompt=None, messages=messages)
    assert [one["body"]["messages"] for one in upstream.requests()] == [messages] * 2


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"models": ["fast", "solw"]}, 404, "did you mean `slow`"),
        ({"models": ["fast", "active"]}, 409, "is a route"),
        ({"models": ["fast", "vectors"]}, 409, "no chat model"),
        ({"models": ["fast", "old"]}, 409, "retired"),
        ({"models": ["fast", "slow", "tiny", "free", "acme-twin"]}, 400, "1 to 4"),
        ({"models": ["fast", "fast"]}, 400, "once"),
        ({"models": []}, 400, "`models`"),
        ({"prompt": ""}, 400, "the prompt is empty"),
        ({"prompt": " \n"}, 400, "the prompt is empty"),
        ({"prompt": None}, 400, "`prompt` or `messages`"),
        ({"prompt": None, "messages": []}, 400, "the prompt is empty"),
        ({"messages": [{"role": "user", "content": "x"}]}, 400, "`prompt` or `messages`"),
        ({"prompt": None, "messages": [{"role": "tool", "content": "x"}]}, 400, "role"),
        ({"params": {"temprature": 1}}, 400, "temprature"),
        ({"params": {"api_base": "http://evil.example"}}, 400, "api_base"),
        ({"params": {"model": "other"}}, 400, "model"),
        ({"params": {"mock_response": "x"}}, 400, "mock_response"),
        ({"timeout": 0}, 400, "timeout"),
        ({"timeout": 1e9}, 400, "timeout"),
        ({"x": 1}, 400, "unknown field"),
    ],
)
def test_what_is_refused(plane: Plane, upstream: Upstream, body: dict[str, Any], status: int, said: str) -> None:
    answer = plane.client.post("/compare", json={"models": ["fast", "slow"], "prompt": "hello", **body})
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (status, True), answer.text
    assert upstream.requests() == []


def test_a_megabyte_is_too_much(plane: Plane, upstream: Upstream) -> None:
    answer = plane.client.post("/compare", json={"models": ["fast", "slow"], "prompt": "x" * 1_000_000})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert of(compare(plane, "fast", "slow", prompt="x" * 200_000), "fast", "done")
    assert [len(one["body"]["messages"][0]["content"]) for one in upstream.requests()] == [200_000] * 2


class Listener:
    """Somebody who reads a comparison line by line on a thread of their own."""

    def __init__(self, plane: Plane, *models: str) -> None:
        self.lines: list[dict[str, Any]] = []
        self._client = httpx.Client(base_url=plane.url, timeout=30, trust_env=False, verify=False)
        self._body = {"models": models, "prompt": "hello"}
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        wait_until(lambda: self.lines and [one for one in self.lines if one["event"] == "delta"], "somebody speaks")

    @property
    def id(self) -> str:
        return str(self.lines[0]["id"])

    def _read(self) -> None:
        try:
            with self._client.stream("POST", "/compare", json=self._body) as answer:
                self.lines += []
                for line in answer.iter_lines():
                    if line:
                        self.lines.append(json.loads(line))
        except httpx.HTTPError:
            pass

    def wait(self) -> list[dict[str, Any]]:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.lines


def test_one_is_stopped_and_then_all(plane: Plane, upstream: Upstream) -> None:
    for model in ("fast", "slow", "free"):
        upstream.behave(model, pieces=1000, seconds=60)
    listener = Listener(plane, "fast", "slow", "free")
    stop = f"/compare/{listener.id}/stop"
    answer = plane.client.post(stop, json={"model": "fast"})
    assert answer.json() == {"id": listener.id, "stopped": ["fast"]}
    wait_until(lambda: of(listener.lines, "fast", "stopped"), "fast has stopped")
    assert not of(listener.lines, "slow", "stopped")
    assert plane.client.post(stop, json={"model": "nobody"}).status_code == 404
    assert plane.client.post(stop).json()["stopped"] == ["slow", "free"]
    lines = listener.wait()
    assert (lines[-1]["event"], [of(lines, one, "done") for one in ("fast", "slow", "free")]) == ("end", [[], [], []])
    assert plane.client.post(stop).status_code == 404


def test_who_goes_away_stops_every_request(plane: Plane, upstream: Upstream) -> None:
    for model in ("fast", "slow"):
        upstream.behave(model, pieces=1000, seconds=60)
    body = {"models": ["fast", "slow"], "prompt": "x"}
    with (
        httpx.Client(trust_env=False, verify=False) as client,
        client.stream("POST", f"{plane.url}/compare", json=body) as answer,
    ):
        first = json.loads(next(answer.iter_lines()))
    gone = f"/compare/{first['id']}/stop"
    assert wait_until(lambda: plane.client.post(gone).status_code == 404, "nothing runs any more")


def test_no_more_than_so_many_at_once(plane: Plane, upstream: Upstream) -> None:
    for model in ("fast", "slow"):
        upstream.behave(model, pieces=1000, seconds=60)
    listeners = [Listener(plane, "fast", "slow") for _ in range(4)]
    answer = plane.client.post("/compare", json={"models": ["fast", "slow"], "prompt": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")
    for one in listeners:
        plane.client.post(f"/compare/{one.id}/stop")
        one.wait()
    upstream.reset()
    assert compare(plane, "fast", "slow")[-1]["event"] == "end"


def test_a_proxy_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELCTL_PROXY", "http://127.0.0.1:9")
    plane = Plane(write_catalog(tmp_path))
    try:
        lines = compare(plane, "fast", "slow")
        assert {line["message"] for line in lines if line["event"] == "error"} == {
            "LiteLLM at http://127.0.0.1:9 does not answer (ConnectError)"
        }
    finally:
        plane.stop()


def test_the_proxys_key_is_never_told(plane: Plane, upstream: Upstream) -> None:
    upstream.behave("fast", status=401)
    assert KEY not in json.dumps(of(compare(plane, "fast", "slow"), "fast", "error"))


def test_it_spends_money_so_it_needs_a_token(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path), tokens={"s3cret": "ann"})
    try:
        assert plane.client.post("/compare", json={"models": ["fast", "slow"], "prompt": "x"}).status_code == 401
        assert plane.client.post("/compare/x/stop").status_code == 401
    finally:
        plane.stop()


def test_another_origin_may_not_ask(plane: Plane) -> None:
    body = {"models": ["fast", "slow"], "prompt": "x"}
    assert plane.client.post("/compare", json=body, headers={"origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize("line", ['{"choices": [1]}', '{"choices": [{"delta": 5}]}', "no json", '{"usage": []}', "[]"])
def test_an_answer_of_another_shape(line: str) -> None:
    """What no proxy should send ends one model's answer, not the comparison."""
    target = Target("fast", "acme", "fast", ())

    async def ask() -> list[dict[str, Any]]:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\ndata: {line}\n\n".encode())
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        proxy = ProxyAddress(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", None)
        running = Compares().start([target], Question([], {}), proxy)
        async with server:
            return [event async for event in running.events() if event]

    events = run_async(ask())
    assert [event["event"] for event in events][-2:] in (["error", "end"], ["done", "end"])
    assert fits(list[shapes.StreamLine], events)
