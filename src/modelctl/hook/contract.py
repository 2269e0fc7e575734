"""Everything of LiteLLM that the hook relies on beside its documentation, in one place.

`missing()` is asked before anything is touched; a contract test holds the same list against the
LiteLLM that is pinned.
"""

from __future__ import annotations

import inspect
from importlib.metadata import version
from types import ModuleType
from typing import Any

ROUTER = (
    "_create_deployment",
    "_sync_deployment_budget_config",
    "delete_deployment",
    "discard",
    "generate_model_id",
    "get_deployment",
    "get_model_list",
    "has_model_id",
    "update_settings",
    "validate_fallbacks",
)
ROUTER_ARGUMENTS = {
    "_create_deployment": ("deployment_info", "_model_name", "_litellm_params", "_model_info", "declared_id"),
}
PROXY_CONFIG = ("_check_for_os_environ_vars", "_get_config_from_file", "save_config")
PROXY_SERVER = ("app", "llm_model_list", "llm_router", "proxy_config", "user_config_file_path")


def litellm_version() -> str:
    return version("litellm")


def missing(proxy: ModuleType) -> list[str]:
    """What the hook needs and this LiteLLM lacks, by name; empty when all is there."""
    from litellm import Router

    lacks = [f"proxy_server.{name}" for name in PROXY_SERVER if not hasattr(proxy, name)]
    lacks += [f"ProxyConfig.{name}" for name in PROXY_CONFIG if not hasattr(getattr(proxy, "proxy_config", None), name)]
    lacks += [f"Router.{name}" for name in ROUTER if not hasattr(Router, name)]
    for name, arguments in ROUTER_ARGUMENTS.items():
        lacks += [f"Router.{name}({each})" for each in arguments if each not in _arguments(getattr(Router, name, None))]
    return lacks


def _arguments(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters) if function else set()
