"""Compares the two sides of a trial. Pure: no process, no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.hot_settings import CHAINS
from modelctl.litellm_spec.supported_lines import aimed, remark
from modelctl.trial import advice
from modelctl.trial.boots import Place, boots
from modelctl.trial.checked import Checked
from modelctl.trial.compare_answers import requests
from modelctl.trial.findings import Finding, Kind, TrialComparison
from modelctl.trial.mocked_config import Mocked, MockedEntry
from modelctl.trial.requests import chains, target_of
from modelctl.trial.side import Side

PRICES = {
    "input price": "input_cost_per_token",
    "output price": "output_cost_per_token",
    "cached input price": "cache_read_input_token_cost",
    "cache write price": "cache_creation_input_token_cost",
}
LIMITS = ("rpm", "tpm", "max_parallel_requests", "timeout", "stream_timeout", "weight", "order", "max_budget")
SIZES = {"context window": "max_input_tokens", "most output tokens": "max_output_tokens", "mode": "mode"}
NOTHING = Checked()


def compare(
    before: Side, after: Side, mocked: Mocked, place: Place = lambda path: "", *, told: Checked = NOTHING
) -> TrialComparison:
    """`place` tells where a path of the config is written, `told` is what `check` finds for either."""
    found = [*boots(before, after, mocked.config, place, told=told), *_findings(before, after, mocked, place)]
    return TrialComparison(
        before.litellm,
        after.litellm,
        tuple(sorted(found, key=lambda finding: finding.order)),
        mocked.left_out,
        len({entry.group for entry in mocked.entries}),
        len(after.answers),
        tuple(sorted({entry.group for entry in mocked.entries if not entry.upstream})),
        after.log or before.log,
        tuple(dict.fromkeys(text for side in (before, after) if (text := remark(side.litellm)))),
    )


def _findings(before: Side, after: Side, mocked: Mocked, place: Place) -> Iterator[Finding]:
    if before.failed is not None or after.failed is not None:
        return
    yield from _deployments(before, after, mocked.entries, place)
    yield from _aliases(before.registered["router"], after.registered["router"])
    yield from _fallbacks(before.registered["router"], after.registered["router"])
    with aimed(after.litellm):
        yield from _settings(before.registered, after.registered, mocked.config)
    yield from requests(before.answers, after.answers)


# -- deployments -------------------------------------------------------------------------------


def _deployments(before: Side, after: Side, entries: Sequence[MockedEntry], place: Place) -> Iterator[Finding]:
    old, new = _by_id(before), _by_id(after)
    for entry in entries:
        left, right, where = old.get(entry.id), new.get(entry.id), place(("model_list", entry.index))
        name = f"{entry.group} ({entry.model})"
        if left is None and right is not None:
            yield Finding("gained", "models", name, f"LiteLLM {before.litellm} drops it", place=where)
        elif left is not None and right is None:
            yield Finding("lost", "models", name, f"LiteLLM {after.litellm} drops it", place=where)
        elif left is not None and right is not None:
            yield from _deployment(entry.group, left, right, where)


def _by_id(side: Side) -> dict[str, Mapping[str, Any]]:
    return {deployment["id"]: deployment for deployment in side.registered["deployments"]}


def _deployment(name: str, left: Mapping[str, Any], right: Mapping[str, Any], place: str) -> Iterator[Finding]:
    known, now = left["known"], right["known"]
    for words, key in PRICES.items():
        yield from _differs(
            "prices", name, words, _per_million(known.get(key)), after=_per_million(now.get(key)), place=place
        )
    for words, key in SIZES.items():
        yield from _differs("models", name, words, known.get(key), after=now.get(key), place=place)
    for key in LIMITS:
        yield from _differs("limits", name, key, left["params"].get(key), after=right["params"].get(key), place=place)
    yield from _abilities(name, known, now, place)
    yield from _parameters(name, known, now, place)


def _per_million(price: object) -> Any:
    return f"${price * 1e6:g} per 1M" if isinstance(price, (int, float)) else price


def _differs(area: str, name: str, words: str, before: object, *, after: object, place: str = "") -> Iterator[Finding]:
    if before == after:
        return
    kind: Kind = "gained" if before is None else "lost" if after is None else "changed"
    yield Finding(kind, area, name, f"{words}: {_said(before)} to {_said(after)}", before, after, place)


def _said(value: object) -> str:
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _abilities(name: str, before: Mapping[str, Any], after: Mapping[str, Any], place: str) -> Iterator[Finding]:
    keys = sorted(key for key in {*before, *after} if key.startswith("supports_"))
    for key in keys:
        left, right = before.get(key) is True, after.get(key) is True
        if left != right:
            words = key.removeprefix("supports_").replace("_", " ")
            text = f"{words}: {'yes to no longer' if left else 'no to yes'}"
            yield Finding("lost" if left else "gained", "models", name, text, left, right, place)


def _parameters(name: str, before: Mapping[str, Any], after: Mapping[str, Any], place: str) -> Iterator[Finding]:
    """Parameters of a request that LiteLLM takes for this model; others are refused, or dropped."""
    left, right = (set(each.get("supported_openai_params") or ()) for each in (before, after))
    if left - right:
        text = f"no longer takes {', '.join(sorted(left - right))}"
        yield Finding("lost", "models", name, text, sorted(left), sorted(right), place)
    if right - left and left:
        text = f"also takes {', '.join(sorted(right - left))}"
        yield Finding("gained", "models", name, text, sorted(left), sorted(right), place)


# -- routes and fallbacks ----------------------------------------------------------------------


def _aliases(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Finding]:
    left, right = (
        {name: target_of(value) for name, value in (each.get("model_group_alias") or {}).items()}
        for each in (before, after)
    )
    for name in sorted(left.keys() | right.keys()):
        yield from _differs("routes", name, "points", left.get(name), after=right.get(name))


def _fallbacks(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Finding]:
    for kind in CHAINS:
        left, right = (_chains(each, kind) for each in (before, after))
        for name in sorted(left.keys() | right.keys()):
            steps, now = left.get(name), right.get(name)
            if steps == now:
                continue
            gone = now is None or (isinstance(steps, list) and any(step not in now for step in steps))
            lost: Kind = "lost" if steps is not None and gone else "changed"
            text = f"{kind}: {_said(steps)} to {_said(now)}"
            yield Finding(lost if steps is not None else "gained", "fallbacks", name, text, steps, now)


def _chains(router: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return chains({"router_settings": {kind: router.get(kind)}})


# -- settings ----------------------------------------------------------------------------------


def _settings(before: Mapping[str, Any], after: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Finding]:
    """What the config sets must be in effect on both; defaults that differ are changes."""
    skipped = {*CHAINS, "model_group_alias", "default_litellm_params"}
    for part, key in (("router_settings", "router"), ("litellm_settings",) * 2, ("general_settings",) * 2):
        left, right, written = before[key], after[key], config.get(part) or {}
        for name in sorted((left.keys() | right.keys()) - skipped):
            old, new = left.get(name), right.get(name)
            on_both = name in left and name in right  # what is new on a line is as if it were not there
            if not _same(old, new) and (on_both or name in written):
                yield _setting(part, name, old, new, written=name in written)


def _setting(part: str, key: str, old: object, new: object, *, written: bool) -> Finding:
    """A default that is another one can be written as it was, where it is a setting that people may write."""
    keeps = not written and advice.plain(old) and key in known_keys.known_keys(part)
    lines = advice.setting(part, key, old) if keeps else None
    kind: Kind = (
        "changed" if not written or (new is not None and old is not None) else "gained" if old is None else "lost"
    )
    whose = "in effect" if written else "default"
    text = f"{whose}: {_said(old)} to {_said(new)}"
    return Finding(kind, "settings", f"{part}.{key}", text, old, new, advice=lines)


def _same(old: object, new: object) -> bool:
    """Nothing, an empty list and an empty mapping are equal; so are 5 and 5.0."""
    return bool(old == new) or (not old and not new and old is not False and new is not False)
