"""Which files of a folder are read, and what happens to those that cannot be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from modelctl.catalog.folder import Folder
from modelctl.catalog.load_catalog import Loader
from modelctl.errors import Problem, errors_in
from modelctl.pipeline import Builder
from support.catalogs import TODAY, built, state, write

OPENAI = "api_key: os.environ/OPENAI_API_KEY\nmodels:\n  gpt-5-mini: {}\n  gpt-4.1:\n"


def names(folder: Path) -> set[str]:
    desired = Builder(folder, TODAY).build().desired
    assert desired is not None
    return desired.public_names


def rules(problems: list[Problem]) -> list[str]:
    return [problem.rule for problem in problems]


def test_only_yaml_is_read(tmp_path: Path) -> None:
    files = {
        "providers/openai.yaml": OPENAI,
        "providers/azure.yml": "models: {a: {}}",
        "providers/.hidden.yaml": "{",
        "providers/notes.txt": "{",
        "providers/openai.yaml~": "{",
        "providers/openai.yaml.swp": "{",
        "providers/.openai.yaml.swp": "{",
        "README.md": "{",
        "environments/prod.yaml": "anything: true",
        ".git/config.yaml": "{",
    }
    build = built(tmp_path, files)
    assert errors_in(build.problems) == []
    assert build.desired is not None
    assert build.desired.public_names == {"gpt-5-mini", "gpt-4.1", "a"}


def test_one_model_per_file(tmp_path: Path) -> None:
    files = {
        "providers/openai": OPENAI,
        "providers/openai/by-stem": "description: x",
        "providers/openai/file": "id: by/id\nfallbacks: [by-stem]",
        "providers/openai/empty": "",
    }
    desired = state(tmp_path, files)
    assert [model.id for model in desired.providers[0].models] == ["gpt-5-mini", "gpt-4.1", "by-stem", "empty", "by/id"]
    assert desired.fallbacks == {"fallbacks": {"by/id": ["by-stem"]}}


def test_a_model_file_needs_its_provider(tmp_path: Path) -> None:
    build = built(tmp_path, {"providers/openai": OPENAI, "providers/mistral/large": "{}"})
    assert rules(build.problems) == ["missing-provider-file"]
    assert build.desired is None


def test_same_name_twice(tmp_path: Path) -> None:
    build = built(tmp_path, {"providers/openai.yaml": OPENAI, "providers/openai.yml": OPENAI})
    assert rules(build.problems) == ["duplicate-file"]


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_no_such_folder(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("x")
    build = Builder(tmp_path / folder, TODAY).build()
    assert rules(build.problems) == ["unreadable-folder"]
    assert build.desired is None


def test_empty_folder(tmp_path: Path) -> None:
    build = Builder(tmp_path, TODAY).build()
    assert rules(build.problems) == ["empty-catalog"]
    assert "modelctl init" in (build.problems[0].hint or "")


def test_folder_named_like_a_file_and_dangling_link(tmp_path: Path) -> None:
    write(tmp_path, {"providers/openai": OPENAI, "routes": "active: {target: anything}"})
    (tmp_path / "providers" / "folder.yaml").mkdir()
    (tmp_path / "providers" / "gone.yaml").symlink_to("nowhere.yaml")
    build = Builder(tmp_path, TODAY).build()
    assert [(problem.rule, Path(problem.file).name) for problem in build.problems] == [
        ("unreadable-file", "folder.yaml"),
        ("unreadable-file", "gone.yaml"),
    ]


def test_one_bad_file_does_not_hide_the_problems_of_others(tmp_path: Path) -> None:
    files = {
        "providers/a": "models: {a: {fallbacks: [a]}}",
        "providers/b": "models: {b: {",
        "providers/c": "models: {c: {nme: x}}",
        "routes": "active: {target: b-perhaps}",
    }
    assert rules(built(tmp_path, files).problems) == ["self-fallback", "yaml-syntax", "unknown-key"]


def test_config_map_links_are_followed(tmp_path: Path) -> None:
    """Kubernetes mounts `name -> ..data/name`, `..data -> ..2026_1`, and swaps the second link."""
    for version, model in (("..2026_1", "first"), ("..2026_2", "second")):
        write(tmp_path / "providers" / version, {"openai": f"models: {{{model}: {{}}}}"})
    folder = tmp_path / "providers"
    (folder / "..data").symlink_to("..2026_1")
    (folder / "openai.yaml").symlink_to("..data/openai.yaml")
    builder = Builder(tmp_path, TODAY)
    before = builder.build().desired
    assert before is not None
    assert before.public_names == {"first"}
    (folder / "..new").symlink_to("..2026_2")
    (folder / "..new").replace(folder / "..data")
    after = builder.build().desired
    assert after is not None
    assert after.public_names == {"second"}


def test_an_edit_within_the_same_time_stamp_is_seen(tmp_path: Path) -> None:
    path = write(tmp_path, {"providers/a": "models: {one: {}}"}) / "providers" / "a.yaml"
    builder = Builder(tmp_path, TODAY)
    builder.build()
    seen = path.stat()
    path.write_text("models: {two: {}}")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    desired = builder.build().desired
    assert desired is not None
    assert desired.public_names == {"two"}


def test_unchanged_files_keep_their_entries(tmp_path: Path) -> None:
    write(tmp_path, {"providers/a": "models: {one: {}}", "providers/b": "models: {two: {}}"})
    folder, loader = Folder(tmp_path), Loader()
    before = loader.load(folder.read())
    write(tmp_path, {"providers/b": "models: {three: {}}"})
    after = loader.load(folder.read())
    assert after.providers[0] == before.providers[0]
    assert after.providers[1] != before.providers[1]
    assert folder.files() == [tmp_path / "providers/a.yaml", tmp_path / "providers/b.yaml"]


def test_files_come_and_go(tmp_path: Path) -> None:
    write(tmp_path, {"providers/a": "models: {one: {}}", "providers/b": "models: {two: {}}"})
    builder = Builder(tmp_path, TODAY)
    assert builder.build().desired is not None
    (tmp_path / "providers/a.yaml").unlink()
    assert names(tmp_path) == {"two"}
    shutil.rmtree(tmp_path)
    assert rules(builder.build().problems) == ["unreadable-folder"]
    write(tmp_path, {"providers/a": "models: {one: {}}"})
    assert names(tmp_path) == {"one"}


def test_labels_are_relative_to_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "catalog", {"providers/a": "models: {one: {x: 1}}"})
    monkeypatch.chdir(tmp_path)
    for given in (Path("catalog"), tmp_path / "catalog"):
        assert Builder(given, TODAY).build().problems[0].file == "catalog/providers/a.yaml"
    monkeypatch.chdir("/")
    assert Builder(tmp_path / "catalog", TODAY).build().problems[0].file.endswith("catalog/providers/a.yaml")
