"""From a folder's contents to problems and the desired state, keeping what did not change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from modelctl import checks, compile
from modelctl.catalog.folder import Contents
from modelctl.catalog.load import Catalog, Loader, ProviderFiles
from modelctl.catalog.parts import Part
from modelctl.desired import DesiredState
from modelctl.errors import Problem, errors_in


@dataclass
class Assembly:
    """Makes the same catalog again and again; the parts are kept for as long as files and day are the same."""

    _loader: Loader = field(default_factory=Loader)
    _references: checks.References = field(default_factory=checks.References)
    _parts: dict[ProviderFiles, Part] = field(default_factory=dict)
    _day: date | None = None

    def make(self, contents: Contents, today: date) -> tuple[list[Problem], DesiredState | None]:
        """Problems sorted by place; the desired state is None when one of them is an error."""
        written = self._loader.load(contents)
        parts = self._compile(written, today)
        routes = compile.routes(written.routes)
        problems = _of_files(written, parts) + self._references.problems(written, parts, routes, today)
        problems = sorted(dict.fromkeys(problems), key=lambda problem: problem.order)
        return problems, None if errors_in(problems) else compile.assemble(written, parts, routes)

    def _compile(self, written: Catalog, today: date) -> list[Part]:
        kept, self._day = (self._parts if self._day == today else {}), today
        self._parts = {files: kept.get(files) or compile.part(files, today) for files in written.providers}
        return list(self._parts.values())


def _of_files(written: Catalog, parts: list[Part]) -> list[Problem]:
    problems = list(written.problems)
    for files in written.providers:
        for file in files.files:
            problems += file.problems
    for part in parts:
        problems += part.problems
    for file in written.tops:
        problems += file.problems
    return problems
