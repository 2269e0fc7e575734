"""Two entries of `model_list` have one id.

LiteLLM accepts it and then mixes their prices, cooldowns and statistics; removing one at run time removes the wrong
one. A list under `organization` makes several deployments with one id, too.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
        model_info: {id: main}
      - model_name: claude
        litellm_params: {model: anthropic/claude-haiku-4-5}
        model_info: {id: main}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
        model_info: {id: gpt-main}
      - model_name: claude
        litellm_params: {model: anthropic/claude-haiku-4-5}
        model_info: {id: claude-main}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    seen: set[str] = set()
    for entry in subject.entries:
        declared = entry.info.get("id")
        if declared is not None and str(declared) in seen:
            text = f"another entry than this one (`{entry.group}`) has the id `{declared}` too"
            yield Found(text, entry.at("model_info", "id"), "give each its own id")
        seen.add(str(declared))
        if isinstance(entry.params.get("organization"), list):
            text = f"`{entry.group}`: a list of organizations gives several deployments one id"
            spot = entry.at("litellm_params", "organization")
            yield Found(text, spot, "write one entry for each organization", "warning")
