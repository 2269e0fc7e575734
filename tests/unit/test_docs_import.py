"""The example in docs/import.md is what import does."""

from __future__ import annotations

import re
from pathlib import Path

from modelctl.importer import bring_over
from support.import_result import TODAY

PAGE = Path(__file__).parents[2] / "docs" / "import.md"
EXAMPLE = re.compile(r"<!-- example: (\S+) -->\n```yaml\n(.*?)```", re.DOTALL)


def test_example(tmp_path: Path) -> None:
    examples = dict(EXAMPLE.findall(PAGE.read_text(encoding="utf-8")))
    config = tmp_path / "config.yaml"
    config.write_text(examples.pop("config"), encoding="utf-8")
    made = bring_over(config, TODAY)
    files = {name: text.partition("\n")[2] for name, text in made.files.items() if name != ".env.example"}
    assert files == examples
    assert made.counts == {"exact": 8, "changed": 1, "lost": 0, "no-effect": 1}
    assert [each.name for each in made.variables] == ["ANTHROPIC_API_KEY"]
