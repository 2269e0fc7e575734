"""`make bench`: run the rows, print the table, write build/bench.json."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from bench import record, scene
from bench.measure import Result, Setting, machine_line
from bench.rows import (
    applied,
    build,
    cost,
    failures,
    fleet,
    hosts,
    publish,
    reload,
    server,
    start,
    tally,
    today,
    usage,
)
from bench.table import heading, line, summary
from support import lines
from support.processes import stop_all

Row = Callable[[Setting], Iterator[Result]]

ROWS: dict[str, Row] = {
    "check": start.check,
    "build": build.check_and_render,
    "publish": publish.growth,
    "list": server.models_list,
    "memory": server.memory,
    "reload": reload.against_nginx,
    "edit": applied.edits,
    "stretch": applied.stretches,
    "loop": applied.loop_time,
    "select": applied.selections,
    "failures": failures.failures,
    "cpu": cost.cpu_per_request,
    "part": usage.part_of_a_request,
    "query": usage.query,
    "size": usage.size,
    "tally": tally.exact,
    "today": today.restart,
    "redis": fleet.on_redis,
    "hosts": hosts.fleets,
}
SHARE_A_SCENE = ("edit", "stretch", "loop", "select", "failures")
OF_A_LINE = ("reload", *SHARE_A_SCENE, "cpu", "part", "tally", "today")  # what depends on LiteLLM
OUTPUT = Path("build/bench.json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="only these rows")
    parser.add_argument("--quick", action="store_true", help="fewer samples: minutes instead of half an hour")
    parser.add_argument(
        "--record", action="store_true", help="publish: into docs/benchmarks.json and docs/benchmarks.md"
    )
    parser.add_argument("--page", action="store_true", help="write docs/benchmarks.md again, measure nothing")
    parser.add_argument("--check", action="store_true", help="say whether docs/benchmarks.md is what was recorded")
    parser.add_argument("--line", help="measure with another line of LiteLLM (`make lines` makes its environment)")
    arguments = parser.parse_args()
    if arguments.page or arguments.check:
        return _page(check=arguments.check)
    if arguments.line:
        lines.choose(arguments.line)
    rows = arguments.rows or list(OF_A_LINE if arguments.line else ROWS)
    with tempfile.TemporaryDirectory(prefix="modelctl-bench-") as folder:
        setting = Setting(arguments.quick, Path(folder))
        try:
            results = _run(rows, setting, arguments.record)
        finally:
            scene.close()
            stop_all()
    _write(results, setting)
    print(summary(results))
    return 0


def _page(*, check: bool) -> int:
    text = record.page()
    if check:
        if record.PAGE.read_text() == text:
            return 0
        print("docs/benchmarks.md is not current: make docs", file=sys.stderr)
        return 1
    record.PAGE.write_text(text, encoding="utf-8")
    return 0


def _run(names: list[str], setting: Setting, recorded: bool) -> list[Result]:
    run = f"LiteLLM {lines.litellm_release()}; {'quick' if setting.quick else 'full'} run"
    print(f"{machine_line()}; {run}\n{heading()}", flush=True)
    results = []
    for name in [each for each in ROWS if each in names]:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        if name not in SHARE_A_SCENE:
            scene.close()
        for result in ROWS[name](setting):
            results.append(result)
            print(line(result), flush=True)
            if recorded:
                record.add(name, result, of_a_line=name in OF_A_LINE, quick=setting.quick)
    return results


def _write(results: list[Result], setting: Setting) -> None:
    OUTPUT.parent.mkdir(exist_ok=True)
    rows = [{**asdict(result), "ratio": result.ratio, "met": result.met} for result in results]
    body = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": machine_line(), "quick": setting.quick}
    body["litellm"] = lines.litellm_release()
    OUTPUT.write_text(json.dumps({**body, "rows": rows}, indent=1))


if __name__ == "__main__":
    sys.exit(main())
