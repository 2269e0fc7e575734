"""Starts LiteLLM on what is about to be published, with mocks, and compares what it registered with what was meant."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modelctl.errors import ModelctlError, Problem
from modelctl.state.desired import DesiredState
from modelctl.state.router_config import resolve_routes
from modelctl.trial.boots import name_of
from modelctl.trial.candidate import BOOT_S, Candidate, Registered, Trial
from modelctl.trial.environments import candidate
from modelctl.trial.mocked_config import Mocked, mocked
from modelctl.trial.upstream import Upstream

FORCE = "mend the entry, or `modelctl refresh --force`"


class Preflight:
    """Call it with a candidate: its problems, none where LiteLLM takes all of it. A verdict is kept for its revision.

    `python`: of the environment whose LiteLLM is to be started; ours, if it is None. Nothing goes out: every
    deployment asks an upstream of ours, and secrets are replaced.
    """

    def __init__(self, environ: Mapping[str, str], python: str | None = None, patience: float = BOOT_S) -> None:
        self._environ, self._patience = environ, patience
        self._candidate: Candidate | None = None
        self._python = python or sys.executable
        self._last: tuple[str, tuple[Problem, ...]] | None = None

    def __call__(self, desired: DesiredState) -> Sequence[Problem]:
        if self._last is None or self._last[0] != desired.revision:
            self._last = (desired.revision, tuple(self._problems(desired)))
        return self._last[1]

    def _problems(self, desired: DesiredState) -> Sequence[Problem]:
        try:
            self._candidate = self._candidate or candidate(self._python)
            return tried(resolve_routes(desired, {}).config(), self._candidate, self._environ, self._patience)
        except ModelctlError as error:
            return [_problem(error.message)]


def tried(
    config: Mapping[str, Any], candidate: Candidate, environ: Mapping[str, str], patience: float = BOOT_S
) -> list[Problem]:
    """Raises ModelctlError where LiteLLM can be neither started nor understood."""
    with tempfile.TemporaryDirectory(prefix="modelctl-preflight-") as folder, Upstream() as upstream:
        made = mocked(config, upstream.url, environ)
        with Trial(candidate, made, Path(folder), upstream.url, environ=environ) as trial:
            found = trial.registered(lambda _: None, patience)
    if found.failed is not None:
        return _stopped(found, made, candidate)
    return [_problem(text) for text in _unlike(made, found.answer["deployments"], candidate)]


def _stopped(found: Registered, made: Mocked, candidate: Candidate) -> list[Problem]:
    if not found.culprits:
        return [_problem(f"LiteLLM {candidate.version} does not start on this revision: {found.failed}")]
    return [
        _problem(f"LiteLLM {candidate.version} does not start with {name_of(made.config, each)}: {each.message}")
        for each in found.culprits
    ]


def _unlike(made: Mocked, deployments: Sequence[Mapping[str, Any]], candidate: Candidate) -> list[str]:
    """What was meant and is not there, and the reverse."""
    meant = {entry.id: entry.group for entry in made.entries}
    there = {str(each["id"]): str(each["group"]) for each in deployments}
    lost = sorted({group for id, group in meant.items() if there.get(id) != group})
    added = sorted({group for id, group in there.items() if id not in meant})
    return [
        *(f"LiteLLM {candidate.version} does not register {group} as it is meant" for group in lost),
        *(f"LiteLLM {candidate.version} registers {group}, which is not meant" for group in added),
    ]


def _problem(text: str) -> Problem:
    return Problem("failed-preflight", text, hint=FORCE)
