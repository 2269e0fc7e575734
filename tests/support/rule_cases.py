"""Examples of rules: tests/rules/<rule>/{pass,fail}/*.yaml, discovered; adding a case is adding a file.

A case is a config file, or several files under lines `#>>> name`; with `providers/...` among them it is a catalog,
else the first is the config. In each file lines keep the numbers that they have in the case. A `fail` case begins with
`# expect: 7:5 error, 9:3 warning`: where the rule says something, and how severe it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from modelctl.check.registry import RULES
from modelctl.configfile.check_file import check_config
from modelctl.errors import Problem
from modelctl.litellm_spec import supported_lines
from modelctl.pipeline import Builder

FOLDER = Path(__file__).parents[1] / "rules"
TODAY = date(2026, 11, 22)
ENVIRON = {"SET": "a value", "LITELLM_MASTER_KEY": "sk-set"}
_TOPS = ("routes.yaml", "proxy.yaml", "presets.yaml")


@dataclass(frozen=True)
class Case:
    path: Path

    @property
    def rule(self) -> str:
        return self.path.parts[-3]

    @property
    def text(self) -> str:
        return self.path.read_bytes().decode("utf-8", "surrogateescape")

    @property
    def files(self) -> dict[str, str]:
        """Name -> text with as many empty lines before it as keep its line numbers."""
        name, found = "litellm_config.yaml", dict[str, list[str]]()
        for number, line in enumerate(self.text.split("\n")):
            if line.startswith("#>>> "):
                name = line.removeprefix("#>>> ").strip()
            elif not line.startswith("# expect:") and (line.strip() or name in found):
                found.setdefault(name, [""] * number).append(line)
        return {name: "\n".join(lines) for name, lines in found.items() if any(line.strip(" ") for line in lines)}

    @property
    def kind(self) -> str:
        return "catalog" if any(name.startswith("providers") or name in _TOPS for name in self.files) else "config"

    @property
    def expected(self) -> list[tuple[int, int, str]]:
        head = self.text.partition("\n")[0]
        return [(int(line), int(column), level) for line, column, level in re.findall(r"(\d+):(\d+) (\w+)", head)]

    def expect(self, found: list[tuple[int, int, str]]) -> None:
        """Write down what comes out now."""
        head = "# expect: " + ", ".join(f"{line}:{column} {level}" for line, column, level in found)
        rest = self.text.partition("\n")[2] if self.text.startswith("# expect:") else self.text
        self.path.write_bytes(f"{head}\n{rest}".encode("utf-8", "surrogateescape"))

    def problems(self, folder: Path) -> list[Problem]:
        """What check finds in it, written into `folder`; on the first LiteLLM on which its rule holds."""
        supported_lines.aim(RULES[self.rule].since)
        try:
            return self._problems(folder)
        finally:
            supported_lines.aim(None)

    def _problems(self, folder: Path) -> list[Problem]:
        inside = folder / "catalog" if self.kind == "catalog" else folder
        for name, text in self.files.items():
            beside = name in ("modelctl.yaml", "pyproject.toml") or name.endswith(".py")
            path = folder / name if beside else inside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
        if self.kind == "catalog":
            return Builder(inside, TODAY, environ=ENVIRON).build().problems
        first = next(name for name in self.files if name not in ("modelctl.yaml", "pyproject.toml"))
        return check_config(folder / first, TODAY, ENVIRON)[0]


def cases(outcome: str) -> list[Case]:
    return [Case(path) for path in sorted(FOLDER.glob(f"*/{outcome}/*.yaml"))]
