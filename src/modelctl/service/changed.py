"""What a service is given to build with, and what a write leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from modelctl.desired import DesiredState
from modelctl.errors import Problem
from modelctl.selection import Head
from modelctl.service.choose import Step


class Built(Protocol):
    @property
    def problems(self) -> list[Problem]: ...
    @property
    def desired(self) -> DesiredState | None: ...


class Builds(Protocol):
    """What the pipeline's Builder is to us."""

    def build(self) -> Built: ...


@dataclass(frozen=True)
class Changed:
    """A write that is durable: the new head and what led to it."""

    head: Head
    step: Step
