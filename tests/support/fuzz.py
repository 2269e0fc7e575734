"""Mutated catalogs and configs: `python -m support.fuzz --runs 20000 [--seed N]`, and a small form in the tests.

A run takes one of the rules' examples, mutates its bytes (flips, deletions, copies, and words that mean something to
YAML or to us put in any place), writes it and checks it. It must end with problems as values: no exception, within
a limit of work, and with every file as it was.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modelctl.check.fixes import fixed
from modelctl.configfile.check_file import check_config
from modelctl.pipeline import Builder
from support.count_calls import counted
from support.rule_cases import ENVIRON, TODAY, Case, cases

LIMIT = 400_000  # calls; a second or so. The first check of a process loads what we know: a third of that
WORDS = [
    b"*a", b"&a ", b"<<: ", b"- ", b": ", b"{", b"}", b"[", b"]", b"\n", b"\t", b"'", b'"', b"|\n", b">\n", b"? ",
    b"!!x ", b"!!binary ", b"---\n", b"...\n", b"%YAML 1.1\n", b"#", b"null", b"~", b"yes", b"4.1", b"1e-07", b".nan",
    b".inf", b"2026-01-01", b"0x1F", b"1_000", b"99999999999999999999", b"-1", b"\x00", b"\xff", b"\xef\xbb\xbf",
    b"\r\n", b"\xe2\x80\xa8", b"\xf0\x9f\x98\x80", b"os.environ/", b"${X}", b"{{ x }}", b"model_list:",
    b"litellm_params:", b"model_info:", b"router_settings:", b"fallbacks:", b"model_group_alias:",
    b"include: [litellm_config.yaml]\n", b"# modelctl: ignore[", b"] why", b"models:", b"price:", b"lifecycle:",
    b"deployments:", b"a" * 2000,
]  # fmt: skip


@dataclass(frozen=True)
class Failure:
    seed: int
    case: Path
    what: str
    text: bytes


def run(seed: int, folder: Path) -> Failure | None:
    """One mutated case; None when all is well."""
    dice = random.Random(seed)
    case = dice.choice(ALL)
    files = write(case, dice, folder)
    before = {path: path.read_bytes() for path in files}
    whole = b"\n#>>>\n".join(before.values())
    try:
        _, calls = counted(lambda: check(case, folder, before))
    except Exception as error:  # the finding of a fuzzer is any exception at all
        return Failure(seed, case.path, f"{type(error).__name__}: {error}", whole)
    if calls > LIMIT:
        return Failure(seed, case.path, f"took {calls} calls", whole)
    if {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} != before:
        return Failure(seed, case.path, "wrote", whole)
    return None


def check(case: Case, folder: Path, files: dict[Path, bytes]) -> None:
    """Everything that is done with a file: its problems, their fixes and their words."""
    if case.kind == "catalog":
        problems = Builder(folder / "catalog", TODAY, environ=ENVIRON).build().problems
    else:
        problems = check_config(next(iter(files)), TODAY, ENVIRON)[0]
    for path, raw in files.items():
        text = raw.decode("utf-8-sig", "replace")
        fixed(text, [each for each in problems if Path(each.file).name == path.name])
    _ = [str(each) for each in problems]


def write(case: Case, dice: random.Random, folder: Path) -> list[Path]:
    """The case's files, one or all of them mutated."""
    inside = folder / "catalog" if case.kind == "catalog" else folder
    written = []
    for name, text in case.files.items():
        path = (folder if name in ("modelctl.yaml", "pyproject.toml") else inside) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = text.encode("utf-8", "surrogateescape")
        path.write_bytes(mutated(raw, dice) if dice.random() < 0.8 else raw)
        written.append(path)
    return sorted(written, key=lambda path: path.name in ("modelctl.yaml", "pyproject.toml"))


def mutated(raw: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.randint(1, 6)):
        at = dice.randint(0, len(raw))
        end = min(len(raw), at + dice.randint(1, 40))
        kind = dice.random()
        if kind < 0.45:
            raw = raw[:at] + dice.choice(WORDS) + raw[at:]
        elif kind < 0.6:
            raw = raw[:at] + raw[end:]
        elif kind < 0.75:
            raw = raw[:at] + raw[at:end] * dice.randint(2, 4) + raw[end:]
        elif kind < 0.9 and raw:
            raw = raw[:at] + bytes([dice.randrange(256)]) + raw[at + 1 :]
        else:
            raw = raw[:at]
    return raw


ALL = [*cases("pass"), *cases("fail")]


def failures(runs: int, seed: int = 0) -> Iterator[Failure]:
    for number in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            found = run(seed * 1_000_003 + number, Path(folder))
        if found:
            yield found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    found = 0
    for failure in failures(wanted.runs, wanted.seed):
        found += 1
        print(f"seed {failure.seed}, {failure.case}: {failure.what}\n{failure.text!r}\n")
    print(f"{wanted.runs} runs, {found} failures")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
