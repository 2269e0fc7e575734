"""Everything of LiteLLM that the hook relies on beside its documentation, in one place.

`missing()` is asked before anything is touched, and `missing_in()` once the Router is there; a contract
test holds the same lists against each LiteLLM line that is supported.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any

from modelctl.hook.router_backend import RouterBackend
from modelctl.litellm_spec.supported_lines import works

PROXY_CONFIG = (
    "_check_for_os_environ_vars",
    "_get_config_from_file",
    "get_config_state",
    "load_credential_list",
    "save_config",
)
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
LITELLM = ("credential_list", "get_secret", "model_cost")
UTILS = (
    "_invalidate_model_cost_lowercase_map",
    "_model_cost_lowercase_map",
    "_rebuild_model_cost_lowercase_map",
)
ROUTER = ("generate_model_id", "validate_fallbacks")  # of either kind of Router


@dataclass(frozen=True)
class Needs:
    """What one kind of Router must have: `methods` of the class, `attributes` of a living one, names in `modules`.

    Names may be dotted; the parentheses after a name hold arguments that it must take.
    """

    floor: str  # module and class
    methods: tuple[str, ...]
    attributes: tuple[str, ...]
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


PYTHON = Needs(
    floor="modelctl.hook.python_router:PythonRouter",
    methods=(
        "_backend_cost_map_keys",
        "_create_deployment(deployment_info, _model_name, _litellm_params, _model_info, declared_id)",
        "_finalize_adaptive_router_if_configured",
        "_register_deployment_pricing",
        "_sync_deployment_budget_config",
        "add_deployment",
        "delete_deployment",
        "deployment_is_active_for_environment",
        "discard",
        "get_deployment",
        "get_model_list",
        "update_settings",
    ),
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
    methods=("apply", "health", "registry", "retire", "settings"),
    modules={
        "litellm.router_api": ("ChangeSet",),
        "litellm.router": ("model_info_is_active_for_environment",),
        "litellm.router_rust.surface.registry": (
            "_Build(path, raw)",
            "_backend_cost_map_keys",
            "register_deployment_pricing",
            "HostRegistry._drop_removed_live_values",
            "HostRegistry._hand_changes",
            "HostRegistry._invalidate_access_groups_cache",
            "HostRegistry._invalidate_model_group_info_cache",
            "HostRegistry._run_build(build, entries, resolve_secrets, install)",
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
        "_core._config.arguments",
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
        "_core._hosted._core_routing_groups",
        "_core._hosted._deployment_index_lock",
        "_core._hosted._host",
        "_core._hosted._indexes._read_at",
        "_core._hosted._on_change",
        "_core._hosted.changes_runner",
        "_core._hosted.checks.sync_deployment_budget",
        "_core._hosted.checks.unregister_deployment_budget",
        "_core._hosted.ignore_invalid_deployments",
        "_core._hosted.model_id_to_deployment_index_map",
        "_core._hosted.strategies.complexity",
        "_core._hosted.strategies.finalize",
        "_core._hosted.strategies.release_entry",
        "_core._plain",
        "_core._rebuild",
        "_core._request_timeout",
        "_core._resolved.changed",
        "_core._resolved.given",
        "_core._resolved.read",
        "_core._settings",
    ),
)


def litellm_version() -> str:
    return version("litellm")


def missing(proxy: ModuleType) -> list[str]:
    """What the hook needs and this LiteLLM lacks, by name; empty when all is there."""
    litellm = _litellm()
    return [
        *_lacking("litellm", litellm, LITELLM),
        *_lacking("litellm.utils", litellm.utils, UTILS),
        *_lacking("proxy_server", proxy, PROXY_SERVER),
        *_lacking("ProxyConfig", getattr(proxy, "proxy_config", None), PROXY_CONFIG),
        *_lacking("Router", getattr(litellm, "Router", None), ROUTER),
        *_lacking_of(needed(), getattr(litellm, "Router", None)),
    ]


def missing_in(router: Any) -> list[str]:
    """As `missing`, for attributes that only a Router instance has."""
    return list(_lacking("Router", router, needed().attributes))


def open_floor(router: Any) -> RouterBackend:
    """The Router behind the hook's own interface; call it only when nothing is missing."""
    module, _, name = needed().floor.partition(":")
    floor: RouterBackend = getattr(import_module(module), name)(router)
    return floor


def lacks_text(lacks: list[str]) -> str:
    return f"LiteLLM {litellm_version()} lacks {', '.join(lacks)}: traffic is left as it is; {works()}"


def needed() -> Needs:
    """The kind of Router that this LiteLLM has: the kind that lacks least, whatever the version number says."""
    router = getattr(_litellm(), "Router", None)
    return min((PYTHON, RUST), key=lambda needs: len(_lacking_of(needs, router)))


def _litellm() -> ModuleType:
    return import_module("litellm")  # not above: it takes 6 to 25 s, and the lists are read without it


def _lacking_of(needs: Needs, router: Any) -> list[str]:
    lacks = list(_lacking("Router", router, needs.methods))
    for module, names in needs.modules.items():
        try:
            lacks += _lacking(module, import_module(module), names)
        except ImportError:
            lacks += [f"{module}.{name}" for name in names]
    return lacks


def _lacking(place: str, owner: Any, names: Iterable[str]) -> Iterator[str]:
    for text in names:
        path, _, arguments = text.rstrip(")").partition("(")
        try:
            found = reduce(getattr, path.split("."), owner)
        except AttributeError:
            yield f"{place}.{path}"
        else:
            known = set(inspect.signature(found).parameters) if arguments else set()
            yield from (f"{place}.{path}({each})" for each in arguments.split(", ") if arguments and each not in known)
