"""Where an answer came from: true at every moment, though most answers find it as the one before left it."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from modelctl.hook.hook_state import State
from modelctl.hook.provenance import ProvenanceOf
from modelctl.hook.revisions import StoredRevision
from modelctl.state.desired import DesiredState, Route
from modelctl.state.selection import Head, Selection

ROUTES = {"default": Route("default", "alpha", also=("gpt-4",)), "other": Route("other", "beta")}
REVISION = StoredRevision("r1", DesiredState({}, ROUTES))


class Names:
    """Of a worker that offers what it should, an arm of a split among it."""

    def asked(self, name: str) -> str:
        return name.partition("#")[0]

    def target(self, name: str) -> str | None:
        return None


@pytest.fixture
def follower() -> Any:
    return SimpleNamespace(state=State(good=REVISION), now=time.time)


@pytest.fixture
def of(follower: Any) -> ProvenanceOf:
    return ProvenanceOf(follower, "w1", Names())  # type: ignore[arg-type]


def chosen(target: str, until: float | None = None) -> Head:
    return Head(2, "r1", {"default": (Selection(target, "alpha", "ada", time.time(), until=until),)})


def test_the_same_answer_is_not_worked_out_again(of: ProvenanceOf) -> None:
    assert of("default") is of("default")
    assert of("default").headers is of("default").headers


def test_names_that_are_no_route_are_not_remembered(of: ProvenanceOf) -> None:
    """Clients can send any."""
    assert of("alpha") is of("no-such-name")
    assert of("alpha").headers == {"x-modelctl-worker": "w1", "x-modelctl-revision": "r1"}


def test_each_name_of_a_route_and_each_arm_has_its_own(of: ProvenanceOf) -> None:
    first, second, arm = of("default").origin, of("gpt-4").origin, of("default#beta").origin
    assert (first.route, first.target, first.dealt) == ("default", "alpha", False)
    assert (second.route, second.target, second.dealt) == ("default", "alpha", False)
    assert (arm.route, arm.target, arm.dealt) == ("default", "beta", True)


def test_a_selection_and_another_revision_are_told_at_once(of: ProvenanceOf, follower: Any) -> None:
    assert of("default").headers["x-modelctl-selection"] == "alpha; git"
    follower.state = State(good=REVISION, head=chosen("beta"))
    assert of("default").headers["x-modelctl-selection"] == "beta; run-time"
    follower.state = State(good=StoredRevision("r2", DesiredState({}, {})), head=chosen("beta"))
    assert of("default").headers == {"x-modelctl-worker": "w1", "x-modelctl-revision": "r2"}
    follower.state = State()
    assert of("default").headers == {"x-modelctl-worker": "w1"}


def test_a_time_limit_ends_it(of: ProvenanceOf, follower: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    end = time.time() + 600
    follower.state = State(good=REVISION, head=chosen("beta", until=end), turn_at=end)
    assert of("default").origin.target == "beta"
    monkeypatch.setattr(follower, "now", lambda: end + 1)
    assert of("default").origin.target == "alpha"
