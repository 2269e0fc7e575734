"""Whether a model does as well as the one it is to replace: pure decisions, no I/O.

Both answer requests of the same route in the same minutes. What is compared are shares of calls: those that failed,
those slower than a multiple of the other's p95. A look at them is made as the calls have doubled and as a step ends.
Look k of a proof tests at level/(k(k+1)), divided by what it compares, which adds up to `level` over any number of
looks: so often at most is a model stopped that is no worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from modelctl.state.selection import Proof
from modelctl.state.shares import Share, chance
from modelctl.state.terms import ProofBounds
from modelctl.text.times import span
from modelctl.usage import bins
from modelctl.usage.bins import Bins
from modelctl.usage.figures import CLASSES, Figures

ACTOR = "proof"
FIRST_CALLS = 8  # calls of the new model before the two are compared at all
EXTEND = 4  # a step with too few calls lasts at most so many times as long
STEPS = (5.0, 25.0, 100.0)
LEAST_STEP_S, LONGEST_STEP_S = 2.0, 2 * 86400.0  # minutes of usage are kept for a week
LEAST_S = 0.05  # what is slower by less is not slower
QUANTILES = (0.5, 0.95)
_TELLING = tuple(failure for failure in CLASSES if failure != "bad_request")


@dataclass(frozen=True, slots=True)
class Looks:
    """How often the two were compared, and at how many calls of the new model last."""

    count: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`good` None: there were too few calls for one. `why` gives the figures."""

    good: bool | None
    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known in the present step: the figures of both, and the seconds that it lasts."""

    new: Figures = field(default_factory=Figures)
    present: Figures = field(default_factory=Figures)
    lasts: float = 0.0

    @property
    def fewest(self) -> int:
        return min(calls(self.new), calls(self.present))


@dataclass(frozen=True, slots=True)
class ProofStand:
    """A proof that runs: what is known in its step, and what keeps it from ending, if so."""

    proof: Proof
    seen: Evidence
    waits: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A comparison in the words of `what`; a share up to `most` is no worse, whatever the other's is."""

    what: str
    new: Share
    present: Share
    most: float


def calls(figures: Figures) -> int:
    """Without those that clients spoiled."""
    return int(figures["attempts"] - figures["attempts_bad_request"])


def failures(figures: Figures) -> Mapping[str, int]:
    """Class -> calls that failed."""
    return {failure: count for failure in _TELLING if (count := int(figures[f"attempts_{failure}"]))}


def cost_per_call(figures: Figures) -> float | None:
    """USD of an answered call, where the cost is known; else None."""
    known = calls(figures) - sum(failures(figures).values()) - figures["cost_unknown"]
    return figures["cost"] / known if known > 0 else None


def look(proof: Proof, bounds: ProofBounds, seen: Evidence, looks: Looks) -> tuple[Looks, Verdict | None]:
    """What is decided now; None: the step goes on."""
    number, enough = calls(seen.new), seen.fewest >= bounds.min_requests
    ends = seen.lasts >= (1 if enough else EXTEND) * proof.step_s
    if not ends and number < max(FIRST_CALLS, 2 * looks.calls):
        return looks, None
    looks = Looks(looks.count + 1, number)
    worse = next(_worse(bounds, seen, looks.count), None)
    if worse is not None:
        return looks, Verdict(False, f"`{proof.new}` is worse: {worse}; {figures_of_both(proof, seen)}")
    if not ends:
        return looks, None
    if not enough:
        few = f"{number} calls of `{proof.new}` and {calls(seen.present)} of `{proof.present}` in {span(seen.lasts)}"
        return looks, Verdict(None, f"too few to tell: {few}, where each needs {bounds.min_requests}")
    return looks, Verdict(True, f"no worse after {span(seen.lasts)}: {figures_of_both(proof, seen)}")


def waits(proof: Proof, bounds: ProofBounds, seen: Evidence) -> str | None:
    """What keeps a step going that should be over."""
    if seen.lasts < proof.step_s or seen.fewest >= bounds.min_requests:
        return None
    return f"{seen.fewest} of {bounds.min_requests} calls; it ends after {span(EXTEND * proof.step_s)} at the latest"


