"""A share of a route's requests, selected at run time: what it makes of what counts, and how it is taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.cli.options import percent
from modelctl.errors import ModelctlError, Refused, UsageError
from modelctl.pipeline import build
from modelctl.service import selecting, views
from modelctl.service.model_index import Index
from modelctl.service.selecting import SelectionChange, SelectRequest
from modelctl.state.desired_json import from_manifest, manifest
from modelctl.state.router_config import resolve_routes, with_arms_of
from modelctl.state.routes import settle, splits, targets
from modelctl.state.selection import Head, Selections, selections_from_json, selections_to_json
from support.api_server import ROUTES, write_catalog

NOW = 1_800_000_000.0
NONE: frozenset[str] = frozenset()
SPLIT = "dealt: {target: fast, fallbacks: [free], split: {fast: 75, slow: 25}, sticky: session}\n"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    desired = build(write_catalog(tmp_path_factory.mktemp("share"), routes=ROUTES + SPLIT)).desired
    assert desired is not None
    return Index(desired)


def choose(index: Index, head: Head, model: str, share: float | None = None, **more: object) -> SelectionChange:
    return selecting.select(SelectRequest(model, share=share, **more), head, index, NONE, now=NOW)  # type: ignore[arg-type]


def after(change: SelectionChange) -> Head:
    return Head(1, "r", change.selections)


def test_the_route_stays_and_a_share_goes_to_the_other(index: Index) -> None:
    change = choose(index, Head(), "slow", 10)
    assert (change.target.name, change.split) == ("fast", (("fast", 90.0), ("slow", 10)))
    entry = change.entries[0]
    assert (entry.action, entry.before, entry.after, entry.split) == ("split", "fast", "slow", change.split)
    routes = index.desired.routes
    assert targets(routes, change.selections, NOW)["active"] == "fast"
    assert splits(routes, change.selections, NOW)["active"] == change.split


def test_another_share_takes_the_place_of_the_first_and_the_rest_is_scaled(index: Index) -> None:
    head = after(choose(index, Head(), "slow", 10))
    change = choose(index, head, "slow", 25)
    assert change.split == (("fast", 75.0), ("slow", 25))
    assert len(change.selections["active"]) == 1
    third = choose(index, after(change), "free", 20)
    assert third.split == (("fast", 60.0), ("slow", 20.0), ("free", 20))


def test_rollback_and_a_plain_choice_end_it(index: Index) -> None:
    head = after(choose(index, Head(), "slow", 10))
    back = selecting.rollback("active", "ada", None, head, index=index, now=NOW)
    assert (back.selections, back.split, back.target.name) == ({}, None, "fast")
    for model in ("fast", "slow"):
        change = choose(index, head, model)
        assert (splits(index.desired.routes, change.selections, NOW).get("active"), len(change.entries)) == (None, 1)


def test_a_split_of_the_catalog_counts_until_somebody_chooses(index: Index) -> None:
    routes = index.desired.routes
    assert splits(routes, {}, NOW) == {"dealt": (("fast", 75.0), ("slow", 25.0))}
    change = choose(index, Head(), "slow", 50, route="dealt")
    assert change.split == (("fast", 50.0), ("slow", 50))
    back = selecting.rollback("dealt", "ada", None, after(change), index=index, now=NOW)
    assert back.split == (("fast", 75.0), ("slow", 25.0))


def test_a_share_of_a_choice_for_a_time_ends_with_it(index: Index) -> None:
    head = after(choose(index, Head(), "slow", lasts=60))
    change = choose(index, head, "fast", 10)
    assert (change.until, change.split) == (NOW + 60, (("slow", 90.0), ("fast", 10)))


def test_what_is_no_share_is_refused(index: Index) -> None:
    with pytest.raises(Refused, match="points to `fast`"):
        choose(index, Head(), "fast", 10)
    with pytest.raises(Refused, match="may not point to `tiny`"):
        choose(index, Head(), "tiny", 10)
    for share in (0, 100, -5, float("nan")):
        with pytest.raises(ModelctlError, match="over 0 and under 100"):
            selecting.verify(SelectRequest("slow", share=share))
    for text in ("0%", "100", "a tenth", "nan", ""):
        with pytest.raises(UsageError):
            percent(text)
    assert (percent("10%"), percent(" 0.5 ")) == (10, 0.5)


def test_an_arm_that_leaves_the_catalog_ends_the_share(index: Index, tmp_path: Path) -> None:
    head = after(choose(index, Head(), "free", 10))
    files = {"providers_other": "litellm_provider: openai\napi_key: none\nmodels: {twin: {}}\n"}
    without = build(write_catalog(tmp_path, routes="active: {target: fast}\n", **files)).desired
    assert without is not None
    kept, entries = settle(without, head.selections, NOW)
    assert (kept, entries[0].reason) == ({}, "free is no longer in the catalog")


def test_it_comes_back_from_json(index: Index) -> None:
    selections: Selections = choose(index, Head(), "slow", 10).selections
    assert selections_from_json(selections_to_json(selections)) == selections
    desired = index.desired
    again = from_manifest(manifest(desired), desired.deployments, desired.providers)
    assert (again.routes, again.revision) == (desired.routes, desired.revision)
    entry = choose(index, Head(), "slow", 10).entries[0]
    assert views.history_answer(entry)["split"] == {"fast": 90.0, "slow": 10}


def test_each_arm_has_a_hidden_alias_with_the_fallbacks_of_the_route(index: Index) -> None:
    config = resolve_routes(index.desired, {})
    assert config.aliases["dealt"] == "fast"
    assert config.aliases["dealt#slow"] == {"model": "slow", "hidden": True}
    chains = {name: chain for each in config.fallbacks["fallbacks"] for name, chain in each.items()}
    assert chains["dealt#slow"] == chains["dealt"] == ["free"]
    assert (config.splits["dealt"].arms, config.splits["dealt"].sticky) == ((("fast", 75.0), ("slow", 25.0)), "session")


def test_the_arms_of_before_stay_until_the_next_change(index: Index) -> None:
    dealt, plain = resolve_routes(index.desired, {}), resolve_routes(index.desired, {}, {})
    kept = with_arms_of(dealt, plain)
    assert kept.aliases == dealt.aliases
    chains = {name: chain for each in kept.fallbacks["fallbacks"] for name, chain in each.items()}
    assert (kept.splits, chains["dealt#slow"]) == ({}, ["free"])
    assert with_arms_of(kept, plain) is plain
    assert with_arms_of(plain, dealt) is dealt
