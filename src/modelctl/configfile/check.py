"""What is wrong with a config that LiteLLM would read.

An *error* is what LiteLLM crashes on, drops, misroutes or fails at a request; a *warning* works, but not
as written. No message holds a value of `litellm_params`: it may be a secret.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelctl.desired import FALLBACK_KINDS, digest
from modelctl.errors import Severity
from modelctl.routes import covers

ALIASES = ("router_settings", "model_group_alias")


@dataclass(frozen=True)
class Finding:
    """`path` are the keys from the top of the file to the place."""

    rule: str
    message: str
    path: tuple[str | int, ...]
    severity: Severity = "error"
    hint: str | None = None


@dataclass(frozen=True)
class Names:
    """What a request, an alias or a fallback may name; in a database there may be more."""

    models: frozenset[str]
    aliases: frozenset[str]
    open: bool

    def knows(self, name: str) -> bool:
        return name in self.aliases or self.has_model(name)

    def has_model(self, name: str) -> bool:
        return covers(self.models, name)

    @property
    def severity(self) -> Severity:
        return "warning" if self.open else "error"


def findings(config: Mapping[str, Any]) -> Iterator[Finding]:
    entries = config.get("model_list") or []
    yield from _entries(entries)
    yield from _twins(entries)
    names = _names(config, entries)
    yield from _aliases(_section(config, "router_settings").get("model_group_alias"), names)
    for section in ("router_settings", "litellm_settings"):
        for kind in FALLBACK_KINDS:
            yield from _chains(_section(config, section).get(kind), (section, kind), names)
        place = (section, "default_fallbacks")
        yield from _chain(_section(config, section).get("default_fallbacks"), "every model", place, names)


def _section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = config.get(name)
    return value if isinstance(value, Mapping) else {}


def _names(config: Mapping[str, Any], entries: list[Any]) -> Names:
    sound = [entry for entry in entries if _shape(entry) is None]
    ids = {str(id_) for entry in sound if (id_ := (entry.get("model_info") or {}).get("id")) is not None}
    aliases = _section(config, "router_settings").get("model_group_alias")
    general = _section(config, "general_settings")
    in_database = general.get("store_model_in_db") or os.environ.get("STORE_MODEL_IN_DB", "").lower() == "true"
    models = frozenset({str(entry["model_name"]) for entry in sound} | ids)
    return Names(models, frozenset(aliases if isinstance(aliases, Mapping) else ()), bool(in_database))


# -- entries -----------------------------------------------------------------------------------


def _entries(entries: list[Any]) -> Iterator[Finding]:
    for index, entry in enumerate(entries):
        wrong = _shape(entry)
        if wrong:
            message, step, hint = wrong
            yield Finding("malformed-entry", message, ("model_list", index, *step), hint=hint)
        elif isinstance(entry["litellm_params"].get("organization"), list):
            text = f"`{entry['model_name']}`: a list of organizations gives several deployments one id"
            path = ("model_list", index, "litellm_params", "organization")
            yield Finding("twin-id", text, path, "warning", "write one entry for each organization")


def _shape(entry: Any) -> tuple[str, tuple[str, ...], str | None] | None:
    """(what is wrong, at which key, how to mend it) of an entry that LiteLLM crashes on or drops."""
    if not isinstance(entry, Mapping):
        return "an entry of `model_list` is a mapping", (), "- model_name: NAME"
    name, params, info = entry.get("model_name"), entry.get("litellm_params"), entry.get("model_info", {})
    if name is None or isinstance(name, list | Mapping):
        return "`model_name` is missing" if name is None else "`model_name` is text", (), "model_name: NAME"
    if not isinstance(name, str):
        return f"`model_name` is text, and {name} is none to YAML", ("model_name",), f'model_name: "{name}"'
    if not isinstance(params, Mapping):
        return f"`{name}` has no mapping under `litellm_params`", (), "litellm_params: {model: PROVIDER/MODEL}"
    if not isinstance(params.get("model"), str):
        return f"`{name}` has no text under `litellm_params.model`", ("litellm_params",), "model: PROVIDER/MODEL"
    if not isinstance(info, Mapping):
        return f"`{name}`: `model_info` is a mapping, and not empty", ("model_info",), "remove the key"
    return None


def _twins(entries: list[Any]) -> Iterator[Finding]:
    """One declared id on two entries mixes their prices and statistics; equal entries are one deployment."""
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if _shape(entry) is not None:
            continue
        declared = (entry.get("model_info") or {}).get("id")
        key = f"id {declared}" if declared is not None else digest(entry)
        if key in seen and declared is not None:
            text = f"another entry than this one (`{entry['model_name']}`) has the id `{declared}` too"
            yield Finding("twin-id", text, ("model_list", index, "model_info", "id"), hint="give each its own id")
        elif key in seen:
            text = f"an entry for `{entry['model_name']}` is written twice, word for word: one deployment"
            yield Finding("twin-entry", text, ("model_list", index), "warning")
        seen.add(key)


# -- aliases and fallbacks ---------------------------------------------------------------------


def _aliases(aliases: Any, names: Names) -> Iterator[Finding]:
    if not aliases:
        return
    if not isinstance(aliases, Mapping):
        yield Finding("malformed-alias", "`model_group_alias` is a mapping from alias to model", ALIASES)
        return
    for alias, value in aliases.items():
        place = (*ALIASES, alias)
        target = value.get("model") if isinstance(value, Mapping) else value
        if not isinstance(target, str):
            text = f"alias `{alias}` maps to one model name, or to `model` and `hidden`"
            yield Finding("malformed-alias", text, place, hint=f"{alias}: NAME")
        elif isinstance(value, Mapping) and "hidden" not in value:
            text = f"alias `{alias}`: LiteLLM does not start when `model` stands without `hidden`"
            yield Finding("malformed-alias", text, place, hint="hidden: false")
        elif not names.has_model(target):
            yield _unknown(f"alias `{alias}` points to", target, place, names)


def _chains(chains: Any, place: tuple[str | int, ...], names: Names) -> Iterator[Finding]:
    kind = place[-1]
    if not chains:
        return
    if not isinstance(chains, list):
        yield Finding("malformed-fallback", f"`{kind}` is a list", place, hint="- MODEL: [FALLBACK]")
        return
    for index, each in enumerate(chains):
        if isinstance(each, Mapping) and len(each) == 1:
            for name, chain in each.items():
                yield from _chain(chain, f"`{name}`", (*place, index, name), names)
        else:
            # LiteLLM does not start on this, but for the one list that it never looks at: there it is in vain.
            severity: Severity = "warning" if kind == "context_window_fallbacks" else "error"
            text = f"an entry of `{kind}` is a mapping with one key, the model"
            yield Finding("malformed-fallback", text, (*place, index), severity, "- MODEL: [FALLBACK]")


def _chain(chain: Any, of: str, place: tuple[str | int, ...], names: Names) -> Iterator[Finding]:
    if chain is None and place[-1] == "default_fallbacks":
        return
    if not isinstance(chain, list):
        yield Finding("malformed-fallback", f"the fallbacks of {of} are a list", place, hint="[FALLBACK]")
        return
    for step in chain:
        name = step.get("model") if isinstance(step, Mapping) else step
        if not isinstance(name, str):
            yield Finding("malformed-fallback", f"a fallback of {of} is the name of a model", place)
        elif not names.knows(name):
            yield _unknown(f"{of} falls back to", name, place, names)


def _unknown(what: str, name: str, place: tuple[str | int, ...], names: Names) -> Finding:
    if name in names.aliases:
        return Finding("alias-of-alias", f"{what} `{name}`, another alias: LiteLLM follows one", place)
    text = f"{what} `{name}`, which `model_list` does not hold"
    return Finding("unknown-model", text, place, names.severity, hint=_nearest(name, names.models))


def _nearest(name: str, known: Collection[str]) -> str | None:
    from difflib import get_close_matches

    found = get_close_matches(name, known, 1)
    return f"did you mean `{found[0]}`?" if found else None
