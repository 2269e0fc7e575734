"""Selections as they are asked for, taken back and run out."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelctl.errors import ModelctlError, Refused
from modelctl.pipeline import build
from modelctl.service import selecting
from modelctl.service.model_index import Index
from modelctl.service.selecting import SelectionChange, SelectRequest
from modelctl.state.selection import Head, Selection
from support.api_server import ACME, write_catalog

NOW = 1_800_000_000.0
NONE: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder: Path = tmp_path_factory.mktemp("choose")
    desired = build(write_catalog(folder)).desired
    assert desired is not None
    return Index(desired)


def after(step: SelectionChange) -> Head:
    return Head(1, "r", step.selections)


def test_select_records_who_why_and_from_where(index: Index) -> None:
    step = selecting.select(SelectRequest("slow", reason="an outage", actor="ada"), Head(0, "r"), index, NONE, now=NOW)
    entry = step.entries[0]
    assert (entry.action, entry.actor, entry.reason) == ("select", "ada", "an outage")
    assert (entry.before, entry.after, entry.revision) == ("fast", "slow", "r")
    assert step.selections["active"][-1].over == "fast"


def test_select_for_a_time(index: Index) -> None:
    step = selecting.select(SelectRequest("slow", lasts=90), Head(), index, NONE, now=NOW)
    assert step.until == NOW + 90
    assert step.entries[0].until == NOW + 90


@pytest.mark.parametrize(
    ("model_id", "said"),
    [
        ("tiny", "lacks tools"),
        ("vectors", "is a model for embedding"),
        ("many/things", "nothing is known of it"),
    ],
)
def test_select_refused_by_requires(index: Index, model_id: str, said: str) -> None:
    with pytest.raises(Refused) as caught:
        selecting.select(SelectRequest(model_id), Head(), index, NONE, now=NOW)
    assert said in " ".join(problem.message for problem in caught.value.problems)


def test_select_refused_for_an_unset_variable(index: Index) -> None:
    with pytest.raises(Refused) as caught:
        selecting.select(SelectRequest("slow"), Head(), index, frozenset({"ACME_KEY"}), now=NOW)
    assert [problem.rule for problem in caught.value.problems] == ["unset-variable"]


def test_select_forced_is_recorded(index: Index) -> None:
    step = selecting.select(SelectRequest("tiny", force=True), Head(), index, NONE, now=NOW)
    assert step.entries[0].forced
    assert step.selections["active"][-1].forced
    assert {problem.rule for problem in step.problems} == {"requires"}


def test_select_forced_without_need_is_not_recorded_as_forced(index: Index) -> None:
    step = selecting.select(SelectRequest("slow", force=True), Head(), index, NONE, now=NOW)
    assert not step.entries[0].forced


def test_select_what_is_not_rendered_cannot_be_forced(index: Index) -> None:
    with pytest.raises(Refused) as caught:
        selecting.select(SelectRequest("old", force=True), Head(), index, NONE, now=NOW)
    assert caught.value.problems[0].rule == "retired-model"
    assert caught.value.problems[0].hint == "use `fast` instead"


def chosen(index: Index, *asks: SelectRequest, head: Head | None = None, at: float = NOW) -> Head:
    """The head after these asks, one after the other."""
    head = head or Head()
    for ask in asks:
        head = after(selecting.select(ask, head, index, NONE, now=at))
    return head


def test_select_keeps_so_many(index: Index) -> None:
    head = chosen(
        index, *(SelectRequest("slow" if number % 2 else "acme-twin", reason=str(number)) for number in range(30))
    )
    assert [one.reason for one in head.selections["active"]] == [str(number) for number in range(10, 30)]


@pytest.mark.parametrize("renewed", [["acme-twin"], ["acme-twin", "fast"], ["acme-twin", "fast", "free"]])
def test_renewals_of_a_limit_never_push_out_what_lies_below(index: Index, renewed: list[str]) -> None:
    """One cron job, and several that take turns."""
    head = chosen(index, SelectRequest("slow", reason="for good"))
    for number in range(60):
        head = chosen(index, SelectRequest(renewed[number % len(renewed)], lasts=30), head=head, at=NOW + number)
    selections, _ = selecting.expire(head, index.desired, NOW + 100)
    assert [one.reason for one in selections["active"]] == ["for good"]


def test_limits_within_limits_are_all_kept(index: Index) -> None:
    """Each of these counts again once those above it have ended, more of them than a rollback goes back."""
    asks = [SelectRequest("slow" if number % 2 else "acme-twin", lasts=1000.0 - number) for number in range(40)]
    head = chosen(index, SelectRequest("slow", reason="for good"), *asks)
    assert [one.until for one in head.selections["active"]] == [None, *(NOW + ask.lasts for ask in asks if ask.lasts)]


@pytest.mark.parametrize(
    ("first", "second", "lengths"),
    [
        (SelectRequest("slow", lasts=10), SelectRequest("slow", lasts=90), [1]),  # renewed
        (SelectRequest("slow", lasts=10), SelectRequest("slow"), [1]),  # its limit is lifted
        (
            SelectRequest("slow"),
            SelectRequest("slow", lasts=90),
            [1, 1],
        ),  # a limit over the same: it ends where it began
        (SelectRequest("slow"), SelectRequest("slow", pin=True), [1]),
    ],
    ids=["renewed", "lifted", "limited", "pinned"],
)
def test_the_same_target_again(index: Index, first: SelectRequest, second: SelectRequest, lengths: list[int]) -> None:
    head = chosen(index, first, second)
    assert [1 for _ in head.selections["active"]] == lengths
    assert (head.selections["active"][-1].until, head.selections["active"][-1].pinned) == (
        None if second.lasts is None else NOW + second.lasts, second.pin
    )  # fmt: skip
    assert selecting.rollback("active", "ada", None, head, index=index, now=NOW).target.name == "fast"


@pytest.mark.parametrize(
    "asks", [[], [SelectRequest("slow")], [SelectRequest("slow", lasts=9)], [SelectRequest("slow", pin=True)]]
)
def test_what_is_there_already_is_no_entry(index: Index, asks: list[SelectRequest]) -> None:
    head = chosen(index, *asks)
    step = selecting.select(asks[0] if asks else SelectRequest("fast"), head, index, NONE, now=NOW)
    assert (step.entries, step.selections) == ((), head.selections)
    assert step.previous == step.target.name


def test_rollback_passes_over_what_moved_nothing(index: Index) -> None:
    """Also those that an older release has written."""
    slow = Selection("slow", "fast", "ada", NOW)
    head = Head(1, "r", {"active": (slow, Selection("acme-twin", "fast", "ada", NOW), *(slow, slow, slow))})
    first = selecting.rollback("active", "ada", None, head, index=index, now=NOW)
    assert (first.previous, first.target.name) == ("slow", "acme-twin")
    only = Head(1, "r", {"active": (Selection("fast", "fast", "ada", NOW),)})
    with pytest.raises(Refused, match="on its default"):
        selecting.rollback("active", "ada", None, only, index=index, now=NOW)


def test_rollback_goes_back_step_by_step(index: Index) -> None:
    head = after(selecting.select(SelectRequest("slow"), Head(), index, NONE, now=NOW))
    head = after(selecting.select(SelectRequest("acme-twin"), head, index, NONE, now=NOW))
    first = selecting.rollback("active", "ada", None, head, index=index, now=NOW)
    assert (first.target.name, first.previous) == ("slow", "acme-twin")
    second = selecting.rollback("active", "ada", None, after(first), index=index, now=NOW)
    assert (second.target.name, second.selections) == ("fast", {})
    with pytest.raises(Refused, match="`active` is on its default `fast`"):
        selecting.rollback("active", "ada", None, after(second), index=index, now=NOW)


def test_rollback_passes_over_what_has_run_out(index: Index) -> None:
    head = after(selecting.select(SelectRequest("slow"), Head(), index, NONE, now=NOW))
    head = after(selecting.select(SelectRequest("acme-twin", lasts=10), head, index, NONE, now=NOW))
    step = selecting.rollback("active", "ada", None, head, index=index, now=NOW + 20)
    assert (step.previous, step.target.name) == ("slow", "fast")


def test_rollback_names_the_member_that_was_chosen(index: Index) -> None:
    head = after(selecting.select(SelectRequest("twin", provider="other"), Head(), index, NONE, now=NOW))
    head = after(selecting.select(SelectRequest("slow"), head, index, NONE, now=NOW))
    target = selecting.rollback("active", "ada", None, head, index=index, now=NOW).target
    assert (target.provider, target.model_id, target.name) == ("other", "twin", "other-twin")


def test_expire_tells_only_of_what_moved_the_route(index: Index) -> None:
    head = after(selecting.select(SelectRequest("slow", lasts=10), Head(1, "r"), index, NONE, now=NOW))
    head = after(selecting.select(SelectRequest("acme-twin", lasts=30), head, index, NONE, now=NOW))
    selections, entries = selecting.expire(head, index.desired, NOW + 15)
    assert [one.target for one in selections["active"]] == ["acme-twin"]
    assert entries == []
    selections, entries = selecting.expire(head, index.desired, NOW + 31)
    assert selections == {}
    assert [(one.action, one.before, one.after, one.at) for one in entries] == [
        ("expire", "acme-twin", "fast", NOW + 30)
    ]


def test_expire_falls_back_on_the_older_choice(index: Index) -> None:
    head = after(selecting.select(SelectRequest("slow"), Head(), index, NONE, now=NOW))
    head = after(selecting.select(SelectRequest("acme-twin", lasts=5), head, index, NONE, now=NOW))
    selections, entries = selecting.expire(head, index.desired, NOW + 5)
    assert [one.target for one in selections["active"]] == ["slow"]
    assert [(one.before, one.after) for one in entries] == [("acme-twin", "slow")]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.floats(1, 100)), max_size=8), st.floats(0, 200))
def test_expire_never_changes_where_a_route_points(stack: list[tuple[str, float | None]], now: float) -> None:
    selections = {"active": tuple(Selection(target, "d", "x", 0.0, until=until) for target, until in stack)}
    kept, _ = selecting.expire(Head(1, "r", selections), None, now)
    before = selecting.routes.effective(selections["active"], now)
    assert selecting.routes.effective(kept.get("active", ()), now) == before
    assert all(one.in_effect(now) for one in kept.get("active", ()))


@pytest.mark.parametrize(
    "ask",
    [
        SelectRequest(""),
        SelectRequest("x" * 301),
        SelectRequest("a\nb"),
        SelectRequest("a\x00b"),
        SelectRequest("\ud800"),
        SelectRequest("fast", reason="a\x1b[31m"),
        SelectRequest("fast", reason="x" * 501),
        SelectRequest("fast", actor="\u202eevil"),
        SelectRequest("fast", lasts=0),
        SelectRequest("fast", lasts=-1),
        SelectRequest("fast", lasts=float("nan")),
        SelectRequest("fast", lasts=float("inf")),
        SelectRequest("fast", lasts=1e12),
    ],
)
def test_verify_refuses(ask: SelectRequest) -> None:
    with pytest.raises(ModelctlError):
        selecting.verify(ask)


@pytest.mark.parametrize(("days", "warned"), [(1, True), (30, True), (31, False)])
def test_selecting_what_retires_soon_warns(tmp_path: Path, days: int, warned: bool) -> None:
    day = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    acme = ACME.replace("  slow: {", f"  slow: {{lifecycle: {{retires: {day}, successor: fast}}, ")
    desired = build(write_catalog(tmp_path, providers_acme=acme)).desired
    assert desired is not None
    step = selecting.select(SelectRequest("slow"), Head(), Index(desired), NONE, now=time.time())
    told = [(one.rule, one.severity, one.hint) for one in step.problems]
    assert told == ([("retires-soon", "warning", "use `fast` instead")] if warned else [])
    assert not step.entries[0].forced
