"""The table: two lines a row, the figure and what stands beside it."""

from __future__ import annotations

from collections.abc import Sequence

from bench.measure import Result

_COLUMNS = "{:>14} {:>16} {:>7} {:>7} {:>8}  {}"


def heading() -> str:
    return _COLUMNS.format("measured", "target", "ratio", "verdict", "samples", "what")


def line(result: Result) -> str:
    sense = {"at most": "<=", "at least": ">="}[result.sense]
    target = "-" if result.target is None else f"{sense} {result.target:g} {result.unit}"
    verdict = {None: "", True: "pass", False: "MISS"}[result.met]
    first = _COLUMNS.format(
        f"{_figure(result.value)} {result.unit}",
        target,
        "-" if result.ratio is None else f"{result.ratio:.2f}",
        verdict,
        result.samples,
        ": ".join(filter(None, (result.what, result.case))),
    )
    rest = _beside(result)
    return f"{first}\n{'':58}{rest}" if rest else first


def summary(results: Sequence[Result]) -> str:
    judged = [result for result in results if result.met is not None]
    missed = [result for result in judged if not result.met]
    return f"{len(judged) - len(missed)} of {len(judged)} targets met; build/bench.json holds the details"


def _figure(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.3f}" if value < 10 else f"{value:.1f}"


def _beside(result: Result) -> str:
    machine = ", ".join(f"{_words(name)} {value:g}" for name, value in result.machine.items())
    details = ", ".join(f"{_words(name)} {_inner(value)}" for name, value in result.details.items())
    return " | ".join(filter(None, (result.beside, machine, details)))


def _inner(value: object) -> str:
    if isinstance(value, dict):
        return "/".join(f"{value[key]:g}" for key in ("median", "p99", "max"))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _words(name: str) -> str:
    return name.replace("_", " ")
