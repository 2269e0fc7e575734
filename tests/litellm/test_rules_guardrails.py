"""When each of LiteLLM's guardrails runs, and what it wants first: held against LiteLLM, which makes each of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from modelctl.litellm_spec.guardrail_kinds import NEEDS, OF_EVERY_REQUEST, RUN

pytestmark = pytest.mark.boots
GIVEN = {
    **dict.fromkeys(("api_key", "tenant_id", "client_id", "client_secret", "auth_token", "guard_name"), "x"),
    **dict.fromkeys(("asset_id", "detector_id", "user_id_field", "tracker_api_key", "application_id"), "x"),
    **dict.fromkeys(("pre_checkpoint_id", "post_checkpoint_id", "api_id", "akto_api_key"), "x"),
    **dict.fromkeys(("guardrailIdentifier", "guardrailVersion", "deepkeep_firewall_id"), "1"),
    **dict.fromkeys(("api_base", "base_url", "tracker_api_base", "akto_base_url"), "https://x"),
    **dict.fromkeys(("presidio_analyzer_api_base", "presidio_anonymizer_api_base"), "http://localhost"),
    "is_detector_server": True,
    "custom_code": "def apply_guardrail(inputs, request_data, input_type):\n    return allow()",
}
ONLY_BESIDE_OTHERS = {"decision_model", "llm_as_a_judge"}  # they want a whole list of checks as well


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without the variables that stand for parameters; what a guardrail registers goes again."""
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    for name in [name for name in os.environ if name.endswith(("_API_KEY", "_API_BASE", "_TOKEN"))]:
        monkeypatch.delenv(name)
    import litellm

    before = list(litellm.callbacks)
    yield
    litellm.callbacks[:] = before


def refusal(kind: str, mode: str, params: dict[str, Any]) -> str:
    """What LiteLLM says when it makes this guardrail; empty when it does."""
    from litellm.proxy.guardrails.guardrail_registry import IN_MEMORY_GUARDRAIL_HANDLER

    name = f"{kind} {mode} {sorted(params)}"
    litellm_params = {"guardrail": kind, "mode": mode, **params}
    try:
        IN_MEMORY_GUARDRAIL_HANDLER.initialize_guardrail({"guardrail_name": name, "litellm_params": litellm_params})  # type: ignore[typeddict-item]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.mark.parametrize("kind", RUN)
def test_a_guardrail_runs_in_these_modes(kind: str) -> None:
    of_kind = {mode: refusal(kind, mode, GIVEN) for mode in OF_EVERY_REQUEST}
    taken = {mode for mode, said in of_kind.items() if said == ""}
    assert taken == OF_EVERY_REQUEST & set(RUN[kind]), of_kind


@pytest.mark.parametrize("kind", sorted(NEEDS.keys() - ONLY_BESIDE_OTHERS))
def test_a_guardrail_is_not_made_without_what_it_needs(kind: str) -> None:
    mode = RUN.get(kind, ("pre_call",))[0]
    assert refusal(kind, mode, GIVEN) == ""
    for need in NEEDS[kind]:
        assert refusal(kind, mode, {key: value for key, value in GIVEN.items() if key != need.param}) != "", need
