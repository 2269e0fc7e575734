"""What `check` does, whoever read its command line: this is run on every commit, so nothing here imports typer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modelctl import report
from modelctl.errors import ModelctlError, Problem, errors_in
from modelctl.settings import Settings, cache_folder, environment, load_dotenv, need_catalog, resolve

FORMATS = ("text", "json", "github", "sarif")
_UNSET = "unset-reference"
_ROUNDS = 5  # what one mistake hid, the next round mends


@dataclass(frozen=True)
class _Checked:
    """What was found, in how many files."""

    problems: list[Problem]
    files: int


@dataclass(frozen=True)
class Check:
    """What was asked for; `paths` are catalog folders or LiteLLM config files, none: the project's catalog."""

    paths: tuple[Path, ...] = ()
    catalog: Path | None = None
    env: str | None = None
    format: str = "text"
    json: bool = False
    strict: bool = False
    env_required: bool = False
    fix: bool = False
    diff: bool = False

    def run(self) -> int:
        """Prints the problems; the exit code is 1 where one of them is an error."""
        settings = resolve(next(iter(self.paths), self.catalog), environment=self.env)
        load_dotenv(settings)
        found = self._mended(settings) if self.fix or self.diff else self._found(settings)
        problems = _required(found.problems) if self.env_required else found.problems
        _show(problems, found.files, "json" if self.json else self.format, settings.root)
        warned = any(each.severity == "warning" for each in problems)
        return 1 if errors_in(problems) or (self.strict and warned) else 0

    def _found(self, settings: Settings) -> _Checked:
        checked = [_checked(path, environment(), self.env) for path in self.paths or (settings.catalog,)]
        return _Checked([each for one in checked for each in one.problems], sum(one.files for one in checked))

    def _mended(self, settings: Settings) -> _Checked:
        from modelctl.cli.mend import mend

        found = self._found(settings)
        for _ in range(_ROUNDS):
            if not mend(found.problems, settings.root, write=self.fix and not self.diff):
                break
            found = self._found(settings)
        return found


def _required(problems: Sequence[Problem]) -> list[Problem]:
    return [replace(each, severity="error") if each.rule == _UNSET else each for each in problems]


def _show(problems: list[Problem], files: int, format: str, root: Path) -> None:
    if format == "text":
        report.problems(problems, root)
        report.out(f"{report.count(problems) or 'no problems'} in {files} file{'' if files == 1 else 's'}")
    elif format == "json":
        errors = errors_in(problems)
        summary = {"files": files, "errors": len(errors), "ok": not errors}
        report.data({"problems": [each.to_dict() for each in problems], **summary})
    else:
        from modelctl import formats

        if format == "sarif":
            return report.data(formats.sarif(problems))
        for line in formats.github(problems):
            report.out(line)


def _checked(path: Path, environ: Mapping[str, str], env: str | None) -> _Checked:
    if path.suffix and not path.exists():
        raise ModelctlError(f"there is no file {path}", hint="a catalog folder, or a LiteLLM config file")
    return _file(path, environ) if path.is_file() else _catalog(resolve(path, environment=env), environ)


def _catalog(settings: Settings, environ: Mapping[str, str]) -> _Checked:
    from modelctl.pipeline import Builder

    folder = need_catalog(settings)
    builder = Builder(folder, cache=cache_folder(), environ=environ, environment=settings.environment)
    return _Checked(builder.build().problems, len(builder.files()))


def _file(path: Path, environ: Mapping[str, str]) -> _Checked:
    from datetime import UTC, datetime

    from modelctl.configfile.check import check_config

    problems, read = check_config(path, datetime.now(UTC).date(), environ)
    return _Checked(problems, len(read.files))
