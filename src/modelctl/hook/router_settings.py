"""Settings beside the models: which go live at once, and which wait for a restart.

A changed router setting gets the value that LiteLLM's boot would give it: a Router without models is
built with the new settings, and its attributes are copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import litellm

from modelctl.hook.contract import open_floor
from modelctl.hook.shared_values import SharedValues
from modelctl.hook.variables import references
from modelctl.litellm_spec.config import section
from modelctl.litellm_spec.hot_settings import (
    CHAINS,
    ELSEWHERE,
    HOT_LITELLM,
    HOT_ROUTER,
    HOT_SECTIONS,
    restart_needed,
)
from modelctl.state.desired import Deployment

DEFAULTS = {"drop_params": False, "modify_params": False, "turn_off_message_logging": False}  # of LiteLLM; else None
VARIABLES = "environment_variables."


class LiveSettings:
    """`booted` is what this worker started on; every other setting is compared with that."""

    def __init__(self, proxy: Any, booted: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        self._floor = open_floor(proxy.llm_router)
        self._resolve: Callable[..., dict[str, Any]] = proxy.proxy_config._check_for_os_environ_vars
        self.shared = SharedValues(proxy.proxy_config, booted)
        self.booted = booted
        self._current = booted
        self._defaults = defaults  # of HOT_LITELLM, as they were before LiteLLM read its config

    def restart_needed(self, entries: Iterable[Deployment] = ()) -> list[str]:
        """`section.key` of each setting that differs from the booted one and cannot go live.

        A variable that the `entries` or credentials refer to is live with them.
        """
        keys = restart_needed(self.booted, self._current)
        if not any(key.startswith(VARIABLES) for key in keys):
            return keys
        read = [*(entry.entry() for entry in entries), {"": self._current.get("credential_list")}]
        live = {VARIABLES + name for value in read for _, name in references(value)}
        return [key for key in keys if key not in live]

    def in_force(self) -> dict[str, Any]:
        """The sections as this worker runs them: booted, with the hot keys of today."""
        apart = ("router_settings", "litellm_settings", *HOT_SECTIONS)
        sections = {name: value for name, value in self.booted.items() if name not in apart}
        sections |= {name: self._current[name] for name in HOT_SECTIONS if name in self._current}
        for name, hot in (("router_settings", (*HOT_ROUTER, *ELSEWHERE)), ("litellm_settings", HOT_LITELLM)):
            cold = {key: value for key, value in section(self.booted, name).items() if key not in hot}
            warm = {key: value for key, value in section(self._current, name).items() if key in hot}
            if cold or warm:
                sections[name] = {**cold, **warm}
        return sections

    def chains(self) -> dict[str, Any]:
        """Fallbacks that stand among the settings themselves (a hand-written config has them there)."""
        router, module = section(self._current, "router_settings"), section(self._current, "litellm_settings")
        chains = {kind: router.get(kind) or module.get(kind) for kind in CHAINS}
        return {kind: chain for kind, chain in chains.items() if chain is not None}

    def apply(self, settings: Mapping[str, Any]) -> Callable[[], None]:
        """Make the hot ones live; returns the way back. Raises, with nothing changed, what LiteLLM's boot would."""
        before = self._current
        self._move(before, settings)
        return partial(self._move, settings, before)

    def _move(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        old_router, new_router = section(old, "router_settings"), section(new, "router_settings")
        changed = [key for key in HOT_ROUTER if old_router.get(key) != new_router.get(key)]
        if changed:
            resolved = self._resolve(config=dict(new_router))
            given = {key: resolved[key] for key in HOT_ROUTER if resolved.get(key) is not None}
            self._floor.take_settings(changed, given)
        old_litellm, new_litellm = section(old, "litellm_settings"), section(new, "litellm_settings")
        resolved = self._resolve(config={key: new_litellm[key] for key in HOT_LITELLM if key in new_litellm})
        for key in HOT_LITELLM:
            if old_litellm.get(key) != new_litellm.get(key):
                setattr(litellm, key, resolved.get(key, self._defaults.get(key)))
        self._current = new


def litellm_defaults(booted: Mapping[str, Any]) -> dict[str, Any]:
    """LiteLLM may be in the middle of reading its config: what that sets is no default."""
    written = section(booted, "litellm_settings")
    return {key: DEFAULTS.get(key) if key in written else getattr(litellm, key, None) for key in HOT_LITELLM}
