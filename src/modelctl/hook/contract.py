"""Everything of LiteLLM that the hook relies on beside its documentation, in one place.

`missing()` is asked before anything is touched, and `missing_in()` once the Router is there; a contract
test holds the same lists against each LiteLLM line that is supported.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any

from modelctl.hook.floor import Floor

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


@dataclass(frozen=True)
class Needs:
    """What one kind of Router must have: `methods` and their `arguments` of the class, `attributes` of a living one
    (dotted), and names that must be found in `modules` (dotted)."""

    floor: str  # module and class
    methods: tuple[str, ...]
    attributes: tuple[str, ...]
    arguments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


PYTHON = Needs(
    floor="modelctl.hook.python_router:PythonRouter",
    methods=(
        "_backend_cost_map_keys",
        "_create_deployment",
        "_finalize_adaptive_router_if_configured",
        "_register_deployment_pricing",
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
    ),
    arguments={
        "_create_deployment": ("deployment_info", "_model_name", "_litellm_params", "_model_info", "declared_id"),
    },
    attributes=(
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
    ),
)
RUST = Needs(
    floor="modelctl.hook.rust_router:RustRouter",
    methods=("apply", "generate_model_id", "health", "registry", "retire", "settings", "validate_fallbacks"),
    modules={
        "litellm.router_api": ("ChangeSet",),
        "litellm.router": ("model_info_is_active_for_environment",),
        "litellm.router_rust.surface.registry": (
            "_Build",
            "_backend_cost_map_keys",
            "register_deployment_pricing",
            "HostRegistry._drop_removed_live_values",
            "HostRegistry._hand_changes",
            "HostRegistry._invalidate_access_groups_cache",
            "HostRegistry._invalidate_model_group_info_cache",
            "HostRegistry._run_build",
            "HostRegistry.add_deployment",
        ),
        "litellm.rust_bridge._native": (
            "RouterCoreHandle.apply",
            "RouterCoreHandle.has_model_id",
            "RouterCoreHandle.id_position",
            "RouterCoreHandle.provider_default_ids",
            "RouterCoreHandle.registry_version",
        ),
    },
    attributes=(
        "_core._cooldown_given",
        "_core._cooldowns.default_cooldown_time",
        "_core._dynamic_document",
        "_core._endpoints._explicit_timeout",
        "_core._endpoints._request_timeout",
        "_core._endpoints._stream_timeout",
        "_core._handle",
        "_core._hosted._core_model_group_alias",
        "_core._hosted._core_model_list._id_counts",
        "_core._hosted._core_model_list._read_at",
        "_core._hosted._core_model_list._stable",
        "_core._hosted._deployment_index_lock",
        "_core._hosted._host",
        "_core._hosted._on_change",
        "_core._hosted.changes_runner",
        "_core._hosted.checks.sync_deployment_budget",
        "_core._hosted.checks.unregister_deployment_budget",
        "_core._hosted.ignore_invalid_deployments",
        "_core._hosted.model_id_to_deployment_index_map",
        "_core._hosted.strategies.finalize",
        "_core._hosted.strategies.release_entry",
        "_core._plain",
        "_core._rebuild",
        "_core._request_timeout",
        "_core._resolved.changed",
        "_core._resolved.given",
        "_core._settings",
    ),
)


def litellm_version() -> str:
    return version("litellm")


def missing(proxy: ModuleType) -> list[str]:
    """What the hook needs and this LiteLLM lacks, by name; empty when all is there."""
    import litellm

    lacks = [f"litellm.{name}" for name in LITELLM if not hasattr(litellm, name)]
    lacks += [f"litellm.utils.{name}" for name in UTILS if not hasattr(litellm.utils, name)]
    lacks += [f"proxy_server.{name}" for name in PROXY_SERVER if not hasattr(proxy, name)]
    lacks += [f"ProxyConfig.{name}" for name in PROXY_CONFIG if not hasattr(getattr(proxy, "proxy_config", None), name)]
    return lacks + _missing_of(_kind(), getattr(litellm, "Router", None))


def missing_in(router: Any) -> list[str]:
    """The same for what only a living Router has."""
    return [f"Router.{path}" for path in _kind().attributes if not _has(router, path)]


def open_floor(router: Any) -> Floor:
    """The Router behind the interface that the hook works with; all that it needs must be there."""
    module, _, name = _kind().floor.partition(":")
    floor: Floor = getattr(import_module(module), name)(router)
    return floor


def lacks_text(lacks: list[str]) -> str:
    return f"LiteLLM {litellm_version()} lacks {', '.join(lacks)}: traffic is left as it is"


def _kind() -> Needs:
    """The kind of Router that this LiteLLM has: of which most is there, whatever its version says."""
    import litellm

    router = getattr(litellm, "Router", None)
    return min((PYTHON, RUST), key=lambda needs: len(_missing_of(needs, router)))


def _missing_of(needs: Needs, router: Any) -> list[str]:
    lacks = [f"Router.{name}" for name in needs.methods if not hasattr(router, name)]
    for name, arguments in needs.arguments.items():
        lacks += [f"Router.{name}({each})" for each in arguments if each not in _arguments(getattr(router, name, None))]
    return lacks + [f"{module}.{name}" for module, names in needs.modules.items() for name in _absent(module, names)]


def _absent(module: str, names: Iterable[str]) -> list[str]:
    try:
        found = import_module(module)
    except ImportError:
        return list(names)
    return [name for name in names if not _has(found, name)]


def _has(owner: Any, path: str) -> bool:
    try:
        reduce(getattr, path.split("."), owner)
    except AttributeError:
        return False
    return True


def _arguments(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters) if function else set()
