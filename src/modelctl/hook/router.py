"""The one door to LiteLLM's Router: put, remove, point aliases, set fallbacks.

Each method is synchronous and whole: on the worker's loop nothing can happen in between. What
`put` adds is what LiteLLM's own boot would have made of the same entry, since it goes through the
method that boot uses.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import litellm

from modelctl.desired import Deployment
from modelctl.hook import facts
from modelctl.hook.environment import PREFIX, references, without_values
from modelctl.masking import mask

_VALUE = re.compile(r",? ?input_value=.*?(?=, input_type=|\]|$)|For further information visit \S+")
FALLBACKS = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
# What LiteLLM's boot asks of an entry before the Router sees it; a bad one would keep the next boot from starting.
BOOT_CHECKS = ("validate_deployment_max_agentic_loops", "validate_deployment_complexity_router_placement")


class Dropped(Exception):
    """LiteLLM will not take this entry; the message says which and why."""


def router_id(deployment: Deployment) -> str:
    """The id under which LiteLLM knows it: the one the entry declares, else our own."""
    return str(deployment.info.get("id", deployment.id))


class LiveRouter:
    def __init__(self, proxy: Any) -> None:
        self._proxy = proxy
        self.router: Any = proxy.llm_router
        self.unset: dict[str, frozenset[str]] = {}  # router id -> variables that its entry names and nobody set
        self.elsewhere: set[str] = set()  # ids whose entries are for another LITELLM_ENVIRONMENT

    # -- deployments ---------------------------------------------------------------------------

    def ids(self) -> set[str]:
        """Ids in the Router that came from configuration, LiteLLM's database left out."""
        return {
            str(entry["model_info"]["id"])
            for entry in self.router.model_list
            if not entry["model_info"].get("db_model")
        }

    def lost(self, ids: Mapping[str, Any]) -> set[str]:
        """Those of `ids` that the Router misses (some code of LiteLLM's removed them)."""
        missing: set[str] = ids.keys() - self.router.model_id_to_deployment_index_map.keys()
        return missing - self.elsewhere

    def is_elsewhere(self, deployment: Deployment) -> bool:
        """Whether LiteLLM leaves the entry out because it is for another LITELLM_ENVIRONMENT."""
        if not deployment.info.get("supported_environments"):
            return False
        with suppress(Exception):  # no environment set, or an unknown one: LiteLLM drops the entry
            made = litellm.types.router.Deployment(**deployment.entry())
            return self.router.deployment_is_active_for_environment(deployment=made) is False
        return False

    def put(self, deployment: Deployment) -> None:
        """Add, or replace under the same id. Raises `Dropped` and leaves the Router as it was."""
        id_ = router_id(deployment)
        previous = self.router.get_deployment(id_)
        if previous is not None:
            self.remove(id_)
        else:
            self._clear(id_)  # LiteLLM's own delete leaves things behind
        try:
            with facts.taken_back_on_failure(self.router, deployment.params):
                self._create(deployment)
        except Exception as error:
            self._clear(id_)
            if previous is not None:
                self.router.add_deployment(previous)
            reason = _reason(error, deployment.entry())
            raise Dropped(f"LiteLLM drops `{deployment.group}` ({deployment.params.get('model')}): {reason}") from None

    def remove(self, id_: str) -> None:
        places = self.router.model_id_to_deployment_index_map
        previous = self.router.model_list[places[id_]] if id_ in places else None
        while id_ in places:
            self.router.delete_deployment(id=id_)
            # Equal entries boot as twins with one id, of which LiteLLM knows the place of the last only.
            if len(self.router.model_list) > len(places):
                twin = next((at for at, each in enumerate(self.router.model_list) if _id_of(each) == id_), None)
                if twin is not None:
                    places[id_] = twin
        self._clear(id_)
        self.unset.pop(id_, None)
        self.elsewhere.discard(id_)
        if previous is not None:
            with suppress(ValueError):
                self.router.deployment_names.remove(previous["litellm_params"]["model"])
            facts.forget(self.router, previous)

    def _clear(self, id_: str) -> None:
        """Forget what LiteLLM keeps under an id beside the deployment: the next one under it must not inherit it."""
        self.router.pattern_router.remove_deployment(id_)
        with suppress(ValueError):
            self.router.provider_default_deployment_ids.remove(id_)
        self.router.cache.in_memory_cache.delete_cache(f"{id_}_max_parallel_requests_client")
        # Prices are merged into what is known under the id: an entry without them would keep the old ones.
        litellm.model_cost.pop(id_, None)

    def _create(self, deployment: Deployment) -> None:
        entry = self.resolved(deployment)
        for check in BOOT_CHECKS:
            getattr(self._proxy, check, _accept)(entry)
        extra = {key: value for key, value in entry.items() if key in deployment.extra}
        with self._strictly():
            made = self.router._create_deployment(
                deployment_info=extra,
                _model_name=deployment.group,
                _litellm_params=entry["litellm_params"],
                _model_info=entry["model_info"],
                declared_id=entry["model_info"]["id"],
            )
        if made is None:
            self.elsewhere.add(router_id(deployment))
        else:
            self.router.model_names.add(deployment.group)
            self.router._sync_deployment_budget_config(deployment=made)

    def resolved(self, deployment: Deployment) -> dict[str, Any]:
        """The entry with references replaced by values, and `unset` noted."""
        entry: dict[str, Any] = self._proxy.proxy_config._check_for_os_environ_vars(config=deployment.entry())
        entry["model_info"]["id"] = router_id(deployment)
        self.note_unset(deployment)
        return entry

    def note_unset(self, deployment: Deployment) -> None:
        names = frozenset(name for _, name in references(deployment.entry()) if not _is_set(name))
        if names:
            self.unset[router_id(deployment)] = names

    @contextmanager
    def _strictly(self) -> Iterator[None]:
        """Let LiteLLM raise where it would log and go on without the deployment."""
        lenient = self.router.ignore_invalid_deployments
        self.router.ignore_invalid_deployments = False
        try:
            yield
        finally:
            self.router.ignore_invalid_deployments = lenient

    # -- aliases and fallbacks -----------------------------------------------------------------

    def point(self, aliases: Mapping[str, Any], ours: Mapping[str, Any]) -> Callable[[], None]:
        """Replace the aliases `ours` by `aliases`; everybody else's stay. Returns the way back."""
        before = dict(self.router.model_group_alias or {})
        others = {name: value for name, value in before.items() if name not in ours}
        self._set_aliases({**others, **aliases})
        return lambda: self._set_aliases(before)

    def _set_aliases(self, aliases: dict[str, Any]) -> None:
        self.router.update_settings(model_group_alias=aliases)

    def fall_back(self, chains: Mapping[str, Any]) -> Callable[[], None]:
        """Set LiteLLM's three lists of fallbacks, read as its boot reads them. Returns the way back."""
        before = {kind: getattr(self.router, kind) for kind in FALLBACKS}
        new = {kind: chains.get(kind) for kind in FALLBACKS}
        for kind in FALLBACKS:
            self.router.validate_fallbacks(fallback_param=new[kind])
        default = chains.get("default_fallbacks")
        if default is not None:
            new["fallbacks"] = [*(new["fallbacks"] or []), {"*": default}]
        self._set_attributes(new)
        return lambda: self._set_attributes(before)

    def _set_attributes(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            setattr(self.router, name, value)

    # -- afterwards ----------------------------------------------------------------------------

    def announce(self) -> None:
        """Let the parts of LiteLLM that keep their own list (background health checks) see the new one."""
        self._proxy.llm_model_list = self.router.get_model_list()


def _id_of(entry: Any) -> Any:
    return (entry.get("model_info") or {}).get("id")


def _accept(entry: Mapping[str, Any]) -> None:
    """In place of a check that this LiteLLM does not have."""


def _is_set(name: str) -> bool:
    """In the environment, or in LiteLLM's secret manager."""
    if os.environ.get(name):
        return True
    try:
        return litellm.get_secret(PREFIX + name) not in (None, "")
    except Exception:  # of the secret manager's, or of a kind of reference that cannot be resolved here
        return False


def _reason(error: Exception, entry: Mapping[str, Any]) -> str:
    """LiteLLM's message without its banners and without secrets, on one line, cut."""
    text = " ".join(str(getattr(error, "message", None) or error).split())
    written = {key: value for key, value in entry["litellm_params"].items() if isinstance(value, str)}
    text = mask(_VALUE.sub("", without_values(text, entry)), written)  # pydantic repeats the value
    return text.split(" Pass model as E.g.")[0].removeprefix("litellm.BadRequestError: ")[:300]
