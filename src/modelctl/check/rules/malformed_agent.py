"""An agent on which LiteLLM does not start, or without which it starts.

`agents` is a list (`agent_list`, its old name, is read only where there is no `agents`). LiteLLM passes over an agent
that has no `agent_name` or no `agent_card_params`, and of two with one name the second, without a word.

Before:

    agents:
      - agent_name: travel
        url: https://travel.example.com

After:

    agents:
      - agent_name: travel
        agent_card_params: {name: travel, url: "https://travel.example.com"}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.check import listed
from modelctl.check.found import Found, Spot
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject
from modelctl.litellm_spec import value_shapes

SEVERITY = "error"
_HINT = "{agent_name: NAME, agent_card_params: {name: NAME, url: URL}}"
_MAPPINGS = ("object_permission", "litellm_params")
_COUNTS = ("tpm_limit", "rpm_limit", "session_tpm_limit", "session_rpm_limit")


def whole(subject: Subject) -> Iterator[Found]:
    section = "agents" if subject.sections.get("agents") is not None else "agent_list"
    if section == "agents" and subject.sections.get("agent_list"):
        text = "LiteLLM does not read `agent_list` beside `agents`: none of these agents is there"
        yield Found(text, subject.at("agent_list"))
    yield from listed.misshapen(subject, section, _HINT)
    seen: set[str] = set()
    for agent, spot in listed.items(subject, section):
        name = agent.get("agent_name")
        yield from _of_agent(agent, spot)
        if isinstance(name, str) and name in seen:
            text = f"there is an agent `{name}` further up: LiteLLM starts without this one"
            yield Found(text, spot.inside("agent_name", value=True))
        seen.add(str(name))


def _of_agent(agent: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    name, card = agent.get("agent_name"), agent.get("agent_card_params")
    if not name or not card:
        missing = "agent_card_params" if name else "agent_name"
        yield Found(f"an agent without `{missing}`: LiteLLM starts without it", spot, _HINT)
        return
    if not isinstance(name, str):
        yield Found(f"`agent_name` takes text: {ENDS}", spot.inside("agent_name", value=True), f'agent_name: "{name}"')
    if not isinstance(card, Mapping):
        yield Found(f"`agent_card_params` takes a mapping: {ENDS}", spot.inside("agent_card_params"), _HINT)
    if "agent_id" in agent:
        yield Found(f"`agent_id` is LiteLLM's own, made from the name: {ENDS}", spot.inside("agent_id"))
    for key in _MAPPINGS:
        if not value_shapes.MAPPING.fits(agent.get(key)):
            yield Found(f"`{key}` of an agent takes a mapping: {ENDS}", spot.inside(key, value=True))
    for key in _COUNTS:
        if agent.get(key) is not None and not value_shapes.is_count(agent[key]):
            yield Found(f"`{key}` takes a whole number: {ENDS}", spot.inside(key, value=True))
