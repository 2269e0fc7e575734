"""What differs between two trials of one config, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["lost", "changed", "gained"]
AREAS = ("boot", "check", "models", "routes", "fallbacks", "prices", "limits", "settings", "requests")


@dataclass(frozen=True)
class Finding:
    """`name` is what it is about (a model, a route, `section.key`), `text` says what differs in one sentence."""

    kind: Kind
    area: str
    name: str
    text: str
    before: Any = None
    after: Any = None
    place: str = ""  # file:line where it is written, if it is known
    advice: str | None = None  # YAML to write, where there is one right answer
    hint: str | None = None  # where there is none

    @property
    def order(self) -> tuple[int, int, str]:
        return (("lost", "changed", "gained").index(self.kind), AREAS.index(self.area), self.name)


@dataclass(frozen=True)
class TrialComparison:
    """The findings of one upgrade; `left_out` are the sections and settings that were not looked at.

    `remarks` are about LiteLLMs that modelctl was not tested with.
    """

    before: str
    after: str
    findings: tuple[Finding, ...]
    left_out: tuple[str, ...]
    models: int
    requests: int
    mocked: tuple[str, ...] = ()  # models whose provider's protocol was not tried: LiteLLM's own mock answered
    log: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def lost(self) -> Sequence[Finding]:
        return [finding for finding in self.findings if finding.kind == "lost"]

    def to_dict(self) -> dict[str, Any]:
        return {
            "from": self.before,
            "to": self.after,
            "ok": not self.lost,
            "findings": [asdict(finding) for finding in self.findings],
            "not_compared": list(self.left_out),
            "mocked": list(self.mocked),
            "models": self.models,
            "requests": self.requests,
            "log": self.log,
            "remarks": list(self.remarks),
        }
