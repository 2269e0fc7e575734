"""LiteLLM's Router as it was up to 1.109, written in Python: reached through the members that its own boot uses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import reduce
from typing import Any

import litellm

from modelctl.hook.router_backend import Entry, by_id
from modelctl.litellm_spec.config import FALLBACK_KINDS
from modelctl.litellm_spec.hot_settings import HOT_ROUTER


class PythonRouter:
    """The Router as a `Floor`."""

    def __init__(self, router: Any) -> None:
        self.router = router

    # -- deployments ---------------------------------------------------------------------------

    def entries(self) -> Sequence[Entry]:
        entries: Sequence[Entry] = self.router.model_list
        return entries

    def missing(self, ids: Mapping[str, Any]) -> set[str]:
        missing: set[str] = ids.keys() - self.router.model_id_to_deployment_index_map.keys()
        return missing

    def previous(self, id_: str) -> Any:
        return self.router.get_deployment(id_)

    def put_back(self, previous: Any) -> None:
        self.router.add_deployment(previous)

    def add(self, entry: dict[str, Any], extra: Mapping[str, Any]) -> bool:
        organizations = entry["litellm_params"].get("organization")
        if not isinstance(organizations, list):
            return self._create(entry, extra)
        # Boot makes one deployment for each, all under the entry's id.
        made = [self._create(_of_organization(entry, organization), extra) for organization in organizations]
        return all(made)

    def _create(self, entry: dict[str, Any], extra: Mapping[str, Any]) -> bool:
        with self._strictly():
            made = self.router._create_deployment(
                deployment_info=dict(extra),
                _model_name=entry["model_name"],
                _litellm_params=entry["litellm_params"],
                _model_info=entry["model_info"],
                declared_id=entry["model_info"]["id"],
            )
        if made is None:
            return False
        self.router.model_names.add(entry["model_name"])
        self.router._sync_deployment_budget_config(deployment=made)
        return True

    def delete(self, id_: str) -> Entry | None:
        places = self.router.model_id_to_deployment_index_map
        previous: Entry | None = self.router.model_list[places[id_]] if id_ in places else None
        while id_ in places:
            self.router.delete_deployment(id=id_)
            # Equal entries boot as twins with one id, of which LiteLLM knows the place of the last only.
            if len(self.router.model_list) > len(places):
                twin = next((at for at, each in enumerate(self.router.model_list) if id_of(each) == id_), None)
                if twin is not None:
                    places[id_] = twin
        if previous is not None:
            with suppress(ValueError):
                self.router.deployment_names.remove(previous["litellm_params"]["model"])
        return previous

    def forget(self, id_: str) -> None:
        self.router.pattern_router.remove_deployment(id_)
        with suppress(ValueError):
            self.router.provider_default_deployment_ids.remove(id_)
        self.router.cache.in_memory_cache.delete_cache(f"{id_}_max_parallel_requests_client")

    def is_active(self, entry: dict[str, Any]) -> bool:
        deployment = litellm.types.router.Deployment(**entry)
        active: bool = self.router.deployment_is_active_for_environment(deployment=deployment)
        return active

    def finish(self) -> None:
        self.router._finalize_adaptive_router_if_configured()

    @contextmanager
    def _strictly(self) -> Iterator[None]:
        """Let LiteLLM raise where it would log and go on without the deployment."""
        lenient = self.router.ignore_invalid_deployments
        self.router.ignore_invalid_deployments = False
        try:
            yield
        finally:
            self.router.ignore_invalid_deployments = lenient

    # -- settings ------------------------------------------------------------------------------

    def aliases(self) -> dict[str, Any]:
        return dict(self.router.model_group_alias or {})

    def fallbacks(self) -> dict[str, Any]:
        return {kind: getattr(self.router, kind) for kind in FALLBACK_KINDS}

    def check_fallbacks(self, chains: Any) -> None:
        self.router.validate_fallbacks(fallback_param=chains)

    def assign(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name == "model_group_alias":
                self.router.update_settings(model_group_alias=value)
            else:
                setattr(self.router, name, value)

    def take_settings(self, keys: Collection[str], given: Mapping[str, Any]) -> None:
        reference = litellm.Router(**given)
        reference.discard()
        for key in keys:
            for path in HOT_ROUTER[key]:
                *owners, attribute = path.split(".")
                here, there = (reduce(getattr, owners, router) for router in (self.router, reference))
                setattr(here, attribute, getattr(there, attribute))
            if key == "allowed_fails" and hasattr(reference, "explicit_allowed_fails"):  # 1.109: 0 is not unset
                self.router.explicit_allowed_fails = reference.explicit_allowed_fails
            if key == "timeout":
                self.router.default_litellm_params["timeout"] = given.get("timeout")

    # -- prices --------------------------------------------------------------------------------

    def cost_map_keys(self, params: Mapping[str, Any]) -> set[str]:
        return set(self.router._backend_cost_map_keys(params["model"], params.get("custom_llm_provider")))

    def register_prices(self, entry: Entry) -> None:
        self.router._register_deployment_pricing(litellm.types.router.Deployment(**entry))

    def listing(self) -> list[Any]:
        listing: list[Any] = self.router.get_model_list()
        return listing

    # -- cooldowns -----------------------------------------------------------------------------

    def cooldowns(self) -> Mapping[str, Mapping[str, Any]]:
        # `copy` is one step, whoever writes meanwhile.
        return by_id(self.router.cooldown_cache.in_memory_cache.cache_dict.copy())

    def end_cooldown(self, id_: str) -> None:
        cache = self.router.cooldown_cache
        cache.cooldown_store.delete_cache(cache.get_cooldown_cache_key(id_))


def id_of(entry: Any) -> Any:
    return (entry.get("model_info") or {}).get("id")


def _of_organization(entry: dict[str, Any], organization: Any) -> dict[str, Any]:
    return {**entry, "litellm_params": {**entry["litellm_params"], "organization": organization}}
