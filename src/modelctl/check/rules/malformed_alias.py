"""An entry of `model_group_alias` is not the name of one model.

An alias maps to one `model_name`, or to `{model: NAME, hidden: true}`. LiteLLM takes anything else at start without a
word and fails on each call; `{model: NAME}` without `hidden` keeps it from starting. To spread requests over several
models, give them one `model_name` instead.

Before:

    router_settings:
      model_group_alias:
        simple: [gpt-6-luna, claude-haiku-4-5]

After:

    router_settings:
      model_group_alias:
        simple: gpt-6-luna
      fallbacks:
        - simple: [claude-haiku-4-5]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"
INPUTS = ("config",)
ALIASES = ("router_settings", "model_group_alias")


def whole(subject: Subject) -> Iterator[Found]:
    aliases = subject.section("router_settings").get("model_group_alias")
    if not aliases:
        return
    if not isinstance(aliases, Mapping):
        yield Found("`model_group_alias` is a mapping from alias to model", subject.at(*ALIASES))
        return
    for alias, value in aliases.items():
        spot = subject.at(*ALIASES, alias)
        target = value.get("model") if isinstance(value, Mapping) else value
        if not isinstance(target, str):
            yield Found(f"alias `{alias}` maps to one model name, or to `model` and `hidden`", spot, f"{alias}: NAME")
        elif isinstance(value, Mapping) and "hidden" not in value:
            text = f"alias `{alias}`: LiteLLM does not start when `model` stands without `hidden`"
            yield Found(text, spot, "hidden: false")
