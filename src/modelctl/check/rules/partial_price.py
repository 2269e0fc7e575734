"""A price is stated in part, and the rest counts as nothing.

LiteLLM takes an entry's own prices instead of its map's, not over them: what is not stated (the other direction,
cached tokens, the dearer rate of long prompts) is billed at 0 or at the base rate. State every price that the model
has, or none.

Before:

    model_info:
      input_cost_per_token: 0.0000025

After:

    model_info:
      input_cost_per_token: 0.0000025
      output_cost_per_token: 0.00001
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.check.entry import Entry
from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.litellm_spec.modes import CHAT_MODES

SEVERITY = "warning"
_PAIR = ("input_cost_per_token", "output_cost_per_token")
_TIERS = ("_above_", "cache_read_input_token_cost", "cache_creation_input_token_cost")


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        for section, values in (("litellm_params", entry.params), ("model_info", entry.info)):
            stated = [key for key in _PAIR if key in values]
            if stated and (problem := _judge(subject, entry, stated, section, values=values)):
                yield problem


def models(subject: Subject) -> Iterator[Found]:
    """In a catalog what is stated is completed by LiteLLM's map: only what is missing there too is billed at 0."""
    for model in subject.models:
        for side in ("input", "output") if model.written.price else ():
            if model.model.price.get(side) is None and model.model.mode in (None, *CHAT_MODES):
                spot = Spot(model.document, (*model.path, "price"))
                yield _missing("price", side, spot, f"{side}: USD per 1M tokens")


def _missing(stated: str, missing: str, spot: Spot, hint: str) -> Found:
    return Found(f"`{stated}` without `{missing}`: that side is billed at 0", spot, hint, beside=True)


def _judge(
    subject: Subject, entry: Entry, stated: list[str], section: str, *, values: Mapping[str, Any]
) -> Found | None:
    missing = next((key for key in _PAIR if key not in values), None)
    listed = entry.listed or {}
    mode = values.get("mode") or entry.info.get("mode") or listed.get("mode") or "chat"
    if missing and mode in CHAT_MODES and subject.kind == "config":
        return _missing(stated[0], missing, entry.at(section, stated[0]), f"{missing}: USD per token")
    own = entry.params.keys() | entry.info.keys() if listed else frozenset()
    tiers = sorted(key for key in listed if any(word in key for word in _TIERS) and key not in own)
    if tiers and values[stated[0]]:
        text = f"with a price of its own the model loses what LiteLLM's map knows beside it: {', '.join(tiers[:3])}"
        return Found(f"{text}{' and more' if len(tiers) > 3 else ''}", entry.at(section, stated[0]), severity="info")
    return None
