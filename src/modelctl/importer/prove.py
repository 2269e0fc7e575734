"""Runs `check` on a draft, and finds the fields of the config that its problems are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from modelctl.build.incremental import IncrementalBuild
from modelctl.build.rendering import render_text
from modelctl.catalog.folder import Contents, ProviderTexts, Text
from modelctl.catalog.parse import parse
from modelctl.check.policy import NONE
from modelctl.check.registry import RULES
from modelctl.errors import ModelctlError, Problem
from modelctl.importer.draft import ImportDraft
from modelctl.importer.entries import ImportedEntry
from modelctl.importer.fields import Refusal
from modelctl.litellm_spec.config import KeyPath
from modelctl.state.desired import DesiredState, deployment

# Entries with these LiteLLM drops as well, with a line in its log.
_LITELLM_DROPS = frozenset({"unknown-provider", "mistyped-value", "twin-deployments"})
_LITELLM_FAILS = frozenset({"wildcard-target"})  # it starts, and each request that comes there fails
# What is only remarked on is not looked for: with thousands of models that would take most of the time.
_NO_REMARKS = replace(NONE, severities={rule.id: "off" for rule in RULES.values() if rule.severity == "info"})


def checked(draft: ImportDraft, today: date) -> tuple[list[Problem], DesiredState | None]:
    """The catalog is built in memory, by nobody's settings: an organisation's own rules say nothing of LiteLLM."""
    raw = {name: Text(name, text.encode("utf-8", "surrogatepass")) for name, text in draft.texts.items()}
    tops = {name.removesuffix(".yaml"): text for name, text in raw.items() if "/" not in name}
    providers = (ProviderTexts(Path(name).stem, text) for name, text in raw.items() if "/" in name)
    return IncrementalBuild().make(Contents("catalog", tops, tuple(providers)), today, _NO_REMARKS)


def origins(draft: ImportDraft, problem: Problem) -> list[KeyPath]:
    """What in the config a problem is about: the innermost thing that begins before it."""
    written = draft.files.get(problem.file)
    if written is None:
        return []
    document = parse(draft.texts[problem.file].encode(), problem.file)
    begun = [(document.place(path), origin) for path, origin in written.origins.items()]
    before = [each for each in begun if each[0] <= (problem.line, problem.column)]
    return max(before, key=lambda each: each[0])[1] if before else []


def refusal(problem: Problem, path: KeyPath) -> Refusal:
    dropped = problem.rule in _LITELLM_DROPS and path[0] == "model_list"
    by_litellm = dropped or problem.rule in _LITELLM_FAILS
    return Refusal(f"{'' if by_litellm else 'a catalog cannot say it: '}{problem.message} [{problem.rule}]", by_litellm)


def prove(draft: ImportDraft, desired: DesiredState) -> None:
    """Proves that the catalog renders, and that the render has exactly the config's entries."""
    wanted = {_id(entry) for entry in draft.entries}
    if wanted != set(desired.deployments):
        raise ModelctlError("this config cannot be brought over without a change of meaning; please report it")
    render_text(desired)


def _id(entry: ImportedEntry) -> str:
    return deployment(entry.group, {"model": entry.model, **entry.params}, dict(entry.info)).id
