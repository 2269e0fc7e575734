"""LiteLLM's own guardrails: when each can run, and what each wants before it is made. Beside `malformed_guardrail`."""

from __future__ import annotations

from dataclasses import dataclass

MODES = (
    "pre_call", "post_call", "during_call", "logging_only", "pre_mcp_call", "during_mcp_call", "post_mcp_call",
    "realtime_input_transcription",
)  # fmt: skip
OF_EVERY_REQUEST = frozenset(MODES[:4])
"""The modes that are as old as guardrails; the other ones are taught to more guardrails with each release."""

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

_CALLS = ("pre_call", "post_call", "during_call")
_RUN = {
    ("pre_mcp_call",): "agent_365 mcp_jwt_signer",
    _CALLS: "aim cato_networks dynamoai ibm_guardrails lakera_v2 lasso",
    ("pre_call", "post_call", "logging_only", "pre_mcp_call", "post_mcp_call"): "akto singulr",
    (*_CALLS, "logging_only"): (
        "alice block_code_execution deepkeep enkryptai generic_guardrail_api grayswan onyx openai_moderation "
        "prompt_security qostodian_nexus qualifire tool_policy xecguard"
    ),
    ("post_call", "during_call"): "aporia",
    ("pre_call", "during_call"): "azure/prompt_shield lakera",
    ("pre_call", "post_call"): "azure/text_moderations pangea repelloai tool_permission",
    (*_CALLS, "logging_only", "pre_mcp_call", "during_mcp_call"): (
        "bedrock cisco_ai_defense custom_code model_armor noma_v2"
    ),
    ("pre_call", "post_call", "logging_only"): (
        "crowdstrike_aidr guardrails_ai headroom microsoft_purview ovalix promptguard rubrik straiker vigil_guard "
        "zscaler_ai_guard"
    ),
    ("pre_call",): "javelin mcp_security",
    ("pre_call", "logging_only"): "mcp_end_user_permission",
    (*_CALLS, "logging_only", "pre_mcp_call", "post_mcp_call"): "presidio",
    (*_CALLS, "logging_only", "pre_mcp_call", "post_mcp_call", MODES[-1]): "litellm_content_filter",
    (*_CALLS, "pre_mcp_call"): "noma",
    MODES[:-1]: "panw_prisma_airs",
    (*_CALLS, "pre_mcp_call", "during_mcp_call"): "pillar",
}
RUN = {kind: modes for modes, kinds in _RUN.items() for kind in kinds.split()}
"""Guardrail -> its modes; one that is not here runs in all of them."""


@dataclass(frozen=True)
class Need:
    """A parameter, and the variable that LiteLLM takes in its place. `ends`: without both LiteLLM does not start."""

    param: str
    variable: str | None
    ends: bool = False


def _keys(ends: bool, **variables: str) -> dict[str, tuple[Need, ...]]:
    return {kind: (Need("api_key", variable, ends),) for kind, variable in variables.items()}


NEEDS: dict[str, tuple[Need, ...]] = {
    **_keys(
        True, aim="AIM_API_KEY", alice="ALICE_API_KEY", cato_networks="CATO_API_KEY",
        cisco_ai_defense="CISCO_AI_DEFENSE_API_KEY", grayswan="GRAYSWAN_API_KEY", lasso="LASSO_API_KEY",
        pangea="PANGEA_API_KEY", pillar="PILLAR_API_KEY", promptguard="PROMPTGUARD_API_KEY",
        xecguard="XECGUARD_API_KEY",
    ),
    **_keys(
        False, compresr="COMPRESR_API_KEY", dynamoai="DYNAMOAI_API_KEY", enkryptai="ENKRYPTAI_API_KEY",
        onyx="ONYX_API_KEY", openai_moderation="OPENAI_API_KEY", panw_prisma_airs="PANW_PRISMA_AIRS_API_KEY",
        typesafe="TYPESAFE_API_KEY",
    ),
    "aporia": (Need("api_key", "APORIO_API_KEY", True), Need("api_base", "APORIO_API_BASE", True)),
    "azure/prompt_shield": (Need("api_key", None), Need("api_base", None)),
    "azure/text_moderations": (Need("api_key", None), Need("api_base", None)),
    "crowdstrike_aidr": (Need("api_key", "CS_AIDR_TOKEN", True), Need("api_base", "CS_AIDR_BASE_URL", True)),
    "custom_code": (Need("custom_code", None),),
    "decision_model": (Need("decision_model", None),),
    "deepkeep": (
        Need("api_key", "DEEPKEEP_API_KEY", True),
        Need("deepkeep_firewall_id", "DEEPKEEP_FIREWALL_ID", True),
    ),
    "generic_guardrail_api": (Need("api_base", "GENERIC_GUARDRAIL_API_BASE"),),
    "guardrails_ai": (Need("guard_name", None, True),),
    "headroom": (Need("api_base", "HEADROOM_API_BASE"),),
    "javelin": (Need("guard_name", None, True),),
    "llm_as_a_judge": (Need("judge_model", None),),
    "presidio": (
        Need("presidio_analyzer_api_base", "PRESIDIO_ANALYZER_API_BASE", True),
        Need("presidio_anonymizer_api_base", "PRESIDIO_ANONYMIZER_API_BASE", True),
    ),
    "prompt_security": (
        Need("api_key", "PROMPT_SECURITY_API_KEY", True),
        Need("api_base", "PROMPT_SECURITY_API_BASE", True),
    ),
    "repelloai": (Need("api_key", "ARGUS_API_KEY", True), Need("asset_id", None)),
    "rubrik": (Need("api_base", "RUBRIK_WEBHOOK_URL"),),
    "straiker": (Need("api_key", None),),
    "vigil_guard": (Need("api_base", "VIGIL_GUARD_URL"),),
}  # fmt: skip
"""Found by making each of them with nothing but a mode, then with a key, then with an address."""
