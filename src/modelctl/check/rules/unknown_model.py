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

from collections.abc import Collection, Iterator, Mapping

from modelctl.check.found import Found, Spot, nearest
from modelctl.check.subject import Subject
from modelctl.litellm_spec import lookup

SEVERITY = "error"
EMITTED_BY = "modelctl.check.catalog_names"


def whole(subject: Subject) -> Iterator[Found]:
    if subject.kind == "catalog":  # checks.references knows more of a name there: that it is retired, or a route
        return
    names = {alias.name for alias in subject.aliases} | _routing_groups(subject)
    for alias in subject.aliases:
        if not _is_known(alias.target, names, subject):
            yield _unknown(subject, f"alias `{alias.name}` points to", alias.target, alias.spot)
    for chain in subject.chains:
        of = "every model" if chain.kind == "default_fallbacks" else f"`{chain.name}`"
        for name, _ in chain.steps:
            if not _is_known(name, names, subject):
                yield _unknown(subject, f"{of} falls back to", name, chain.spot)


def _is_known(name: str, names: Collection[str], subject: Subject) -> bool:
    return name in names or subject.has_model(name) or lookup.is_put_off(name)


def _routing_groups(subject: Subject) -> set[str]:
    """Names that LiteLLM gives to several groups together."""
    written = subject.section("router_settings").get("routing_groups")
    groups = (each for each in written if isinstance(each, Mapping)) if isinstance(written, list) else ()
    return {name for each in groups if isinstance(name := each.get("group_name"), str)}


def _unknown(subject: Subject, what: str, name: str, spot: Spot) -> Found:
    called = sorted({entry.group for entry in subject.entries if entry.model == name})
    if called:
        text = f"{what} `{name}`, the model string of `{called[0]}`: LiteLLM finds it as long as that stays the same"
        return Found(text, spot, called[0], "warning")
    text = f"{what} `{name}`, which `model_list` does not hold"
    severity = "warning" if subject.open else None
    return Found(text, spot, nearest(name, subject.groups), severity)  # type: ignore[arg-type]
