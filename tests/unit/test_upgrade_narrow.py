"""What stops a start is found by trying smaller configs, whatever it is that a LiteLLM does not like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from modelctl.trial.narrow import MOST, Bounded, EnoughTries, culprits, without

Config = dict[str, Any]


def entry(name: str, **params: Any) -> Config:
    return {"model_name": name, "litellm_params": {"model": f"openai/{name}", **params}, "model_info": {"id": name}}


def config(count: int = 3, **router: Any) -> Config:
    return {
        "model_list": [entry(f"m{number}") for number in range(count)],
        "router_settings": {"num_retries": 2, **router},
        "litellm_settings": {"drop_params": True},
        "general_settings": {"master_key": "sk-1"},
    }


def a_router(part: Config) -> str | None:
    """Stands for LiteLLM: it stops at the first thing that it does not like, and wants a model."""
    for each in part["model_list"]:
        if "litellm_params" not in each or "model" not in each["litellm_params"]:
            return "ValueError: an entry lacks its model"
        if each["litellm_params"].get("max_parallel_requests", 0) < 0:
            return "TypeError: below zero"
    for each in part.get("router_settings", {}).get("fallbacks", []):
        if not all(isinstance(steps, list) for steps in each.values()):
            return "TypeError: a list is wanted"
    if any(count < 0 for count in part.get("router_settings", {}).get("retry_policy", {}).values()):
        return "OverflowError: below zero"
    return None


def paths(made: Config, refusal: Callable[[Config], str | None] = a_router) -> list[tuple[Any, ...]]:
    return [each.path for each in culprits(made, refusal)]


def test_nothing_stops_it() -> None:
    assert paths(config()) == []


@pytest.mark.parametrize("at", [0, 1, 6])
def test_one_entry_and_what_in_it(at: int) -> None:
    made = config(7)
    made["model_list"][at] = entry("bad", api_key="trial", max_parallel_requests=-1)
    assert paths(made) == [("model_list", at, "litellm_params", "max_parallel_requests")]


def test_one_step_of_a_list_and_one_count_of_a_policy() -> None:
    made = config(
        fallbacks=[{"m0": ["m1"]}, {"m1": "m0"}, {"m2": ["m1"]}],
        retry_policy={"TimeoutErrorRetries": 1, "RateLimitErrorRetries": -1},
    )
    assert paths(made) == [
        ("router_settings", "fallbacks", 1, "m1"),
        ("router_settings", "retry_policy", "RateLimitErrorRetries"),
    ]


def test_two_in_one_setting_and_their_own_words() -> None:
    made = config(retry_policy={"TimeoutErrorRetries": -1, "RateLimitErrorRetries": -2}, fallbacks=[{"m0": "m1"}])
    found = list(culprits(made, a_router))
    assert [each.path[1] for each in found] == ["retry_policy", "fallbacks"]
    assert [each.message.partition(":")[0] for each in found] == ["OverflowError", "TypeError"]


def test_an_entry_that_is_no_mapping() -> None:
    made = config()
    made["model_list"].insert(1, "gpt")

    def refusal(part: Config) -> str | None:
        return "AttributeError: 'str' has no get" if "gpt" in part["model_list"] else a_router(part)

    assert paths(made, refusal) == [("model_list", 1)]


def test_two_entries_that_do_not_go_together() -> None:
    """The later of the two is named: without it the start succeeds."""
    made = config(5)

    def refusal(part: Config) -> str | None:
        names = [each["model_name"] for each in part["model_list"]]
        return "ValueError: twins" if {"m1", "m3"} <= set(names) else None

    assert paths(made, refusal) == [("model_list", 3)]


def test_what_is_no_part_of_the_config_names_none() -> None:
    assert paths(config(), lambda part: "ImportError: no module named `gone`") == []


def test_tries_are_few_and_their_end_keeps_what_was_found() -> None:
    made = config(1000)
    for at in (300, 700):
        made["model_list"][at] = entry("bad", max_parallel_requests=-1)
    asked = 0

    def refusal(part: Config) -> str | None:
        nonlocal asked
        asked += 1
        if asked > 30:
            raise EnoughTries
        return a_router(part)

    assert [path[1] for path in paths(made, refusal)] == [300]


def test_many_are_not_all_searched_for() -> None:
    made = config()
    made["model_list"] = [entry(f"m{number}", max_parallel_requests=-1) for number in range(MOST * 2)]
    assert [path[1] for path in paths(made)] == list(range(MOST))


def test_parts_are_taken_out_by_their_own_places() -> None:
    made = config(4)
    left = without(
        made, [("model_list", 0), ("model_list", 2), ("router_settings",), ("router_settings", "num_retries")]
    )
    assert [each["model_name"] for each in left["model_list"]] == ["m1", "m3"]
    assert "router_settings" not in left
    assert len(made["model_list"]) == 4


class Clock:
    """Each try takes `seconds` by it."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds = 0.0, seconds

    def __call__(self) -> float:
        return self.now

    def trying(self, part: Config) -> str | None:
        self.now += self.seconds
        return a_router(part)


@pytest.mark.parametrize(("seconds", "found"), [(0.01, True), (8.0, True), (100.0, False)])
def test_the_time_for_a_search_follows_what_a_try_takes(seconds: float, found: bool) -> None:
    """At thousands of models a try takes seconds; a minute would be over too soon, an hour nobody waits."""
    made = config(3000)
    made["model_list"][1234] = entry("bad", api_key="trial", max_parallel_requests=-1)
    clock = Clock(seconds)
    search = Bounded(clock.trying, clock)
    at = [each.path[:2] for each in culprits(made, search)]
    assert at == ([("model_list", 1234)] if found else [])
    assert search.over is not found
    assert clock.now <= 800
