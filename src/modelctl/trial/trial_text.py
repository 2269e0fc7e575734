"""A comparison for people: text of at most 80 columns, and markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from modelctl.trial.findings import Finding, TrialComparison

WIDTH = 80
TITLES = {"lost": "Lost", "changed": "Changed", "gained": "Gained"}
SIGNS = {"lost": "-", "changed": "~", "gained": "+"}
_MOST_NAMES = 6


def text(comparison: TrialComparison) -> str:
    return "\n".join(_text(comparison))


def markdown(comparison: TrialComparison) -> str:
    return "\n".join(_markdown(comparison))


def _text(made: TrialComparison) -> Iterator[str]:
    yield _head(made)
    for kind, same_kind in groupby(made.findings, key=lambda finding: finding.kind):
        yield f"\n{TITLES[kind]}"
        for (area, words), alike in groupby(_together(list(same_kind)), key=lambda each: (each.area, each.text)):
            yield from _lines(kind, area, words, list(alike))
    if made.log and any(each.area == "boot" for each in made.findings):
        yield "\nThe end of its log"
        yield from (f"  {line}" for line in made.log.splitlines())
    yield from _remarks(made)
    yield f"\n{verdict(made)}"


def _head(made: TrialComparison) -> str:
    return f"LiteLLM {made.before} -> {made.after}: {made.models} models, {made.requests} mocked requests to both"


def _together(findings: Sequence[Finding]) -> list[Finding]:
    """Groups equal findings of several names: one line instead of fifty."""
    first: dict[tuple[str, str], int] = {}
    for at, finding in enumerate(findings):
        first.setdefault((finding.area, finding.text), at)
    return sorted(findings, key=lambda finding: first[finding.area, finding.text])


def _lines(kind: str, area: str, words: str, alike: Sequence[Finding]) -> Iterator[str]:
    names = list(dict.fromkeys(finding.name for finding in alike))
    shown = ", ".join(names[:_MOST_NAMES]) + (
        f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    )
    line = f"{SIGNS[kind]} {area}: {shown}: {words}"
    yield from _wrapped(line)
    if len(alike) == 1 or any(finding.advice or finding.hint for finding in alike):
        yield from _places(alike)


def _places(alike: Sequence[Finding]) -> Iterator[str]:
    """The place of a finding, and what to write there."""
    for place, advice, hint in dict.fromkeys((finding.place, finding.advice, finding.hint) for finding in alike):
        if place:
            yield f"    {place}"
        if hint:
            yield from _wrapped(f"hint: {hint}", "    ")
        if advice:
            yield "    write:"
            yield from (f"      {row}" for row in advice.splitlines())


def _wrapped(line: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(
        line, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _remarks(made: TrialComparison) -> Iterator[str]:
    if made.remarks:
        yield "\nTo be known"
        yield from (line for remark in made.remarks for line in _wrapped(remark))
    if made.left_out:
        yield "\nNot compared (it would connect to others, or run your own code)"
        yield from _wrapped(", ".join(made.left_out))
    if made.mocked:
        yield "\nAnswered by LiteLLM's own mock, so what its provider gets was not seen"
        yield from _wrapped(", ".join(made.mocked))


def verdict(made: TrialComparison) -> str:
    counts = {kind: sum(finding.kind == kind for finding in made.findings) for kind in TITLES}
    words = f"{counts['lost']} lost, {counts['changed']} changed, {counts['gained']} gained"
    return words if made.findings else "nothing changes"


# -- markdown ----------------------------------------------------------------------------------


def _markdown(made: TrialComparison) -> Iterator[str]:
    yield f"### {_head(made)}\n\n**{verdict(made)}**"
    for kind, same_kind in groupby(made.findings, key=lambda finding: finding.kind):
        yield f"\n#### {TITLES[kind]}\n\n| | what | difference | where |\n| --- | --- | --- | --- |"
        for each in same_kind:
            yield f"| {each.area} | `{_cell(each.name)}` | {_cell(each.text)} | {_cell(each.place)} |"
            if each.advice or each.hint:
                yield f"| | {'write' if each.advice else 'hint'} | {_rows(each.advice or each.hint or '')} | |"
    yield from (f"\n{_cell(remark)}" for remark in made.remarks)
    if made.left_out:
        yield f"\nNot compared: {', '.join(f'`{_cell(each)}`' for each in made.left_out)}"
    if made.mocked:
        yield f"\nAnswered by LiteLLM's own mock: {', '.join(f'`{_cell(each)}`' for each in made.mocked)}"


def _rows(lines: str) -> str:
    """Lines of YAML within one cell, their indentation as it is."""
    return "<br>".join(f"`{_cell(line)}`" for line in lines.splitlines())


def _cell(words: str) -> str:
    line = "".join(char if char.isprintable() else " " for char in words)
    return line.replace("`", "'").replace("|", "\\|").replace("<", "&lt;")
