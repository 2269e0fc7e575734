"""A proof over a real LiteLLM with two workers: one model that is as good, one that fails; no client notices."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from modelctl.service import SelectRequest, Service
from modelctl.service.route_proofs import Proofs
from modelctl.state.desired import Model, Provider, Route
from modelctl.state.terms import ProofBounds
from modelctl.store import open_store
from modelctl.store.usage_store import UsageStore
from support.litellm_stack import Stack
from support.models import upstream_model
from support.steady_requests import steady_requests
from support.waiting import wait_until

STEP_S = 2.0
MODELS = ("p-present", "p-good", "p-bad", "p-spare")
ROUTES = {
    "active": Route("active", "alpha"),
    "p-route": Route("p-route", "p-present", fallbacks=("p-spare",), proof=ProofBounds(min_requests=10, slower=5)),
}


def publish(stack: Stack) -> None:
    deployments = [*stack.base.deployments.values(), *(upstream_model(name, "KEY_SPARE") for name in MODELS)]
    models = tuple(Model(name, "tests", name, name) for name in MODELS)
    stack.publish(replace(
        stack.base, deployments={each.id: each for each in deployments}, routes=ROUTES,
        providers=(Provider("tests", "Tests", models),),
    ))  # fmt: skip


@contextmanager
def control_plane(stack: Stack) -> Iterator[Service]:
    """What of one takes part in a proof."""
    over = threading.Event()
    service, kept = Service(open_store(str(stack.state))), UsageStore(stack.state)
    proofs = Proofs(service, kept)

    def turns() -> None:
        while not over.wait(0.2):
            proofs.turn()

    thread = threading.Thread(target=turns)
    thread.start()
    try:
        yield service
    finally:
        over.set()
        thread.join()
        kept.close()
        service.store.close()


def ended(stack: Stack) -> bool:
    return not any(one.proof for one in stack.store.head().selections.get("p-route", ()))


def told(stack: Stack) -> list[tuple[str, str]]:
    return [(entry.action, entry.reason or "") for entry in stack.store.history("p-route", 4)]


def test_a_good_model_takes_over_through_a_restart_of_the_control_plane(stack: Stack) -> None:
    publish(stack)
    with steady_requests(stack, "p-route", 0.01) as seen:
        with control_plane(stack) as service:
            ask = SelectRequest("p-good", route="p-route", actor="ada", prove=3 * STEP_S, steps=(25, 50, 100))
            service.select(ask)
            wait_until(lambda: len(told(stack)) == 2, "the first step is over", 40)
        dealt = Counter(each["model"] for each in stack.upstream.requests())
        assert dealt["p-present"] > dealt["p-good"] > 0
        with control_plane(stack) as service:
            wait_until(lambda: ended(stack), "the proof is over", 90)
            assert service.snapshot().targets["p-route"] == "p-good"
        wait_until(lambda: {row.targets.get("p-route") for row in stack.rows()} == {"p-good"}, "on every worker")
    assert [action for action, _ in told(stack)] == ["select", "prove", "prove", "prove"]
    assert "step 3 of 3 (100 %): no worse" in told(stack)[0][1]
    assert [answer.text for answer in seen if not answer.ok] == []


def test_a_failing_model_is_stopped_and_the_clients_notice_nothing(stack: Stack) -> None:
    publish(stack)
    stack.upstream.behave("p-bad", status=500)
    with steady_requests(stack, "p-route", 0.01) as seen, control_plane(stack) as service:
        ask = SelectRequest("p-bad", route="p-route", actor="ada", prove=900, steps=(20, 100))
        service.select(ask)
        wait_until(lambda: ended(stack), "it is stopped", 60)
        assert service.snapshot().targets["p-route"] == "p-present"
        action, reason = told(stack)[0]
        assert action == "return"
        assert "`p-bad` is worse" in reason
        assert "calls failed, against 0 of" in reason
        assert "upstream" in reason
    assert [answer.text for answer in seen if not answer.ok] == []
