"""What the hook asks of LiteLLM's Router, and which of its two kinds this worker has.

Up to 1.109 the Router is written in Python (`python_router`), since 1.110 it is a core in Rust behind a public
run-time API (`rust_router`). Which is there is asked of the installed LiteLLM, never of its version number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

Entry = Mapping[str, Any]  # one of `model_list`, references resolved


def by_id(cooldowns: Mapping[str, Any]) -> Mapping[str, Any]:
    """LiteLLM's keys are `deployment:ID:cooldown`."""
    return {key.removeprefix("deployment:").removesuffix(":cooldown"): value for key, value in cooldowns.items()}


class RouterBackend(Protocol):
    """Each method is synchronous and whole: on the worker's loop nothing can happen in between."""

    def entries(self) -> Sequence[Entry]:
        """Every deployment that the Router has, from wherever."""

    def missing(self, ids: Mapping[str, Any]) -> set[str]:
        """Those of `ids` that the Router has no deployment for."""

    def previous(self, id_: str) -> Any:
        """What stands under an id, as `put_back` takes it; None when nothing does."""

    def put_back(self, previous: Any) -> None: ...

    def add(self, entry: dict[str, Any], extra: Mapping[str, Any]) -> bool:
        """As LiteLLM's boot would, but raising where boot would log and leave the entry out.

        `extra` are the keys of `entry` beside LiteLLM's three. False: the entry is for another LITELLM_ENVIRONMENT.
        """

    def delete(self, id_: str) -> Entry | None:
        """Every deployment under the id; returns what was there."""

    def forget(self, id_: str) -> None:
        """What the Router keeps under an id beside its deployment: the next one under it must not inherit it."""

    def is_active(self, entry: dict[str, Any]) -> bool:
        """Whether the entry is for this LITELLM_ENVIRONMENT. May raise what LiteLLM raises for an unknown one."""

    def finish(self) -> None:
        """What boot does once after all entries: strategies that need their targets, names that are listed."""

    def aliases(self) -> dict[str, Any]: ...

    def fallbacks(self) -> dict[str, Any]:
        """LiteLLM's three lists, by kind."""

    def check_fallbacks(self, chains: Any) -> None:
        """Raises what LiteLLM's boot raises."""

    def assign(self, values: Mapping[str, Any]) -> None:
        """Replace aliases (`model_group_alias`) and fallbacks as they are, in one step."""

    def take_settings(self, keys: Collection[str], given: Mapping[str, Any]) -> None:
        """Give `router_settings` `keys` the values that a boot with `given` would give them."""

    def cost_map_keys(self, params: Mapping[str, Any]) -> set[str]:
        """The names in the price map under which LiteLLM keeps what such a deployment says."""

    def register_prices(self, entry: Entry) -> None:
        """What such a deployment says, into the price map."""

    def listing(self) -> list[Any]:
        """For the parts of LiteLLM that keep a list of their own (background health checks)."""

    def cooldowns(self) -> Mapping[str, Mapping[str, Any]]:
        """What LiteLLM noted of each deployment that it avoids, by id; also of some that it no longer does.

        `timestamp` and `cooldown_time` in seconds, `status_code` and `exception_received` as text. Safe in any thread,
        and its cost does not grow with the deployments. AttributeError where this LiteLLM keeps them elsewhere.
        """

    def end_cooldown(self, id_: str) -> None:
        """Let LiteLLM send requests there again. With Redis this waits for Redis."""
