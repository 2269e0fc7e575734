"""The answers of two LiteLLMs to the same requests, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from modelctl.trial.findings import Finding
from modelctl.trial.requests import TrialAnswer

Key = tuple[str, str, bool]
WORDS = {
    "chat": "chat",
    "stream": "a chat stream",
    "messages": "/v1/messages",
    "responses": "/v1/responses",
    "embeddings": "embeddings",
}


def requests(before: Mapping[Key, TrialAnswer], after: Mapping[Key, TrialAnswer]) -> Iterator[Finding]:
    for key, old in before.items():
        new = after.get(key)
        if new is not None:
            yield from _request(key, old, new)


def _request(key: Key, old: TrialAnswer, new: TrialAnswer) -> Iterator[Finding]:
    name, kind, failing = key
    what = f"{WORDS[kind]}{' while its target fails' if failing else ''}"
    if old.ok != new.ok:
        text = f"{what}: {old.error or 'answers'} -> {new.error or 'answers'}"
        yield Finding("lost" if old.ok else "gained", "requests", name, text, old.status, new.status)
    elif not old.ok:
        if old.status != new.status:
            yield Finding("changed", "requests", name, f"{what}: fails with {old.status}, then {new.status}")
    else:
        yield from _answered(name, what, old, new)


def _answered(name: str, what: str, old: TrialAnswer, new: TrialAnswer) -> Iterator[Finding]:
    if old.by != new.by:
        yield Finding("changed", "requests", name, f"{what}: answered by {old.by} -> {new.by}", old.by, new.by)
    if old.tried != new.tried:
        text = f"{what}: failed attempts {_tries(old.tried)} -> {_tries(new.tried)}"
        yield Finding("changed", "requests", name, text, list(old.tried), list(new.tried))
    if (old.cost or 0) != (new.cost or 0):  # for what costs nothing some lines say so, and some say nothing
        text = f"{what}: cost of 1,000 tokens in and 500 out {_usd(old.cost)} -> {_usd(new.cost)}"
        yield Finding("changed", "prices", name, text, old.cost, new.cost)
    if old.by == new.by and old.sent and new.sent:
        words = ", ".join(_sent(old.sent, new.sent))
        if words:
            yield Finding("changed", "requests", name, f"{what}: its provider gets {words}", old.sent, new.sent)


def _tries(tried: tuple[str, ...]) -> str:
    return ", ".join(f"{len(list(each))} x {name}" for name, each in groupby(tried)) or "none"


def _usd(cost: float | None) -> str:
    return "unknown" if cost is None else f"${cost:g}"


def _sent(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["path"] != new["path"]:
        yield f"{new['path']} instead of {old['path']}"
        return
    left, right = _leaves(old["body"]), _leaves(new["body"])
    for key in sorted(left.keys() | right.keys()):
        if key not in right:
            yield f"no `{key}`{_value(left[key])}"
        elif key not in left:
            yield f"`{key}` as well{_value(right[key])}"
        elif left[key] != right[key]:
            yield f"another `{key}`"


def _leaves(body: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """The values of a body by dotted keys; a list counts as one value."""
    found: dict[str, Any] = {}
    for key, value in body.items():
        path = f"{above}{key}"
        found |= _leaves(value, f"{path}.") if isinstance(value, Mapping) and value else {path: value}
    return found


def _value(value: object) -> str:
    """A number or a switch says by itself what it is; anything else would be too long, or somebody's words."""
    if isinstance(value, bool):
        return f" ({str(value).lower()})"
    return f" ({value:g})" if isinstance(value, (int, float)) else ""