def _worse(bounds: ProofBounds, seen: Evidence, number: int) -> Iterator[str]:
    """In what the new model is worse, by more than the bounds and than chance explains."""
    pairs = list(compared(bounds, seen))
    level = bounds.level / (number * (number + 1) * max(1, len(pairs)))
    for pair in pairs:
        if pair.new.rate > pair.most and chance(pair.new, pair.present) < level:
            yield f"{pair.new} {pair.what}, against {pair.present}"
    ours, theirs = cost_per_call(seen.new), cost_per_call(seen.present)
    limit = bounds.dearer if seen.fewest >= bounds.min_requests else None
    if limit is not None and ours and theirs and ours > limit * theirs:
        yield f"{ours:.3g} USD a call, against {theirs:.3g} ({limit:g} times that is the limit)"


def compared(bounds: ProofBounds, seen: Evidence) -> Iterator[Pair]:
    """What the two are compared in."""
    ours, theirs = (Share(sum(failures(each).values()), calls(each)) for each in (seen.new, seen.present))
    yield Pair("calls failed", ours, theirs, theirs.rate + bounds.errors)
    for what, name in (("tool calls do not parse", "tool_calls"), ("JSON answers do not parse", "json_answers")):
        mine, other = (Share(int(each[f"{name}_invalid"]), int(each[name])) for each in (seen.new, seen.present))
        yield Pair(what, mine, other, other.rate + bounds.errors)
    yield from _times("calls", bounds.slower, seen.new.attempt_bins, seen.present.attempt_bins)
    yield from _times("first tokens", bounds.slower, seen.new.first_token_bins, seen.present.first_token_bins)


def _times(what: str, slower: float, ours: Bins, theirs: Bins) -> Iterator[Pair]:
    """Of each model, how many took longer than a multiple of the present one's p50, and of its p95."""
    for quantile, seconds in zip(QUANTILES, bins.quantiles(theirs, QUANTILES), strict=False):
        bound = max(slower * seconds, seconds + LEAST_S)
        new, present = (Share(_above(each, bound), sum(each.values())) for each in (ours, theirs))
        words = f"{what} took over {bound:.2g} s (p{quantile * 100:.0f} of the present model is {seconds:.2g} s)"
        yield Pair(words, new, present, 1 - quantile)


def _above(measured: Bins, seconds: float) -> int:
    return sum(measured.values()) - bins.below(measured, [seconds])[0]


def figures_of_both(proof: Proof, seen: Evidence) -> str:
    """For the history."""
    return "; ".join(_told(name, each) for name, each in ((proof.new, seen.new), (proof.present, seen.present)))


def _told(name: str, figures: Figures) -> str:
    failed = ", ".join(f"{count} {failure}" for failure, count in failures(figures).items())
    words = [f"{calls(figures)} calls", f"failed: {failed}" if failed else "none failed"]
    if took := bins.quantiles(figures.attempt_bins, QUANTILES):
        words.append(f"p50 {took[0]:.2g} s, p95 {took[1]:.2g} s")
    if first := bins.quantiles(figures.first_token_bins, QUANTILES):
        words.append(f"first token {first[0]:.2g} s")
    if (cost := cost_per_call(figures)) is not None:
        words.append(f"{cost:.3g} USD a call")
    for field_name, what in (("tool_calls", "tool calls"), ("json_answers", "JSON answers")):
        if number := int(figures[field_name]):
            words.append(f"{int(figures[f'{field_name}_invalid'])} of {number} {what} do not parse")
    return f"`{name}` {', '.join(words)}"


def verify(prove: float, steps: tuple[float, ...]) -> str | None:
    """What is wrong with the steps of a proof that lasts `prove` seconds."""
    if not all(0 < share <= 100 for share in steps) or list(steps) != sorted(set(steps)):
        return "`steps` are shares in percent, rising, over 0 and up to 100"
    if not steps or steps[0] == 100:
        return "`steps` need a share under 100 to compare at"
    if not LEAST_STEP_S <= prove / len(steps) <= LONGEST_STEP_S:
        return f"each step of a proof takes {span(LEAST_STEP_S)} to {span(LONGEST_STEP_S)}"
    return None
