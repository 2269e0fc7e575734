"""`base_model` names no model of LiteLLM's price map.

It is only used to look facts up there, so it does nothing: calls count as free, limits are unknown. Write the name as
the map has it (for Azure with `azure/` before it).

Before:

    model_info:
      base_model: gpt5-mini

After:

    model_info:
      base_model: azure/gpt-6-luna
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found, nearest
from modelctl.check.subject import Subject
from modelctl.litellm_spec.price_map import price_map

SEVERITY = "warning"


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        base = entry.base_model
        if base and base not in price_map() and price_map() and "$" not in base and "os.environ" not in base:
            spot = entry.at("model_info", "base_model", value=True)
            yield Found(f"LiteLLM's price map does not know `{base}`", spot, nearest(base, price_map()))
