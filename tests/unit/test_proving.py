"""Whether a model does as well as another: the statistic, and what is decided with it."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelctl.state import proving
from modelctl.state.proving import Evidence, Looks, Verdict, look
from modelctl.state.selection import Proof
from modelctl.state.shares import Share, chance
from modelctl.state.terms import ProofBounds
from modelctl.usage.figures import Figures

BOUNDS = ProofBounds()
PROOF = Proof("b", "a", (5, 25, 100), step_s=300, began=0, since=0)


def figures(good: int, bad: int = 0, seconds: float = 1.0, first: float | None = None, usd: float = 0.001) -> Figures:
    found = Figures()
    for number in range(good + bad):
        found.add("attempts")
        found.took("attempt", seconds)
        if number >= good:
            found.add("attempts_upstream")
            continue
        found.add("cost", usd)
        if first is not None:
            found.took("first_token", first)
    return found


def verdict(new: Figures, present: Figures, lasts: float = 300, bounds: ProofBounds = BOUNDS) -> Verdict | None:
    return look(PROOF, bounds, Evidence(new, present, lasts), Looks())[1]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_the_chance_is_that_of_fishers_exact_test(bad: int, good: int, other_bad: int, other_good: int) -> None:
    one, total, failed = bad + good, bad + good + other_bad + other_good, bad + other_bad
    ways = sum(comb(failed, x) * comb(total - failed, one - x) for x in range(bad, one + 1))
    expected = Fraction(ways, comb(total, one))
    assert chance(Share(bad, one), Share(other_bad, other_bad + other_good)) == pytest.approx(float(expected), rel=1e-6)


def test_a_model_that_is_as_good_passes_with_its_figures() -> None:
    found = verdict(figures(38, 1, first=0.3), figures(700, 14, first=0.3))
    assert found is not None
    assert (found.good, found.why.partition(":")[0]) == (True, "no worse after 5 min")
    assert "`b` 39 calls, failed: 1 upstream, p50 0.99 s, p95 0.99 s, first token 0.3 s" in found.why
    assert "0.001 USD a call; `a` 714 calls" in found.why


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (figures(30, 10), "10 of 40 calls failed, against 2 of 702"),
        (figures(40, seconds=2.0), "40 of 40 calls took over 1.5"),
        (figures(40, first=2.0), "40 of 40 first tokens took over"),
    ],
)
def test_a_model_that_is_worse_is_stopped_and_told_why(new: Figures, words: str) -> None:
    found = verdict(new, figures(700, 2, first=0.3))
    assert found is not None
    assert (found.good, words in found.why) == (False, True), found.why


def test_a_model_that_fails_altogether_is_stopped_before_the_step_is_over() -> None:
    found = verdict(figures(0, 8), figures(150), lasts=10)
    assert found is not None
    assert not found.good


def test_with_too_few_calls_it_waits_and_then_says_so() -> None:
    new, present = figures(7), figures(130)
    assert verdict(new, present, lasts=301) is None
    assert (
        proving.waits(PROOF, BOUNDS, Evidence(new, present, 301)) == "7 of 30 calls; it ends after 20 min at the latest"
    )
    found = verdict(new, present, lasts=1200)
    words = "too few to tell: 7 calls of `b` and 130 of `a` in 20 min, where each needs 30"
    assert found == Verdict(None, words)


@pytest.mark.parametrize(("new", "present"), [(figures(2, 1), figures(57)), (figures(29, 3), figures(500, 10))])
def test_a_few_failures_are_no_verdict(new: Figures, present: Figures) -> None:
    found = verdict(new, present, lasts=100)
    assert found is None or found.good


def test_more_failures_within_the_bound_are_let_pass_however_certain() -> None:
    found = verdict(figures(99_300, 700), figures(100_000, 0))
    assert found is not None
    assert found.good
    found = verdict(figures(98_000, 2000), figures(100_000, 0))
    assert found is not None
    assert found.good is False


def test_what_clients_spoil_counts_on_neither_side() -> None:
    new = figures(40)
    new.add("attempts", 40)
    new.add("attempts_bad_request", 40)
    found = verdict(new, figures(700))
    assert found is not None
    assert found.good


def test_cost_is_shown_and_a_limit_only_where_one_is_set() -> None:
    new, present = figures(40, usd=0.01), figures(700, usd=0.001)
    found = verdict(new, present)
    assert found is not None
    assert found.good
    dear = verdict(new, present, bounds=replace(BOUNDS, dearer=2))
    assert dear is not None
    assert dear.good is False
    assert "0.01 USD a call, against 0.001 (2 times that is the limit)" in dear.why


def test_it_compares_as_the_calls_double_and_not_with_every_call() -> None:
    looks = Looks()
    at = []
    for number in range(200):
        before = looks
        looks, _ = look(PROOF, BOUNDS, Evidence(figures(number), figures(3000), 100), looks)
        at += [number] if looks != before else []
    assert at == [8, 16, 32, 64, 128]


def test_an_equal_model_is_seldom_stopped_by_chance() -> None:
    drawn, stopped, proofs = random.Random(7), 0, 200
    for _ in range(proofs):
        new, present, looks = Figures(), Figures(), Looks()
        for _ in range(400):
            arm = new if drawn.random() < 0.25 else present
            arm.add("attempts")
            arm.took("attempt", drawn.lognormvariate(0, 0.8))
            if drawn.random() < 0.1:
                arm.add("attempts_timeout")
            looks, found = look(PROOF, BOUNDS, Evidence(new, present, 100), looks)
            if found is not None:
                stopped += 1
                break
    assert stopped <= 0.05 * proofs


@pytest.mark.parametrize(
    ("prove", "steps", "words"),
    [
        (900, (5, 25, 100), None),
        (900, (10,), None),
        (900, (), "need a share under 100"),
        (900, (100,), "need a share under 100"),
        (900, (25, 5), "rising"),
        (900, (5, 5), "rising"),
        (900, (0, 5), "over 0"),
        (900, (5, 101), "up to 100"),
        (3, (5, 25), "each step"),
        (float("inf"), (5,), "each step"),
        (float("nan"), (5,), "each step"),
    ],
)
def test_steps_that_make_no_sense_are_named(prove: float, steps: tuple[float, ...], words: str | None) -> None:
    found = proving.verify(prove, steps)
    assert found == words if words is None else words in str(found)
