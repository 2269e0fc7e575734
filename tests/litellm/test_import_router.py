"""litellm's own Router makes the same of a config and of what its import renders to."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.import_result import Both, import_both
from support.router_meaning import ask

pytestmark = pytest.mark.litellm
GOLDEN = Path(__file__).parents[1] / "golden" / "import"
# Shapes that LiteLLM starts on, and of which nothing is said in another way than LiteLLM would show.
NAMES = ("providers", "groups", "secrets", "sections", "ollama", "facts", "yaml-words", "include")


@pytest.fixture
def pairs(tmp_path: Path) -> dict[str, Both]:
    found = {}
    for name in NAMES:
        folder = tmp_path / name
        folder.mkdir()
        given = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").partition("\n----------\n")[0]
        for part in given.split(">>> ")[1:]:
            file, _, text = part.partition("\n")
            (folder / file).write_text(text, encoding="utf-8")
        found[name] = import_both(folder / "config.yaml", folder / "catalog")
    return found


def test_routers_are_equal(pairs: dict[str, Both]) -> None:
    answers = ask(list(pairs.values()))
    for name, (before, after) in zip(pairs, answers, strict=True):
        assert "error" not in before, name
        assert before["deployments"], name
        assert before == after, name
