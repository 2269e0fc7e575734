"""The story of an import: READ FIRST.

What `check` would call an error in the result is what LiteLLM refuses, drops or fails on: it is left out, with
the rule's own words, and the rest is made anew. So what is written always passes, whatever rules there are.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from modelctl.configfile.read_config import ConfigFile, parse_config
from modelctl.errors import CheckFailed, ModelctlError, errors_in
from modelctl.importer import catalog_texts
from modelctl.importer.draft import ImportDraft, draft_of
from modelctl.importer.entries import other_server, provider_of
from modelctl.importer.fields import Imported, Notes, Refusal, Variable
from modelctl.importer.key_references import Keys, references
from modelctl.importer.prove import checked, origins, prove, refusal
from modelctl.importer.remarks import of_reading, placed, remarks
from modelctl.litellm_spec.config import KeyPath, section
from modelctl.system.collector import collector_paused

MOST_ROUNDS = 20


def bring_over(config: Path, today: date | None = None) -> Imported:
    """The catalog for a LiteLLM config and what it includes; nothing is written here.

    Raises CheckFailed when the config cannot be read, ModelctlError when its catalog would not be right.
    """
    with collector_paused():
        return _brought_over(config, today or datetime.now(UTC).date())


def _brought_over(config: Path, today: date) -> Imported:
    notes = Notes()
    read = parse_config(config)
    written = read.config if read.config is not None else _without_missing(read, config, notes)
    kept = copy.deepcopy(written)
    variables = _without_secrets(kept, notes)
    draft = _passing(kept, notes, today)
    variables = [variable for variable in variables if _is_needed(variable, draft)]
    files = {name: catalog_texts.head(name, config.name) + text for name, text in draft.texts.items()}
    files[".env.example"] = catalog_texts.env_example(
        variables, references([file.data for file in draft.files.values()])
    )
    fields = tuple(placed(field, read) for field in draft.notes.fields(written))
    return Imported(
        files, (*fields, *of_reading(read.problems)), tuple(variables), tuple(remarks(draft, written, read))
    )


def _without_missing(read: ConfigFile, config: Path, notes: Notes) -> dict[str, Any]:
    """What could be read of a config that names a file which is not here (others make it when they deploy)."""
    errors = errors_in(read.problems)
    main = read.documents[0].data if read.documents else None
    if (
        not isinstance(main, dict)
        or any(error.rule != "unreadable-file" for error in errors)
        or len(read.documents) > 1
    ):
        raise CheckFailed(f"{config} cannot be read", problems=errors or read.problems)
    for problem in errors:
        notes.lost(("include",), f"{problem.message}; nothing of what it names could be brought over")
    return {key: value for key, value in main.items() if key != "include"}


def _is_needed(variable: Variable, draft: ImportDraft) -> bool:
    """Not when what referred to it has no effect."""
    named = set(references([file.data for file in draft.files.values()]))
    return variable.name in named or variable.path[0] == "environment_variables"


def _without_secrets(config: dict[str, Any], notes: Notes) -> list[Variable]:
    entries = config.get("model_list") or []
    keyless = {provider_of(entry) for entry in entries if not _has_key(entry)}
    keys = Keys(
        notes,
        taken={*references(config), *map(str, section(config, "environment_variables"))},
        provider_of=lambda index: provider_of(entries[index]),
        keyless=lambda index: provider_of(entries[index]) in keyless,
        server_of=lambda index: other_server(entries[index]),
        without=lambda index, key: any(_relies_on(each, key, provider_of(entries[index])) for each in entries),
    )
    keys.replace(config)
    return keys.variables


def _relies_on(entry: object, key: str, provider: str) -> bool:
    """Whether an entry of this provider says nothing of a parameter that LiteLLM also takes from the environment."""
    params = entry.get("litellm_params") if isinstance(entry, Mapping) else None
    alike = provider_of(entry) == provider or (key.startswith("aws_") and provider_of(entry).startswith(_AWS))
    return alike and isinstance(params, Mapping) and not params.get(key) and not params.get("litellm_credential_name")


_AWS = ("bedrock", "sagemaker")


def _has_key(entry: object) -> bool:
    params = entry.get("litellm_params") if isinstance(entry, Mapping) else None
    return isinstance(params, Mapping) and bool(params.get("api_key"))


# -- until it passes ---------------------------------------------------------------------------


def _passing(config: Mapping[str, Any], notes: Notes, today: date) -> ImportDraft:
    """The first draft in which `check` finds no error."""
    refused: dict[KeyPath, Refusal] = {}
    for _ in range(MOST_ROUNDS):
        draft = draft_of(config, refused, notes, today)
        problems, desired = checked(draft, today)
        wrong = errors_in(problems)
        if desired is not None:
            prove(draft, desired)
            return draft
        before = len(refused)
        for problem in wrong:
            refused |= {path: refusal(problem, path) for path in origins(draft, problem)}
        if len(refused) == before:
            raise ModelctlError("the catalog for this config would have errors", problems=wrong)
    raise ModelctlError("the catalog for this config would have errors", problems=wrong)
