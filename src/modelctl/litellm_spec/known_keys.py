"""What LiteLLM knows: the keys of its config file, and the models that it knew once. Committed data, read when asked.

`litellm_keys.json`, `litellm_start.json` and `retired_models.json` are made by scripts/extract_litellm_keys.py,
scripts/start_kinds.py and scripts/retired_models.py;
a test compares the first with the LiteLLM installed. `litellm_keys_by_line.json` (scripts/line_keys.py) says what other
lines know beyond that, and what they no longer know: every question here is about the line that is checked for
(`litellm_lines.target`). A section is named as in a config file (`litellm_settings`, `router_settings`, ...); the top
level of the config is the empty string, one entry of the model list `model_list`, and mappings inside a section go by
their own key (`cache_params`, `retry_policy`, `guardrails`, `mcp_servers`, ...).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from modelctl.litellm_spec import supported_lines
from modelctl.litellm_spec.provider_families import family

_FOLDER = Path(__file__).parent

# Where a misplaced key most likely belongs, first to last.
_PLACES = (
    "router_settings",
    "litellm_settings",
    "general_settings",
    "litellm_params",
    "model_info",
    "cache_params",
    "model_list",
    "",
)


@dataclass(frozen=True)
class Retired:
    """A model that an earlier LiteLLM knew.

    `last` is the last release looked at that held it (about one in ten was). `why`: `retired` (the map gave the date in
    `date`), `removed` (gone without a date), `renamed` (lives on as `successor`), `delisted` (LiteLLM no longer lists
    that provider's models at all, so nothing is known against the model itself).
    """

    name: str
    provider: str
    last: str
    why: str
    date: str | None
    successor: str | None


def made_from() -> str:
    """The release that the keys were taken from, such as `litellm 1.106.12`."""
    return str(_keys()["made_from"])


def sections() -> frozenset[str]:
    return frozenset(name for name in _keys()["sections"] if " " not in name)


def known_keys(section: str) -> frozenset[str]:
    """Every key that LiteLLM reads there; empty for a section that it does not describe."""
    return _known_keys_of(_line(), section)


def declared_keys(section: str) -> frozenset[str]:
    """Of the known keys those that LiteLLM declares by name: what a misspelt key may have meant."""
    return frozenset(_section(section))


def section_of(key: str) -> tuple[str, ...]:
    """The sections that declare a key, likeliest first; empty when none does."""
    return tuple(name for name in _PLACES if key in _section(name))


def type_of(section: str, key: str) -> frozenset[str]:
    """Kinds of value that a key takes (bool, int, float, str, list, dict), null aside; empty when not known.

    `os.environ/NAME` stands for any of them, an int for a float, and pydantic reads digits in a text as a number.
    """
    kinds = _section(section).get(key, "")
    return frozenset(kinds.split("|")) if kinds else frozenset()


def validated(section: str) -> dict[str, frozenset[str]]:
    """What LiteLLM validates when it makes a deployment (`litellm_params`, `model_info`), with the kinds that it takes.

    Beside those of `type_of`: `list[str]`, `list[dict]` and `dict[float]` for what is within, `=free` for a text.
    """
    return _validated(_line(), section)


@cache
def _validated(line: str, section: str) -> dict[str, frozenset[str]]:
    found: dict[str, str] = _keys_of(line)["sections"].get(f"{section} (validated)", {})
    return {key: frozenset(kinds.split("|")) for key, kinds in found.items()}


@cache
def at_start(section: str) -> dict[str, frozenset[str]]:
    """Settings of which LiteLLM's start does not take every kind of value, with the kinds that it takes.

    Kinds as in YAML, exactly: an int is no float here; `digits` are a number written as text.
    """
    found: dict[str, str] = _read("litellm_start.json")["sections"].get(section, {})
    return {key: frozenset(kinds.split("|")) for key, kinds in found.items()}


def once(section: str, key: str) -> str | None:
    """The last release looked at that knew a key which LiteLLM no longer knows there."""
    if key in known_keys(section):
        return None
    found = _keys()["once"].get(section, {}).get(key) or _last(section, key, earlier=True)
    return str(found) if found else None


def later(section: str, key: str) -> str | None:
    """The first line that reads a key which the one checked for does not read yet, such as `1.109`."""
    found = _last(section, key, earlier=False)
    return supported_lines.line_of(found) if found else None


def _last(section: str, key: str, *, earlier: bool) -> str | None:
    """The release nearest to the one checked for that knows a key: of the earlier lines, or of the later ones."""
    here = supported_lines.order(_line())
    rows = [line for line in supported_lines.lines() if (supported_lines.order(line.name) < here) is earlier]
    near = reversed(rows) if earlier else rows
    return next((line.release for line in near if key in _known_keys_of(line.name, section)), None)


@cache
def _known_keys_of(line: str, section: str) -> frozenset[str]:
    sections = _keys_of(line)["sections"]
    return frozenset({*sections.get(section, ()), *sections.get(f"{section} (read)", ())})


def values(name: str) -> frozenset[str]:
    """Known values: `providers`, `callbacks`, `routing_strategy`, `cache_type`, `mode`."""
    return _values(_line(), name)


@cache
def _values(line: str, name: str) -> frozenset[str]:
    return frozenset(_keys_of(line)["values"][name])


def providers() -> frozenset[str]:
    """Prefixes of a model string that LiteLLM knows without a custom_provider_map."""
    return values("providers")


def retired(name: str, provider: str | None = None) -> Retired | None:
    """The entry for a model string, with or without its provider's prefix, if LiteLLM knew it once and no longer does.

    With a provider only that provider's models count; without one, the prefix says it, or else any provider's do.
    """
    head, _, rest = name.partition("/")
    prefix = head if rest and head in providers() else ""
    wanted = family(provider or prefix)
    for form in _forms(name, prefix, wanted):
        entry = _models().get(form)
        if entry is not None and wanted in ("", entry["provider"]):
            date, successor = entry.get("retired"), entry.get("successor")
            return Retired(form, entry["provider"], entry["last"], entry["why"], date, successor)
    return None


# Ways of calling a provider that stand between its prefix and the model's name.
_WAYS = ("converse/", "converse_like/", "invoke/", "responses/", "chat/")


def _forms(name: str, prefix: str, provider: str) -> list[str]:
    """The spellings under which LiteLLM's map may list a model."""
    bare = name.removeprefix(f"{prefix}/") if prefix else name
    for way in _WAYS:
        bare = bare.removeprefix(way)
    return list(dict.fromkeys([name, f"{provider}/{bare}", bare]))


def _section(name: str) -> dict[str, str]:
    found: dict[str, str] = _keys()["sections"].get(name, {})
    return found


def _line() -> str:
    """The line of the table that the target belongs to, or stands nearest to."""
    return _nearest(supported_lines.target())


@cache  # asked for every key of every entry
def _nearest(release: str) -> str:
    now, rows = supported_lines.order(release), supported_lines.lines()
    return next((row.name for row in reversed(rows) if supported_lines.order(row.name) <= now), rows[0].name)


def _keys() -> dict[str, Any]:
    return _keys_of(_line())


@cache
def _keys_of(line: str) -> dict[str, Any]:
    base, other = _read("litellm_keys.json"), _read("litellm_keys_by_line.json").get(line)
    if other is None:
        return base
    sections = {**base["sections"], **{name: {} for name in other["sections"] if name not in base["sections"]}}
    changed = {name: _changed(keys, other["sections"].get(name, {})) for name, keys in sections.items()}
    values = {name: [*_changed(dict.fromkeys(known, ""), other["values"].get(name, {}))]
              for name, known in base["values"].items()}  # fmt: skip
    return {"made_from": other["made_from"], "once": base["once"], "sections": changed, "values": values}


def _changed(known: dict[str, str], change: dict[str, Any]) -> dict[str, str]:
    gone = set(change.get("gone", ()))
    new: dict[str, str] = change.get("new", {})
    return {key: kind for key, kind in known.items() if key not in gone} | new


@cache
def _models() -> dict[str, dict[str, str]]:
    models: dict[str, dict[str, str]] = _read("retired_models.json")["models"]
    return models


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return content
