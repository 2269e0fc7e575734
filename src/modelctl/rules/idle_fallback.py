"""Fallbacks are written for a name that no request can have.

There is neither a model nor an alias of that name, so the chain is never looked at. The usual causes are a name that
was changed elsewhere, and the provider's model string in place of `model_name`.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
    router_settings:
      fallbacks:
        - openai/gpt-6-luna: [gpt]

After:

    router_settings:
      fallbacks:
        - gpt: [claude]
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from modelctl.rules import lookup
from modelctl.rules.subject import Found, Subject, nearest

SEVERITY = "warning"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    names = {*subject.groups, *(alias.name for alias in subject.aliases)}
    for chain in subject.chains if not subject.open else ():
        if chain.name != "*" and chain.name not in names and not _is_used(chain.name, names, subject):
            text = f"no model and no alias is called `{chain.name}`: these fallbacks are never used"
            yield Found(text, chain.spot, nearest(chain.name, names))


def _is_used(key: str, names: Collection[str], subject: Subject) -> bool:
    """Not what the key says alone: LiteLLM also compares it without the provider's prefix, and with it."""
    if lookup.is_put_off(key) or subject.has_model(key):
        return True
    return next(lookup.keyed_names(key, names), None) is not None
