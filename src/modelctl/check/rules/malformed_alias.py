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
from modelctl.litellm_spec.config import ALIASES, aliases_in

SEVERITY = "error"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    written = subject.section(ALIASES[0]).get(ALIASES[1])
    if written and not isinstance(written, Mapping):
        yield Found(f"`{ALIASES[1]}` is a mapping from alias to model", subject.at(*ALIASES))
    for alias in aliases_in(subject.sections):
        spot, name = subject.at(*alias.path), alias.name
        if alias.target is None:
            yield Found(f"alias `{name}` maps to one model name, or to `model` and `hidden`", spot, f"{name}: NAME")
        elif alias.hidden is None:
            text = f"alias `{name}`: LiteLLM does not start when `model` stands without `hidden`"
            yield Found(text, spot, "hidden: false")
