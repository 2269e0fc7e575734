"""A setting needs a variable of LiteLLM's environment, and it is not set here.

LiteLLM does not start without those of a secret manager, nor without those of some callbacks; with others it starts,
and the callback gets nothing, which only the log says. `check` looks into its own environment and into `.env`, so this
is a warning. `environment_variables` in the same file come too late for a secret manager: it is asked for first.

Before (with no HCP_VAULT_TOKEN in the environment):

    general_settings:
      key_management_system: hashicorp_vault

After:

    general_settings:
      key_management_system: hashicorp_vault  # and HCP_VAULT_TOKEN set where LiteLLM runs
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelctl.check.found import Found
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject

SEVERITY = "warning"
Ways = Sequence[tuple[str, ...]]  # one of these, each whole; `A|B` in one is either

MANAGERS: Mapping[str, Ways] = {
    "aws_kms": [("AWS_REGION_NAME",)],
    "cyberark": [("CYBERARK_API_KEY",), ("CYBERARK_CLIENT_CERT", "CYBERARK_CLIENT_KEY")],
    "google_kms": [("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_KMS_RESOURCE_NAME")],
    "google_secret_manager": [("GOOGLE_SECRET_MANAGER_PROJECT_ID",)],
    "hashicorp_vault": [
        ("HCP_VAULT_TOKEN",),
        ("HCP_VAULT_APPROLE_ROLE_ID", "HCP_VAULT_APPROLE_SECRET_ID"),
        ("HCP_VAULT_CLIENT_CERT", "HCP_VAULT_CLIENT_KEY"),
    ],
}
_KEY_VAULT = "AZURE_KEY_VAULT_URI"
ENDING: Mapping[str, Ways] = {
    "aporia_prompt_injection": [("APORIO_API_KEY", "APORIO_API_BASE")],
    "presidio": [("PRESIDIO_ANALYZER_API_BASE", "PRESIDIO_ANONYMIZER_API_BASE")],
}
"""Under `callbacks` alone."""
_ENDPOINTS = {"qualifire_eval": "QUALIFIRE", "rubrik": "RUBRIK", "sumologic": "SUMOLOGIC"}
SENT: Mapping[str, Ways] = {
    name: [(f"{prefix}_WEBHOOK_URL",), ("GENERIC_LOGGER_ENDPOINT",)] for name, prefix in _ENDPOINTS.items()
}
"""LiteLLM does not start without these, wherever the callback is named."""
_DATADOG = [("LITELLM_DD_AGENT_HOST",), ("DD_API_KEY", "DD_SITE")]
QUIET: Mapping[str, Ways] = {
    "azure_sentinel": [
        (
            "AZURE_SENTINEL_DCR_IMMUTABLE_ID",
            "AZURE_SENTINEL_ENDPOINT",
            *(f"AZURE_SENTINEL_{name}|AZURE_{name}" for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET")),
        )
    ],
    "azure_storage": [("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_FILE_SYSTEM")],
    "braintrust": [("BRAINTRUST_API_KEY",)],
    "datadog": _DATADOG,
    "datadog_llm_observability": _DATADOG,
    "deepeval": [("CONFIDENT_API_KEY",)],
    "lago": [("LAGO_API_KEY", "LAGO_API_BASE", "LAGO_API_EVENT_CODE")],
    "langtrace": [("LANGTRACE_API_KEY",)],
    "levo": [("LEVOAI_API_KEY", "LEVOAI_ORG_ID", "LEVOAI_WORKSPACE_ID", "LEVOAI_COLLECTOR_URL")],
    "logfire": [("LOGFIRE_TOKEN",)],
    "openmeter": [("OPENMETER_API_KEY",)],
    "pagerduty": [("PAGERDUTY_API_KEY",)],
    "posthog": [("POSTHOG_API_KEY",)],
}
"""LiteLLM starts, and these get nothing."""
LISTS = ("callbacks", "success_callback", "failure_callback")


def whole(subject: Subject) -> Iterator[Found]:
    if subject.environ is None:
        return
    system = subject.section("general_settings").get("key_management_system")
    if isinstance(system, str) and (lacking := _lacking(MANAGERS.get(system, ()), subject.environ)):
        at = subject.at("general_settings", "key_management_system", value=True)
        yield Found(f"`{system}` needs {lacking}, not set in this environment: {ENDS}", at)
    elif system == "azure_key_vault" and not subject.environ.get(_KEY_VAULT):
        at = subject.at("general_settings", "key_management_system", value=True)
        yield Found(f"`{system}` needs {_KEY_VAULT}, not set in this environment: LiteLLM starts without it", at)
    yield from _of_callbacks(subject, {**subject.section("environment_variables"), **subject.environ})


def _of_callbacks(subject: Subject, environ: Mapping[str, Any]) -> Iterator[Found]:
    settings = subject.section("litellm_settings")
    for key in LISTS:
        written = settings.get(key)
        for index, name in enumerate(written if isinstance(written, list) else ()):
            ways, effect = _needs(name, key) if isinstance(name, str) else ((), "")
            lacking = _lacking(ways, environ)
            if lacking and name not in subject.section("callback_settings"):  # which may say it in its own way
                spot = subject.at("litellm_settings", key, index, value=True)
                yield Found(f"`{name}` needs {lacking}, not set in this environment: {effect}", spot, once=name)


def _needs(name: str, key: str) -> tuple[Ways, str]:
    ending = SENT.get(name) or (ENDING.get(name) if key == "callbacks" else None)
    return (ending, ENDS) if ending else (QUIET.get(name, ()), f"LiteLLM starts, and `{name}` gets nothing")


def _lacking(ways: Ways, environ: Mapping[str, Any]) -> str | None:
    """What is left to be set, by each way; None where nothing is."""
    left = [[names for names in way if not any(environ.get(name) for name in names.split("|"))] for way in ways]
    if not all(left):
        return None
    return ", or ".join(" and ".join(names.replace("|", " or ") for names in each) for each in left) or None
