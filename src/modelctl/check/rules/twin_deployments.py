"""Two deployments are the same, word for word.

LiteLLM gives them one id: they are one deployment, and at run time a ghost of the second stays behind that cannot be
removed. In a catalog this is an error, in a config file a warning, since the proxy does start on it.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelctl.check.entry import Entry
from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.errors import Severity

if TYPE_CHECKING:
    from modelctl.catalog.compiled_provider import CatalogModel
    from modelctl.check.catalog_names import CatalogNames

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    if subject.catalog is None:
        yield from _entries(subject)
        return
    for part in subject.parts:
        yield from part.once(_in_provider)
    yield from _across(subject.catalog.names) if subject.catalog.names.twins else ()


def _found(group: str, first: Spot, again: Spot, severity: Severity | None = None, *, but: str = "") -> Found:
    """LiteLLM makes the id of the name and the parameters alone."""
    text = f"`{group}` is the same deployment here as at {first.shown}{but}: LiteLLM gives both one id"
    return Found(text, again, severity=severity)


def _entries(subject: Subject) -> Iterator[Found]:
    seen: dict[str, Entry] = {}
    for entry in subject.entries:
        if entry.info.get("id") is None and (first := seen.setdefault(entry.meaning, entry)) is not entry:
            same = first.info == entry.info and first.extra == entry.extra
            but = "" if same else " but for `model_info`"
            yield _found(entry.group, first.at(), entry.at(), "warning", but=but)


def _in_provider(part: Subject) -> list[Found]:
    """Kept with the provider. Where files have errors, what tells the two apart may only be misspelt."""
    first: dict[str, CatalogModel] = {}
    found: list[Found] = []
    for model in part.models if part.provider and not part.provider.doubtful else ():
        for id_ in model.deployments if model.rendered else ():
            if other := first.get(id_):
                where = _spot(other, "deployments", other.deployments.index(id_))
                found.append(_found(model.public_name, where, _spot(model, "deployments")))
            else:
                first[id_] = model
    return found


def _across(names: CatalogNames) -> Iterator[Found]:
    first: dict[str, CatalogModel] = {}
    for offer in (offer for part in names.parts for offer in part.each_offer if offer.rendered):
        for id_ in offer.deployments:
            other = first.setdefault(id_, offer)
            if other.provider != offer.provider:
                yield _found(offer.public_name, _spot(other), _spot(offer))


def _spot(model: CatalogModel, *path: str | int) -> Spot:
    return Spot(model.document, (*model.path, *path))
