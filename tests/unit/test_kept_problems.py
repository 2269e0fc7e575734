"""What was found in a config file comes from the cache only where everything that decides it is the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from modelctl.build import problem_cache
from modelctl.cli.checking import Check
from modelctl.configfile.check_file import check_config
from modelctl.litellm_spec.machine import Machine
from support.catalogs import TODAY
from support.count_calls import counted

CONFIG = """\
model_list:
- model_name: a
  litellm_params: {model: openai/gpt-5-mini, api_key: os.environ/SOME_KEY}
- model_name: a
  litellm_params: {model: nobody/b, timeot: 5}
"""
NONE = ("", b"")
PYTHON = Machine(Path("nowhere"))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "litellm_config.yaml"
    path.write_text(CONFIG)
    return path


def test_what_is_kept_is_what_was_found(config: Path, tmp_path: Path) -> None:
    found = check_config(config, TODAY, {})[0]
    assert found
    name = problem_cache.key(config, TODAY, {}, NONE)
    assert name is not None
    assert problem_cache.load(tmp_path, name, PYTHON) is None
    problem_cache.save(tmp_path, name, found, PYTHON)
    assert problem_cache.load(tmp_path, name, PYTHON) == found


def test_whatever_counts_is_part_of_the_key(config: Path, tmp_path: Path) -> None:
    keys = [
        problem_cache.key(config, TODAY, {}, NONE),
        problem_cache.key(config, TODAY + timedelta(days=1), {}, NONE),
        problem_cache.key(config, TODAY, {"SOME_KEY": "x"}, NONE),
        problem_cache.key(config, TODAY, {"REDIS_URL": "x"}, NONE),
        problem_cache.key(config, TODAY, {"STORE_MODEL_IN_DB": "true"}, NONE),
        problem_cache.key(config, TODAY, {"STORE_MODEL_IN_DB": "false"}, NONE),
        problem_cache.key(config, TODAY, {}, ("modelctl.yaml", b"severities: {}\n")),
    ]
    config.write_text(CONFIG + "# more\n")
    keys.append(problem_cache.key(config, TODAY, {}, NONE))
    config.rename(tmp_path / "other.yaml")
    keys.append(problem_cache.key(tmp_path / "other.yaml", TODAY, {}, NONE))
    assert None not in keys
    assert len(set(keys)) == len(keys)
    assert problem_cache.key(tmp_path / "other.yaml", TODAY, {"SOME_KEY": ""}, NONE) == keys[-1]  # as good as none


def test_a_file_that_may_include_others_is_not_kept(config: Path) -> None:
    config.write_text(f"include: [more.yaml]\n{CONFIG}")
    assert problem_cache.key(config, TODAY, {}, NONE) is None
    assert problem_cache.key(config.with_name("nothing.yaml"), TODAY, {}, NONE) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"config": 1}', '{"config": [{}]}', "\x00"])
def test_a_broken_entry_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    assert problem_cache.load(tmp_path, "x", PYTHON) is None


def test_a_second_check_says_the_same_and_reads_no_yaml(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = "- {{model_name: m{0}, litellm_params: {{model: openai/gpt-5-mini, api_base: http://h{0}/v1}}}}\n"
    config.write_text(CONFIG + "".join(entry.format(number) for number in range(300)))
    codes, said, work = [], [], []
    for _ in range(3):
        code, calls = counted(Check((config,)).run)
        codes.append(code)
        work.append(calls)
        said.append(capsys.readouterr())
    assert said[0] == said[1] == said[2]
    assert "timeot" in said[0].out + said[0].err
    assert codes[0] == codes[1]
    assert work[2] < work[0] / 10


def test_a_python_file_that_comes_changes_or_goes_is_seen(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(f"{CONFIG}litellm_settings: {{callbacks: [mine.handler]}}\n")
    said = []
    for text in (None, None, "other = 1\n", "other = 1\n", "handler = 1\n", "handler = 1\n", None):
        beside = config.with_name("mine.py")
        beside.write_text(text) if text is not None else beside.unlink(missing_ok=True)
        Check((config,)).run()
        said.append(capsys.readouterr().out)
    assert [each.count("missing-python-object") for each in said] == [1, 1, 1, 1, 0, 0, 1]
    assert "there is no `mine.py` here" in said[0]
    assert "`mine.py` has no `handler`" in said[2]
    assert said[0] == said[1] == said[-1]
    assert said[2] == said[3]
