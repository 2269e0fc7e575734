"""`facts`: the catalog beside LiteLLM's bundled map and a second source."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from modelctl.build.facts_drift import RISE, Drift, DriftReport, examine, updated
from modelctl.cli import options, output
from modelctl.errors import ModelctlError, Refused
from modelctl.pipeline import build
from modelctl.project import need_catalog
from modelctl.system.replace_file import replace_files


def facts(
    update: Annotated[
        bool, typer.Option("--update", help="Replace written facts by the map's; nothing is added, all or nothing.")
    ] = False,
    accept_rises: Annotated[
        bool, typer.Option("--accept-rises", help="With --update: also prices that grow by over 20 %.")
    ] = False,
    json: options.Json = False,
    catalog: options.Catalog = None,
) -> None:
    r"""Compare what the catalog states with LiteLLM's price map, and the map with a second price source.

    A value that differs on purpose is left alone where a comment says so, on its line or the one above:
    `# modelctl: ignore\[facts] why`.
    """
    folder = need_catalog(options.resolved(catalog))
    _need_sound(folder)
    found = examine(folder)
    if update:
        return _update(folder, found, accept_rises)
    if json:
        return output.data(_data(found))
    _show(found)


def _need_sound(folder: Path) -> None:
    build(folder).sound()


def _show(found: DriftReport) -> None:
    if found.drifts:
        rows = [
            (drift.model, drift.fact, drift.written, drift.known, f"{drift.file}:{drift.line}")
            for drift in found.drifts
        ]
        output.table(("model", "fact", "written", "map", "where"), rows)
    for doubt in found.doubts:
        output.out(f"{doubt.model}: {doubt.side} costs {doubt.map:g} by the map, {doubt.other:g} by {doubt.source}")
    for model, day in found.retiring.items():
        output.out(f"{model}: the map says that it retires on {day}; the catalog says nothing")
    for model in found.unknown:
        output.out(f"{model}: the map does not know it")
    count = len(found.drifts)
    verdict = {0: "no written fact differs", 1: "1 written fact differs"}.get(count, f"{count} written facts differ")
    kept = f"; {len(found.kept)} kept on purpose" if found.kept else ""
    output.say(f"{verdict} from the map{kept}" + ("; `--update` takes the map's" if count else ""))


def _update(folder: Path, found: DriftReport, accept_rises: bool) -> None:
    rises = [drift for drift in found.drifts if (drift.rise or 0) > RISE]
    if rises and not accept_rises:
        words = ", ".join(f"{rise.model} {rise.fact} {rise.written:g} to {rise.known:g}" for rise in rises)
        raise Refused(f"prices would rise: {words}. Nothing was written", hint="modelctl facts --update --accept-rises")
    try:
        files = updated(folder, found.drifts)
    except KeyError as error:
        place = _place(found.drifts, error.args[0])
        raise ModelctlError(
            f"{place} is shared by an anchor, so it must be edited by hand. Nothing was written"
        ) from None
    _write_all(files)
    count = len(found.drifts)
    output.out(f"{count} fact{'' if count == 1 else 's'} updated")


def _write_all(files: dict[Path, str]) -> None:
    """All new files are complete on disk before the first one replaces its original."""
    try:
        replace_files(files)
    except OSError as error:
        raise ModelctlError(f"cannot write {error.filename}: {error.strerror}. Nothing was written") from error
    for path in files:
        output.say(f"wrote {path}")


def _place(drifts: tuple[Drift, ...], path: object) -> str:
    return next((f"{drift.file}:{drift.line}" for drift in drifts if drift.path == path), "a value")


def _data(found: DriftReport) -> dict[str, object]:
    return {
        "drifts": [drift.to_dict() for drift in found.drifts],
        "kept": [one.to_dict() for one in found.kept],
        "doubts": [asdict(doubt) for doubt in found.doubts],
        "unknown": list(found.unknown),
        "retiring": dict(found.retiring),
    }


def add(app: typer.Typer) -> None:
    app.command()(facts)
