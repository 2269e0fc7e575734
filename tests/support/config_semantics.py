"""What a LiteLLM config means, in a form that two configs can be compared by. Written against LiteLLM's source, not
against the importer: nothing of `modelctl.importer` is used here."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.price_map import price_map

KINDS = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
OWN = ("id", "db_model", "imported_id")
SETTINGS = ("litellm_settings", "router_settings", "general_settings")
HOOK = "modelctl.hook.handler"
HIDDEN = "<a reference, or what stood in its place>"


def meaning(
    config: Mapping[str, Any], gone: Collection[int] = (), hidden: Collection[str] = (), asked: Collection[str] = ()
) -> dict[str, Any]:
    """Groups, aliases, fallbacks of each name, and settings.

    `gone` are entries that LiteLLM drops; `hidden` are texts (JSON) that are written as a reference instead. `asked`
    are names that a request may have beside those written here, since a wildcard serves names that nobody wrote.
    """
    entries = [entry for index, entry in enumerate(config.get("model_list") or []) if index not in gone]
    router = config.get("router_settings") or {}
    written = router.get("model_group_alias")
    aliases = {name: alias for name, value in (written or {}).items() if (alias := _alias(name, value))}
    entries = [entry for entry in filter(_is_read, entries) if entry["model_name"] not in aliases]
    world = _World(entries, {name: target for name, (target, _) in aliases.items()})
    reachable = {name: (world.group(target), shown) for name, (target, shown) in aliases.items()}
    world.aliases = {name: target for name, (target, _) in reachable.items() if target is not None}
    names = [*world.groups, *world.aliases]
    names += sorted(key for key in fallback_keys(config).union(asked) if world.by_wildcard(key) and key not in names)
    return {
        "groups": {name: _deployments(found, hidden) for name, found in sorted(world.groups.items())},
        "aliases": {name: reachable[name] for name in sorted(world.aliases)},
        "fallbacks": {kind: _per_name(kind, config, world, names) for kind in KINDS},
        "default": _default(config, world),
        "sections": _canonical(dict(_sections(config)), hidden),
    }


def fallback_keys(config: Mapping[str, Any]) -> set[str]:
    """Names that fallbacks are written for."""
    return {key for kind in KINDS for key, _ in _items(kind, config) if isinstance(key, str) and key != "*"}


def _is_read(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("model_name"), str) or not entry["model_name"].strip():
        return False
    params = entry.get("litellm_params")
    return isinstance(params, dict) and isinstance(params.get("model"), str)


def _alias(name: str, value: Any) -> tuple[str, bool] | None:
    target = value.get("model") if isinstance(value, dict) else value
    shown = not (isinstance(value, dict) and value.get("hidden") is True)
    return (target, shown) if isinstance(target, str) and target and target != name else None


class _World:
    """Which names lead where."""

    def __init__(self, entries: list[dict[str, Any]], aliases: dict[str, str]) -> None:
        self.aliases = aliases
        self.groups: dict[str, list[dict[str, Any]]] = {}
        for entry in entries:
            self.groups.setdefault(entry["model_name"], []).append(entry)

    def group(self, name: str) -> str | None:
        """Where LiteLLM ends up without another alias; None too where it would ask a provider for a model `*`."""
        if "*" in name and name in self.groups and all("*" in _model(entry) for entry in self.groups[name]):
            return None
        if name in self.groups or self.by_wildcard(name):
            return name
        with_model = [group for group, found in self.groups.items() if any(_model(entry) == name for entry in found)]
        return with_model[0] if with_model else None

    def by_wildcard(self, name: str) -> bool:
        return name not in self.groups and any("*" in each and fnmatchcase(name, each) for each in self.groups)

    def step(self, step: Any) -> str | None:
        name = step.get("model") if isinstance(step, dict) else step
        if not isinstance(name, str):
            return None
        for group, found in self.groups.items():
            if name not in self.groups and any((entry.get("model_info") or {}).get("id") == name for entry in found):
                return group
        return self.aliases.get(name) or self.group(name)


def _model(entry: Mapping[str, Any]) -> Any:
    return entry["litellm_params"]["model"]


# -- deployments -------------------------------------------------------------------------------


def _deployments(entries: list[dict[str, Any]], hidden: Collection[str]) -> list[str]:
    return sorted({_deployment(entry, hidden) for entry in entries})


def _deployment(entry: Mapping[str, Any], hidden: Collection[str]) -> str:
    params = {key: value for key, value in entry["litellm_params"].items() if value is not None}
    for key in ("rpm", "tpm", "itpm", "otpm"):
        if key not in params and entry.get(key) is not None:
            params[key] = entry[key]
    if str(params["model"]).startswith(("ollama/", "ollama_chat/")):
        params.setdefault("api_base", "os.environ/OLLAMA_API_BASE")
    info = {key: value for key, value in (entry.get("model_info") or {}).items() if key not in OWN}
    info = {key: value for key, value in info.items() if value is not None}
    return json.dumps([_canonical(params, hidden), _canonical(info, hidden)], sort_keys=True)


def _canonical(value: Any, hidden: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {str(key): _canonical(each, hidden) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(each, hidden) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return HIDDEN if isinstance(value, str) and (value in hidden or value == "none") else value


# -- fallbacks ---------------------------------------------------------------------------------


def _written(key: str, config: Mapping[str, Any]) -> Any:
    router, litellm = config.get("router_settings") or {}, config.get("litellm_settings") or {}
    return router.get(key) or litellm.get(key)


def _items(kind: str, config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    written = _written(kind, config)
    for item in written if isinstance(written, list) else ():
        if isinstance(item, dict) and item and (len(item) == 1 or kind == "context_window_fallbacks"):
            yield next(iter(item.items()))


def _per_name(kind: str, config: Mapping[str, Any], world: _World, names: list[str]) -> dict[str, list[str]]:
    items = list(_items(kind, config))
    found = {}
    for name in names:
        chain = _looked_up(items, name, generic=kind != "fallbacks")
        if steps := _steps(chain, world, name):
            found[name] = steps
    return found


def _looked_up(items: list[tuple[str, Any]], name: str, generic: bool) -> Any:
    """router_utils/fallback_event_handlers.py: get_fallback_model_group."""
    loose = star = None
    listed = (price_map().get(name) or {}).get("litellm_provider")
    prefix, _, rest = name.partition("/")
    for key, chain in items:
        if not isinstance(chain, list):
            continue
        if key == name:
            return chain
        if key == "*":
            star = chain if generic else star
        elif ("/" not in name and key == f"{listed}/{name}") or (prefix in known_keys.providers() and key == rest):
            loose = chain
    return loose if loose is not None else star


def _steps(chain: Any, world: _World, name: str) -> list[str]:
    steps = [world.step(step) for step in chain or ()]
    return list(dict.fromkeys(step for step in steps if step and step not in (name, world.aliases.get(name))))


def _default(config: Mapping[str, Any], world: _World) -> list[str]:
    stars = [chain for name, chain in _items("fallbacks", config) if name == "*"]
    chain = _written("default_fallbacks", config) or (stars[-1] if stars else [])
    return _steps(chain if isinstance(chain, list) else [], world, "*")


# -- settings ----------------------------------------------------------------------------------


def _sections(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in config.items():
        if name in ("model_list", "include") or name not in known_keys.known_keys("") or not value:
            continue
        if name in SETTINGS:
            value = dict(_keys(name, value)) if isinstance(value, dict) else {}
        if value:
            yield name, value


def _keys(section: str, value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, each in value.items():
        if key in (*KINDS, "default_fallbacks", "model_group_alias") or key not in known_keys.known_keys(section):
            continue
        if key == "callbacks":
            each = [one for one in (each if isinstance(each, list) else [each]) if one and one != HOOK]
        if not (key == "callbacks" and not each):
            yield key, each
