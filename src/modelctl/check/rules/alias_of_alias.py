"""An alias or a fallback names another alias.

LiteLLM follows one alias, not two: it looks the target up among the models, does not find it, and every call fails.
In a catalog a route's target and every fallback name models; modelctl itself follows routes.

Before:

    router_settings:
      model_group_alias:
        fast: gpt-6-luna
        default: fast

After:

    router_settings:
      model_group_alias:
        fast: gpt-6-luna
        default: gpt-6-luna
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    names = {alias.name for alias in subject.aliases}
    for alias in subject.aliases:
        if alias.target in names and not subject.has_model(alias.target):
            text = f"alias `{alias.name}` points to `{alias.target}`, another alias: LiteLLM follows one"
            yield Found(text, alias.spot)
