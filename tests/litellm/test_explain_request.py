"""Why a request went where it went, asked by the id that LiteLLM answers with, over two real workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from modelctl.service.request_types import RequestAnswer
from modelctl.state.desired import Route
from modelctl.usage import PROBE
from support.cli import call, plain, seen
from support.litellm_stack import Stack
from support.models import SETTINGS, key_of, upstream_model
from support.openapi_shapes import fits
from support.plane_over import PlaneOver
from support.proxy_client import PATHS, question
from support.waiting import wait_until

NAMES = ("e-broken", "e-spare", "e-good", "e-cut")
ROUTES = {
    "active": Route("active", "alpha"),
    "e-careful": Route("e-careful", "e-broken", fallbacks=("e-spare",)),
    "e-dealt": Route("e-dealt", "e-good", split=(("e-good", 50.0), ("e-spare", 50.0)), sticky="user"),
    "e-chosen": Route("e-chosen", "e-spare"),
    "e-hopeless": Route("e-hopeless", "e-broken"),
}
WORDS = "words-that-nobody-may-keep"


@pytest.fixture
def plane(stack: Stack) -> Iterator[PlaneOver]:
    settings = {**SETTINGS, "router_settings": {**SETTINGS["router_settings"], "num_retries": 1}}
    models = [*stack.base.deployments.values(), *(upstream_model(name, "KEY_SPARE") for name in NAMES)]
    stack.publish(replace(stack.base, deployments={each.id: each for each in models}, routes=ROUTES, settings=settings))
    stack.upstream.behave("e-broken", status=500)
    stack.upstream.behave("e-cut", cut_after=1)
    made = PlaneOver(stack.state)
    yield made
    made.stop()


def explained(plane: PlaneOver, id_: str) -> dict[str, Any]:
    def known() -> httpx.Response | None:
        reply = plane.client.get(f"/requests/{id_}")
        return reply if reply.status_code == 200 else None

    found: dict[str, Any] = wait_until(known, f"{id_} can be explained").json()
    assert fits(RequestAnswer, found)
    return found


def call_id(headers: httpx.Headers) -> str:
    return headers["x-litellm-call-id"]


def test_a_fallback_is_told_call_by_call(stack: Stack, plane: PlaneOver) -> None:
    answer = stack.clients[0].chat("e-careful", WORDS)
    assert answer.ok
    found = explained(plane, call_id(answer.headers))
    calls = [(one["model"], one["failed"]) for one in found["tried"]]
    assert calls == [("e-broken", "upstream"), ("e-broken", "upstream"), ("e-spare", None)]
    assert (found["outcome"], found["model"], found["asked"]) == ("answered", "e-spare", "e-careful")
    assert (found["route"], found["target"], found["source"]) == ("e-careful", "e-broken", "git")
    assert found["revision"] == answer.headers["x-modelctl-revision"] == stack.desired.revision
    assert found["worker"] in {row.id for row in stack.rows()}
    assert found["published"]["actor"] == "tests"
    shown = plain(seen("explain-request", found["id"], "--server", plane.url).out)
    assert "call 3: e-spare by openai (fallback from e-broken) answered" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
    kept = (stack.state / "requests.db").read_bytes() + (stack.state / "requests.db-wal").read_bytes()
    assert WORDS.encode() not in kept
    assert key_of("spare").encode() not in kept


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_each_way_in_is_known_by_its_id(stack: Stack, plane: PlaneOver, kind: str) -> None:
    answer = stack.clients[1].ask("e-good", kind)
    found = explained(plane, call_id(answer.headers))
    assert (found["outcome"], found["model"], found["route"]) == ("answered", "e-good", None)
    body = {**question(kind, "e-good", "hello"), "stream": True}
    with stack.clients[1].http.stream("POST", PATHS[kind], json=body) as reply:
        reply.read()
    streamed = explained(plane, call_id(reply.headers))
    assert (streamed["outcome"], streamed["model"], len(streamed["tried"])) == ("answered", "e-good", 1)


def test_a_chat_is_known_by_its_own_id_as_well(stack: Stack, plane: PlaneOver) -> None:
    answer = stack.clients[0].chat("e-good")
    by_call = explained(plane, call_id(answer.headers))
    assert by_call["response"] == answer.body["id"]
    assert explained(plane, answer.body["id"])["response"] == answer.body["id"]


def test_whose_choice_it_was_and_which_arm(stack: Stack, plane: PlaneOver) -> None:
    stack.point("e-good", "e-chosen")
    answer = stack.clients[0].chat("e-chosen")
    found = explained(plane, call_id(answer.headers))
    assert (found["target"], found["source"], found["actor"], found["dealt"]) == ("e-good", "run-time", "tests", False)
    for user in map(str, range(4)):
        answer = stack.clients[0].chat("e-dealt", user=user)
        found = explained(plane, call_id(answer.headers))
        assert (found["asked"], found["dealt"], found["target"]) == ("e-dealt", True, found["model"])
        assert any("the arm that it got of the split in the catalog" in text for text in found["says"])


def test_what_got_no_answer_is_told_too_and_what_broke(stack: Stack, plane: PlaneOver) -> None:
    answer = stack.clients[0].chat("e-hopeless")
    found = explained(plane, call_id(answer.headers))
    assert (found["outcome"], found["failed"], found["model"]) == ("failed", "upstream", None)
    assert [one["error"] for one in found["tried"]] == ["InternalServerError"] * 2
    body = {**question("chat", "e-cut", "hello"), "stream": True}
    with stack.clients[0].http.stream("POST", PATHS["chat"], json=body) as reply:
        reply.read()
    broken = explained(plane, call_id(reply.headers))
    assert (broken["outcome"], len(broken["tried"])) == ("failed", 1)
    assert broken["tried"][0]["failed"]


def test_an_id_that_is_not_known_says_how_long_ids_are_kept(stack: Stack, plane: PlaneOver) -> None:
    probe = stack.clients[0].http.post(PATHS["chat"], json=question("chat", "e-good", "x"), headers={PROBE: "1"})
    answer = stack.clients[0].chat("e-good")
    explained(plane, call_id(answer.headers))  # the probe came before
    ran = call("explain-request", call_id(probe.headers), "--json", "--server", plane.url)
    assert ran.code == 1
    error = json.loads(ran.out)["error"]
    assert error["code"] == "not_found"
    assert "the last 20,000 are kept" in error["message"]
    assert "24 h at most; the oldest that is kept came" in error["message"]
    assert "x-litellm-call-id" in error["hint"]
