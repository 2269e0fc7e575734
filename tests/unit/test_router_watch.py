"""What a worker says of what LiteLLM avoids: bounded, without the provider's words, and at no cost by what there is."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from modelctl.hook.router_watch import MOST_COOLED, RouterWatch
from modelctl.state.cooldown import CLEAR, RouterHealth
from modelctl.state.desired import Deployment
from modelctl.state.selection import HistoryEntry, Worker

if TYPE_CHECKING:
    from modelctl.hook.follow import Follower

SECRET = "sk-a-key-that-a-provider-repeats"


class Backend:
    """LiteLLM's Router as far as a watch may ask it; anything else fails the test."""

    def __init__(self, noted: Mapping[str, Mapping[str, Any]]) -> None:
        self.noted, self.ended = dict(noted), list[str]()

    def cooldowns(self) -> Mapping[str, Mapping[str, Any]]:
        return self.noted

    def end_cooldown(self, id_: str) -> None:
        self.ended.append(id_)
        del self.noted[id_]


class Lacking:
    """A LiteLLM that keeps cooldowns elsewhere."""


def noted(
    error: str = "litellm.RateLimitError: no", status: str = "429", *, ago: float = 1, lasts: float = 60
) -> dict[str, Any]:
    return {"exception_received": error, "status_code": status, "timestamp": time.time() - ago, "cooldown_time": lasts}


def watch(backend: object, *names: str) -> RouterWatch:
    owned = {name: Deployment(name, f"public-{name}", {}) for name in names}
    applier = SimpleNamespace(owned=owned, router=SimpleNamespace(floor=backend))
    return RouterWatch(cast("Follower", SimpleNamespace(applier=applier)))


def test_a_cooldown_is_told_without_the_words_of_the_provider() -> None:
    said = watch(Backend({"a": noted(f"litellm.AuthenticationError: {SECRET}", "401")}), "a").health()
    assert said.cooldowns is not None
    (one,) = said.cooldowns
    assert (one.model, one.why, one.error, one.status) == ("public-a", "auth", "AuthenticationError", 401)
    assert SECRET not in repr(said)
    for error, status in (("no name", ""), ("", "x"), (f"{SECRET}", "500")):
        assert SECRET not in repr(watch(Backend({"a": noted(error, status)})).health())


def test_what_is_over_is_not_told_and_a_report_is_bounded() -> None:
    over = {"over": noted(ago=61)}
    many = {f"d{number}": noted(lasts=60 + number) for number in range(MOST_COOLED + 7)}
    found = watch(Backend({**over, **many}))
    said = found.health()
    assert said.cooldowns is not None
    assert (len(said.cooldowns), said.more) == (MOST_COOLED, 7)
    assert said.cooldowns[0].deployment == f"d{MOST_COOLED + 6}"  # the last to end
    assert len(found.standing()) == MOST_COOLED + 7


def test_who_asks_to_end_it_learns_of_how_many_deployments() -> None:
    backend = Backend({"a": noted(), "b": noted()})
    found = watch(backend, "a", "b")
    found.obey(
        [HistoryEntry(CLEAR, 0.0, "me", after="public-a", version=7), HistoryEntry("select", 0.0, "me", version=8)]
    )
    assert (backend.ended, found.health().cleared) == (["a"], {7: 1})
    found.obey(HistoryEntry(CLEAR, 0.0, "me", after="nothing", version=at) for at in range(10, 30))
    assert len(found.health().cleared or {}) == 8


def test_a_litellm_that_keeps_cooldowns_elsewhere_is_said_to_be_silent() -> None:
    found = watch(Lacking())
    assert found.standing() == frozenset()
    assert found.health().cooldowns is None
    found.obey([HistoryEntry(CLEAR, 0.0, "me", after="public-a", version=7)])
    assert found.health().cleared == {}


def test_a_report_comes_back_from_the_store_as_it_was() -> None:
    said = watch(Backend({"a": noted()}), "a").health()
    worker = Worker("w", 1, "h", health=said)
    assert Worker.from_dict(json.loads(json.dumps(asdict(worker)))) == worker
    newer = {"id": "w", "pid": 1, "host": "h", "health": {"cooldowns": [], "later": 1}}
    assert Worker.from_dict(newer).health == RouterHealth(cooldowns=(), cleared={})
