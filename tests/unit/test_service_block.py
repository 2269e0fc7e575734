"""Blocked models: where routes go instead, who is left without an answer, how it ends, and what it says in history."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelctl.errors import ModelctlError, NotFound, Refused
from modelctl.pipeline import build
from modelctl.service import block_requests, grace, selecting
from modelctl.service.block_requests import BlockChange, BlockRequest
from modelctl.service.model_index import Index
from modelctl.service.selecting import SelectRequest
from modelctl.state import blocking
from modelctl.state.blocking import OutOfTraffic, Reached, reached, standing
from modelctl.state.desired import Deployment, DesiredState, Route
from modelctl.state.router_config import RouterConfig, resolve_routes
from modelctl.state.routes import next_change
from modelctl.state.selection import (
    BLOCKS,
    Arms,
    Head,
    Selections,
    selections_from_json,
    selections_to_json,
)
from support.api_server import write_catalog

NOW = 1_800_000_000.0
ROUTES = """\
active: {target: fast, fallbacks: [slow, free]}
alone: {target: fast}
far: {target: free, fallbacks: [fast]}
dealt: {target: fast, fallbacks: [free], split: {fast: 50, slow: 30, twin: 20}, sticky: session}
""".replace("twin", "acme-twin")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index(build(write_catalog(tmp_path_factory.mktemp("block"), routes=ROUTES)).sound())


def block(index: Index, model: str, head: Head | None = None, **more: object) -> BlockChange:
    return block_requests.block(BlockRequest(model, force=True, **more), head or Head(), index, frozenset(), now=NOW)  # type: ignore[arg-type]


def after(*changes: BlockChange) -> Head:
    return Head(1, "r", changes[-1].selections)


def live(index: Index, selections: Selections, now: float = NOW) -> RouterConfig:
    out = blocking.out_of_traffic(selections, index.desired.public_names, now)
    return resolve_routes(index.desired, {}, None, out)


def chain(config: RouterConfig, name: str) -> list[str] | None:
    return next((each[name] for each in config.fallbacks["fallbacks"] if name in each), None)


def test_routes_go_to_the_first_fallback_that_is_left_and_keep_the_rest_of_the_chain(index: Index) -> None:
    one = block(index, "fast")
    config = live(index, one.selections)
    assert (config.aliases["active"], chain(config, "active")) == ("slow", ["free"])
    two = block(index, "slow", after(one))
    config = live(index, two.selections)
    assert (config.aliases["active"], chain(config, "active")) == ("free", None)
    assert config.blocked["fast"] == "`fast` is blocked"


def test_chains_skip_it(index: Index) -> None:
    assert chain(live(index, {}), "far") == ["fast"]
    assert chain(live(index, block(index, "fast").selections), "far") is None


def test_the_arms_that_are_left_share_the_requests(index: Index) -> None:
    one = block(index, "fast")
    config = live(index, one.selections)
    assert config.aliases["dealt"] == "slow"
    assert config.splits["dealt"].arms == (("slow", 60.0), ("acme-twin", 40.0))
    two = block(index, "slow", after(one))
    config = live(index, two.selections)
    assert (config.aliases["dealt"], "dealt" in config.splits) == ("acme-twin", False)
    three = block(index, "acme-twin", after(two))
    assert live(index, three.selections).aliases["dealt"] == "free"


def test_a_model_that_a_route_has_nothing_beside_is_refused_unless_forced(index: Index) -> None:
    with pytest.raises(Refused) as refused:
        block_requests.block(BlockRequest("fast"), Head(), index, frozenset(), now=NOW)
    assert refused.value.message == "without `fast` nobody answers for `alone`"
    assert "modelctl use MODEL --route alone" in str(refused.value.hint)
    assert [problem.rule for problem in refused.value.problems] == ["blocked-model"]
    forced = block(index, "fast", reason="it lies")
    assert (forced.silent, forced.entries[0].forced) == (("alone",), True)
    config = live(index, forced.selections)
    assert config.blocked["alone"] == "no model is left for `alone`: `fast` is blocked: it lies"


def test_history_has_a_line_for_the_model_and_one_for_each_route(index: Index) -> None:
    change = block(index, "fast", reason="it lies", lasts=60.0, actor="ada")
    assert [(each.action, each.route, each.before, each.after) for each in change.entries] == [
        ("block", None, "fast", None), ("block", "active", "fast", "slow"), ("block", "dealt", "fast", "slow"),
    ]  # fmt: skip
    assert {(each.actor, each.reason, each.until, each.model) for each in change.entries} == {
        ("ada", "it lies", NOW + 60, "fast")
    }
    back = block_requests.unblock("fast", "bob", None, head=after(change), index=index, now=NOW)
    assert [(each.action, each.route, each.after) for each in back.entries] == [
        ("unblock", None, "fast"), ("unblock", "active", "fast"), ("unblock", "dealt", "fast"),
    ]  # fmt: skip
    assert back.selections == {}


def test_it_ends_by_itself_and_the_control_plane_writes_it_down(index: Index) -> None:
    head = after(block(index, "fast", lasts=60.0))
    assert next_change(head.selections, NOW) == NOW + 60
    assert standing(index.desired, head.selections, NOW + 61)["active"] == Reached("fast")
    assert live(index, head.selections, NOW + 61).blocked == {}
    selections, entries = block_requests.ended(head, index.desired, NOW + 61)
    assert selections == {}
    assert [(each.action, each.route, each.at) for each in entries][:2] == [
        ("unblock", None, NOW + 60), ("unblock", "active", NOW + 60),
    ]  # fmt: skip
    assert block_requests.ended(head, index.desired, NOW + 59) == (head.selections, [])


def test_expiring_selections_and_publishing_leave_it_alone(index: Index) -> None:
    head = after(block(index, "fast", lasts=60.0))
    assert selecting.expire(head, index.desired, NOW + 61)[0] == head.selections
    empty = replace(index.desired, deployments={}, routes={}, providers=())
    kept, resting, entries = grace.settle(empty, head.selections, (), NOW)
    assert (kept, resting, entries) == (head.selections, (), [])


def test_it_survives_the_way_through_a_store(index: Index) -> None:
    selections = block(index, "fast", reason="it lies", lasts=60.0).selections
    assert selections_from_json(selections_to_json(selections)) == selections


def test_no_route_can_be_pointed_to_it_and_force_changes_nothing(index: Index) -> None:
    head = after(block(index, "slow", reason="it lies"))
    for force in (False, True):
        with pytest.raises(Refused) as refused:
            selecting.select(SelectRequest("slow", force=force), head, index, frozenset(), now=NOW)
        assert (refused.value.problems[0].message, refused.value.hint) == (
            "`slow` is blocked: it lies", "modelctl unblock slow",
        )  # fmt: skip
    with pytest.raises(Refused):
        selecting.select(SelectRequest("slow", share=10), head, index, frozenset(), now=NOW)


def test_the_same_again_changes_nothing_and_another_reason_takes_its_place(index: Index) -> None:
    first = block(index, "fast", reason="it lies")
    assert block(index, "fast", after(first), reason="it lies").entries == ()
    second = block(index, "fast", after(first), reason="it still lies")
    assert [one.reason for one in second.selections[BLOCKS]] == ["it still lies"]


def test_a_wildcard_takes_out_what_only_it_covers(index: Index) -> None:
    out = blocking.out_of_traffic(block(index, "many/*").selections, index.desired.public_names, NOW)
    assert out is not None
    assert (out.reason("many/one"), out.reason("fast")) == ("`many/*` is blocked", None)
    covered = OutOfTraffic({"many/*": "why"}, {"many/*", "many/one"})
    assert (covered.has("many/one"), covered.has("many/two")) == (False, True)
    head = after(block(index, "many/*"))
    with pytest.raises(Refused):
        selecting.select(SelectRequest("many/one", route="far", force=True), head, index, frozenset(), now=NOW)


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (BlockRequest("fastt"), "did you mean `fast`"),
        (BlockRequest("active"), "is a route, not a model"),
        (BlockRequest("fast", lasts=-1.0), "`for` must be over 0"),
        (BlockRequest("fast", reason="a\nb"), "control characters"),
        (BlockRequest(" "), "`model_id` is empty"),
    ],
)
def test_bad_requests(index: Index, ask: BlockRequest, error: str) -> None:
    def asked() -> None:
        block_requests.verify(ask)
        block_requests.block(ask, Head(), index, frozenset(), now=NOW)

    with pytest.raises(ModelctlError, match=error):
        asked()


def test_unblock_says_what_is_blocked(index: Index) -> None:
    head = after(block(index, "fast"))
    with pytest.raises(Refused) as refused:
        block_requests.unblock("slow", "bob", None, head=head, index=index, now=NOW)
    assert (refused.value.message, refused.value.hint) == ("`slow` is not blocked", "blocked: `fast`")
    with pytest.raises(NotFound, match="did you mean `slow`"):
        block_requests.unblock("sloow", "bob", None, head=head, index=index, now=NOW)


NAMES = ("a", "b", "c", "d")
names = st.sampled_from(NAMES)
chains = st.none() | st.lists(names, unique=True, max_size=3).map(tuple)
arms = st.none() | st.lists(names, unique=True, min_size=2, max_size=4).map(
    lambda found: tuple((name, 100 / len(found)) for name in found)
)


@given(
    targets=st.lists(st.tuples(names, chains, arms), min_size=1, max_size=3),
    of_models=st.dictionaries(names, st.lists(names, unique=True, max_size=3)),
    out=st.sets(names),
)
def test_nothing_leads_to_what_is_out(
    targets: list[tuple[str, tuple[str, ...] | None, Arms | None]], of_models: dict[str, list[str]], out: set[str]
) -> None:
    routes = {
        f"r{at}": Route(f"r{at}", dealt[0][0] if dealt else target, fallbacks=fallbacks, split=dealt)
        for at, (target, fallbacks, dealt) in enumerate(targets)
    }
    deployments = {name: Deployment(name, name, {}) for name in NAMES}
    desired = DesiredState(deployments, routes, {"fallbacks": of_models})
    gone = OutOfTraffic(dict.fromkeys(out, "out"), set(NAMES))
    config = resolve_routes(desired, {}, None, gone)
    for chains_ in config.fallbacks.values():
        assert not any(step in out for each in chains_ for steps in each.values() for step in steps)
    for name, route in routes.items():
        one = reached(desired, route, Reached(route.target, route.split), gone)
        assert (name in config.blocked) == (not one.answers) == (config.aliases[name] in out)
        assert one.arms is None or sum(share for _, share in one.arms) == pytest.approx(100)
        assert not out & {arm for arm, _ in one.arms or ()}
