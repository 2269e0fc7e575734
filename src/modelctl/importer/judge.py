"""What `check` says of a try, and which fields of the config it means."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path as File

from modelctl.assembly import Assembly
from modelctl.catalog.folder import Contents, ProviderTexts, Text
from modelctl.catalog.source import parse
from modelctl.desired import DesiredState, deployment
from modelctl.errors import ModelctlError, Problem
from modelctl.importer.draft import Draft
from modelctl.importer.entries import Entry
from modelctl.importer.fields import Path, Refusal
from modelctl.render import render
from modelctl.rules.registry import RULES
from modelctl.rules.settings import NONE

# Entries with these LiteLLM drops as well, with a line in its log.
_LITELLM_DROPS = frozenset({"unknown-provider", "mistyped-value", "twin-deployments"})
_LITELLM_FAILS = frozenset({"wildcard-target"})  # it starts, and each request that comes there fails
# What is only remarked on is not looked for: with thousands of models that would take most of the time.
_NO_REMARKS = replace(NONE, severities={rule.id: "off" for rule in RULES.values() if rule.severity == "info"})


def checked(draft: Draft, today: date) -> tuple[list[Problem], DesiredState | None]:
    """The catalog is built in memory, by nobody's settings: an organisation's own rules say nothing of LiteLLM."""
    raw = {name: Text(name, text.encode("utf-8", "surrogatepass")) for name, text in draft.texts.items()}
    tops = {name.removesuffix(".yaml"): text for name, text in raw.items() if "/" not in name}
    providers = (ProviderTexts(File(name).stem, text) for name, text in raw.items() if "/" in name)
    return Assembly().make(Contents("catalog", tops, tuple(providers)), today, _NO_REMARKS)


def origins(draft: Draft, problem: Problem) -> list[Path]:
    """What in the config a problem is about: the innermost thing that begins before it."""
    written = draft.files.get(problem.file)
    if written is None:
        return []
    document = parse(draft.texts[problem.file].encode(), problem.file)
    begun = [(document.place(path), origin) for path, origin in written.origins.items()]
    before = [each for each in begun if each[0] <= (problem.line, problem.column)]
    return max(before, key=lambda each: each[0])[1] if before else []


def refusal(problem: Problem, path: Path) -> Refusal:
    dropped = problem.rule in _LITELLM_DROPS and path[0] == "model_list"
    by_litellm = dropped or problem.rule in _LITELLM_FAILS
    return Refusal(f"{'' if by_litellm else 'a catalog cannot say it: '}{problem.message} [{problem.rule}]", by_litellm)


def prove(draft: Draft, desired: DesiredState) -> None:
    """Each entry is there, as it was, and no other; and the whole renders."""
    wanted = {_id(each) for each in draft.entries}
    if wanted != set(desired.deployments):
        raise ModelctlError("this config cannot be brought over without a change of meaning; please report it")
    render(desired)


def _id(entry: Entry) -> str:
    return deployment(entry.group, {"model": entry.model, **entry.params}, dict(entry.info)).id
