"""`modelctl` as a program: exit codes, help, what it loads, what it never shows."""

from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from modelctl import __version__
from modelctl.cli import quick_check
from modelctl.cli.check_command import check as check_command
from modelctl.cli.checking import Check
from modelctl.cli.output import table
from modelctl.cli.typer_app import PANELS, application, named
from support.api_server import write_catalog
from support.cli import Terminal, call, called, program

COMMANDS = (
    "init", "check", "render", "list", "up", "serve", "restart", "current", "use", "history", "rollback", "status",
    "refresh", "ping",
)  # fmt: skip
REGISTERED = {each.name or each.callback.__name__ for each in application().registered_commands if each.callback}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_catalog(tmp_path)
    return tmp_path


def test_version(project: Path) -> None:
    ran = program("--version", cwd=project)
    assert (ran.code, ran.out) == (0, f"modelctl {__version__}\n")


@pytest.mark.parametrize("command", sorted(REGISTERED))
def test_help_of_each_command(command: str) -> None:
    ran = call(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert "Usage:" in ran.out


def test_every_command_of_the_contract_is_there() -> None:
    assert set(COMMANDS) <= REGISTERED


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["chek"], "Did you mean 'check'"),
        (["use"], "Missing argument"),
        (["check", "--jsn"], "--json"),
        (["up", "--workers", "0"], "--workers"),
        (["serve", "--publish", "perhaps"], "perhaps"),
        (["use", "x", "--for", "soon"], "`soon` is no duration"),
    ],
)
def test_usage(argv: list[str], said: str) -> None:
    ran = call(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_interrupted(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("modelctl.cli.api_client.get", stop)
    monkeypatch.chdir(project)
    assert call("current").code == 130


def test_bug_of_ours(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("sk-secret")

    monkeypatch.setattr("modelctl.pipeline.Builder.build", broken)
    monkeypatch.chdir(project)
    ran = call("check")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("this is a bug in modelctl: ZeroDivisionError.")
    assert len(ran.err.splitlines()) == 1
    log = Path(ran.err.split()[-1])
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_reader_that_goes_away(project: Path) -> None:
    line = f"{sys.executable} -m modelctl list | head -1"
    ran = subprocess.run(["bash", "-c", line], cwd=project, capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""


def test_plain_where_there_is_no_terminal(project: Path) -> None:
    for argv in (["list"], ["check"], ["current"]):
        ran = program(*argv, cwd=project, env={"FORCE_COLOR": "", "TERM": "xterm-256color"})
        assert "\x1b" not in ran.out + ran.err


@pytest.mark.parametrize("argv", ["check", "check --format json", "list", "explain literal-secret"])
def test_a_full_disk_is_no_bug(project: Path, argv: str) -> None:
    line = f"{sys.executable} -m modelctl {argv} > /dev/full"
    ran = subprocess.run(["bash", "-c", line], cwd=project, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (1, "error: cannot write: no space left on device\n")


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_terminal_cuts_a_name(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    names = ["bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "a-public-name-that-is-long-enough"]
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "stdout", screen := Terminal())
    table(("model", "name", "why"), [(*names, "not available: OPENAI_API_KEY is not set")])
    assert all(name in screen.getvalue() for name in names)


def test_completion(project: Path) -> None:
    env = {"_MODELCTL_COMPLETE": "complete_bash", "COMP_WORDS": "modelctl ro", "COMP_CWORD": "1"}
    ran = program(cwd=project, env=env)
    assert ran.out.split() == ["rollback"]


def completed(project: Path, words: str, **env: str) -> list[str]:
    """What bash would offer after these words."""
    said = {"COMP_WORDS": f"modelctl {words}", "COMP_CWORD": str(len(words.split(" ")))}
    ran = called(cwd=project, env={"_MODELCTL_COMPLETE": "complete_bash", **said, **env})
    assert (ran.code, ran.err) == (0, "")
    return ran.out.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("use s", ["slow"]),
        ("use fast --route ", ["active", "side"]),
        ("current --route si", ["side"]),
        ("ping s", ["side", "slow"]),
        ("ping fast t", ["tiny"]),
        ("client open", ["opencode", "openwebui"]),
        ("client opencode --route a", ["active"]),
        ("explain literal", ["literal-secret"]),
        ("use old", []),
    ],
)
def test_names_are_completed(project: Path, words: str, offered: list[str]) -> None:
    assert completed(project, words) == offered


def test_completion_reads_the_catalog_that_is_meant(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert completed(elsewhere, f"use --catalog {project / 'catalog'} s") == ["slow"]
    assert completed(elsewhere, "use s", MODELCTL_CATALOG=str(project / "catalog")) == ["slow"]


@pytest.mark.parametrize("text", ["a: [", "models: 3\n", "\0"])
def test_completion_is_silent_about_a_broken_catalog(project: Path, text: str) -> None:
    (project / "catalog/providers/acme.yaml").write_text(text)
    for words in ("use ", "ping ", "current --route "):
        assert completed(project, words) == []


def test_completion_without_a_catalog(tmp_path: Path) -> None:
    assert completed(tmp_path, "use ") == []


HEAVY = {"fastapi", "starlette", "httpx", "jinja2", "rich", "uvicorn", "watchfiles", "litellm", "rapidfuzz"}


@pytest.mark.parametrize(
    ("argv", "allowed"),
    [
        (["--version"], set()),
        (["check"], set()),
        (["list"], set()),
        (["render", "--stdout"], {"jinja2"}),
        (["current", "--server", "http://127.0.0.1:9"], set()),
        (["up", "--catalog", "nowhere"], set()),
    ],
)
def test_nothing_heavy_is_loaded_without_need(project: Path, argv: list[str], allowed: set[str]) -> None:
    code = textwrap.dedent(f"""
        import sys
        from modelctl.cli import main
        try:
            main({argv!r})
        except SystemExit:
            pass
        print("LOADED", *sorted({{name.partition(".")[0] for name in sys.modules}}))
    """)
    ran = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, timeout=60)
    loaded = set(ran.stdout.splitlines()[-1].split()[1:])
    assert loaded & HEAVY <= allowed


CHECKS = (
    ["check"],
    ["check", "one", "two/three.yaml", "--strict"],
    ["check", "--catalog", "c", "--env=prod", "--format", "sarif", "--fix", "--diff"],
    ["check", "--json", "--env-required", "--format=text", "--format", "json", "x"],
)
LEFT_TO_TYPER = (
    [], ["list"], ["check", "--help"], ["check", "-h"], ["check", "--jsn"], ["check", "--format", "yaml"],
    ["check", "--format"], ["check", "--env", "--strict"], ["check", "--env="], ["check", "--", "--strict"],
    ["check", ""], ["check", "--strict=yes"], ["--version", "check"],
)  # fmt: skip


@pytest.mark.parametrize("argv", CHECKS, ids=" ".join)
def test_check_is_read_alike_with_and_without_typer(argv: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Check] = []
    monkeypatch.setattr(Check, "run", lambda self: ran.append(self) or 0)
    application()(args=argv, prog_name="modelctl", standalone_mode=False)
    assert ran == [quick_check.asked(argv)]


@pytest.mark.parametrize("argv", LEFT_TO_TYPER, ids=" ".join)
def test_what_is_not_plain_is_left_to_typer(argv: list[str]) -> None:
    assert quick_check.asked(argv) is None


def test_check_without_typer_knows_every_option() -> None:
    written = inspect.signature(check_command, eval_str=True).parameters
    names = {f"--{name.replace('_', '-')}" for name in written if name != "paths"}
    assert names == quick_check.FLAGS.keys() | quick_check.VALUES.keys()


# -- the table of commands ---------------------------------------------------------------------


def test_the_table_has_the_commands_that_there_are_and_their_own_first_lines() -> None:
    listed = {name: line for commands in PANELS.values() for name, line in commands.items()}
    real = {each.name or each.callback.__name__: each for each in application().registered_commands if each.callback}
    docs = {name: inspect.getdoc(each.callback) or "" for name, each in real.items() if not each.hidden}
    assert listed == {name: text.split("\n\n")[0] for name, text in docs.items()}


@pytest.mark.parametrize("command", sorted(REGISTERED))
def test_a_command_has_the_same_options_alone_as_among_all(command: str) -> None:
    name = named([command])
    assert name is not None
    alone = {
        each.name or each.callback.__name__: each for each in application(name).registered_commands if each.callback
    }
    among = {each.name or each.callback.__name__: each for each in application().registered_commands if each.callback}
    assert (alone[command].callback, alone[command].hidden) == (among[command].callback, among[command].hidden)


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        ([], None), (["--help"], None), (["--version", "check"], None), (["lst"], None), (["--", "list"], "list"),
        (["models", "--json"], "list"), (["select", "x"], "use"), (["up"], "up"),
    ],
)  # fmt: skip
def test_which_command_a_line_runs(argv: list[str], name: str | None) -> None:
    assert named(argv) == name


@pytest.mark.parametrize("argv", [[], ["--help"], ["lst"]], ids=str)
def test_help_and_a_mistyped_name_load_no_command(project: Path, argv: list[str]) -> None:
    code = f"import sys\nfrom modelctl.cli import main\ntry:\n    main({argv!r})\nexcept SystemExit:\n    pass\n"
    code += (
        "print('LOADED', *(name for name in sys.modules if name.startswith('modelctl.cli.') and '_command' in name))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, timeout=60)
    assert ran.stdout.splitlines()[-1].split() == ["LOADED"]
