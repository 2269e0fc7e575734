"""What the author of a model or route states, as values; of what the price map knows too, the author wins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from modelctl.catalog import schema, schema_terms
from modelctl.litellm_spec.facts import LITELLM_NAMES
from modelctl.litellm_spec.price_map import PRICE_NAMES, Facts, per_token
from modelctl.state.terms import ABOUT, Alerting, Budget, Guard, ProofBounds
from modelctl.text.times import seconds

_UNSAID = schema.LifecycleSpec()


def overridden(written: schema.ModelSpec, known: Facts) -> dict[str, Any]:
    """The facts that the author states, under LiteLLM's names; the rest LiteLLM knows itself."""
    stated = written.model_fields_set
    info = {
        theirs: value
        for ours, theirs in LITELLM_NAMES.items()
        if ours in stated and (value := getattr(written, ours)) is not None
    }
    if written.price and written.price.model_fields_set:
        info.update(_rates(price(written.price, known)))
    return info


def _rates(price: Mapping[str, float | None]) -> dict[str, float]:
    """A stated price is given whole: what the author left out comes from the map, lest LiteLLM take it for 0."""
    return {PRICE_NAMES[side]: per_token(usd) for side, usd in price.items() if usd is not None}


def price(written: schema.PriceSpec | None, known: Facts) -> dict[str, float | None]:
    price = {"input": known.input, "output": known.output, "cached_input": known.cached_input}
    if written:
        price.update({side: usd for side in price if (usd := getattr(written, side)) is not None})
    return price


def lifecycle(written: schema.LifecycleSpec | None, known: Facts, today: date) -> dict[str, Any]:
    """Status, date and successor. A written status decides; else the date does, the map's where none is written.

    So a model whose status is written never leaves a render merely because a day went by.
    """
    written = written or _UNSAID
    retires = written.retires.isoformat() if written.retires else None
    if written.status is None and retires is None:
        retires = known.retires
    over = retires is not None and retires <= today.isoformat()
    status = written.status or ("retired" if over else "active")
    released = {"released": written.released.isoformat()} if written.released else {}
    return {"status": status, **released, "retires": retires, "successor": written.successor}


def guard(written: schema_terms.GuardSpec | None) -> Guard | None:
    if written is None:
        return None
    return Guard(
        written.error_rate, written.p95_s, seconds(written.window) or 0.0, written.min_requests, written.then,
        written.back, seconds(written.cool_off) or 0.0,
    )  # fmt: skip


def proof(written: schema_terms.ProofSpec | None) -> ProofBounds | None:
    if written is None:
        return None
    return ProofBounds(written.min_requests, written.errors, written.slower, written.dearer, written.level)


def budget(written: schema_terms.BudgetSpec | None) -> Budget | None:
    return None if written is None else Budget(written.per_day, written.tokens_per_day, written.then)


def alerting(written: schema_terms.AlertsSpec | None) -> Alerting | None:
    if written is None:
        return None
    return Alerting(written.webhook.partition("/")[2], tuple(written.about or ABOUT))
