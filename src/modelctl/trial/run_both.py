"""Two LiteLLMs on one config: one after the other on a small machine, else side by side; never more than two."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from modelctl.trial.candidate import BOOT_S, Candidate, Trial
from modelctl.trial.checked import checked
from modelctl.trial.differences import compare
from modelctl.trial.findings import TrialComparison
from modelctl.trial.mocked_config import Mocked, mocked
from modelctl.trial.requests import TrialRequest, matrix
from modelctl.trial.side import Say, Side, side
from modelctl.trial.trial_config import TrialConfig
from modelctl.trial.upstream import Upstream

ENOUGH_CORES = 4


@dataclass(frozen=True)
class _Both:
    mocked: Mocked
    asks: Sequence[TrialRequest]
    upstream: Upstream
    folder: Path
    environ: Mapping[str, str]
    say: Say
    patience: float

    def trial(self, candidate: Candidate, name: str) -> Trial:
        return Trial(candidate, self.mocked, self.folder / name, self.upstream.url, environ=self.environ)

    def side(self, trial: Trial) -> Side:
        return side(trial, self.mocked, self.asks, self.upstream, say=self.say, patience=self.patience)


def try_both(
    subject: TrialConfig,
    present: Candidate,
    candidate: Candidate,
    environ: Mapping[str, str],
    *,
    say: Say,
    patience: float = BOOT_S,
) -> TrialComparison:
    """Boot both, ask both, compare. In any case no process and no file remains.

    `patience`: seconds for each of the boots.
    """
    with tempfile.TemporaryDirectory(prefix="modelctl-upgrade-") as folder, Upstream() as upstream:
        made = mocked(subject.config, upstream.url, environ)
        both = _Both(made, matrix(made), upstream, Path(folder), environ, say, patience)
        before, after = _sides(both, present, candidate)
    told = checked(subject, present.version, candidate.version)
    return compare(before, after, made, subject.place, told=told)


def _sides(both: _Both, present: Candidate, candidate: Candidate) -> tuple[Side, Side]:
    old, new = both.trial(present, "present"), both.trial(candidate, "candidate")
    if (os.cpu_count() or 1) < ENOUGH_CORES:
        return both.side(old), both.side(new)
    with ThreadPoolExecutor(2) as pool:
        try:
            coming = [pool.submit(both.side, each) for each in (old, new)]
            return coming[0].result(), coming[1].result()
        finally:
            old.end()  # threads that wait for them return at once
            new.end()
