"""Fallbacks are written for a name that no model and no alias has.

There is neither a model nor an alias of that name, so the chain is never looked at. The usual causes are a name that
was changed elsewhere, and the provider's model string in place of `model_name`: then the chain is for the few requests
that ask for that string, and in it LiteLLM finds other model strings alone.

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

from modelctl.check.found import Found, nearest
from modelctl.check.subject import Subject
from modelctl.litellm_spec import lookup

SEVERITY = "warning"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    names = {*subject.groups, *(alias.name for alias in subject.aliases)}
    for chain in subject.chains if not subject.open else ():
        if chain.name == "*" or chain.name in names or _is_used(chain.name, names, subject):
            continue
        if group := _of_model_string(chain.name, subject):
            text = (
                f"these fallbacks are used where a client asks for the model string `{chain.name}`, not for `{group}`"
            )
            yield Found(text, chain.spot, group)
        else:
            text = f"no model and no alias is called `{chain.name}`: these fallbacks are never used"
            yield Found(text, chain.spot, nearest(chain.name, names))


def _is_used(key: str, names: Collection[str], subject: Subject) -> bool:
    """Not what the key says alone: LiteLLM also compares it without the provider's prefix, and with it."""
    if lookup.is_put_off(key) or subject.has_model(key):
        return True
    return next(lookup.keyed_names(key, names, subject.custom_prefixes), None) is not None


def _of_model_string(key: str, subject: Subject) -> str | None:
    """A model whose string it is: LiteLLM takes requests for that as well, and then looks for it among the keys."""
    custom = subject.custom_prefixes
    return next((entry.group for entry in subject.entries if lookup.fallback_key(entry.model, {key}, custom)), None)
