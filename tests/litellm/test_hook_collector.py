"""A worker's full rounds of Python's collector have little to look through, whatever LiteLLM has loaded by then."""

from __future__ import annotations

from support.in_worker import inside
from support.litellm_stack import Stack
from support.proxy_client import PATHS
from support.waiting import wait_until

COUNTS = "import gc; return [len(gc.get_objects()), gc.get_freeze_count()]"
GROW = "proxy._grown = [[] for _ in range(60_000)]"
LISTEN = """
from modelctl.hook import collector_freeze
quiet, heard = collector_freeze.quiet, []
def listened():
    heard.append(quiet())
    return heard[-1]
listened.unheard = quiet
collector_freeze.quiet, collector_freeze.heard = listened, heard
"""
HEARD = "from modelctl.hook import collector_freeze; return collector_freeze.heard"
DEAF = """
from modelctl.hook import collector_freeze
collector_freeze.quiet = collector_freeze.quiet.unheard
del collector_freeze.heard, proxy._grown
"""


def counts(stack: Stack) -> tuple[int, int]:
    """Of the first worker: objects that a full round looks through, and those that are set aside."""
    looked_at, kept = inside(stack.proxy.workers[0], COUNTS)
    return looked_at, kept


def little_is_left(stack: Stack) -> None:
    def little() -> bool:
        looked_at, kept = counts(stack)
        return kept > 300_000 and looked_at * 20 < kept

    wait_until(little, "all but a twentieth is set aside", timeout=60, every=0.1)


def ask_everything(stack: Stack) -> None:
    client = stack.clients[0]
    for kind in sorted(PATHS):
        assert client.ask("alpha", kind).ok
        assert client.stream("alpha", kind).rest()
    assert client.embeddings("embed").status_code == 200
    gemini = client.http.post(
        "/v1beta/models/alpha:generateContent", json={"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
    )
    assert gemini.status_code == 200
    for path in ("/v1/models", "/v1/model/info", "/openapi.json"):
        assert client.http.get(path).status_code == 200


def test_a_worker_that_has_served_every_endpoint_has_little_left_to_look_through(stack: Stack) -> None:
    """LiteLLM imports 200,000 objects with its first requests, beside the 700,000 of its start."""
    ask_everything(stack)
    little_is_left(stack)


def test_nothing_is_set_aside_while_a_request_is_in_flight(stack: Stack) -> None:
    worker = stack.proxy.workers[0]
    little_is_left(stack)
    stack.upstream.behave("alpha", seconds=600, pieces=2)
    stream = stack.clients[0].stream("alpha")
    before = counts(stack)[1]
    inside(worker, LISTEN + GROW)
    try:
        heard = wait_until(lambda: found if len(found := inside(worker, HEARD)) > 3 else None, "it looked", timeout=30)
        assert set(heard) == {False}
        assert counts(stack)[1] <= before
        stream.close()
        # Counting holds the loop for a while: not so often that nothing else gets its turn.
        wait_until(lambda: counts(stack)[1] > before + 50_000, "it is set aside after the request", 60, every=0.1)
    finally:
        inside(worker, DEAF)
