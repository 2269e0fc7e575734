"""A model costs more than the organisation allows.

`max_price` in modelctl.yaml gives the most that `input` and `output` may cost, in USD per 1M tokens. The price is the
one that is stated, else that of LiteLLM's map; an unknown one passes.

Before (with `max_price: {output: 20}`):

    litellm_params:
      model: openai/gpt-6-astra

After:

    litellm_params:
      model: openai/gpt-6-luna
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.entry import Entry
from modelctl.check.found import Found
from modelctl.check.subject import Subject
from modelctl.litellm_spec.price_map import per_million

SEVERITY = "error"


def entries(subject: Subject) -> Iterator[Found]:
    for side, most in subject.settings.max_price.items():
        for entry in subject.entries:
            price = _price(entry, side)
            if price is not None and price > most:
                text = f"{side} costs {price:g} USD per 1M tokens; modelctl.yaml allows {most:g}"
                yield Found(text, entry.at("litellm_params", "model"))


def _price(entry: Entry, side: str) -> float | None:
    key = f"{side}_cost_per_token"
    for values in (entry.params, entry.info):
        stated = values.get(key)
        if isinstance(stated, int | float) and not isinstance(stated, bool):
            return per_million(stated)
    known = getattr(entry.facts, side)
    return known if isinstance(known, float) else None
