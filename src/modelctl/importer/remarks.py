"""Remarks on a whole import, and the place of every field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelctl.build.compile_tops import HOOK
from modelctl.configfile.read_config import ConfigFile
from modelctl.errors import Problem
from modelctl.importer.draft import ImportDraft
from modelctl.importer.entries import CUSTOM
from modelctl.importer.fields import Field
from modelctl.litellm_spec.config import section


def placed(each: Field, read: ConfigFile) -> Field:
    if each.verdict == "exact" or read.place is None:
        return each
    try:
        return replace(each, place=_near(read.place(each.path).shown))
    except (IndexError, KeyError):
        return each


def _near(place: str) -> str:
    return place.removeprefix(f"{Path.cwd()}/")


def of_reading(problems: Iterable[Problem]) -> list[Field]:
    """What was overwritten while the file and its includes were read."""
    found = (problem for problem in problems if problem.rule in ("duplicate-key", "include-replaces"))
    return [
        Field((each.rule,), "no-effect", each.message, _near(f"{each.file}:{each.line}:{each.column}"))
        for each in found
    ]


def remarks(draft: ImportDraft, config: Mapping[str, Any], read: ConfigFile) -> Iterable[str]:
    callbacks = section(config, "litellm_settings").get("callbacks") or []
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
