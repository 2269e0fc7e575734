"""Cost for cost tools: rows of usage under the column names of FOCUS (FinOps Open Cost and Usage Specification, 1.2).

What LiteLLM computes is what is billed, listed and effective alike: discounts and invoices are not known here. Columns
of our own begin with `x_`, as the specification wants it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

BY = ("provider", "model", "route")
STEP = "day"
COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ResourceId", "ResourceName",
    "ResourceType", "ServiceCategory", "ServiceName", "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceId", "Tags",
    "x_CachedReadTokens", "x_CallsOfUnknownCost", "x_CompletionTokens", "x_PromptTokens", "x_Requests",
)  # fmt: skip


def row(usage: Mapping[str, Any], step_s: int, account: str) -> dict[str, Any]:
    """One row of `GET /usage`, grouped by BY and by steps, for `account` (the project)."""
    start = datetime.fromisoformat(usage["at"])
    month = start.replace(day=1, hour=0, minute=0, second=0)
    cost = _decimal(usage["cost"] or 0.0)
    tokens = usage["prompt_tokens"] + usage["completion_tokens"]
    costs = dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), cost)
    who = dict.fromkeys(("InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceName"), usage["provider"])
    what = dict.fromkeys(("ResourceId", "ResourceName", "SkuId", "SkuPriceId"), usage["model"])
    return {
        **costs, **who, **what,
        "BillingAccountId": account, "BillingAccountName": account, "BillingCurrency": "USD",
        "BillingPeriodStart": _iso(month), "BillingPeriodEnd": _iso((month + timedelta(days=32)).replace(day=1)),
        "ChargePeriodStart": _iso(start), "ChargePeriodEnd": _iso(start + timedelta(seconds=step_s)),
        "ChargeCategory": "Usage", "ChargeClass": None, "ChargeFrequency": "Usage-Based",
        "ChargeDescription": f"{usage['model']} of {usage['provider']}, asked for as {usage['route']}",
        "ConsumedQuantity": tokens, "ConsumedUnit": "Tokens", "PricingQuantity": tokens, "PricingUnit": "Tokens",
        "PricingCategory": "Standard", "ResourceType": "Model", "SkuMeter": "Tokens",
        "ServiceCategory": "AI and Machine Learning", "ServiceSubcategory": "Generative AI",
        "Tags": json.dumps({"route": usage["route"]}, ensure_ascii=False),
        "x_Requests": usage["requests"], "x_CallsOfUnknownCost": usage["cost_unknown"],
        "x_PromptTokens": usage["prompt_tokens"], "x_CompletionTokens": usage["completion_tokens"],
        "x_CachedReadTokens": usage["cached_read_tokens"],
    }  # fmt: skip


def _decimal(usd: float) -> str:
    """Never with an exponent, which few tools take."""
    return f"{usd:.10f}".rstrip("0").rstrip(".") or "0"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
