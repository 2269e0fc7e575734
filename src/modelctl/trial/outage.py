"""An outage tried: a LiteLLM boots on the config with our upstream behind it, models fail, and each route is asked."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelctl.errors import ModelctlError
from modelctl.litellm_spec.modes import is_chat
from modelctl.trial.candidate import BOOT_S, Candidate, Trial
from modelctl.trial.mocked_config import Mocked, mocked
from modelctl.trial.requests import TrialAnswer, TrialRequest, ask_all
from modelctl.trial.side import Say
from modelctl.trial.trial_config import TrialConfig
from modelctl.trial.upstream import Upstream

FAILS = "litellm.InternalServerError"  # as `mock_response`, LiteLLM raises it


def ask_while_down(
    subject: TrialConfig,
    candidate: Candidate,
    asked: Mapping[str, str],
    down: Collection[str],
    *,
    environ: Mapping[str, str],
    say: Say,
    patience: float = BOOT_S,
) -> dict[str, TrialAnswer]:
    """`asked`: name that is sent -> the public name that it points to; `down`: public names whose deployments fail.

    What each name was answered; names of models that are neither chat nor embedding are not asked. Raises
    ModelctlError where LiteLLM does not boot on the config.
    """
    with tempfile.TemporaryDirectory(prefix="modelctl-drill-") as folder, Upstream() as upstream:
        made = _failing(mocked(subject.config, upstream.url, environ), down)
        asks = list(_asks(made, asked, tuple(each.index for each in made.entries if each.group in down)))
        with Trial(candidate, made, Path(folder), upstream.url, environ=environ) as trial:
            found = trial.registered(lambda stage: say(f"LiteLLM {candidate.version}: {stage}"), patience)
            if found.failed is not None:
                raise ModelctlError(f"LiteLLM {candidate.version} does not start on this catalog: {found.failed}")
            answers = ask_all(asks, trial.url, upstream, made.entries, progress=lambda done: say(f"{done} asked"))
    return {ask.name: answers[ask.key] for ask in asks}


def _asks(made: Mocked, asked: Mapping[str, str], failing: tuple[int, ...]) -> Iterator[TrialRequest]:
    modes: dict[str, str | None] = {each.group: each.mode for each in made.entries}
    for number, (name, target) in enumerate(asked.items()):
        mode = modes.get(target)
        kind = "embeddings" if mode == "embedding" else "chat" if is_chat(mode) else None
        if kind:
            yield TrialRequest(number, name, kind, failing)


def _failing(made: Mocked, down: Collection[str]) -> Mocked:
    """What LiteLLM answers by itself fails by itself; the rest fails at our upstream."""
    by_itself = {each.index for each in made.entries if each.group in down and not each.upstream}
    entries: Sequence[Any] = made.config["model_list"]
    config = {
        **made.config,
        "model_list": [_raising(entry) if index in by_itself else entry for index, entry in enumerate(entries)],
    }
    return replace(made, config=config)


def _raising(entry: Any) -> Any:
    return {**entry, "litellm_params": {**entry["litellm_params"], "mock_response": FAILS}}
