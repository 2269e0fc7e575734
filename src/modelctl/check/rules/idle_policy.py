"""A policy that holds for no request: nothing attaches it, and no policy inherits from it.

LiteLLM starts, lists the policy and runs none of its guardrails. Where models are kept in LiteLLM's database
(`store_model_in_db`) nothing is said: attachments may stand there too.

Before:

    policies:
      baseline: {guardrails: {add: [pii]}}

After:

    policies:
      baseline: {guardrails: {add: [pii]}}
    policy_attachments:
      - {policy: baseline, scope: "*"}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelctl.check import listed
from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"


def whole(subject: Subject) -> Iterator[Found]:
    policies = subject.sections.get("policies")
    if not isinstance(policies, Mapping) or subject.open:
        return
    named = [each.get("policy") for each, _ in listed.items(subject, "policy_attachments")]
    named += [policy.get("inherit") for policy in policies.values() if isinstance(policy, Mapping)]
    used = {name for name in named if isinstance(name, str)}
    for name in policies:
        if name not in used:
            text = f"nothing attaches the policy `{name}`: its guardrails run for no request"
            yield Found(text, subject.at("policies", name), f'policy_attachments: [{{policy: {name}, scope: "*"}}]')
