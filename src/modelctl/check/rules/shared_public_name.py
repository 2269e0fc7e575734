"""Several deployments of different models have one public name.

LiteLLM spreads the requests over them. That is load balancing when they are the same model; otherwise a client gets now
this model, now that. In a catalog each model must say `load_balanced: true`; in a config file, where several entries of
one name are the usual form, different models are a remark, and different kinds of model (chat and embedding) a warning.

Before:

    - model_name: default
      litellm_params: {model: openai/gpt-6-luna}
    - model_name: default
      litellm_params: {model: openai/text-embedding-3-small}

After:

    - model_name: default
      litellm_params: {model: openai/gpt-6-luna}
    - model_name: default-embedding
      litellm_params: {model: openai/text-embedding-3-small}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelctl.check.entry import Entry
from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.litellm_spec.modes import CHAT_MODES

if TYPE_CHECKING:
    from modelctl.check.catalog_names import CatalogNames

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    yield from _not_said(subject.catalog.names) if subject.catalog else _unlike(subject)


def _not_said(names: CatalogNames) -> Iterator[Found]:
    """Models of a catalog share a name where each says that it is meant."""
    for name in names.shared_names:
        offers = names.rendered_offers(name)
        for offer in offers if len(offers) > 1 else ():
            if not offer.load_balanced:
                other = next(other for other in offers if other is not offer)
                text = f"`{name}` is also the public name of {other.provider}'s `{other.key}` at {other.place}"
                hint = "`load_balanced: true` on each shares the requests; `public_name:` tells them apart"
                yield Found(text, Spot(offer.document, tuple(offer.path)), hint)


def _unlike(subject: Subject) -> Iterator[Found]:
    for name, entries in subject.groups.items():
        for entry in entries[1:]:
            first, other = _mode(entries[0]), _mode(entry)
            where = entries[0].at("model_name").shown
            if first and other and first != other:
                text = f"`{name}` is a model for {other} here and one for {first} at {where}"
                yield Found(text, entry.at("model_name"), "give each its own name", "warning")
            elif _bare(entries[0]) != _bare(entry) and not entry.base_model and not entries[0].base_model:
                text = f"`{name}` is another model here than at {where}: requests are spread over both"
                yield Found(text, entry.at("model_name"), severity="info")


def _mode(entry: Entry) -> str | None:
    mode = entry.info.get("mode") or entry.facts.mode
    return "chat" if mode in CHAT_MODES else mode if isinstance(mode, str) else None


_VERSION = re.compile(r"(?:[-@:](?:\d{4}-?\d{2}-?\d{2}|v\d.*|latest|free|preview|instruct|chat))+$")


def _bare(entry: Entry) -> str:
    """The model's own name, without provider, publisher, region and version."""
    name = entry.model.rpartition("/")[2].lower()
    name = name.rpartition("anthropic.")[2]
    return re.sub(r"[._:\s]", "-", _VERSION.sub("", name))
