"""One LiteLLM tried on a config: what it registered, and what it answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modelctl.trial.candidate import Trial
from modelctl.trial.mocked_config import Mocked
from modelctl.trial.narrow import Culprit
from modelctl.trial.requests import TrialAnswer, TrialRequest, ask_all
from modelctl.trial.upstream import Upstream

Say = Callable[[str], None]


@dataclass(frozen=True)
class Side:
    """`failed` is LiteLLM's own message where it does not boot; then it has registered and answered nothing.

    `culprits` are the parts of the config that stop it, as far as they were found.
    """

    litellm: str
    registered: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[tuple[str, str, bool], TrialAnswer] = field(default_factory=dict)
    failed: str | None = None
    log: str = ""
    culprits: Sequence[Culprit] = ()


def side(
    trial: Trial, mocked: Mocked, asks: Sequence[TrialRequest], upstream: Upstream, *, say: Say, patience: float
) -> Side:
    """Boots it, asks it everything, and ends it. `patience`: seconds for its boot."""
    version = trial.candidate.version
    name = f"LiteLLM {version}"
    with trial:
        found = trial.registered(lambda stage: say(f"{name}: {stage}"), patience)
        if found.failed is not None:
            return Side(version, failed=found.failed, log=found.log, culprits=found.culprits)
        answers = ask_all(
            asks,
            trial.url,
            upstream,
            mocked.entries,
            progress=lambda done: say(f"{name}: {done} of {len(asks)} requests"),
        )
    return Side(version, found.answer, answers)
