"""A routing strategy has nothing to choose between.

`routing_strategy` decides between the deployments of one `model_name`. Here each name has only one.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
    router_settings:
      routing_strategy: least-busy

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "info"


def whole(subject: Subject) -> Iterator[Found]:
    strategy = subject.section("router_settings").get("routing_strategy")
    if strategy and subject.entries and not subject.open and len(subject.groups) == len(subject.entries):
        text = "every name has one deployment: there is nothing that a routing strategy could choose"
        yield Found(text, subject.at("router_settings", "routing_strategy"))
