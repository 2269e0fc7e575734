"""What can be told from one provider alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from modelctl.catalog import schema
from modelctl.catalog.load import ProviderFiles
from modelctl.catalog.parts import Offer, Part
from modelctl.catalog.source import Document, Steps
from modelctl.checks import secrets
from modelctl.desired import FALLBACK_KINDS
from modelctl.errors import Problem

MAX_HOPS = 5
"""LiteLLM's ROUTER_MAX_FALLBACKS."""

_RESERVED: dict[str, dict[str, str | None]] = {
    "params": {"model": "`model:` or `litellm_model:`"},
    "info": {"id": None, "db_model": None},
}
_EXPONENT = re.compile(r"[+-]?\d+[eE][+-]?\d+")


def of_provider(files: ProviderFiles, part: Part, today: date) -> Iterator[Problem]:
    """Problems of a provider's files, models and deployments."""
    offers = [offer for group in part.offers.values() for offer in group]
    for file in files.files:
        yield from secrets.of_document(file.document)
    if files.header.entry:
        yield from _passed_through(files.header.document, (), files.header.entry)
    yield from _same_key(offers)
    for offer in offers:
        yield from _of_model(offer, today)
    if not any(file.problems for file in files.files):  # else what is missing may only be misspelt
        yield from _of_deployments(part, offers)


def _of_model(offer: Offer, today: date) -> Iterator[Problem]:
    written = offer.written
    if not offer.key.strip():
        yield offer.problem("bad-value", "a model's key must not be empty")
    yield from _passed_through(offer.document, offer.path, written)
    for index, spec in enumerate(written.deployments or ()):
        yield from _passed_through(offer.document, (*offer.path, "deployments", index), spec)
    for kind in FALLBACK_KINDS:
        yield from chain(offer.document, (*offer.path, kind), offer.public_name, getattr(written, kind) or ())
    yield from _lifecycle(offer, today)
    yield from _price(offer)


def _passed_through(document: Document, path: Steps, written: schema.Endpoint) -> Iterator[Problem]:
    """What goes to LiteLLM as it is, and would be misunderstood there without a word."""
    for section, reserved in _RESERVED.items():
        values: Mapping[str, Any] = getattr(written, section) or {}
        for key, value in values.items():
            place = [*path, section, key]
            if key in reserved:
                hint = f"write {reserved[key]}" if reserved[key] else None
                yield document.problem("reserved-key", f"`{section}.{key}` is set by modelctl", place, hint=hint)
            if isinstance(value, str) and "cost" in key and _EXPONENT.fullmatch(value):
                text = f"`{key}` takes a number; without a dot YAML 1.1 reads an exponent as text"
                hint = value.lower().replace("e", ".0e", 1)
                yield document.problem("bad-value", text, place, value=True, hint=hint)


def chain(document: Document, path: Steps, name: str, names: Iterable[str]) -> Iterator[Problem]:
    """A chain of fallbacks by itself: no name twice, not its owner, not longer than LiteLLM goes."""
    seen: set[str] = set()
    for index, step in enumerate(names):
        if step == name:
            yield document.problem("self-fallback", f"`{name}` falls back to itself", [*path, index])
        elif step in seen:
            text = f"`{step}` stands twice in this chain; LiteLLM tries it once"
            yield document.problem("duplicate-fallback", text, [*path, index], severity="warning")
        seen.add(step)
    if len(seen) > MAX_HOPS:
        text = f"`{name}` has {len(seen)} fallbacks; LiteLLM stops after {MAX_HOPS}"
        yield document.problem("long-chain", text, path, severity="warning")


def _lifecycle(offer: Offer, today: date) -> Iterator[Problem]:
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


def _price(offer: Offer) -> Iterator[Problem]:
    """LiteLLM bills a side whose price is missing at nothing."""
    if not offer.written.price:
        return
    for side in ("input", "output"):
        if offer.model.price.get(side) is None and offer.model.mode in (None, "chat", "completion", "responses"):
            text = f"`price` has no `{side}`, and LiteLLM's map knows none: it would be billed at 0"
            yield offer.problem("partial-price", text, "price", severity="warning", hint=f"{side}: USD per 1M tokens")


def _same_key(offers: Iterable[Offer]) -> Iterator[Problem]:
    first: dict[str, Offer] = {}
    for offer in offers:
        other = first.setdefault(offer.key, offer)
        if other is not offer:
            text = f"`{offer.provider}` has a model `{offer.key}` already, at {other.place}"
            yield offer.problem("duplicate-model", text)


def _of_deployments(part: Part, offers: Iterable[Offer]) -> Iterator[Problem]:
    seen: set[str] = set()
    for offer in offers:
        for id_ in offer.deployments if offer.rendered else ():
            if id_ in seen:
                text = f"`{offer.public_name}` has two equal deployments, which LiteLLM could not tell apart"
                yield offer.problem("twin-deployments", text, "deployments")
            seen.add(id_)
            params = part.deployments[id_].params
            if "ollama" in str(params.get("model")) and params.get("api_base") is None:
                text = f"`{offer.key}` has no `api_base`: LiteLLM would start `ollama serve` by itself"
                yield offer.problem("missing-api-base", text, hint="api_base: os.environ/OLLAMA_BASE_URL")
