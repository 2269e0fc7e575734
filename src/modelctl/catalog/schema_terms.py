"""What may be stated beside routes and models, as people write it: guards, budgets, alerts."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from modelctl.catalog.strict_model import StrictModel, Text
from modelctl.state.terms import FALLBACK
from modelctl.text.times import seconds, span

REFERENCE = re.compile(r"os\.environ/([A-Za-z_][A-Za-z0-9_]*)")
SAID = "said"  # the kind of an error whose words are our own


def wrong(text: str) -> PydanticCustomError:
    """An error whose words follow the key."""
    return PydanticCustomError(SAID, text)


def _lasting(least: float, most: float) -> BeforeValidator:
    """How long, as text with units."""

    def check(value: object) -> Any:
        found = seconds(value) if isinstance(value, str) else None
        if found is None:
            raise wrong("takes a duration, such as 30s, 10m or 1h30m")
        if not least <= found <= most:
            raise wrong(f"takes {span(least)} to {span(most)}")
        return value

    return BeforeValidator(check)


_AS_TEXT = WithJsonSchema({"type": "string", "pattern": r"^\s*(\d+(\.\d+)?\s*[smhdw]\s*)+$"})
Window = Annotated[str, _lasting(5, 3600), _AS_TEXT]
CoolOff = Annotated[str, _lasting(1, 7 * 86400), _AS_TEXT]


class GuardSpec(StrictModel):
    """The route leaves a target that fails or is slow, by itself, and says so in history."""

    error_rate: Annotated[float | None, Field(gt=0, le=1)] = None
    """Share of calls of the target that may not be reached by failures, such as 0.2."""
    p95_s: Annotated[float | None, Field(gt=0, allow_inf_nan=False)] = None
    """Seconds that 95 % of the calls must stay under."""
    window: Window = "1m"
    """How far back it looks, 5s to 1h."""
    min_requests: Annotated[int, Field(ge=1)] = 20
    """With fewer calls within the window it does not act."""
    then: Text = FALLBACK
    """Where to: `fallback`, the first that is fit, or a public name."""
    back: Literal["auto", "hand"] = "auto"
    """`auto`: return after the cool-off, unless the target fails for others meanwhile; `hand`: somebody does."""
    cool_off: CoolOff = "10m"
    """Between two moves of the guard; 1s to 7d."""

    @model_validator(mode="after")
    def _watches_something(self) -> GuardSpec:
        if self.error_rate is None and self.p95_s is None:
            raise wrong("needs a limit to watch: `error_rate` or `p95_s`")
        return self


class ProofSpec(StrictModel):
    """How much worse a model may be than the route's target, to take the route over by `modelctl use MODEL --prove`."""

    min_requests: Annotated[int, Field(ge=10)] = 30
    """Calls of each that a step needs; with fewer it takes longer, and in the end there is no verdict."""
    errors: Annotated[float, Field(ge=0, lt=1)] = 0.01
    """By how much more of its calls may fail: 0.01 lets 3 % pass where the target has 2 %."""
    slower: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.5
    """So many times the p50 and the p95 of the target, of whole calls and of first tokens."""
    dearer: Annotated[float | None, Field(gt=0, allow_inf_nan=False)] = None
    """So many times the cost of a call; without it cost is shown, and decides nothing."""
    level: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    """How often at most a model is stopped by chance that is no worse."""


def _usd(value: object) -> Any:
    """Text may hold another currency, and we know no rates."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("takes a number of USD, without a sign or unit; no other currency is known")
    return value


_STICKY = re.compile(r"user|session|header:[A-Za-z0-9-]+")


def _told_apart(value: object) -> Any:
    if not isinstance(value, str) or not _STICKY.fullmatch(value):
        raise wrong("takes `user`, `session` or `header:<name>`")
    return value


Sticky = Annotated[
    str, BeforeValidator(_told_apart), WithJsonSchema({"type": "string", "pattern": f"^({_STICKY.pattern})$"})
]


def whole(split: dict[str, float] | None) -> dict[str, float] | None:
    """Shares that leave something over, or promise more than there is."""
    if split is not None and abs(sum(split.values()) - 100) > 0.001:
        raise wrong(f"adds up to {sum(split.values()):g}, not to 100")
    if split is not None and len(split) < 2:
        raise wrong("takes two public names or more")
    return split


class BudgetSpec(StrictModel):
    """What may be used in a day, from midnight to midnight UTC. At 80 % and at 100 % it warns."""

    per_day: Annotated[float | None, Field(gt=0, allow_inf_nan=False), BeforeValidator(_usd)] = None
    """USD, as LiteLLM computes cost."""
    tokens_per_day: Annotated[int | None, Field(gt=0)] = None
    """Tokens sent and answered, instead of USD."""
    then: Text | None = None
    """Public name to point routes to until midnight, once the budget is spent."""

    @model_validator(mode="after")
    def _has_one_unit(self) -> BudgetSpec:
        if (self.per_day is None) == (self.tokens_per_day is None):
            raise wrong("takes one of `per_day` (USD) and `tokens_per_day`")
        return self


class ModelBudgetSpec(BudgetSpec):
    """What a model may use in a day, by whichever name it is asked for."""

    block: bool = False
    """Let LiteLLM refuse further requests: its own `max_budget`, for each deployment and worker by itself."""

    @model_validator(mode="after")
    def _blocks_by_cost(self) -> ModelBudgetSpec:
        if self.block and self.per_day is None:
            raise wrong("can only `block` by `per_day`: LiteLLM counts USD")
        return self


def _reference(value: object) -> Any:
    if not isinstance(value, str) or not REFERENCE.fullmatch(value):
        raise wrong("takes a reference, such as os.environ/ALERTS_URL: who knows the address may post there")
    return value


class AlertsSpec(StrictModel):
    """Where the control plane tells people what it did, or what needs them; `{"text": ...}`, as for Slack."""

    webhook: Annotated[str, BeforeValidator(_reference)]
    """A reference to the address, `os.environ/NAME`."""
    about: Annotated[list[Literal["guard", "budget", "nack", "retirement"]] | None, Field(min_length=1)] = None
    """Which of guard, budget, nack, retirement; default: all."""
