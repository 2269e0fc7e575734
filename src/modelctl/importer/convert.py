"""The story of an import: READ FIRST.

What `check` would call an error in the result is what LiteLLM refuses, drops or fails on: it is left out, with
the rule's own words, and the rest is made anew. So what is written always passes, whatever rules there are.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path as File
from typing import Any

from modelctl.assembly import Assembly
from modelctl.catalog.folder import Contents, ProviderTexts, Text
from modelctl.catalog.source import parse
from modelctl.compile import HOOK
from modelctl.configfile.read import ConfigFile, parse_config
from modelctl.desired import DesiredState, deployment
from modelctl.errors import CheckFailed, ModelctlError, Problem, errors_in
from modelctl.importer import chains, texts
from modelctl.importer.chains import Alias, Chains
from modelctl.importer.entries import CUSTOM, Entry, provider_of, read_entries
from modelctl.importer.fields import Field, Imported, Notes, Path, Refusal, Refused, Variable
from modelctl.importer.keys import Keys, references
from modelctl.importer.names import Names
from modelctl.importer.providers import Written, write_providers
from modelctl.importer.sections import read_sections
from modelctl.render import render
from modelctl.rules.registry import RULES
from modelctl.rules.settings import NONE

MOST_ROUNDS = 20
_TOLERATED = frozenset({"empty-catalog"})  # a proxy whose models all stand in LiteLLM's database has none here
_LITELLM_DROPS = frozenset(
    {"unknown-provider", "mistyped-value", "twin-deployments"}
)  # entries, with a line in its log
# What is only remarked on is not looked for: with thousands of models that would take most of the time.
_NO_REMARKS = replace(NONE, severities={rule.id: "off" for rule in RULES.values() if rule.severity == "info"})


@dataclass(frozen=True)
class _Draft:
    """One try: the files by their path, and what is to be said of the config."""

    files: Mapping[str, Written]
    entries: list[Entry]
    notes: Notes

    @cached_property
    def texts(self) -> dict[str, str]:
        return {name: texts.yaml_text(written.data) for name, written in self.files.items()}


def bring_over(config: File, today: date | None = None) -> Imported:
    """The catalog for a LiteLLM config and what it includes; nothing is written here.

    Raises CheckFailed when the config cannot be read, ModelctlError when its catalog would not be right.
    """
    today = today or datetime.now(UTC).date()
    notes = Notes()
    read = parse_config(config)
    said = read.config if read.config is not None else _without_missing(read, config, notes)
    kept = copy.deepcopy(said)
    variables = _without_secrets(kept, notes)
    draft = _passing(kept, notes, today)
    variables = [each for each in variables if _is_needed(each, draft)]
    files = {name: texts.head(name, config.name) + text for name, text in draft.texts.items()}
    files[".env.example"] = texts.env_example(variables, references([each.data for each in draft.files.values()]))
    fields = tuple(_placed(each, read) for each in draft.notes.fields(said))
    return Imported(files, (*fields, *_of_reading(read.problems)), tuple(variables), tuple(_remarks(draft, said, read)))


def _without_missing(read: ConfigFile, config: File, notes: Notes) -> dict[str, Any]:
    """What could be read of a config that names a file which is not here (others make it when they deploy)."""
    errors = errors_in(read.problems)
    main = read.documents[0].data if read.documents else None
    if not isinstance(main, dict) or any(each.rule != "unreadable-file" for each in errors) or len(read.documents) > 1:
        raise CheckFailed(f"{config} cannot be read", problems=errors or read.problems)
    for problem in errors:
        notes.lost(("include",), f"{problem.message}; nothing of what it names could be brought over")
    return {key: value for key, value in main.items() if key != "include"}


def _is_needed(variable: Variable, draft: _Draft) -> bool:
    """Not when what referred to it has no effect."""
    named = set(references([each.data for each in draft.files.values()]))
    return variable.name in named or variable.path[0] == "environment_variables"


def _without_secrets(config: dict[str, Any], notes: Notes) -> list[Variable]:
    entries = config.get("model_list") or []
    keyless = {provider_of(entry) for entry in entries if not _has_key(entry)}
    keys = Keys(
        notes,
        taken={*references(config), *map(str, chains.section(config, "environment_variables"))},
        provider_of=lambda index: provider_of(entries[index]),
        keyless=lambda index: provider_of(entries[index]) in keyless,
    )
    keys.replace(config)
    return keys.variables


def _has_key(entry: Any) -> bool:
    params = entry.get("litellm_params") if isinstance(entry, Mapping) else None
    return isinstance(params, Mapping) and bool(params.get("api_key"))


# -- until it passes ---------------------------------------------------------------------------


def _passing(config: Mapping[str, Any], notes: Notes, today: date) -> _Draft:
    """The draft in which `check` finds no error."""
    refused: dict[Path, Refusal] = {}
    for _ in range(MOST_ROUNDS):
        draft = _draft(config, refused, notes, today)
        problems, desired = _checked(draft, today)
        wrong = [problem for problem in errors_in(problems) if problem.rule not in _TOLERATED]
        if not wrong:
            if desired is not None:
                _prove(draft, desired)
            return draft
        before = len(refused)
        for problem in wrong:
            refused |= {path: _refusal(problem, path, config) for path in _origins(draft, problem)}
        if len(refused) == before:
            raise ModelctlError("the catalog for this config would have errors", problems=wrong)
    raise ModelctlError("the catalog for this config would have errors", problems=wrong)


def _draft(config: Mapping[str, Any], refused: Refused, secrets: Notes, today: date) -> _Draft:
    notes = copy.deepcopy(secrets)
    entries = read_entries(config.get("model_list") or [], refused, notes)
    aliases = chains.read_aliases(config, notes)
    entries = _reachable(entries, aliases, notes)
    names = _names(config, entries, {name: alias.target for name, alias in aliases.items()})
    aliases = chains.settled(aliases, names, refused, notes)
    names = _names(config, entries, {name: alias.target for name, alias in aliases.items()})
    found = chains.Reader(config, names, refused, notes).read()
    files = {f"providers/{name}.yaml": each for name, each in write_providers(entries, found, today).items()}
    proxy = {**({"default_fallbacks": found.default} if found.default else {}), **read_sections(config, refused, notes)}
    if aliases:
        files["routes.yaml"] = _routes(aliases, found)
    if proxy:
        files["proxy.yaml"] = _proxy(proxy)
    return _Draft(files, entries, notes)


def _names(config: Mapping[str, Any], entries: list[Entry], aliases: Mapping[str, str]) -> Names:
    groups = chains.section(config, "router_settings").get("routing_groups")
    routing = (
        {each.get("group_name") for each in groups if isinstance(each, Mapping)} if isinstance(groups, list) else ()
    )
    general = chains.section(config, "general_settings")
    return Names(tuple(entries), aliases, frozenset(map(str, routing)), general.get("store_model_in_db") is True)


def _reachable(entries: list[Entry], aliases: Mapping[str, Alias], notes: Notes) -> list[Entry]:
    """Without the groups that an alias of the same name hides."""
    hidden = chains.hijacked(aliases, {entry.group: None for entry in entries})
    asked_for = {alias.target for alias in aliases.values()}
    for entry in entries:
        if entry.group in hidden:
            text = f"the alias `{entry.group}` takes its requests"
            if entry.group in asked_for:
                notes.lost(entry.path, f"{text}; another alias still leads here, and a catalog has each name once")
            else:
                notes.no_effect(entry.path, f"{text}: none reaches it")
    return [entry for entry in entries if entry.group not in hidden]


def _routes(aliases: Mapping[str, Alias], found: Chains) -> Written:
    written = Written()
    for name, alias in aliases.items():
        body: dict[str, Any] = {"target": alias.target, **({"hidden": True} if alias.hidden else {})}
        for kind, of in found.of.items():
            if name in of:
                body[kind] = of[name]
                written.origins[name, kind] = [(kind, name)]
            elif alias.target in of:
                body[kind] = []  # LiteLLM does not give an alias the fallbacks of its target
        written.data[name] = body
        written.origins[(name,)] = [alias.path]
    return written


def _proxy(data: dict[str, Any]) -> Written:
    origins: dict[Path, list[Path]] = {}
    for name, value in data.items():
        origins[(name,)] = [(name,)]
        if isinstance(value, dict):
            origins |= {(name, key): [(name, key)] for key in value}
    return Written(data, origins)


# -- what check says ---------------------------------------------------------------------------


def _checked(draft: _Draft, today: date) -> tuple[list[Problem], DesiredState | None]:
    """The catalog is built in memory, by nobody's settings: an organisation's own rules say nothing of LiteLLM."""
    raw = {name: Text(name, text.encode("utf-8", "surrogatepass")) for name, text in draft.texts.items()}
    tops = {name.removesuffix(".yaml"): text for name, text in raw.items() if "/" not in name}
    providers = (ProviderTexts(File(name).stem, text) for name, text in raw.items() if "/" in name)
    return Assembly().make(Contents("catalog", tops, tuple(providers)), today, _NO_REMARKS)


def _origins(draft: _Draft, problem: Problem) -> list[Path]:
    """What in the config a problem is about: the innermost thing that begins before it."""
    written = draft.files.get(problem.file)
    if written is None:
        return []
    document = parse(draft.texts[problem.file].encode(), problem.file)
    begun = [(document.place(path), origin) for path, origin in written.origins.items()]
    before = [each for each in begun if each[0] <= (problem.line, problem.column)]
    return max(before, key=lambda each: each[0])[1] if before else []


def _refusal(problem: Problem, path: Path, config: Mapping[str, Any]) -> Refusal:
    by_litellm = problem.rule in _LITELLM_DROPS and path[0] == "model_list" and not _is_custom(path, config)
    return Refusal(f"{'' if by_litellm else 'a catalog cannot say it: '}{problem.message} [{problem.rule}]", by_litellm)


def _is_custom(path: Path, config: Mapping[str, Any]) -> bool:
    """Whether the entry goes to a provider that the config itself adds."""
    added = chains.section(config, "litellm_settings").get("custom_provider_map")
    names = {each.get("provider") for each in added if isinstance(each, Mapping)} if isinstance(added, list) else set()
    model = config["model_list"][path[1]]["litellm_params"]["model"]
    return model.partition("/")[0] in names


def _prove(draft: _Draft, desired: DesiredState) -> None:
    """Each entry is there, as it was, and no other; and the whole renders."""
    wanted = {_id(each) for each in draft.entries}
    if wanted != set(desired.deployments):
        raise ModelctlError("this config cannot be brought over without a change of meaning; please report it")
    render(desired)


def _id(entry: Entry) -> str:
    return deployment(entry.group, {"model": entry.model, **entry.params}, dict(entry.info)).id


# -- what is said ------------------------------------------------------------------------------


def _placed(each: Field, read: ConfigFile) -> Field:
    if each.verdict == "exact" or read.place is None:
        return each
    try:
        return replace(each, place=_near(read.place(each.path).shown))
    except (IndexError, KeyError):
        return each


def _near(place: str) -> str:
    return place.removeprefix(f"{File.cwd()}/")


def _of_reading(problems: Iterable[Problem]) -> list[Field]:
    """What was overwritten while the file and its includes were read."""
    found = (problem for problem in problems if problem.rule in ("duplicate-key", "include-replaces"))
    return [
        Field((each.rule,), "no-effect", each.message, _near(f"{each.file}:{each.line}:{each.column}"))
        for each in found
    ]


def _remarks(draft: _Draft, config: Mapping[str, Any], read: ConfigFile) -> Iterable[str]:
    callbacks = chains.section(config, "litellm_settings").get("callbacks") or []
    if HOOK not in callbacks:
        yield "the render adds modelctl's hook to `callbacks` (hot reload); `hook: false` in proxy.yaml leaves it out"
    if "#" in "".join(document.text for document in read.documents):
        yield "comments are not brought over"
    for written in draft.files.values():
        for group in written.retired:
            yield f"`{group}` is retired by LiteLLM's price map; `lifecycle: {{render: true}}` keeps it as it was"
    custom = [entry.group for entry in draft.entries if entry.provider == CUSTOM]
    if custom:
        yield f"the provider of `{custom[0]}` is not known to LiteLLM by its name: see providers/{CUSTOM}.yaml"
    if not draft.entries:
        yield "the config has no models of its own: `check` says so until there is one, or LiteLLM's database has them"
