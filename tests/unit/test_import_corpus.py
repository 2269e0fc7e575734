"""Real configs of others, from the folder that MODELCTL_CORPUS names (see .ci/run); without it one line says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from modelctl.configfile.read_config import parse_config
from support.import_result import Both, import_both
from support.router_meaning import ask

CORPUS = os.environ.get("MODELCTL_CORPUS")
NOTHING_LOST = 0.95
# Said in another way than before, and reported: LiteLLM answers the same to a request, its Router shows it differently.
SAID_OTHERWISE = (
    "is a model string",
    "is an alias",
    "nothing is left of it",
    "has just failed",
    "does not exist",
    "fails on",
)

if CORPUS:
    FILES = sorted(path for path in (Path(CORPUS) / "configs").iterdir() if parse_config(path).documents)

    def _is_yaml(path: Path) -> bool:
        try:
            return isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)
        except yaml.YAMLError:
            return False

    @pytest.fixture(scope="module")
    def imported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
        out = tmp_path_factory.mktemp("imported")
        return {path.name: import_both(path, out / path.stem) for path in FILES if _is_yaml(path)}

    def test_each_passes_and_means_the_same(imported: dict[str, Both]) -> None:
        for name, both in imported.items():
            assert both.errors == [], name
            before, after = both.meanings()
            assert before == after, name

    def test_nothing_is_lost_in_most(imported: dict[str, Both]) -> None:
        whole = [name for name, both in imported.items() if not both.made.having("lost")]
        assert len(whole) >= NOTHING_LOST * len(imported) > 0

    def test_routers_are_equal(imported: dict[str, Both]) -> None:
        for (name, both), (before, after) in zip(imported.items(), ask(list(imported.values())), strict=True):
            if "error" not in before and not _said_otherwise(both):
                assert before == after, name
            elif "error" not in before:
                assert before["deployments"] == after["deployments"], name

    def _said_otherwise(both: Both) -> bool:
        return any(word in each.reason for each in both.made.fields for word in SAID_OTHERWISE)

else:

    def test_own_examples_stand_in() -> None:
        """MODELCTL_CORPUS is not set: real configs were not looked at."""
        assert list((Path(__file__).parents[1] / "golden" / "import").glob("*.txt"))
