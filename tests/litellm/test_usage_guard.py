"""A guard over a real LiteLLM: from the first answer that fails to the switch on every worker; no client notices."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from modelctl.service import Service
from modelctl.service.route_guards import Guards
from modelctl.state.desired import Route
from modelctl.state.terms import Guard
from modelctl.store import open_store
from modelctl.store.usage_store import UsageStore
from support.litellm_stack import Stack
from support.models import upstream_model
from support.steady_requests import steady_requests
from support.waiting import wait_until

WINDOW_S, COOL_OFF_S = 4.0, 3.0
GUARD = Guard(error_rate=1.0, window_s=WINDOW_S, min_requests=5, cool_off_s=COOL_OFF_S)
ROUTES = {
    "active": Route("active", "alpha"),
    "g-route": Route("g-route", "g-main", fallbacks=("g-broken", "g-spare"), guard=GUARD),
}
MODELS = ("g-main", "g-broken", "g-spare")


@contextmanager
def running(stack: Stack) -> Iterator[None]:
    """What a control plane does, but for the rest of it."""
    over = threading.Event()
    service, kept = Service(open_store(str(stack.state))), UsageStore(stack.state)
    guards = Guards(service, kept)

    def turns() -> None:
        while not over.wait(0.2):
            guards.turn()

    thread = threading.Thread(target=turns)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        kept.close()
        service.store.close()


def pointed(stack: Stack) -> set[str | None]:
    return {row.targets.get("g-route") for row in stack.rows()}


def test_a_failing_upstream_moves_every_worker_within_the_window_and_a_second(stack: Stack) -> None:
    models = [*stack.base.deployments.values(), *(upstream_model(name, "KEY_SPARE") for name in MODELS)]
    stack.publish(replace(stack.base, deployments={each.id: each for each in models}, routes=ROUTES))
    stack.upstream.behave("g-broken", status=500)
    with running(stack), steady_requests(stack, "g-route", 0.05) as seen:
        wait_until(lambda: len(seen) >= 40, "good answers", 30)
        stack.upstream.behave("g-main", status=500)
        failing = time.time()
        wait_until(lambda: pointed(stack) == {"g-spare"}, "every worker points to the spare", 20, every=0.002)
        took = time.time() - failing
        stack.upstream.behave("g-main")
        entry = wait_until(lambda: stack.store.history("g-route", 1), "it is recorded")[0]
        assert (entry.actor, entry.before, entry.after) == ("guard", "g-main", "g-spare")
        assert "100% is the limit" in str(entry.reason)
        wait_until(lambda: pointed(stack) == {"g-main"}, "it returns by itself", 20)
        back = stack.store.history("g-route", 1)[0]
    assert took <= WINDOW_S + 1, took
    assert (back.action, back.at - entry.at >= COOL_OFF_S) == ("return", True)
    assert all(answer.ok for answer in seen)
