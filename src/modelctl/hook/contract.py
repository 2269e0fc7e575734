"""Everything of LiteLLM that the hook relies on beside its documentation, in one place.

`missing()` is asked before anything is touched, and `missing_in()` once the Router is there; a contract
test holds the same lists against the LiteLLM that is pinned.
"""

from __future__ import annotations

import inspect
from importlib.metadata import version
from types import ModuleType
from typing import Any

ROUTER = (
    "_backend_cost_map_keys",
    "_register_deployment_pricing",
    "_create_deployment",
    "_sync_deployment_budget_config",
    "add_deployment",
    "delete_deployment",
    "deployment_is_active_for_environment",
    "discard",
    "generate_model_id",
    "get_deployment",
    "get_model_list",
    "update_settings",
    "validate_fallbacks",
)
ROUTER_ARGUMENTS = {
    "_create_deployment": ("deployment_info", "_model_name", "_litellm_params", "_model_info", "declared_id"),
}
ROUTER_ATTRIBUTES = (
    "cache",
    "content_policy_fallbacks",
    "context_window_fallbacks",
    "default_litellm_params",
    "deployment_names",
    "fallbacks",
    "ignore_invalid_deployments",
    "model_group_alias",
    "model_id_to_deployment_index_map",
    "model_list",
    "model_names",
    "pattern_router",
    "provider_default_deployment_ids",
)
PROXY_CONFIG = ("_check_for_os_environ_vars", "_get_config_from_file", "get_config_state", "save_config")
PROXY_SERVER = (
    "HTTPException",
    "app",
    "general_settings",
    "llm_model_list",
    "llm_router",
    "prisma_client",
    "proxy_config",
    "store_model_in_db",
    "user_config_file_path",
)
LITELLM = ("get_secret", "model_cost")
UTILS = ("_invalidate_model_cost_lowercase_map",)


def litellm_version() -> str:
    return version("litellm")


def missing(proxy: ModuleType) -> list[str]:
    """What the hook needs and this LiteLLM lacks, by name; empty when all is there."""
    import litellm

    router = getattr(litellm, "Router", None)
    lacks = [f"litellm.{name}" for name in LITELLM if not hasattr(litellm, name)]
    lacks += [f"litellm.utils.{name}" for name in UTILS if not hasattr(litellm.utils, name)]
    lacks += [f"proxy_server.{name}" for name in PROXY_SERVER if not hasattr(proxy, name)]
    lacks += [f"ProxyConfig.{name}" for name in PROXY_CONFIG if not hasattr(getattr(proxy, "proxy_config", None), name)]
    lacks += [f"Router.{name}" for name in ROUTER if not hasattr(router, name)]
    for name, arguments in ROUTER_ARGUMENTS.items():
        lacks += [f"Router.{name}({each})" for each in arguments if each not in _arguments(getattr(router, name, None))]
    return lacks


def missing_in(router: Any) -> list[str]:
    """The same for what only a living Router has."""
    return [f"Router.{name}" for name in ROUTER_ATTRIBUTES if not hasattr(router, name)]


def lacks_text(lacks: list[str]) -> str:
    return f"LiteLLM {litellm_version()} lacks {', '.join(lacks)}: traffic is left as it is"


def _arguments(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters) if function else set()
