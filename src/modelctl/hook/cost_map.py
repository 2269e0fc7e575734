"""What LiteLLM's price map says of upstream models, which several deployments may share.

LiteLLM merges the facts that deployments state under the name of their upstream model: permanently, and before it can
still refuse the entry. So what a refused or removed deployment said has to be taken back here.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from itertools import islice
from typing import Any

import litellm

from modelctl.hook.contract import litellm_version
from modelctl.hook.router_backend import Entry, RouterBackend
from modelctl.state.desired import digest

FEW = 8  # entries of one upstream model; registering more of them again would take too long
_MAP = litellm.model_cost
_AT_START = {name: dict(entry) for name, entry in _MAP.items()}  # this module is loaded before a Router adds anything


def price_map() -> str:
    """Names the prices that LiteLLM started with, whichever map it read them from."""
    return f"LiteLLM {litellm_version()}, map {digest(_AT_START)}"


@contextmanager
def taken_back_on_failure(floor: RouterBackend, params: Mapping[str, Any]) -> Iterator[None]:
    """Restores the map when the block raises."""
    try:
        before = {key: copy.deepcopy(litellm.model_cost.get(key)) for key in floor.cost_map_keys(params)}
    except Exception:  # no model string: LiteLLM says so in the block
        before = {}
    try:
        yield
    except BaseException:
        for key, value in before.items():
            _put_back(key, value)
        _look_again(before.keys())
        raise


def forget(floor: RouterBackend, gone: Entry) -> None:
    """Removes what only the removed entry stated, and registers the other entries again."""
    if litellm.model_cost is not _MAP:
        return  # LiteLLM reloaded its prices, so the values without ours are unknown
    ours = floor.cost_map_keys(gone["litellm_params"])
    others = list(
        islice(_sharing(floor, ours, gone["litellm_params"]["model"]), FEW + 1)
    )  # enough to see that there are more than FEW
    if len(others) <= FEW and any(_alone_states(gone, others, litellm.model_cost.get(key) or {}) for key in ours):
        for key in ours:
            _put_back(key, dict(_AT_START[key]) if key in _AT_START else None)
        _look_again(ours)
        with names_in_step():
            for entry in others:
                floor.register_prices(entry)


@contextmanager
def names_in_step() -> Iterator[None]:
    """LiteLLM keeps a map of all names in lower case, drops it with each registration and rebuilds it at the
    next look: 4,000 names, twice for each deployment, which is most of what adding one costs.

    While the block runs, which adds names and takes none away, only the new ones are looked at.
    """
    utils, whole = litellm.utils, litellm.utils._rebuild_model_cost_lowercase_map
    names: dict[str, str] = whole() if utils._model_cost_lowercase_map is None else utils._model_cost_lowercase_map
    seen = len(litellm.model_cost)

    def only_the_new_ones() -> dict[str, str]:
        nonlocal seen
        names.update(
            (name.lower(), name) for name in islice(reversed(litellm.model_cost), len(litellm.model_cost) - seen)
        )
        seen = len(litellm.model_cost)
        utils._model_cost_lowercase_map = names
        return names

    utils._rebuild_model_cost_lowercase_map = only_the_new_ones
    try:
        yield
        only_the_new_ones()
    finally:
        utils._rebuild_model_cost_lowercase_map = whole


def _look_again(changed: Set[str]) -> None:
    """Clears LiteLLM's cached model facts; removed names leave its map of names."""
    names = litellm.utils._model_cost_lowercase_map
    litellm.utils._invalidate_model_cost_lowercase_map()
    if names is not None:
        for key in changed:
            if key not in litellm.model_cost:
                names.pop(key.lower(), None)
        litellm.utils._model_cost_lowercase_map = names


def _put_back(key: str, value: dict[str, Any] | None) -> None:
    if value is None:
        litellm.model_cost.pop(key, None)
    else:
        litellm.model_cost[key] = value


def _sharing(floor: RouterBackend, ours: set[str], model: str) -> Iterator[Entry]:
    """Entries of the same upstream model, however they spell it."""
    last = model.rpartition("/")[2]
    for entry in floor.entries():
        params = entry["litellm_params"]
        if params["model"].endswith(last) and not ours.isdisjoint(floor.cost_map_keys(params)):
            yield entry


def _alone_states(entry: Mapping[str, Any], others: Iterable[Mapping[str, Any]], known: Mapping[str, Any]) -> bool:
    """Whether `known` (facts of an upstream model) holds a fact that `entry` states and none of `others` does."""
    theirs = [other["model_info"] for other in others]
    stated = entry["model_info"]
    return not theirs or any(
        value is not None and stated.get(name) == value and all(info.get(name) != value for info in theirs)
        for name, value in known.items()
    )
