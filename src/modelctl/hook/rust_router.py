"""LiteLLM's Router since 1.110: a core in Rust behind a public run-time API (`apply`, `registry`, `health`).

The public API says what it can: it reads deployments, replaces them and clears what belongs to an id. It cannot give
three things, so that these go one floor deeper, to the members that `apply` itself is made of:

- *boot's meaning*: `apply(upsert)` skips checks that a boot makes, resolves no reference and expands no list of
  organizations; so an entry is built as boot builds it (`_run_build`, "create");
- *settings as boot sets them*: an assigned `allowed_fails` or `timeout` means less than the same one at the start;
- *time*: each `apply` reads every deployment back from Rust (10 to 40 ms at 1,000 models, on the worker's loop). What
  this module changes it writes into the list that LiteLLM shows, and says that the list is current.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import litellm
from litellm.router_api import ChangeSet
from litellm.router_rust.surface import registry

from modelctl.hook.router_backend import Entry, by_id
from modelctl.hook.rust_settings import take_settings
from modelctl.litellm_spec.config import FALLBACK_KINDS


class RustRouter:
    """The Router as a `Floor`."""

    def __init__(self, router: Any) -> None:
        self.router = router
        self._core = router._core
        self._registry = router._core._hosted
        self._complete: tuple[int, int] | None = None  # (version, ids) of the last look that missed nothing
        self._groups: set[str] = set()  # as the Router lists them

    # -- deployments ---------------------------------------------------------------------------

    def entries(self) -> Sequence[Entry]:
        entries: Sequence[Entry] = self._registry._core_model_list
        return entries

    def missing(self, ids: Mapping[str, Any]) -> set[str]:
        look = (self.router.registry().version, len(ids))
        if look == self._complete:
            return set()
        there = self._core._handle.has_model_id
        missing = {id_ for id_ in ids if not there(id_)}
        self._complete = None if missing else look
        return missing

    def previous(self, id_: str) -> Any:
        return self.router.registry().deployment(id_)

    def put_back(self, previous: Any) -> None:
        self._registry.add_deployment(previous)

    def add(self, entry: dict[str, Any], extra: Mapping[str, Any]) -> bool:
        with self._strictly():
            build = registry._Build(path="create", raw=[copy.deepcopy(entry)])
            self._registry._run_build(build, [entry], resolve_secrets=True, install="append")
        made = self.previous(entry["model_info"]["id"])
        if made is not None:
            self._registry.checks.sync_deployment_budget(made)
            self._registry._on_change()
        return made is not None

    def delete(self, id_: str) -> Entry | None:
        entries = self._registry._core_model_list
        previous: Entry | None = None
        while entries._id_counts.get(id_):  # equal entries boot as twins with one id
            at = self._place(id_)
            previous = entries[at]
            self._take_out(id_, at)
            self._registry.checks.unregister_deployment_budget(id_)
            self._registry.strategies.release_entry(previous)
            self._groups.discard(previous["model_name"])  # the core no longer lists the group of a last deployment
        if previous is not None:
            self._registry._invalidate_model_group_info_cache()
            self._registry._invalidate_access_groups_cache()
            self._registry._drop_removed_live_values()
            self._registry._on_change()
        return previous

    def _place(self, id_: str) -> int:
        """Of one of the deployments under the id; of twins the core knows one place at a time."""
        place: int | None = self._core._handle.id_position(id_)
        if place is None:
            place = next(at for at, entry in enumerate(self.entries()) if entry["model_info"].get("id") == id_)
            self._registry.model_id_to_deployment_index_map[id_] = place
        return place

    def _take_out(self, id_: str, at: int) -> None:
        entries = self._registry._core_model_list
        if entries._id_counts[id_] > 1:
            self._registry._hand_changes({"remove": id_})
            return
        with self._without_reading_back():
            self._registry.changes_runner({"remove": id_})
            list.__delitem__(entries, at)
            entries._stable.pop((id_, 0), None)
            entries._id_counts = dict(entries._id_counts)
            del entries._id_counts[id_]

    def forget(self, id_: str) -> None:
        defaults = self._core._handle.provider_default_ids()
        if id_ in defaults:
            left = [default for default in defaults if default != id_]
            self.router.apply(ChangeSet(assign={"provider_default_deployment_ids": left}))
        self.router.health().store.in_memory_cache.delete_cache(f"{id_}_max_parallel_requests_client")

    def is_active(self, entry: dict[str, Any]) -> bool:
        deployment = litellm.types.router.Deployment(**entry)
        active: bool = litellm.router.model_info_is_active_for_environment(model_info=deployment.model_info)
        return active

    def finish(self) -> None:
        entries = self.entries()
        models = [entry["litellm_params"]["model"] for entry in entries]
        strategies = self._registry.strategies
        if strategies.complexity or any(model.startswith("auto_router/") for model in models):
            strategies.finalize()
        names: dict[str, list[str]] = {"deployment_names": models}
        groups = {entry["model_name"] for entry in entries}
        if groups != self._groups:  # boot lists the groups that it was given, and nothing but `upsert` adds to them
            self._groups, names["model_names"] = groups, sorted(groups)
        with self._without_reading_back():
            self._registry.changes_runner({"host_index": names})

    @contextmanager
    def _strictly(self) -> Iterator[None]:
        """Let LiteLLM raise where it would log and go on without the deployment."""
        lenient = self._registry.ignore_invalid_deployments
        self._registry.ignore_invalid_deployments = False
        try:
            yield
        finally:
            self._registry.ignore_invalid_deployments = lenient

    @contextmanager
    def _without_reading_back(self, *, indexes: bool = False) -> Iterator[None]:
        """The block changes the core and the list that LiteLLM shows alike: the list is current afterwards.

        `indexes`: so are the maps from names to places.
        """
        entries, maps = self._registry._core_model_list, self._registry._indexes
        with self._registry._deployment_index_lock:
            entries.refresh()  # what others changed before
            current = maps._read_at
            indexes = indexes and current == (self._core._handle, self._core._handle.registry_version())
            yield
            handle = self._core._handle
            entries._read_at = now = (handle, handle.registry_version())
            if indexes:
                maps._read_at = now

    # -- settings ------------------------------------------------------------------------------

    def aliases(self) -> dict[str, Any]:
        return dict(self._registry._core_model_group_alias or {})

    def fallbacks(self) -> dict[str, Any]:
        return {kind: self._core._resolved.read(kind) for kind in FALLBACK_KINDS}

    def check_fallbacks(self, chains: Any) -> None:
        self._core.validate_fallbacks(fallback_param=chains)

    def assign(self, values: Mapping[str, Any]) -> None:
        core = self._core
        core._resolved = core._resolved.changed(dict(values))
        core._settings = None
        if "model_group_alias" in values:
            self._registry._core_model_group_alias = dict(core._resolved.model_group_alias)
            self._registry._invalidate_model_group_info_cache()
        with self._without_reading_back(indexes=True):
            core._handle.apply({"settings": core._dynamic_document(self._spelled_with_a_provider())})

    def _spelled_with_a_provider(self) -> set[str]:
        """The groups that a key of a fallback may mean as `provider/group`, which is all that the core asks of them."""
        chains = (chain for chains in self.fallbacks().values() for chain in chains or ())
        last = {key.rpartition("/")[2] for chain in chains if isinstance(chain, Mapping) for key in chain if "/" in key}
        return last & {entry["model_name"] for entry in self.entries()} if last else set()

    def take_settings(self, keys: Collection[str], given: Mapping[str, Any]) -> None:
        reference = litellm.Router(**given)
        reference.retire()
        take_settings(self._core, reference._core, keys, given)

    # -- prices --------------------------------------------------------------------------------

    def cost_map_keys(self, params: Mapping[str, Any]) -> set[str]:
        return set(registry._backend_cost_map_keys(params["model"], params.get("custom_llm_provider")))

    def register_prices(self, entry: Entry) -> None:
        registry.register_deployment_pricing(self._registry._host, litellm.types.router.Deployment(**entry))

    def listing(self) -> list[Any]:
        """What `registry().deployments()` lists, which looks each entry up on its own: 5 ms at 1,000 models."""
        aliases = self.aliases()
        entries = self.entries()
        if self._registry._core_routing_groups or any(entry["model_name"] in aliases for entry in entries):
            return list(self.router.registry().deployments())
        shown = [name for name, value in aliases.items() if not (isinstance(value, Mapping) and value.get("hidden"))]
        rows = (row for name in shown for row in self.router.registry().deployments(name) or ())
        return [*rows, *entries]

    # -- cooldowns -----------------------------------------------------------------------------

    def cooldowns(self) -> Mapping[str, Mapping[str, Any]]:
        return by_id(self.router.health().cooldowns.cooldown_store.snapshot())

    def end_cooldown(self, id_: str) -> None:
        store = self.router.health().cooldowns.cooldown_store
        if store.has_redis:  # there is no way to delete there: one that is over takes its place
            over = {"exception_received": "", "status_code": "", "timestamp": time.time() - 1, "cooldown_time": 0.0}
            store.put(id_, over, 1.0)
        store.evict_local(id_)
