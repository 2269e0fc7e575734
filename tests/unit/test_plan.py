"""What a change means for people: compared, counted, refused, and said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelctl.plan import Plan, against, plan_change
from modelctl.plan.plan_text import markdown, text
from modelctl.state.desired import DesiredState, Model, Provider, Route, deployment


def model(name: str, **facts: Any) -> Model:
    return Model(name, "acme", name, name, **{"price": {"input": 1.0, "output": 4.0}, "mode": "chat", **facts})


def state(*models: Model, routes: dict[str, Route] | None = None, **fields: Any) -> DesiredState:
    made = [deployment(each.public_name, {"model": f"openai/{each.id}"}, {}) for each in models if each.rendered]
    provider = Provider("acme", "Acme", models)
    return DesiredState({each.id: each for each in made}, routes or {}, providers=(provider,), **fields)


BIG = model("big", context_window=400_000, supports_vision=True, supports_tools=True)
SMALL = model("small", context_window=200_000, supports_tools=True, price={"input": 2.4, "output": 4.0})


def moved(**old: Any) -> Plan:
    before = state(BIG, SMALL, routes={"active": Route("active", "big", **old)})
    return plan_change(before, state(BIG, SMALL, routes={"active": Route("active", "small", **old)}))


def test_equal_states_give_an_empty_plan() -> None:
    made = plan_change(state(BIG), state(BIG))
    assert (made.empty, text(made), made.counts()) == (True, "no changes", {"add": 0, "change": 0, "remove": 0})


def test_a_route_that_moves_says_what_its_apps_notice() -> None:
    (move,) = moved().routes
    assert (move.before, move.after, move.gained, move.lost) == ("big", "small", (), ("vision",))
    assert {fact.name: fact.percent and round(fact.percent) for fact in move.facts} == {
        "input price": 140,
        "context window": -50,
        "vision": None,
    }
    said = text(moved())
    assert (
        "~ active big -> small: input price +140 % ($1 to $2.4 per 1M), context window 400k to 200k; loses vision"
        in said
    )
    assert "live at once, no restart" in said


def test_models_come_go_and_change() -> None:
    before = state(BIG, SMALL)
    after = state(replace(BIG, price={"input": 0.5, "output": 4.0}), model("new"))
    changes = {change.name: change.action for change in plan_change(before, after).models}
    assert changes == {"big": "change", "small": "remove", "new": "add"}
    assert "~ big: input price -50 % ($1 to $0.5 per 1M)" in text(plan_change(before, after))


def test_a_changed_parameter_is_named() -> None:
    before, after = state(BIG), state(BIG)
    other = deployment("big", {"model": "openai/big", "timeout": 30}, {})
    (change,) = plan_change(before, replace(after, deployments={other.id: other})).models
    assert [(fact.name, fact.before, fact.after) for fact in change.facts] == [("timeout", None, 30)]


def test_chains_are_those_that_workers_will_have() -> None:
    routes = {"active": Route("active", "big")}
    made = plan_change(
        state(BIG, SMALL, routes=routes), state(BIG, SMALL, routes=routes, fallbacks={"fallbacks": {"big": ["small"]}})
    )
    assert [(change.action, change.name) for change in made.chains] == [("add", "active"), ("add", "big")]
    assert "+ active: fallbacks small" in text(made)


def test_settings_are_named_without_their_values() -> None:
    before = state(BIG, settings={"general_settings": {"alerting": ["old-value"]}})
    after = state(BIG, settings={"general_settings": {"alerting": ["new-value"]}, "router_settings": {"timeout": 30}})
    made = plan_change(before, after)
    assert made.restart == ("general_settings.alerting",)
    said = text(made) + markdown(made)
    assert "restart needed for general_settings.alerting" in said
    assert "+ router_settings.timeout: at once" in said
    assert "value" not in said


def test_the_digest_names_the_step_and_not_only_its_end() -> None:
    one, two, three = state(BIG), state(SMALL), state(BIG, SMALL)
    assert plan_change(one, three).digest != plan_change(two, three).digest
    assert plan_change(one, three).digest == plan_change(state(BIG), state(BIG, SMALL)).digest


@pytest.mark.parametrize(("kept", "refused"), [(3, []), (2, ["many-removals"]), (0, ["many-removals"])])
def test_many_removals_are_refused(kept: int, refused: list[str]) -> None:
    models = [model(f"m{number}") for number in range(4)]
    made = plan_change(state(*models), state(*models[:kept]))
    assert [problem.rule for problem in made.refusals] == refused


def test_protected_items_are_refused() -> None:
    guarded = replace(SMALL, protected=True)
    models = (BIG, guarded, *(model(f"m{number}") for number in range(8)))
    gone = plan_change(state(*models), state(*(each for each in models if each is not guarded)))
    assert [str(problem.message) for problem in gone.refusals] == ["`small` is protected, and this removes it"]
    assert [problem.rule for problem in moved(protected=True).refusals] == ["protected"]
    assert "refused: route `active` is protected" in text(moved(protected=True))


def test_nothing_is_refused_where_nothing_was_published() -> None:
    made = plan_change(None, state(BIG))
    assert (made.before, made.refusals, made.restart) == (None, (), ())
    assert [change.name for change in made.models] == ["big"]


def test_markdown_cannot_be_steered_by_names() -> None:
    hostile = model("x` | <img src=x onerror=alert(1)> @everyone\n# big")
    said = markdown(plan_change(state(BIG), state(BIG, replace(hostile, lifecycle={"status": "@all *bold* | </td>"}))))
    rows = [line for line in said.splitlines() if line.startswith("| +")]
    assert len(rows) == 1
    assert rows[0].count("`") == 2
    assert rows[0].replace("\\|", "").count("|") == 4


def test_json_form_carries_percent_and_digest() -> None:
    data = moved().to_dict()
    assert data["digest"] == moved().digest
    assert data["hot"] is True
    assert data["routes"][0]["facts"][0] == {"name": "input price", "before": 1.0, "after": 2.4, "percent": 140.0}


# -- on the traffic of last week ---------------------------------------------------------------

TOKENS = {"prompt_tokens": 40_000_000, "completion_tokens": 10_000_000, "cached_read_tokens": 0}


def on_traffic(cheap: dict[str, float | None], **week: dict[str, int]) -> Plan:
    dear, other = model("dear", price={"input": 2.0, "output": 8.0}), model("cheap", price=cheap)
    routes = {"active": Route("active", "dear", also=("too",))}
    after = {"active": Route("active", "cheap", also=("too",))}
    return plan_change(state(dear, other, routes=routes), state(dear, other, routes=after), week)


def test_a_route_that_moves_is_priced_on_the_tokens_of_every_name_it_has() -> None:
    made = on_traffic({"input": 0.5, "output": 2.0}, active=TOKENS, too=TOKENS, other=TOKENS)
    fact = next(fact for fact in made.routes[0].facts if fact.name == "cost of last week")
    assert (fact.before, fact.after) == (320.0, 80.0)
    assert "last week's tokens cost $320.00, would cost $80.00 (-75 %)" in text(made)
    assert "last week's tokens cost $320.00, would cost $80.00" in markdown(made)


def test_what_is_read_from_the_cache_has_a_price_of_its_own() -> None:
    tokens = {**TOKENS, "completion_tokens": 0, "cached_read_tokens": 30_000_000}
    made = on_traffic({"input": 1.0, "output": 1.0, "cached_input": 0.1}, active=tokens)
    assert "would cost $13.00" in text(made)


def test_an_unknown_price_is_said_and_no_traffic_is_not() -> None:
    assert "last week's tokens cost $160.00, would cost an unknown amount" in text(on_traffic({}, active=TOKENS))
    for week in ({}, {"active": dict.fromkeys(TOKENS, 0)}, {"another": TOKENS}):
        assert "last week" not in text(on_traffic({"input": 0.5, "output": 2.0}, **week))


def test_a_file_with_what_litellm_cannot_read_is_compared_all_the_same(tmp_path: Path) -> None:
    config = tmp_path / "litellm_config.yaml"
    config.write_text(
        "model_list:\n"
        "- {model_name: a, litellm_params: {model: openai/a, input_cost_per_token: cheap}}\n"
        "router_settings: {model_group_alias: {fast: [a], slow: a}, fallbacks: {a: [b]}}\n"
    )
    found = against.of_file(config, DesiredState({}))
    assert list(found.routes) == ["slow"]
    assert found.fallbacks["fallbacks"] == {}
    assert found.providers[0].models[0].price["input"] is None
