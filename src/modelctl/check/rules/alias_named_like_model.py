"""An alias (or a route) has the name of a model.

LiteLLM looks aliases up first: the model can no longer be called, its requests go to the alias's target, and its
budget and limits with them.

Before:

    model_list:
      - model_name: gpt-6-luna
        litellm_params: {model: openai/gpt-6-luna}
      - model_name: claude
        litellm_params: {model: anthropic/claude-haiku-4-5}
    router_settings:
      model_group_alias: {gpt-6-luna: claude}

After:

    router_settings:
      model_group_alias: {fast: claude}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"
EMITTED_BY = "modelctl.check.route_names"


def whole(subject: Subject) -> Iterator[Found]:
    if subject.kind == "catalog":  # checks.references knows the routes' further names, and models that are retired
        return
    for alias in subject.aliases:
        if alias.name in subject.groups and alias.target != alias.name:
            where = subject.groups[alias.name][0].at("model_name").shown
            text = f"alias `{alias.name}` has the name of a model, at {where}: it takes all its requests"
            yield Found(text, alias.spot, "give the alias another name")
