"""How requests are dealt to the arms of a split: in proportion, and a session stays where it is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelctl.state.splitting import WHOLE, arm, position, shared, told_apart

SESSIONS = [f"session-{number}" for number in range(10_000)]


@pytest.mark.parametrize("route", ["active", "batch", "claude-active"])
def test_ten_percent_is_ten_percent_of_ten_thousand_sessions(route: str) -> None:
    arms = (("a", 90.0), ("b", 10.0))
    dealt = Counter(arm(arms, position(route, each)) for each in SESSIONS)
    assert 900 <= dealt["b"] <= 1100
    assert dealt["a"] == 10_000 - dealt["b"]


def test_a_share_that_grows_moves_only_those_in_between() -> None:
    before, after = ({each: arm((("a", 100 - share), ("b", share)), position("r", each)) for each in SESSIONS}
                     for share in (10.0, 25.0))  # fmt: skip
    moved = {(before[each], after[each]) for each in SESSIONS}
    assert moved == {("a", "a"), ("a", "b"), ("b", "b")}


def test_each_route_deals_anew() -> None:
    arms = (("a", 50.0), ("b", 50.0))
    alike = sum(arm(arms, position("one", each)) == arm(arms, position("two", each)) for each in SESSIONS)
    assert 4500 < alike < 5500


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=6), st.floats(0.1, 99), st.text(max_size=20))
def test_shares_always_add_up_and_every_position_has_an_arm(weights: list[float], share: float, value: str) -> None:
    arms = tuple((f"m{number}", weight * WHOLE / sum(weights)) for number, weight in enumerate(weights))
    after = shared(arms, "new", share)
    assert sum(each for _, each in after) == pytest.approx(WHOLE, abs=1e-4)
    assert arm(after, position("r", value)) in dict(after)
    assert arm(after, WHOLE - 1e-12) == "new"
    again = shared(after, "new", share)
    assert [(name, pytest.approx(each, abs=1e-4)) for name, each in after] == list(again)


def test_an_arm_without_a_share_gets_nothing() -> None:
    arms = (("a", 100.0), ("b", 0.0))
    assert {arm(arms, at) for at in (0.0, 50.0, 99.999999, WHOLE)} == {"a"}


@pytest.mark.parametrize(
    ("sticky", "body", "headers", "found"),
    [
        ("user", {"user": "ada"}, {}, "ada"),
        ("user", {"metadata": {"user_id": "ada"}}, {}, "ada"),
        ("user", {"metadata": "nonsense"}, {}, "request"),
        ("user", {"user": 7}, {}, "request"),
        ("session", {"user": "ada"}, {"X-LiteLLM-Session-Id": "s1"}, "s1"),
        ("session", {"litellm_session_id": "s2"}, {}, "s2"),
        ("session", {"metadata": {"session_id": "s3"}}, {}, "s3"),
        ("session", {}, {"session_id": "s4"}, "s4"),
        ("header:X-Tenant", {"user": "ada"}, {"x-tenant": "acme"}, "acme"),
        ("header:x-tenant", {"user": "ada"}, {}, "request"),
    ],
)
def test_by_what_requests_are_told_apart(
    sticky: str, body: dict[str, Any], headers: dict[str, str], found: str
) -> None:
    assert told_apart(sticky, body, headers, "request") == found
