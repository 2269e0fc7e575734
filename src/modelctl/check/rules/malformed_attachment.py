"""A policy attachment on which LiteLLM does not start, or that holds for other requests than it says.

An item of `policy_attachments` names a `policy` and where it holds: `scope: "*"`, or lists of `teams`, `keys`,
`models`, `tags`. A key that LiteLLM does not know is passed over, and an attachment without a place holds everywhere.

Before:

    policy_attachments:
      - {policy: baseline, team: sales}

After:

    policy_attachments:
      - {policy: baseline, teams: [sales]}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from modelctl.check import listed
from modelctl.check.found import Found, Spot, nearest
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject
from modelctl.litellm_spec import value_shapes

SEVERITY = "error"
_SECTION = "policy_attachments"
_HINT = '{policy: NAME, scope: "*"}'
_LISTS = ("teams", "keys", "models", "tags")
_KEYS = ("policy", "scope", *_LISTS, "priority", "default")
_SINGLE = {"team": "teams", "key": "keys", "model": "models", "tag": "tags"}


def whole(subject: Subject) -> Iterator[Found]:
    policies = subject.sections.get("policies")
    if not policies:
        if subject.sections.get(_SECTION):
            text = f"LiteLLM reads `{_SECTION}` only beside `policies`: nothing of it holds"
            yield Found(text, subject.at(_SECTION), severity="warning")
        return
    yield from listed.misshapen(subject, _SECTION, _HINT)
    for each, spot in listed.items(subject, _SECTION):
        yield from _of_attachment(each, policies if isinstance(policies, Mapping) else (), spot, subject.open)


def _of_attachment(each: Mapping[str, Any], policies: Collection[str], spot: Spot, stored: bool) -> Iterator[Found]:
    policy = each.get("policy", "")
    if not isinstance(policy, str):
        yield Found(f"`policy` takes text: {ENDS}", spot.inside("policy", value=True))
    elif policies and policy not in policies and not stored:
        text = f"there is no policy `{policy}`: LiteLLM attaches nothing" if policy else "an attachment has a `policy`"
        at = spot.inside("policy", value=True) if policy else spot
        yield Found(text, at, nearest(policy, policies) if policy else _HINT)
    yield from _types(each, spot)
    strays = [key for key in each if key not in _KEYS]
    for key in strays:
        text = f"LiteLLM reads no `{key}` in an attachment: {_left(each)}"
        hint = f"{_SINGLE[key]}: [{each[key]}]" if key in _SINGLE else nearest(str(key), _KEYS)
        yield Found(text, spot.inside(key), hint)
    if each.get("scope") not in (None, "*") and isinstance(each.get("scope"), str):
        text = f'the only scope is "*": {_left(each)}'
        yield Found(text, spot.inside("scope", value=True), 'scope: "*", or a list of teams, keys, models or tags')


def _left(each: Mapping[str, Any]) -> str:
    places = [key for key in _LISTS if each.get(key)]
    return f"it holds for its {' and '.join(places)}" if places else "it holds for every request"


def _types(each: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    for key in _LISTS:
        if each.get(key) is not None and not value_shapes.is_texts(each[key]):
            yield Found(f"`{key}` takes a list of names: {ENDS}", spot.inside(key, value=True), f"[{key[:-1].upper()}]")
    if each.get("scope") is not None and not isinstance(each["scope"], str):
        yield Found(f"`scope` takes text: {ENDS}", spot.inside("scope", value=True), 'scope: "*"')
    if each.get("priority") is not None and not value_shapes.is_count(each["priority"]):
        yield Found(f"`priority` takes a whole number: {ENDS}", spot.inside("priority", value=True))
    if not isinstance(each.get("default", False), bool):
        yield Found(f"`default` takes true or false: {ENDS}", spot.inside("default", value=True))
