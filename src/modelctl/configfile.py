"""A plain LiteLLM config file: read with its includes, and checked for what a reload must not let through.

`python -m modelctl.configfile PATH` writes the result to stdout for a worker, whose event loop must
never parse YAML (a large file takes it half a second and more).
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from modelctl.catalog import source
from modelctl.desired import FALLBACK_KINDS, digest
from modelctl.errors import Problem
from modelctl.routes import covers

Finding = tuple[str, str, tuple[str | int, ...]]  # rule, message, path of keys in the file
LITELLM_READS_ON = frozenset({"duplicate-key", "not-a-text-key"})  # rules that its own parser does not have


@dataclass(frozen=True)
class ConfigFile:
    """`config` is what LiteLLM makes of the file, includes merged (None: it cannot be read).

    `digests` names each entry of its `model_list`; `files` are all that were read.
    """

    config: dict[str, Any] | None
    problems: list[Problem] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)


def read_config(path: Path) -> ConfigFile:
    """Never raises for what the files say."""
    reading = _Reading(path)
    config = reading.merged()
    if config is None or not isinstance(config.get("model_list") or [], list):
        return ConfigFile(None, reading.problems or [_not_a_config(path)], reading.files)
    problems = [*reading.problems, *_check(config, reading.main)]
    return ConfigFile(config, problems, reading.files, [digest(entry) for entry in config.get("model_list") or []])


def _not_a_config(path: Path) -> Problem:
    return Problem("not-a-config", "a LiteLLM config is a mapping with a list under `model_list`", str(path))


class _Reading:
    """One pass over a file and what it includes, in LiteLLM's order and with its way of merging."""

    def __init__(self, path: Path) -> None:
        self._root = path
        self.problems: list[Problem] = []
        self.files: list[str] = []
        self.main: source.Document | None = None

    def merged(self) -> dict[str, Any] | None:
        config = self._load(self._root)
        if config is None:
            return None
        pending = self._includes(config, self._root)
        while pending:
            path = pending.pop(0)
            if str(path) in self.files:
                continue
            included = self._load(path)
            if included is None:
                return None
            pending += self._includes(included, path)
            config = _merge(config, included)
        return {key: value for key, value in config.items() if key != "include"}

    def _load(self, path: Path) -> dict[str, Any] | None:
        self.files.append(str(path))
        raw = source.read(path, str(path))
        if isinstance(raw, Problem):
            self.problems.append(raw)
            return None
        document = source.parse(raw, str(path))
        self.main = self.main or document
        self.problems += document.problems
        data = document.data if not document.problems else _as_litellm_does(raw, document.problems)
        if isinstance(data, dict):
            return data
        if not document.problems:
            self.problems.append(_not_a_config(path))
        return None

    def _includes(self, config: Mapping[str, Any], declared_in: Path) -> list[Path]:
        names = config.get("include") or []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.problems.append(Problem("include", "`include` is a list of file paths", str(declared_in)))
            return []
        beside = [(declared_in.parent / name).absolute() for name in names]
        root = [(self._root.parent / name).absolute() for name in names]
        return [near if near.exists() or not far.exists() else far for near, far in zip(beside, root, strict=True)]


