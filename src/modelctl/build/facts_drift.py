"""Where the catalog's written facts and LiteLLM's bundled map differ, and what a second source says.

Facts that nobody wrote cannot drift: they come from the map. What is written wins, so somebody must
look at it now and then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from genai_prices.data_snapshot import get_snapshot

from modelctl.build import compile_catalog
from modelctl.build.rendering import scalar
from modelctl.catalog.compiled_provider import CatalogModel
from modelctl.catalog.edit import replace_values
from modelctl.catalog.folder import Folder
from modelctl.catalog.load_catalog import Loader, ProviderFiles
from modelctl.catalog.parse import Steps
from modelctl.check import suppress
from modelctl.litellm_spec.facts import LITELLM_NAMES
from modelctl.litellm_spec.price_map import UNKNOWN, Facts, facts_of

PRICES = ("input", "output", "cached_input")
RISE = 0.20  # a price that grows by more than this needs consent
SECOND_SOURCE = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "google",
    "azure": "azure",
    "deepseek": "deepseek",
}
SAME = 1e-9


@dataclass(frozen=True)
class Drift:
    """One written fact that the map contradicts. Prices in USD per 1M tokens."""

    model: str  # provider/key
    fact: str
    written: Any
    known: Any
    file: str
    line: int
    path: Steps

    @property
    def rise(self) -> float | None:
        """By how much a price would grow; None for what is no price or does not."""
        price = self.fact.startswith("price.") and isinstance(self.known, (int, float)) and self.written is not None
        grown = (self.known - self.written) / self.written if price and self.written else None
        return grown if grown is not None and grown > 0 else None

    def to_dict(self) -> dict[str, Any]:
        data = asdict(self)
        del data["path"]
        return {**data, "rise": self.rise}


@dataclass(frozen=True)
class Doubt:
    """A price on which LiteLLM's map and the second source disagree."""

    model: str
    side: str
    map: float
    other: float
    source: str


@dataclass(frozen=True)
class DriftReport:
    """`kept` are drifts on purpose, as a comment says; `unknown` are models that the map does not have,
    `retiring` those with a date that nobody wrote down.
    """

    drifts: tuple[Drift, ...]
    kept: tuple[Drift, ...]
    doubts: tuple[Doubt, ...]
    unknown: tuple[str, ...]
    retiring: Mapping[str, str]


def examine(catalog: Path, today: date | None = None) -> DriftReport:
    """Look through a catalog that has no errors; nothing is written."""
    today = today or datetime.now(UTC).date()
    providers = Loader().load(Folder(catalog).read()).providers
    offers = list(_offers(providers, today))
    known = {id(offer): facts_of(offer.upstream, offer.written.base_model) for offer in offers}
    documents = (file.document for files in providers for file in files.files)
    meant = {document.label: suppress.lines_meant(document, suppress.FACTS) for document in documents}
    drifts = [drift for offer in offers for drift in _drifts(offer, known[id(offer)])]
    return DriftReport(
        tuple(one for one in drifts if one.line not in meant[one.file]),
        tuple(one for one in drifts if one.line in meant[one.file]),
        tuple(doubt for offer in offers for doubt in _doubts(offer, known[id(offer)])),
        tuple(_name(offer) for offer in offers if known[id(offer)] is UNKNOWN),
        dict(_retiring(offers, known)),
    )


def updated(catalog: Path, drifts: Iterable[Drift]) -> dict[Path, str]:
    """The files that would change, with the map's values in place of the written ones.

    Only values that stand there are replaced; nothing is added. Raises KeyError for a value that several
    places share (an anchor), since changing it would change others.
    """
    edits: dict[str, dict[Steps, str]] = {}
    for drift in drifts:
        edits.setdefault(drift.file, {})[drift.path] = scalar(drift.known)
    folder = Folder(catalog)
    labels = {text.label: path for text, path in zip(folder.read().texts, folder.files(), strict=True)}
    return {labels[label]: replace_values(labels[label].read_text(), values) for label, values in edits.items()}


def _offers(providers: Iterable[ProviderFiles], today: date) -> Iterator[CatalogModel]:
    for files in providers:
        for offers in compile_catalog.part(files, today).offers.values():
            yield from offers


def _name(offer: CatalogModel) -> str:
    return f"{offer.provider}/{offer.key}"


def _drifts(offer: CatalogModel, known: Facts) -> Iterator[Drift]:
    stated = offer.written.model_fields_set
    for fact in LITELLM_NAMES:
        if fact in stated and getattr(known, fact) not in (None, getattr(offer.written, fact)):
            yield _drift(offer, fact, getattr(offer.written, fact), getattr(known, fact), path=(fact,))
    price = offer.written.price
    for side in PRICES if price else ():
        ours, theirs = getattr(price, side), getattr(known, side)
        if ours is not None and theirs is not None and abs(ours - theirs) > SAME:
            yield _drift(offer, f"price.{side}", ours, theirs, path=("price", side))
    lifecycle = offer.written.lifecycle
    if lifecycle and lifecycle.retires and known.retires and lifecycle.retires.isoformat() != known.retires:
        day = lifecycle.retires.isoformat()
        yield _drift(offer, "lifecycle.retires", day, known.retires, path=("lifecycle", "retires"))


def _drift(offer: CatalogModel, fact: str, written: object, known: object, *, path: Steps) -> Drift:
    whole = (*offer.path, *path)
    return Drift(_name(offer), fact, written, known, offer.document.label, offer.document.place(whole)[0], whole)


def _retiring(offers: Iterable[CatalogModel], known: Mapping[int, Facts]) -> Iterator[tuple[str, str]]:
    for offer in offers:
        lifecycle, day = offer.written.lifecycle, known[id(offer)].retires
        if day and not (lifecycle and lifecycle.retires):
            yield _name(offer), day


def _doubts(offer: CatalogModel, known: Facts) -> Iterator[Doubt]:
    """Prices of genai-prices, which are dated, beside the map's."""
    provider, _, model = (offer.written.base_model or offer.upstream).partition("/")
    found = _second_price(SECOND_SOURCE.get(provider), model) if known is not UNKNOWN else None
    for side, attribute in (("input", "input_mtok"), ("output", "output_mtok"), ("cached_input", "cache_read_mtok")):
        theirs, ours = _flat(getattr(found, attribute, None)), getattr(known, side)
        if theirs is not None and ours is not None and abs(theirs - ours) > SAME:
            yield Doubt(_name(offer), side, ours, theirs, "genai-prices")


def _second_price(provider: str | None, model: str) -> Any:
    if provider is None:
        return None
    try:
        _, found = get_snapshot().find_provider_model(model, None, provider, None)
    except LookupError:
        return None
    return found.get_prices(datetime.now(UTC))


def _flat(price: Any) -> float | None:
    """A tiered price has no one number to compare."""
    try:
        return float(price)
    except (TypeError, ValueError):
        return None
