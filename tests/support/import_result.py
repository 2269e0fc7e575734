"""An import as a test sees it: the config, the catalog on the disk, its render, and whether both mean the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from modelctl.build.rendering import render_text
from modelctl.configfile.read_config import parse_config
from modelctl.errors import errors_in
from modelctl.importer import Imported, bring_over
from modelctl.importer.replace_folder import place
from modelctl.pipeline import Builder
from support.config_semantics import fallback_keys, meaning

TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Both:
    """`before` and `after` are the two configs; None after: the catalog has errors, so nothing is rendered."""

    made: Imported
    before: dict[str, Any]
    after: dict[str, Any] | None
    errors: list[str]

    @property
    def dropped(self) -> set[int]:
        """Entries that were left out whole, as LiteLLM does."""
        whole = (each.path for each in self.made.having("no-effect") if len(each.path) == 2)
        return {index for section, index in whole if section == "model_list" and isinstance(index, int)}

    def hidden(self) -> set[str]:
        """What stood where a reference stands now, and those references."""
        found = {f"os.environ/{each.name}" for each in self.made.variables}
        for each in self.made.having("changed"):
            value = _at(self.before, each.path)
            if isinstance(value, str) and "is a model string" not in each.reason:
                found.add(value)
        return found

    def environment(self) -> dict[str, str]:
        """The offered variables, holding what stood in the config."""
        found = {each.name: _at(self.before, each.path) for each in self.made.variables}
        return {name: value for name, value in found.items() if isinstance(value, str)}

    def meanings(self) -> tuple[dict[str, Any], dict[str, Any]]:
        hidden = self.hidden()
        assert self.after is not None
        asked = fallback_keys(self.before) | fallback_keys(self.after)
        return meaning(self.before, self.dropped, hidden, asked), meaning(self.after, hidden=hidden, asked=asked)


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step] if _has(value, step) else None
    return value


def _has(value: Any, step: Any) -> bool:
    return step in value if isinstance(value, dict) else isinstance(value, list) and step < len(value)


def import_both(config: Path, out: Path) -> Both:
    """Bring it over, write it to `out`, check it, render it."""
    made = bring_over(config, TODAY)
    place(made.files, out)
    built = Builder(out, TODAY).build()
    errors = [f"{problem}" for problem in errors_in(built.problems)]
    after = yaml.load(render_text(built.desired), yaml.CSafeLoader) if built.desired else None
    before = parse_config(config).config
    return Both(
        made, before if before is not None else yaml.safe_load(config.read_text(encoding="utf-8")), after, errors
    )
