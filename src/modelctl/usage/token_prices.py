"""What counted tokens cost at stated prices."""

from __future__ import annotations

from collections.abc import Mapping

from modelctl.usage.figures import Figures

Prices = Mapping[str, Mapping[str, float | None]]  # public name -> input, output, cached_input: USD per 1M tokens


def priced(tokens: Figures | Mapping[str, float], price: Mapping[str, float | None]) -> float | None:
    """Tokens sent, read from the cache, answered. No tiers, no batches, no images; None where a price is not known."""
    sent, answered = tokens["prompt_tokens"], tokens["completion_tokens"]
    cached = min(tokens["cached_read_tokens"], sent)
    if (sent and price.get("input") is None) or (answered and price.get("output") is None):
        return None
    into, out, read = price.get("input") or 0.0, price.get("output") or 0.0, price.get("cached_input")
    return float((sent - cached) * into + cached * (into if read is None else read) + answered * out) / 1e6
