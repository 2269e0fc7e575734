"""What can be told from one provider alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from modelctl.catalog import schema
from modelctl.catalog.compiled_provider import CatalogModel, CompiledProvider
from modelctl.catalog.load_catalog import ProviderFiles
from modelctl.catalog.parse import Document, Steps
from modelctl.check import secrets
from modelctl.errors import Problem
from modelctl.litellm_spec import lookup

_RESERVED: dict[str, dict[str, str | None]] = {
    "params": {"model": "`model:` or `litellm_model:`"},
    "info": {"id": None, "db_model": None},
}


Clean = set[Document | CatalogModel]
"""What has nothing wrong with it, looked at by itself."""


def of_provider(files: ProviderFiles, part: CompiledProvider, today: date, clean: Clean) -> tuple[list[Problem], Clean]:
    """Problems of a provider's files, models and deployments; and what is clean, to be passed over the next time."""
    documents = [document for file in files.files for document in file.documents]
    offers = list(part.each_offer)
    found: dict[Document | CatalogModel, list[Problem]] = {
        document: secrets.of_document(document) for document in documents if document not in clean
    }
    found |= {offer: list(_of_model(offer, today)) for offer in offers if offer not in clean}
    problems = [problem for each in found.values() for problem in each]
    every: Clean = {*documents, *offers}
    return [*problems, *_of_all(files, part, offers)], every - {each for each, wrong in found.items() if wrong}


def _of_all(files: ProviderFiles, part: CompiledProvider, offers: list[CatalogModel]) -> Iterator[Problem]:
    if files.header.entry:
        yield from _passed_through(files.header.top, (), files.header.entry)
    yield from _same_key(offers)
    if not any(file.problems for file in files.files):  # else what is missing may only be misspelt
        yield from _of_deployments(part, offers)


def _of_model(offer: CatalogModel, today: date) -> Iterator[Problem]:
    written = offer.written
    if not offer.key.strip():
        yield offer.problem("bad-value", "a model's key must not be empty")
    if written.params or written.info:
        yield from _passed_through(offer.document, offer.path, written)
    for index, spec in enumerate(written.deployments or ()):
        yield from _passed_through(offer.document, (*offer.path, "deployments", index), spec)
    if written.serves:
        yield from _served(offer)
    if offer.model.lifecycle.get("retires"):
        yield from _lifecycle(offer, today)
    if written.price:
        yield from _price(offer)


def _served(offer: CatalogModel) -> Iterator[Problem]:
    """LiteLLM looks fallbacks up by the name that was asked for, so one that nobody can ask for is written in vain."""
    for name in offer.written.serves or ():
        if not lookup.may_serve(offer.public_name, name):
            text = f"`{offer.public_name}` does not serve `{name}`"
            hint = "the fallbacks of a model stand on it; `serves` is for names that a wildcard (`*`) takes"
            yield offer.problem("bad-value", text, "serves", name, hint=hint)


def _passed_through(document: Document, path: Steps, written: schema.EndpointSpec) -> Iterator[Problem]:
    """What goes to LiteLLM as it is, and would be misunderstood there without a word."""
    for section, reserved in _RESERVED.items():
        values: Mapping[str, Any] = getattr(written, section) or {}
        for key in reserved.keys() & values.keys():
            place = [*path, section, key]
            if key in reserved:
                hint = f"write {reserved[key]}" if reserved[key] else None
                yield document.problem("reserved-key", f"`{section}.{key}` is set by modelctl", place, hint=hint)


def _lifecycle(offer: CatalogModel, today: date) -> Iterator[Problem]:
    """A date that has passed although the author's status does not say so."""
    lifecycle, written = offer.model.lifecycle, offer.written.lifecycle
    retires, status = lifecycle.get("retires"), written.status if written else None
    if not retires or retires > today.isoformat() or status == "retired" or (written and written.render):
        return
    said = "" if written and written.retires else " by LiteLLM's price map"
    shown = "it is still rendered" if status else "it is listed, but not rendered"
    text = f"`{offer.key}` is retired since {retires}{said}: {shown}"
    hint = f'lifecycle: {{status: retired, retires: "{retires}"}} (or `render: true` to keep it)'
    yield offer.problem("retired-model", text, "lifecycle", severity="warning", hint=hint)


def _price(offer: CatalogModel) -> Iterator[Problem]:
    """LiteLLM bills a side whose price is missing at nothing."""
    for side in ("input", "output"):
        if offer.model.price.get(side) is None and offer.model.mode in (None, "chat", "completion", "responses"):
            text = f"`price` has no `{side}`, and LiteLLM's map knows none: it would be billed at 0"
            yield offer.problem("partial-price", text, "price", severity="warning", hint=f"{side}: USD per 1M tokens")


def _same_key(offers: Iterable[CatalogModel]) -> Iterator[Problem]:
    first: dict[str, CatalogModel] = {}
    for offer in offers:
        other = first.setdefault(offer.key, offer)
        if other is not offer:
            text = f"`{offer.provider}` has a model `{offer.key}` already, at {other.place}"
            yield offer.problem("duplicate-model", text)


def _of_deployments(part: CompiledProvider, offers: Iterable[CatalogModel]) -> Iterator[Problem]:
    seen: set[str] = set()
    for offer in offers:
        for id_ in offer.deployments if offer.rendered else ():
            if id_ in seen:
                text = f"`{offer.public_name}` has two equal deployments, which LiteLLM could not tell apart"
                yield offer.problem("twin-deployments", text, "deployments")
            seen.add(id_)
