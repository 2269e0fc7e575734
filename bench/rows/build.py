"""Check and render of large catalogs, against the bare parse of the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.book import Book
from bench.measure import Result, Setting, spread

COLD = "check + render, cold, against PyYAML's C loader on the same bytes (CPU time)"
AGAIN = "the same, second run (parse cache by content), against that parse (CPU time)"


def check_and_render(setting: Setting) -> Iterator[Result]:
    for models in (1_000, 10_000):
        catalog = Book(setting.folder / f"build-{models}", models, "https://upstream.example/v1").catalog
        runs = [_measure(catalog) for _ in range(setting.count(7, 2))]
        for what, key, target in ((COLD, "cold", 1.5), (AGAIN, "again", 0.3)):
            ratios = [run[key] / run["parse"] for run in runs]
            details = {name: spread([run[name] for run in runs]) for name in ("parse", key)}
            yield Result(what, f"{models:,} models", median(ratios), "x", len(runs), target, details=details)


def _measure(catalog: Path) -> dict[str, float]:
    """Seconds, in a process of its own: nothing there is warm but the imports."""
    command = [sys.executable, "-m", "bench.rows.build", str(catalog)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _in_process(catalog: Path) -> dict[str, float]:
    import yaml

    import modelctl.build.incremental  # noqa: F401  (the pipeline imports it with the first build)
    from bench.measure import worked
    from modelctl.build.rendering import render_text
    from modelctl.pipeline import Builder

    files = [path.read_bytes() for path in sorted(catalog.rglob("*.yaml"))]
    parse = worked(lambda: [yaml.load(text, Loader=yaml.CSafeLoader) for text in files])
    builder = Builder(catalog)

    def whole() -> None:
        made = builder.build()
        assert made.desired is not None, made.problems
        render_text(made.desired)

    return {"parse": parse, "cold": worked(whole), "again": worked(whole)}


if __name__ == "__main__":
    print(json.dumps(_in_process(Path(sys.argv[1]))))
