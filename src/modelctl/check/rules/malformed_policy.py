"""A policy on which LiteLLM does not start, or of which it does not read all.

`policies` maps names to policies: `guardrails` with `add` and `remove`, `inherit`, `condition` with `model`,
`pipeline`, `description`. Names under `add` are guardrails of the section `guardrails`; what a policy inherits from
exists. What else stands in a policy is passed over: where it applies is said in `policy_attachments`.

Before:

    policies:
      baseline:
        guardrails: {add: [pii]}
        teams: [sales]

After:

    policies:
      baseline:
        guardrails: {add: [pii]}
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
_HINT = "{guardrails: {add: [GUARDRAIL]}}"
_KEYS = ("inherit", "description", "guardrails", "condition", "pipeline")
_SCOPES = ("scope", "teams", "keys", "models", "tags", "priority", "default")
_ACTIONS = ("allow", "block", "next", "modify_response")
_PIPELINE_MODES = ("pre_call", "post_call")
_STEP = ("guardrail", "on_fail", "on_pass", "on_error", "pass_data", "modify_response_message")


def whole(subject: Subject) -> Iterator[Found]:
    policies = subject.sections.get("policies")
    if not policies:
        return
    if not isinstance(policies, Mapping):
        yield Found(f"`policies` maps names to policies: {ENDS}", subject.at("policies"), f"NAME: {_HINT}")
        return
    guardrails = {str(each.get("guardrail_name")) for each, _ in listed.items(subject, "guardrails")}
    for name, policy in policies.items():
        spot = subject.at("policies", name)
        if not isinstance(policy, Mapping):
            yield Found(f"the policy `{name}` takes a mapping: {ENDS}", spot, f"{name}: {_HINT}")
            continue
        yield from _unread(policy, _KEYS, f"the policy `{name}`", spot)
        yield from _guardrails(str(name), policy.get("guardrails"), guardrails, spot.inside("guardrails"))
        yield from _condition(str(name), policy.get("condition"), spot.inside("condition"))
        yield from _pipeline(str(name), policy, spot.inside("pipeline"))
        yield from _inherit(str(name), policies, spot)


def _unread(written: Mapping[str, Any], known: Collection[str], what: str, spot: Spot) -> Iterator[Found]:
    for key in written:
        if key not in known:
            hint = "in `policy_attachments`" if key in _SCOPES else nearest(str(key), known)
            yield Found(f"LiteLLM reads no `{key}` in {what}", spot.inside(key), hint, "warning")


def _guardrails(name: str, written: Any, known: Collection[str], spot: Spot) -> Iterator[Found]:
    if not written:
        return
    lists = written if isinstance(written, Mapping) else {"add": written}
    if isinstance(written, Mapping):
        yield from _unread(written, ("add", "remove"), f"`guardrails` of the policy `{name}`", spot)
    for key in ("add", "remove"):
        value = lists.get(key)
        at = spot.inside(key, value=True) if isinstance(written, Mapping) else spot
        if value and not value_shapes.is_texts(value):
            yield Found(f"`{key}` of the policy `{name}` takes a list of names: {ENDS}", at, "[GUARDRAIL]")
        elif value and known and key == "add":
            for item in value:
                if item not in known:
                    text = f"the policy `{name}` adds the guardrail `{item}`, which does not exist: {ENDS}"
                    yield Found(text, at, nearest(item, known))


def _condition(name: str, written: object, spot: Spot) -> Iterator[Found]:
    if not written:
        return
    if not isinstance(written, Mapping):
        yield Found(f"`condition` of the policy `{name}` takes a mapping: {ENDS}", spot, "{model: NAME}")
        return
    for key in written:
        if key != "model":
            text = f"LiteLLM reads `model` alone in the condition of `{name}`: the policy holds for each model"
            yield Found(text, spot.inside(key), "{model: NAME}")
    model = written.get("model")
    if model is not None and not isinstance(model, str) and not value_shapes.is_texts(model):
        yield Found(f"`model` takes a name or a list of names: {ENDS}", spot.inside("model", value=True))


def _pipeline(name: str, policy: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    written = policy.get("pipeline")
    if written is None:
        return
    steps = written.get("steps") if isinstance(written, Mapping) else None
    if not isinstance(steps, list) or not steps or not all(isinstance(each, Mapping) for each in steps):
        text = f"`pipeline` of the policy `{name}` has a list of `steps`: {ENDS}"
        yield Found(text, spot, "{mode: pre_call, steps: [{guardrail: NAME, on_fail: block}]}")
        return
    if (mode := written.get("mode", "pre_call")) not in _PIPELINE_MODES:
        text = f"`mode` of a pipeline is one of {', '.join(_PIPELINE_MODES)}: {ENDS}"
        yield Found(text, spot.inside("mode", value=True), nearest(str(mode), _PIPELINE_MODES))
    added = policy.get("guardrails") or {}
    names = added.get("add") if isinstance(added, Mapping) else added
    for index, step in enumerate(steps):
        yield from _step(name, step, names if isinstance(names, list) else [], spot.inside("steps", index))


def _step(name: str, step: Mapping[str, Any], added: Collection[str], spot: Spot) -> Iterator[Found]:
    if step.get("guardrail") not in added:
        text = f"a step runs a guardrail that the policy `{name}` has under `add`: {ENDS}"
        yield Found(text, spot, f"guardrails: {{add: [{step.get('guardrail') or 'GUARDRAIL'}]}}")
    for key, value in step.items():
        if key not in _STEP:
            yield Found(f"a step has no `{key}`: {ENDS}", spot.inside(key), nearest(str(key), _STEP))
        elif (
            key in ("on_fail", "on_pass", "on_error")
            and value not in _ACTIONS
            and not (value is None and key == "on_error")
        ):
            text = f"`{key}` is one of {', '.join(_ACTIONS)}: {ENDS}"
            yield Found(text, spot.inside(key, value=True), nearest(str(value), _ACTIONS))


def _inherit(name: str, policies: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    parent = policies[name].get("inherit") if isinstance(policies.get(name), Mapping) else None
    if not parent:
        return
    at = spot.inside("inherit", value=True)
    if not isinstance(parent, str) or parent not in policies:
        text = f"the policy `{name}` inherits from `{parent}`, which does not exist: {ENDS}"
        yield Found(text, at, nearest(str(parent), list(policies)))
    elif _comes_back(name, policies):
        yield Found(f"the policy `{name}` inherits from itself: {ENDS}", at)


def _comes_back(name: str, policies: Mapping[str, Any]) -> bool:
    seen, at = set[str](), name
    while at not in seen:
        seen.add(at)
        policy = policies.get(at)
        at = str(policy.get("inherit")) if isinstance(policy, Mapping) else ""
        if at == name:
            return True
    return False
