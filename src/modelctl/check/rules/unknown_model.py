"""An alias, a route or a fallback names a model that does not exist.

LiteLLM starts without a word: the alias answers 400 to every call, the fallback is tried in vain when it is needed
most. Names of models are those that clients send (`model_name`; in a catalog the public name), not the provider's. A
name that a wildcard serves exists; in a config file also without its provider's prefix (`gpt-6-luna` under `openai/*`).
With `store_model_in_db` the name may stand in the database: then this is a warning. So is the model string of an entry
(`openai/gpt-6-luna`): LiteLLM looks for one when no `model_name` fits.

Before:

    router_settings:
      fallbacks:
        - gpt-6-luna: [claude-haiku-4.5]

After:

    router_settings:
      fallbacks:
        - gpt-6-luna: [claude-haiku-4-5]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelctl.check import mentions
from modelctl.check.found import Found, nearest
from modelctl.check.subject import Subject
from modelctl.errors import Severity
from modelctl.litellm_spec import lookup

if TYPE_CHECKING:
    from modelctl.check.subject_parts import CatalogPart

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    catalog = subject.catalog
    for mention in mentions.unknown(subject):
        if catalog and catalog.names.offers(mention.name):
            continue  # it is retired: so says retired-model
        why = _in_catalog(catalog, mention.name) if catalog else _in_config(subject, mention.name)
        text = f"{mention.words} `{mention.name}`{why.text}"
        yield Found(text, mention.spot, why.hint, why.severity or mention.severity)


@dataclass(frozen=True)
class _Why:
    """How the sentence goes on."""

    text: str = ": there is no such model"
    hint: str | None = None
    severity: Severity | None = None


def _in_config(subject: Subject, name: str) -> _Why:
    called = sorted({entry.group for entry in subject.entries if entry.model == name})
    if called:
        text = f", the model string of `{called[0]}`: LiteLLM finds it as long as that stays the same"
        return _Why(text, called[0], "warning")
    return _Why(hint=nearest(name, subject.groups), severity="warning" if subject.open else None)


def _in_catalog(catalog: CatalogPart, name: str) -> _Why:
    names = catalog.names
    if name in names.routes:
        return _Why(", which is a route: name a model")
    provider, slash, rest = name.partition("/")
    if slash and any(part.provider.id == provider for part in names.parts) and names.known(rest):
        return _Why("; models go by their public name", f"write `{rest}`")
    served = lookup.by_wildcard([each for each in names.in_order if "*" in each], name)
    return _Why(hint=f"write `{served}`" if served else names.nearest(name))
