"""`modelctl check litellm_config.yaml`: every rule on a config file and what it includes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from modelctl.check import run_rules
from modelctl.check.policy import beside
from modelctl.check.read_policy import read_policy
from modelctl.check.subject_of_config import subject
from modelctl.configfile.read_config import ConfigFile, parse_config
from modelctl.errors import Problem
from modelctl.litellm_spec.machine import Machine
from modelctl.system.collector import collector_paused


def check_config(
    path: Path, today: date, environ: Mapping[str, str] | None = None, machine: Machine | None = None
) -> tuple[list[Problem], ConfigFile]:
    """Every problem, sorted by place. Never raises for what the files say.

    `environ` is where references are looked up; None: they are not. `machine` is where the files are looked for
    that the config names; None: beside it.
    """
    with collector_paused():
        read = parse_config(path, elsewhere=True)
        settings = read_policy(beside(path))
        problems = [*read.problems, *settings.problems]
        if read.config is not None and read.place is not None:
            seen = subject(read.config, read.place, today, settings, environ=environ, pieces=read.pieces)
            seen = replace(seen, open=seen.open or read.partial, machine=machine or Machine(path.parent))
            problems += [*run_rules.of_items(seen), *run_rules.of_whole(seen)]
        return run_rules.settled(problems, read.documents, settings), read
