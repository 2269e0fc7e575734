"""Where `check` differs for two releases of LiteLLM, as findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelctl.errors import Problem
from modelctl.litellm_spec.supported_lines import aimed
from modelctl.trial import advice
from modelctl.trial.findings import Finding, Kind
from modelctl.trial.trial_config import TrialConfig

_Key = tuple[str, str, int, int]


@dataclass(frozen=True)
class Checked:
    """`new` are the problems for the candidate, `old` those for the present one."""

    old: Sequence[Problem] = ()
    new: Sequence[Problem] = ()
    root: Path = Path()

    def differences(self) -> Iterator[Finding]:
        known = set(self.old)
        yield from (self._finding(each) for each in self.new if each not in known)
        still = {_key(each) for each in self.new}
        for each in self.old:
            if _key(each) not in still:  # such as a key that only later lines read
                yield Finding("gained", "check", each.rule, f"no longer said: {each.message}", place=place_of(each))

    def error_at(self, place: str) -> Finding | None:
        """The finding about a line that stops the candidate's start."""
        found = [self._finding(each) for each in self.new if each.severity == "error" and place_of(each) == place]
        return next((each for each in found if each.advice), found[0] if found else None)

    def _finding(self, problem: Problem) -> Finding:
        same_line = [each for each in self.new if (each.file, each.line) == (problem.file, problem.line)]
        lines = advice.of_problem(problem, same_line, self.root)
        kind: Kind = "lost" if problem.severity == "error" else "changed"
        hint = None if lines else problem.hint
        return Finding(kind, "check", problem.rule, problem.message, place=place_of(problem), advice=lines, hint=hint)


def checked(subject: TrialConfig, before: str, after: str) -> Checked:
    with aimed(before):
        old = subject.problems()
    with aimed(after):
        new = subject.problems()
    return Checked(old, new, subject.root)


def place_of(problem: Problem) -> str:
    return f"{problem.file}:{problem.line}" if problem.line else problem.file


def _key(problem: Problem) -> _Key:
    return (problem.rule, problem.file, problem.line, problem.column)
