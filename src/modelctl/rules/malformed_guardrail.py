"""LiteLLM starts without this guardrail, with one line in its log; or does not start.

`mode` is when it runs, `guardrail` is one of LiteLLM's own or a Python class (`module.Class`). With another word
LiteLLM skips the guardrail: requests go unguarded, and nothing but the log says so.

Before:

    guardrails:
      - guardrail_name: pii
        litellm_params: {guardrail: presidio, mode: precall}

After:

    guardrails:
      - guardrail_name: pii
        litellm_params: {guardrail: presidio, mode: pre_call}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.rules import lookup
from modelctl.rules.subject import Found, Spot, Subject, nearest

SEVERITY = "error"
MODES = (
    "pre_call", "post_call", "during_call", "logging_only", "pre_mcp_call", "during_mcp_call", "post_mcp_call",
    "realtime_input_transcription",
)  # fmt: skip
GUARDRAILS = frozenset(
    {
        "agent_365", "aim", "airia", "akto", "alice", "aporia", "azure/prompt_shield", "azure/text_moderations",
        "bedrock", "block_code_execution", "cato_networks", "cisco_ai_defense", "compresr", "conduct",
        "crowdstrike_aidr", "custom_code", "decision_model", "deepkeep", "dynamoai", "enkryptai",
        "generic_guardrail_api", "grayswan", "guardrails_ai", "headroom", "hiddenlayer", "hide-secrets",
        "ibm_guardrails", "javelin", "lakera", "lakera_v2", "lasso", "litellm_content_filter", "llm_as_a_judge",
        "llm_shield_proxy", "mcp_end_user_permission", "mcp_jwt_signer", "mcp_security", "microsoft_purview",
        "model_armor", "noma", "noma_v2", "onyx", "openai_moderation", "ovalix", "pangea", "panw_prisma_airs", "pillar",
        "presidio", "prompt_security", "promptguard", "qostodian_nexus", "qualifire", "reco", "repelloai", "rubrik",
        "semantic_guard", "singulr", "straiker", "tool_permission", "tool_policy", "typesafe", "vigil_guard",
        "wingback", "xecguard", "zscaler_ai_guard",
    }
)  # fmt: skip
"""Those of every LiteLLM line from 1.106 to 1.110."""


def whole(subject: Subject) -> Iterator[Found]:
    written = subject.sections.get("guardrails")
    if not written:
        return
    if not isinstance(written, list):
        yield Found("`guardrails` is a list: LiteLLM does not start", subject.at("guardrails"))
        return
    for index, each in enumerate(written):
        yield from _of_guardrail(each, subject.at("guardrails", index))


def _of_guardrail(each: Any, spot: Spot) -> Iterator[Found]:
    params = each.get("litellm_params") if isinstance(each, Mapping) else None
    if (
        not isinstance(each, Mapping)
        or not isinstance(each.get("guardrail_name"), str)
        or not isinstance(params, Mapping)
    ):
        text = "a guardrail has `guardrail_name` and a mapping under `litellm_params`: LiteLLM does not start"
        yield Found(text, spot, "{guardrail_name: NAME, litellm_params: {guardrail: presidio, mode: pre_call}}")
        return
    name, inside = each["guardrail_name"], spot.inside("litellm_params")
    kind = params.get("guardrail")
    if kind is None or (isinstance(kind, str) and kind not in GUARDRAILS and "." not in kind and not _put_off(kind)):
        text = f"LiteLLM has no guardrail `{kind}`: it starts without `{name}`"
        yield Found(text, inside.inside("guardrail", value=True), nearest(str(kind), GUARDRAILS))
    yield from _of_mode(name, params, inside)


def _of_mode(name: str, params: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    if "mode" not in params:
        yield Found(f"`{name}` has no `mode`: LiteLLM starts without it", spot, "mode: pre_call")
        return
    mode = params["mode"]
    for each in mode if isinstance(mode, list) else [mode]:
        if isinstance(each, str) and each not in MODES and not _put_off(each):
            text = f"no guardrail has the mode `{each}`: LiteLLM starts without `{name}`"
            yield Found(text, spot.inside("mode", value=True), nearest(each, MODES) or f"there are {', '.join(MODES)}")


def _put_off(text: str) -> bool:
    return lookup.is_put_off(text)