def _as_litellm_does(raw: bytes, problems: Collection[Problem]) -> Any:
    """What is left when LiteLLM boots on a file that we refuse for a duplicate key or the like."""
    if not all(problem.rule in LITELLM_READS_ON for problem in problems):
        return None
    try:
        return yaml.load(raw, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _merge(base: dict[str, Any], included: Mapping[str, Any]) -> dict[str, Any]:
    """Lists are joined, everything else is replaced; each file's own `include` is spent."""
    merged = dict(base)
    for key, value in included.items():
        if key != "include":
            both = isinstance(value, list) and isinstance(merged.get(key), list)
            merged[key] = [*merged[key], *value] if both else value
    return merged


# -- checks ------------------------------------------------------------------------------------


def _check(config: Mapping[str, Any], main: source.Document | None) -> list[Problem]:
    def problem(rule: str, message: str, *path: str | int) -> Problem:
        return main.problem(rule, message, path) if main else Problem(rule, message)

    entries = config.get("model_list") or []
    found = [problem(rule, text, "model_list", index) for rule, text, index in _check_entries(entries)]
    names = {entry["model_name"] for entry in entries if isinstance(entry, Mapping) and "model_name" in entry}
    names = {name for name in names if isinstance(name, str)}
    aliases = _section(config, "router_settings").get("model_group_alias") or {}
    found += [problem(rule, text, *path) for rule, text, path in _check_aliases(aliases, names)]
    known = names | set(aliases if isinstance(aliases, Mapping) else ())
    for section in ("router_settings", "litellm_settings"):
        for kind in FALLBACK_KINDS:
            chains = _section(config, section).get(kind) or []
            place = (section, kind)
            found += [problem(rule, text, *place, *path) for rule, text, path in _check_chains(chains, known, kind)]
    return found


def _section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = config.get(name)
    return value if isinstance(value, Mapping) else {}


def _check_entries(entries: list[Any]) -> Iterator[tuple[str, str, int]]:
    ids: dict[str, int] = {}
    for index, entry in enumerate(entries):
        wrong = _shape(entry)
        if wrong:
            yield "malformed-entry", wrong, index
            continue
        declared = (entry.get("model_info") or {}).get("id")
        twin = ids.setdefault(str(declared) if declared is not None else digest(entry), index)
        if twin != index:
            what = f"the id `{declared}`" if declared is not None else "every parameter"
            yield "twin-id", f"entry {index + 1} (`{entry['model_name']}`) shares {what} with entry {twin + 1}", index


def _shape(entry: Any) -> str | None:
    if not isinstance(entry, Mapping):
        return "an entry of `model_list` is a mapping"
    name, params = entry.get("model_name"), entry.get("litellm_params")
    if not isinstance(name, str):
        return f"`model_name` is text; put quotes around {name}" if name is not None else "`model_name` is missing"
    if not isinstance(params, Mapping):
        return f"`{name}` has no `litellm_params`"
    if not isinstance(params.get("model"), str):
        return f"`{name}` has no text under `litellm_params.model`"
    if isinstance(params.get("organization"), list):
        return f"`{name}`: a list of organizations gives several deployments one id; write one entry for each"
    info = entry.get("model_info")
    return f"`{name}`: `model_info` is a mapping" if info is not None and not isinstance(info, Mapping) else None


def _check_aliases(aliases: Any, names: Collection[str]) -> Iterator[Finding]:
    place = ("router_settings", "model_group_alias")
    if not isinstance(aliases, Mapping):
        yield "malformed-alias", "`model_group_alias` is a mapping from alias to model", place
        return
    for alias, value in aliases.items():
        target = value.get("model") if isinstance(value, Mapping) else value
        if not isinstance(target, str):
            yield (
                "malformed-alias",
                f"alias `{alias}` maps to one model name (or to `model:` and `hidden:`)",
                (*place, alias),
            )
        elif not covers(names, target):
            yield (
                "unknown-model",
                f"alias `{alias}` points to `{target}`, which `model_list` does not hold",
                (*place, alias),
            )


def _check_chains(chains: Any, known: Collection[str], kind: str) -> Iterator[Finding]:
    if not isinstance(chains, list):
        yield "malformed-fallback", f"`{kind}` is a list of mappings from model to list of models", ()
        return
    for index, each in enumerate(chains):
        if not isinstance(each, Mapping) or not all(isinstance(chain, list) for chain in each.values()):
            yield "malformed-fallback", f"an entry of `{kind}` maps a model to a list of models", (index,)
            continue
        for name, chain in each.items():
            steps = [step.get("model") if isinstance(step, Mapping) else step for step in chain]
            for step in steps:
                if not isinstance(step, str) or not covers(known, step):
                    text = f"`{name}` falls back to `{step}`, which `model_list` does not hold"
                    yield "unknown-model", text, (index,)


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(read_config(Path(sys.argv[1]))))
