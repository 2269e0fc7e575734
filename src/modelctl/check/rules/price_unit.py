"""A price is off by about a million: per token where per 1M tokens is meant, or the reverse.

LiteLLM's `input_cost_per_token` is in USD per token, a catalog's `price` in USD per 1M tokens. Nothing checks the
difference: with 2.5 written per token, a call of five tokens costs 12.50 dollars, and budgets stop everybody. The price
is compared with LiteLLM's map; where the map knows none, only the impossible is reported.

Before:

    model_info:
      input_cost_per_token: 2.5

After:

    model_info:
      input_cost_per_token: 0.0000025
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelctl.check.entry import Entry
from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"
_SIDES = {"input_cost_per_token": "input", "output_cost_per_token": "output"}
_FACTOR = 10_000  # no real discount or premium is that large, a wrong unit is a hundred times larger
_DEAREST = 2_000.0  # USD per 1M tokens
_CHEAPEST = 1e-4


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        for section, values in (("litellm_params", entry.params), ("model_info", entry.info)):
            for key, side in _SIDES.items():
                price = _number(values[key]) if key in values else None
                if price and (text := _judge(entry, side, price * 1_000_000)):
                    yield Found(text, entry.at(section, key, value=True))


def _judge(entry: Entry, side: str, price: float) -> str | None:
    known = getattr(entry.facts, side)
    price_words = f"this makes {price:,.6g} USD per 1M tokens"
    if known and price >= known * _FACTOR:
        return f"{price_words}, LiteLLM's map knows {known:g}: is it per 1M where per token is meant?"
    if known and price <= known / _FACTOR:
        return f"{price_words}, LiteLLM's map knows {known:g}: is it per token where per 1M is meant?"
    if not known and price >= _DEAREST:
        return f"{price_words}: is it per 1M where per token is meant?"
    if not known and price <= _CHEAPEST:
        return f"{price_words}: is it per token where per 1M is meant?"
    return None


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
