"""The story on one screen: READ FIRST.

    catalog/*.yaml -> folder -> source -> schema -> Catalog -> parts -> rules -> problems
                                                                 `--> DesiredState --render--> litellm_config.yaml

Each provider is compiled for itself and kept as long as its files stay as they are, so a build costs
what changed plus a few merges over the whole. A process that builds once may give a folder in which
results are kept by content: then a catalog seen before is not even parsed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from modelctl.build import build_cache
from modelctl.catalog.folder import Contents, Folder
from modelctl.catalog.pending_edits import Changes, overlaid
from modelctl.check.policy import PolicyFile, beside
from modelctl.errors import CheckFailed, Problem, errors_in
from modelctl.litellm_spec.machine import Machine
from modelctl.state.desired import DesiredState
from modelctl.system.collector import collector_paused, keep_aside

if TYPE_CHECKING:
    from modelctl.build.incremental import IncrementalBuild
    from modelctl.check.subject import Subject


@dataclass(frozen=True)
class Build:
    """What a catalog says: problems sorted by place, and the desired state unless one is an error."""

    problems: list[Problem]
    desired: DesiredState | None

    def sound(self, otherwise: str = "the catalog has errors", *, hint: str | None = None) -> DesiredState:
        """The desired state. Raises CheckFailed with these words where there is none, and the errors that are why."""
        if self.desired is None:
            raise CheckFailed(otherwise, problems=errors_in(self.problems), hint=hint)
        return self.desired


class Builder:
    """Builds one catalog again and again.

    `today` decides what is retired; None: the day of each build (UTC). `cache` is a folder for results
    by content: it spares a fresh process the parsing, and is no use to one that stays. `environ` is where
    references are looked up; None: they are not, since another process's environment says nothing here.
    `environment` names an overlay of the catalog (`environments/<name>.yaml`).
    """

    def __init__(
        self,
        catalog: Path,
        today: date | None = None,
        cache: Path | None = None,
        environ: Mapping[str, str] | None = None,
        *,
        environment: str | None = None,
    ) -> None:
        self.catalog, self.today, self.environ = Path(catalog), today, environ
        self._folder = Folder(self.catalog, environment)
        self._cache = cache
        self._machine = Machine(self.catalog.absolute().parent)
        self._assembly: IncrementalBuild | None = None

    def build(self, changes: Changes | None = None) -> Build:
        """Never raises for a user's mistake. `changes`: as if these files were other ones."""
        today = self.today or datetime.now(UTC).date()
        contents = overlaid(self._folder.read(), changes or {})
        first = self._assembly is None
        with collector_paused():
            made = Build(*self._result(contents, today))
            if first:
                keep_aside()  # it stays as long as we do, and a round through 10,000 models takes 0.1 s
        return made

    def files(self) -> list[Path]:
        """The files that the last build read."""
        return self._folder.files()

    def subject(self) -> Subject | None:
        """What the last build looked at, with the places of its parts; None where it took a kept result."""
        return self._assembly.whole if self._assembly else None

    def _result(self, contents: Contents, today: date) -> build_cache.Result:
        settings = beside(self.catalog)
        if self._cache is None or self._assembly is not None:
            return self._make(contents, today, settings)
        name = build_cache.key(contents, today, settings.raw if settings else b"", self.environ)
        result = build_cache.load(self._cache, name, self._machine)
        if result is None:
            result = self._make(contents, today, settings)
            build_cache.save(self._cache, name, result, self._machine)
        return result

    def _make(self, contents: Contents, today: date, settings: PolicyFile | None) -> build_cache.Result:
        from modelctl.build.incremental import IncrementalBuild  # pydantic, PyYAML: 0.2 s that a kept result spares
        from modelctl.check.read_policy import read_policy

        if self._assembly is None:
            self._assembly = IncrementalBuild(self.environ, self._machine)
        return self._assembly.make(contents, today, read_policy(settings))


def build(catalog: Path, cache: Path | None = None, environment: str | None = None) -> Build:
    """Build once."""
    return Builder(catalog, cache=cache, environment=environment).build()
