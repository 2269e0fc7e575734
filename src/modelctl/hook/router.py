"""The only door to LiteLLM's Router: its deployments, aliases and fallbacks, by the rules of ours.

Each method is synchronous and whole: on the worker's loop nothing can happen in between. What
`put` adds is what LiteLLM's own boot would have made of the same entry. How that is done in the Router that this
LiteLLM has, its `Floor` knows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import litellm

from modelctl.hook import cost_map
from modelctl.hook.contract import open_floor
from modelctl.hook.variables import PREFIX, references, without_values
from modelctl.litellm_spec.config import FALLBACK_KINDS
from modelctl.state.desired import Deployment
from modelctl.text.redact import mask

_VALUE = re.compile(r",? ?input_value=.*?(?=, input_type=|\]|$)|For further information visit \S+")
# What LiteLLM's boot asks of an entry before the Router sees it; a bad one would keep the next boot from starting.
BOOT_CHECKS = (
    "validate_deployment_max_agentic_loops",
    "validate_deployment_complexity_router_placement",
    "validate_deployment_access_windows",
)


class Dropped(Exception):
    """LiteLLM will not take this entry; the message says which and why, `entry` is its id of ours."""

    def __init__(self, why: str, entry: str) -> None:
        super().__init__(why)
        self.entry = entry


def router_id(deployment: Deployment) -> str:
    """The id under which LiteLLM knows it: the one the entry declares, else our own."""
    return str(deployment.info.get("id", deployment.id))


def is_strategy(deployment: Deployment) -> bool:
    """Whether it is no model but a router over other models, which LiteLLM finishes when these are there."""
    return str(deployment.params.get("model")).startswith("auto_router/")


class LiveRouter:
    def __init__(self, proxy: Any) -> None:
        self._proxy = proxy
        self.router: Any = proxy.llm_router
        self.floor = open_floor(proxy.llm_router)
        self.unset: dict[str, frozenset[str]] = {}  # router id -> variables that its entry names and nobody set
        self.elsewhere: set[str] = set()  # ids whose entries are for another LITELLM_ENVIRONMENT

    # -- deployments ---------------------------------------------------------------------------

    def ids(self) -> set[str]:
        """Ids in the Router that came from configuration, LiteLLM's database left out."""
        entries = self.floor.entries()
        return {str(entry["model_info"]["id"]) for entry in entries if not entry["model_info"].get("db_model")}

    def lost(self, ids: Mapping[str, Any]) -> set[str]:
        """Those of `ids` that the Router misses (some code of LiteLLM's removed them)."""
        return self.floor.missing(ids) - self.elsewhere

    def is_elsewhere(self, deployment: Deployment) -> bool:
        """Whether LiteLLM leaves the entry out because it is for another LITELLM_ENVIRONMENT."""
        if not deployment.info.get("supported_environments"):
            return False
        with suppress(Exception):  # no environment set, or an unknown one: LiteLLM drops the entry
            return not self.floor.is_active(deployment.entry())
        return False

    def put(self, deployment: Deployment) -> None:
        """Add, or replace under the same id. Raises `Dropped` and leaves the Router as it was."""
        id_ = router_id(deployment)
        previous = self.floor.previous(id_)
        if previous is not None:
            self.remove(id_)
        else:
            self._forget(id_)  # LiteLLM's own delete leaves things behind
        try:
            with cost_map.taken_back_on_failure(self.floor, deployment.params):
                self._create(deployment)
        except Exception as error:
            self.floor.delete(id_)
            self._forget(id_)
            if previous is not None:
                self.floor.put_back(previous)
            raise _dropped(deployment, error) from None

    def remove(self, id_: str) -> None:
        previous = self.floor.delete(id_)
        self._forget(id_)
        self.unset.pop(id_, None)
        self.elsewhere.discard(id_)
        if previous is not None:
            cost_map.forget(self.floor, previous)

    def _forget(self, id_: str) -> None:
        self.floor.forget(id_)
        # Prices are merged into what is known under the id: an entry without them would keep the old ones.
        litellm.model_cost.pop(id_, None)

    def _create(self, deployment: Deployment) -> None:
        entry = self.resolved(deployment)
        for check in BOOT_CHECKS:
            getattr(self._proxy, check, _accept)(entry)
        self._load_plugins(entry)
        extra = {key: value for key, value in entry.items() if key in deployment.extra}
        with cost_map.names_in_step():
            added = self.floor.add(entry, extra)
        if not added:
            self.elsewhere.add(router_id(deployment))

    def _load_plugins(self, entry: dict[str, Any]) -> None:
        """Boot replaces the paths of a complexity router's plugins by what they name."""
        config = entry["litellm_params"].get("complexity_router_config")
        load = getattr(self._proxy, "resolve_complexity_router_plugins", None)
        if isinstance(config, dict) and load is not None:
            path = self._proxy.user_config_file_path
            load(model_name=entry["model_name"], complexity_router_config=config, config_file_path=path)

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

    def finish(self, strategies: Sequence[Deployment]) -> None:
        """What boot does when all deployments are there. Raises `Dropped` where it is clear which one fails."""
        if not strategies:
            return
        try:
            self.floor.finish()
        except Exception as error:
            if len(strategies) > 1:
                raise
            raise _dropped(strategies[0], error) from None

    # -- aliases and fallbacks -----------------------------------------------------------------

    def pointing(self, aliases: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
        """For `assign`: the aliases `ours` replaced by `aliases`; everybody else's stay."""
        others = {name: value for name, value in self.floor.aliases().items() if name not in ours}
        return {"model_group_alias": {**others, **aliases}}

    def falling_back(self, chains: Mapping[str, Any]) -> dict[str, Any]:
        """For `assign`: LiteLLM's three lists of fallbacks, read as its boot reads them. Raises what boot would."""
        new = {kind: chains.get(kind) for kind in FALLBACK_KINDS}
        for kind in FALLBACK_KINDS:
            self.floor.check_fallbacks(new[kind])
        default = chains.get("default_fallbacks")
        if default is not None:
            new["fallbacks"] = [*(new["fallbacks"] or []), {"*": default}]
        return new

    def assign(self, values: Mapping[str, Any]) -> Callable[[], None]:
        """Aliases and fallbacks in one step; what is so already costs nothing. Returns the way back."""
        now = {"model_group_alias": self.floor.aliases(), **self.floor.fallbacks()}
        changed = {name: value for name, value in values.items() if value != now[name]}
        if changed:
            self.floor.assign(changed)
        return lambda: self.floor.assign({name: now[name] for name in changed}) if changed else None

    # -- afterwards ----------------------------------------------------------------------------

    def announce(self) -> None:
        """Let the parts of LiteLLM that keep their own list (background health checks) see the new one."""
        self.floor.finish()
        self._proxy.llm_model_list = self.floor.listing()


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


def _dropped(deployment: Deployment, error: Exception) -> Dropped:
    reason = _reason(error, deployment.entry())
    return Dropped(f"LiteLLM drops `{deployment.group}` ({deployment.params.get('model')}): {reason}", deployment.id)


def _reason(error: Exception, entry: Mapping[str, Any]) -> str:
    """LiteLLM's message without its banners and without secrets, on one line, cut."""
    text = " ".join(str(getattr(error, "message", None) or error).split())
    written = {key: value for key, value in entry["litellm_params"].items() if isinstance(value, str)}
    text = mask(_VALUE.sub("", without_values(text, entry)), written)  # pydantic repeats the value
    return text.split(" Pass model as E.g.")[0].removeprefix("litellm.BadRequestError: ")[:300]
