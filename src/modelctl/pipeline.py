"""The story on one screen: READ FIRST.

    catalog/*.yaml -> source -> schema -> Catalog -> parts -> checks -> problems
                                                        `--> DesiredState --render--> litellm_config.yaml

Each provider is compiled for itself and kept as long as its files stay as they are, so a build costs
what changed plus a few merges over the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from modelctl import checks, compile
from modelctl.catalog.load import Catalog, Loader, ProviderFiles
from modelctl.catalog.parts import Part
from modelctl.desired import DesiredState
from modelctl.errors import Problem, errors_in


@dataclass(frozen=True)
class Build:
    """What a catalog says: problems sorted by place, and the desired state unless one is an error."""

    problems: list[Problem]
    desired: DesiredState | None


@dataclass
class Builder:
    """Builds one catalog again and again. `today` decides what is retired; None: the day of each build."""

    catalog: Path
    today: date | None = None
    _parts: dict[ProviderFiles, Part] = field(default_factory=dict)
    _day: date | None = None  # on which the parts were compiled

    def __post_init__(self) -> None:
        self._loader = Loader(Path(self.catalog))
        self._references = checks.References()

    def build(self) -> Build:
        """Never raises for a user's mistake."""
        today = self.today or datetime.now(UTC).date()
        written = self._loader.load()
        parts = self._compile(written, today)
        routes = compile.routes(written.routes)
        problems = _of_files(written, parts) + self._references.problems(written, parts, routes, today)
        problems = sorted(dict.fromkeys(problems), key=lambda problem: problem.order)
        return Build(problems, None if errors_in(problems) else compile.assemble(written, parts, routes))

    def files(self) -> list[Path]:
        """The files that the last build read."""
        return self._loader.files()

    def _compile(self, written: Catalog, today: date) -> list[Part]:
        kept, self._day = (self._parts if self._day == today else {}), today
        self._parts = {files: kept.get(files) or compile.part(files, today) for files in written.providers}
        return list(self._parts.values())


def build(catalog: Path) -> Build:
    """Build once."""
    return Builder(catalog).build()


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
