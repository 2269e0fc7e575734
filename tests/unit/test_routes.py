"""Who may be selected, which intent wins, when it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from modelctl.state.desired import DesiredState, Model, Provider, Route, deployment
from modelctl.state.routes import covers, effective, next_change, refusals, settle, targets
from modelctl.state.selection import Selection

NOW = 1_000_000.0
DAY = date(2026, 11, 22)


def chosen(target: str, over: str = "a", **more: Any) -> Selection:
    return Selection(target, over, "ada", NOW - 100, **more)


def model(name: str = "m", **facts: Any) -> Model:
    return Model(name, "acme", name, name, **{"mode": "chat", "supports_tools": True, **facts})


def state(*models: Model, **routes: Route) -> DesiredState:
    made = [deployment(each.public_name, {"model": each.id}, {}) for each in models if each.rendered]
    return DesiredState({each.id: each for each in made}, routes, providers=(Provider("acme", "Acme", models),))


# -- where a route points ----------------------------------------------------------------------


def test_the_newest_selection_counts_until_its_time_is_up() -> None:
    stack = (chosen("b"), chosen("c", until=NOW + 5))
    assert [one.target for one in (effective(stack, NOW), effective(stack, NOW + 5)) if one] == ["c", "b"]
    assert effective((), NOW) is None


def test_targets_fall_back_to_the_default() -> None:
    routes = {"active": Route("active", "a"), "side": Route("side", "x")}
    selections = {"active": (chosen("b", until=NOW + 5),), "gone": (chosen("y"),)}
    assert targets(routes, selections, NOW) == {"active": "b", "side": "x"}
    assert targets(routes, selections, NOW + 6) == {"active": "a", "side": "x"}


def test_next_change_is_the_nearest_end_ahead() -> None:
    stacks = {"one": (chosen("b", until=NOW - 1), chosen("c", until=NOW + 9)), "two": (chosen("d", until=NOW + 3),)}
    assert next_change(stacks, NOW) == NOW + 3
    assert next_change({"one": (chosen("b"),)}, NOW) is None


@pytest.mark.parametrize(
    ("name", "known"), [("a", True), ("openai/gpt-9", True), ("openai", False), ("b", False), ("openai/", True)]
)
def test_covers(name: str, known: bool) -> None:
    assert covers({"a", "openai/*"}, name) is known


# -- who may be selected -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "facts", "said"),
    [
        ({}, {}, None),
        ({"requires": {"tools": True}}, {"supports_tools": False}, "lacks tools"),
        ({"requires": {"vision": True}}, {}, "is not known to have vision"),
        ({"requires": {"vision": False}}, {}, None),
        ({"requires": {"context_window": 1000}}, {"context_window": 999}, "under 1000"),
        ({"requires": {"context_window": 1000}}, {}, "unknown size"),
        ({"requires": {"context_window": 1000}}, {"context_window": 1000}, None),
        ({"requires": {"max_output_price": 4}}, {"price": {"output": 4.5}}, "4.5 USD per 1M output tokens, over 4"),
        ({"requires": {"max_output_price": 4}}, {}, "an unknown price"),
        ({"requires": {"max_input_price": 4}}, {"price": {"input": 4}}, None),
        ({}, {"mode": "embedding"}, "is a model for embedding"),
        ({}, {"mode": "responses"}, None),
        ({}, {"mode": None}, None),
        ({"requires": {"mode": "embedding"}}, {"mode": "embedding"}, None),
        ({"requires": {"mode": "embedding"}}, {}, "holds embedding models"),
        ({"choices": ["x", "y"]}, {}, "not among the choices"),
        ({"choices": ["m"]}, {}, None),
        ({"choices": {"tags": ["cheap", "fast"]}}, {"tags": ("fast",)}, None),
        ({"choices": {"tags": ["cheap"]}}, {"tags": ("fast",)}, "takes models tagged cheap"),
        ({}, {"lifecycle": {"status": "retired", "successor": "n"}}, "is retired"),
        ({}, {"lifecycle": {"status": "deprecated", "retires": "2026-11-22"}}, "retired on 2026-11-22"),
        ({}, {"lifecycle": {"status": "deprecated", "retires": "2026-11-23"}}, None),
        ({}, {"references": ("KEY",)}, "KEY is not set on the workers"),
        ({}, {"references": ("OTHER",)}, None),
    ],
)
def test_refusals(route: dict[str, Any], facts: dict[str, Any], said: str | None) -> None:
    found = refusals(Route("active", "m", **route), [model(**facts)], {"KEY"}, DAY)
    assert [said] * len(found) == ([said] if said else [])
    assert said is None or said in found[0].message


def test_every_reason_is_told_at_once_and_each_once() -> None:
    route = Route("active", "m", requires={"tools": True, "vision": True})
    bare = model(supports_tools=False, references=("KEY",))
    assert len(refusals(route, [bare, bare], {"KEY"}, DAY)) == 3


def test_a_name_that_only_a_wildcard_covers_satisfies_no_requirement() -> None:
    assert refusals(Route("active", "m"), [], (), DAY) == []
    assert len(refusals(Route("active", "m", requires={"tools": True}), [], (), DAY)) == 1


# -- which intent wins -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "selection", "why"),
    [
        (state(model("a"), model("b"), active=Route("active", "a")), chosen("b"), None),
        (state(model("c"), model("b"), active=Route("active", "c")), chosen("b"), "target changed from a to c"),
        (state(model("c"), model("b"), active=Route("active", "c")), chosen("b", pinned=True), None),
        (state(model("a"), active=Route("active", "a")), chosen("b"), "no longer in the catalog"),
        (state(model("a"), active=Route("active", "a")), chosen("b", forced=True), "no longer in the catalog"),
        (state(model("a"), model("b")), chosen("b"), "the route was removed"),
        (
            state(model("a"), model("b", supports_tools=False), active=Route("active", "a", requires={"tools": True})),
            chosen("b"),
            "lacks tools",
        ),
        (
            state(model("a"), model("b", supports_tools=False), active=Route("active", "a", requires={"tools": True})),
            chosen("b", forced=True),
            None,
        ),
    ],
)
def test_settle(after: DesiredState, selection: Selection, why: str | None) -> None:
    kept, entries = settle(after, {"active": (selection,)}, NOW)
    assert bool(kept) is (why is None)
    assert [entry.action for entry in entries] == ([] if why is None else ["end"])
    for entry in entries:
        assert why in str(entry.reason)
        assert (entry.actor, entry.before, entry.revision) == ("catalog", "b", after.revision)


def test_settle_says_where_the_route_points_afterwards() -> None:
    after = state(model("a"), model("c"), active=Route("active", "a"))
    kept, (entry,) = settle(after, {"active": (chosen("c"), chosen("b"))}, NOW)
    assert (kept["active"], entry.after) == ((chosen("c"),), "c")


def test_settle_is_silent_about_what_was_not_in_effect() -> None:
    after = state(model("a"), model("c"), active=Route("active", "a"))
    kept, entries = settle(after, {"active": (chosen("b"), chosen("c"))}, NOW)
    assert (kept["active"], entries) == ((chosen("c"),), [])


def test_an_unset_variable_never_ends_a_selection() -> None:
    after = state(model("a"), replace(model("b"), references=("KEY",)), active=Route("active", "a"))
    assert settle(after, {"active": (chosen("b"),)}, NOW)[1] == []
