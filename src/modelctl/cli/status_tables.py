"""What `modelctl status` says beside routes and workers: agreement, source, blocked models, budgets and guards."""

from __future__ import annotations

import time
from collections.abc import Sequence

from modelctl.cli import output
from modelctl.cli.output import paint
from modelctl.cli.worker_tables import Row
from modelctl.text.times import clock, span

_STATES = {
    "in-sync": ("good", "in sync"), "pending": ("warning", "pending"),
    "diverged": ("error", "diverged"), "unknown": ("warning", "unknown"),
}  # fmt: skip


def agreement(answer: Row) -> None:
    """`in sync for 3 min`: whether catalog, published revision and workers agree."""
    style, words = _STATES[answer["state"]]
    reason = f": {answer['reason']}" if answer["reason"] else ""
    text = f"{words} for {span(time.time() - answer['since'])}{reason}"
    first, *rest = output.wrap(text, output.width() - 2)
    output.show(paint(style, words) + first.removeprefix(words))
    for line in rest:
        output.show(f"  {line}")


def source(answer: Row) -> None:
    """The branch that the catalog comes from."""
    commit = f"{answer['commit'][:10]} ({answer['author']}: {answer['title']})"
    fetched = f"fetched {span(time.time() - answer['fetched_at'])} ago" if answer["fetched_at"] else "not fetched yet"
    output.out(f"{answer['branch']} of {answer['remote']} at {commit}, {fetched}")


def budgets(found: Sequence[Row]) -> None:
    """Today's use of every budget."""
    for one in found:
        used = f"{one['used']:,.2f}" if one["unit"] == "USD" else f"{one['used']:,.0f}"
        unknown = f", {one['unknown']:,} calls of unknown cost not counted in" if one["unknown"] else ""
        style = "error" if one["share"] >= 1 else "warning" if one["share"] >= 0.8 else "good"
        share = paint(style, f"{one['share']:.0%}")
        output.show(f"budget of {one['name']}: {used} of {one['per_day']:,g} {one['unit']} today, {share}{unknown}")


def blocked(found: Sequence[Row]) -> None:
    """A line for each model that gets no request."""
    for one in found:
        until = f" until {clock(one['until'], time.time())}" if one["until"] else ""
        why = f": {one['reason']}" if one["reason"] else ""
        output.show(paint("warning", f"{one['model']} is blocked{until} by {one['actor']}{why}"))


def guards(found: Sequence[Row]) -> None:
    """What each route's guard sees within its window; whether it has left a target, and how long it stays away."""
    for guard in found:
        seen = f"{guard['failed']:,} of {guard['calls']:,} calls to {guard['target']} failed"
        text = f"guard of {guard['route']}: {seen if guard['calls'] else 'no calls to ' + guard['target']}"
        text += "" if guard["p95_s"] is None else f", p95 {guard['p95_s']:.2g} s"
        rests = guard["rests_until"]
        text += f"; it left {guard['left']}" if guard["left"] else ""
        text += f", and stays away at least until {clock(rests, time.time())}" if guard["left"] and rests else ""
        for line in output.wrap(text, output.width()):
            output.show(paint("warning", line) if guard["left"] or guard["stuck"] else line)
