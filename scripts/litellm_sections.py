"""The sections of a litellm_config.yaml as LiteLLM's source knows them, and the values that some keys take.

A section is a mapping from key to kinds (see litellm_fields). `(read)` sections hold names that the code reads from the
same mapping without declaring them: to be accepted, not to be suggested.
"""

from __future__ import annotations

import ast
import re

from litellm_fields import Fields, class_fields, parameters, reads, strings
from litellm_params import litellm_params, litellm_params_read, model_info, validated
from litellm_settings import INIT, general_settings, general_settings_read, litellm_settings, router_settings
from litellm_source import MAP, SERVER, Source
from litellm_words import DICTS, LISTS, NO_SECTIONS, WIDER

VALIDATED = ("litellm_params (validated)", "model_info (validated)")


def sections(source: Source) -> dict[str, Fields]:
    params, general = litellm_params(source), general_settings(source)
    found = {
        "": _top(source),
        "model_list": _model_list(source),
        "litellm_params": params,
        "litellm_params (read)": dict.fromkeys(litellm_params_read(source) - params.keys(), ""),
        "model_info": model_info(source),
        "litellm_settings": litellm_settings(source),
        "general_settings": general,
        "general_settings (read)": dict.fromkeys(general_settings_read(source) - general.keys(), ""),
        "router_settings": router_settings(source),
        "cache_params": _cache_params(source),
        **validated(source),
    }
    for section, key, kind in WIDER:
        if key in found[section]:
            found[section][key] = kind
    found |= {name: {key: kind for key, kind in found[name].items() if kind} for name in VALIDATED}
    return found | _nested(source)


def _top(source: Source) -> Fields:
    """What the methods of ProxyConfig read from the whole config."""
    found = {"include", "environment_variables"}
    for node in source.tree(SERVER).body:
        if isinstance(node, ast.ClassDef) and node.name == "ProxyConfig":
            text = ast.unparse(node)
            found |= set(re.findall(r"\b(?:config|config_data|_config)(?:\.get\(|\[)'(\w+)'", text))
    text = source.texts.get("litellm/proxy/proxy_cli.py", "")
    found |= set(re.findall(r"\b_config(?:\.get\(|\[)[\"'](\w+)[\"']", text))
    lists = {name for name in found if name.endswith(("_list", "_tools", "_registry"))} | LISTS
    dicts = {name for name in found if name.endswith("_settings")} | DICTS
    kinds_of = dict.fromkeys(dicts, "dict") | dict.fromkeys(lists, "list")
    return {name: kinds_of.get(name, "") for name in found if name not in NO_SECTIONS}


def _model_list(source: Source) -> Fields:
    found = dict.fromkeys(reads(source, "_?deployment", "litellm/router"), "")
    found |= class_fields(source, ["litellm/types/router.py"], "DeploymentTypedDict", "Deployment")
    return found | {"model_name": "str", "litellm_params": "dict", "model_info": "dict"}


def _cache_params(source: Source) -> Fields:
    found = dict.fromkeys(parameters(source, "redis/client.py", "__init__", "Redis"), "")
    found |= dict.fromkeys(strings(source, "litellm/_redis.py", "include_args"), "")
    found |= dict.fromkeys(reads(source, "cache_params|redis_kwargs|cache_params_in_config", "litellm/"), "")
    found |= {"url": "str", "redis_startup_nodes": "list", "sentinel_nodes": "list", "service_name": "str"}
    declared = parameters(source, "litellm/caching/caching.py", "__init__", "Cache")
    return found | {name: kind for name, kind in declared.items() if not name.startswith("_")}


def _nested(source: Source) -> dict[str, Fields]:
    """Mappings inside the sections that a class of LiteLLM describes whole."""
    router, proxy = ["litellm/types/router.py"], ["litellm/proxy/_types.py"]
    guardrails = ["litellm/types/guardrails.py"]
    credentials = ["litellm/models/credentials.py", "litellm/types/utils.py"]
    return {
        "retry_policy": class_fields(source, router, "RetryPolicy"),
        "allowed_fails_policy": class_fields(source, router, "AllowedFailsPolicy"),
        "credential_list": class_fields(source, credentials, "CredentialItem", "CredentialBase"),
        "guardrails": class_fields(source, guardrails, "Guardrail"),
        "key_management_settings": class_fields(
            source, ["litellm/types/secret_managers/main.py", *proxy], "KeyManagementSettings"
        ),
        "alerting_args": class_fields(source, ["litellm/types/integrations/slack_alerting.py"], "SlackAlertingArgs"),
        "litellm_jwtauth": class_fields(source, proxy, "LiteLLM_JWTAuth"),
        "pass_through_endpoints": dict.fromkeys(
            reads(source, "endpoint_data", "litellm/proxy/pass_through_endpoints/"), ""
        )
        | class_fields(source, proxy, "PassThroughGenericEndpoint"),
        "mcp_servers": _mcp_servers(source),
    }


def _mcp_servers(source: Source) -> Fields:
    folder = "litellm/proxy/_experimental/mcp_server/"
    found = dict.fromkeys(reads(source, "(?:raw_)?server_config", folder), "")
    return found | class_fields(
        source, ["litellm/types/mcp.py", *(p for p, _ in source.walk(folder))], "MCPServerConfig"
    )


def values(source: Source) -> dict[str, list[str]]:
    """Values that some keys take; a provider prefix or callback that stands here is known."""
    custom = strings(source, INIT, "_custom_logger_compatible_callbacks_literal")
    registry = "litellm/litellm_core_utils/custom_logger_registry.py"
    found = {
        "providers": {
            *strings(source, "litellm/types/utils.py", "LlmProviders"),
            *source.data("litellm/llms/openai_like/providers.json"),
        },
        "callbacks": {
            *custom,
            *strings(source, registry, "CALLBACK_CLASS_STR_TO_CLASS_TYPE"),
            *source.data("litellm/integrations/generic_api/generic_api_compatible_callbacks.json"),
            *_compared(source),
        },
        "routing_strategy": {
            *strings(source, "litellm/types/litellm_params.py", "RoutingStrategyName"),
            *strings(source, "litellm/types/router.py", "RoutingStrategy"),
        },
        "cache_type": set(strings(source, "litellm/types/caching.py", "LiteLLMCacheType")),
        "mode": {entry["mode"] for entry in source.data(MAP).values() if " " not in entry.get("mode", " ")},
    }
    return {name: sorted(texts) for name, texts in found.items()}


def _compared(source: Source) -> set[str]:
    """Callback names that the code compares with one by one."""
    files = ("litellm/litellm_core_utils/", "litellm/utils.py", "litellm/proxy/common_utils/callback_utils.py", SERVER)
    texts = [text for _, text in source.walk(*files)]
    return {name for text in texts for name in re.findall(r"\bcallback == \"([a-z]\w+)\"", text)}
