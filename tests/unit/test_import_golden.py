"""Each shape of a config, the catalog it becomes, and what is said of it (see golden/import)."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from modelctl.build.rendering import render_text
from modelctl.errors import errors_in
from modelctl.importer import Imported, bring_over
from modelctl.importer.replace_folder import place
from modelctl.pipeline import Builder

CASES = sorted((Path(__file__).parents[1] / "golden" / "import").glob("*.txt"))
TODAY = date(2026, 11, 22)
DASHES = "\n----------\n"


def _shown(made: Imported) -> str:
    files = [f">>> {name}\n{text.partition(chr(10))[2]}" for name, text in made.files.items() if name != ".env.example"]
    said = [f"{each.verdict}: {each.shown}: {each.reason}" for each in made.fields if each.verdict != "exact"]
    notes = [f"note: {note}" for note in made.notes]
    variables = [f"variable: {each.name} for {each.shown}" for each in made.variables]
    return "\n".join([*files, *said, *notes, *variables, ""])


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_shape(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given, _, expected = case.read_text(encoding="utf-8").partition(DASHES)
    for part in given.split(">>> ")[1:]:
        name, _, text = part.partition("\n")
        Path(name).write_text(text, encoding="utf-8")
    made = bring_over(Path("config.yaml"), TODAY)
    shown = _shown(made).replace(str(tmp_path), "HERE")
    if os.environ.get("MODELCTL_GOLDEN") == "write":
        case.write_text(given.rstrip("\n") + "\n" + DASHES + shown, encoding="utf-8")
    assert shown == expected
    place(made.files, Path("catalog"))
    built = Builder(Path("catalog"), TODAY).build()
    assert errors_in(built.problems) == []
    assert built.desired is None or render_text(built.desired)


def test_there_are_cases() -> None:
    assert len(CASES) >= 14


def test_a_key_does_not_stand_where_other_entries_look(tmp_path: Path) -> None:
    """Bedrock's second entry relies on the machine's role, which AWS_SECRET_ACCESS_KEY would replace."""
    keyed = "{model: bedrock/anthropic.claude-opus-4-8, aws_secret_access_key: not-a-real-key-of-anybody}"
    other = "{model: bedrock/anthropic.claude-sonnet-5, aws_region_name: us-east-1}"
    for others, name in (([other], "BEDROCK_OWN_AWS_SECRET_ACCESS_KEY"), ([], "AWS_SECRET_ACCESS_KEY")):
        entries = "".join(
            f"  - {{model_name: m{at}, litellm_params: {each}}}\n" for at, each in enumerate([keyed, *others])
        )
        path = tmp_path / f"{len(others)}.yaml"
        path.write_text(f"model_list:\n{entries}")
        assert [each.name for each in bring_over(path, TODAY).variables] == [name]
