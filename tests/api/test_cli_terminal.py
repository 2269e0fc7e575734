"""What a person sees on a terminal of 80 columns, and what a program reads where something stands in the way."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl import shipped
from modelctl.cli import dotenv_file
from modelctl.cli.typer_app import PANELS, application
from modelctl.project import MARK, PROJECT, Settings, resolve, user
from support.api_server import ACME, Plane, report, write_catalog
from support.cli import COLOUR, call, plain, program, seen

LONG = "because the evaluation of last week says that it answers better, and the price is the same as before"


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    monkeypatch.delenv("ACME_KEY", raising=False)
    made = Plane(write_catalog(tmp_path))
    monkeypatch.setenv("MODELCTL_SERVER", made.url)
    monkeypatch.setenv("USER", "ada")
    monkeypatch.chdir(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MODELCTL_CATALOG", "MODELCTL_STATE", "MODELCTL_SERVER", "ACME_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MODELCTL_SERVER", "http://127.0.0.1:9")
    monkeypatch.chdir(tmp_path)
    write_catalog(tmp_path)
    return tmp_path


def fits(text: str, columns: int = 80) -> bool:
    return all(len(line) <= columns for line in plain(text).splitlines())


# -- 80 columns ---------------------------------------------------------------------------------


def test_list_says_what_can_be_used_and_what_is_current(plane: Plane) -> None:
    plane.select("other-twin", route="side", force=True)
    ran = seen("list")
    lines = plain(ran.out).splitlines()
    assert fits(ran.out)
    assert lines[0].split() == ["MODEL", "STATE", "CONTEXT", "IN", "$/1M", "OUT", "$/1M", "REMARKS"]
    assert lines[1] == "Other", "a provider with something usable comes first"
    assert next(line for line in lines if line.startswith("other-twin")).split() == [
        "other-twin",
        "current",
        "64,000",
        "side",
    ]
    assert "Acme  not set: ACME_KEY (put it into .env)" in lines
    assert ran.out.count("ACME_KEY") == 1
    assert next(line for line in lines if line.startswith("slow")).split() == [
        "slow",
        "unset",
        "128,000",
        "2.00",
        "4.00",
    ]
    assert next(line for line in lines if line.startswith("old")).split() == ["old", "retired", "use", "fast"]


def test_list_for_a_pipe_is_a_line_for_each_model(plane: Plane) -> None:
    out = call("list").out
    assert not COLOUR.search(out)
    assert out.splitlines()[1].split()[:4] == ["acme", "fast", "unset", "128,000"]
    assert "ACME_KEY is not set" in out.splitlines()[1]


def test_numbers_stand_one_below_the_other(project: Path) -> None:
    write_catalog(
        project, providers_acme=ACME.replace("price: {input: 1, output: 2}", "price: {input: 12.5, output: 0.075}")
    )
    lines = [line for line in seen("list", "acme").out.splitlines() if re.search(r"(fast|slow)", line)]
    ends = [[found.end() for found in re.finditer(r"[\d,]*\d\.\d+", plain(line))] for line in lines[:2]]
    assert ends[0] == ends[1]
    assert "12.50" in lines[0]
    assert "0.075" in lines[0]


def test_history_is_told_in_words(plane: Plane) -> None:
    assert call("use", "slow", "--reason", LONG).code == 0
    ran = seen("history")
    assert fits(ran.out)
    text = " ".join(plain(ran.out).split())
    assert f"ada active: fast -> slow, {LONG}" in text
    assert re.search(r"^\d\d:\d\d  ", plain(ran.out).splitlines()[1])


def test_status_holds_many_variables_and_long_errors(plane: Plane) -> None:
    names = [f"A_VARIABLE_OF_PROVIDER_{number}" for number in range(7)]
    report(plane.store, "host-7a31:12345", unset=names)
    report(
        plane.store,
        "host-7a31:12346",
        unset=names,
        error="the entry `fast` names a provider that LiteLLM does not know",
    )
    ran = seen("status")
    assert fits(ran.out)
    text = " ".join(plain(ran.out).split())
    assert f"not set: {', '.join(names)}" in text
    assert "the entry `fast` names a provider that LiteLLM does not know" in text
    assert "put what you need into .env, then run `modelctl restart`" in plain(ran.err)


@pytest.mark.parametrize("argv", [["list"], ["status"], ["history"], ["current"], ["use", "slow"], ["check"]])
def test_colour_only_on_a_terminal(plane: Plane, argv: list[str]) -> None:
    report(plane.store, "w1")
    assert not COLOUR.search((ran := call(*argv)).out + ran.err)
    assert COLOUR.search((ran := seen(*argv)).out + ran.err)


def test_hostile_text_does_not_colour_a_terminal(plane: Plane) -> None:
    from modelctl.state.selection import HistoryEntry

    evil = HistoryEntry("select", 0.0, "\x1b[31mevil\x07", "active", reason="\x1b]0;title\x07")
    plane.store.commit(plane.store.head().version, entries=[evil])
    out = seen("history").out
    assert "\x1b[31m" not in out
    assert "\x07" not in out
    assert "evil" in out


def test_explain_wraps_prose_and_leaves_examples(project: Path) -> None:
    narrow = seen("explain", "unknown-key", columns=50).out
    assert fits(narrow, 50)
    assert "\n    litellm_settings:\n      num_retires: 3\n" in narrow


def test_an_end_is_told_as_people_read_it(plane: Plane) -> None:
    assert re.search(r"ends in 90 min \((\d+ \w+ )?\d\d:\d\d\)", call("use", "slow", "--for", "90m").out)


def test_workers_are_counted_in_english(plane: Plane) -> None:
    report(plane.store, "w1", version=10_000)
    report(plane.store, "w2", version=10_000)
    assert call("use", "slow").err == "2 workers run it\n"


# -- help ---------------------------------------------------------------------------------------


COMMANDS = sorted(name for names in PANELS.values() for name in names)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_variables_and_plain_flags(command: str) -> None:
    out = call(command, "--help").out
    assert "<bool>" not in out
    assert not ("--server" in out and "MODELCTL_SERVER" not in out)
    assert not ("--catalog" in out and "MODELCTL_CATALOG" not in out)
    assert not ("--state" in out and "MODELCTL_STATE" not in out)


def test_every_command_stands_in_a_panel() -> None:
    found = {each.name or each.callback.__name__: each for each in application().registered_commands if each.callback}
    assert {name for name, each in found.items() if not each.hidden and each.rich_help_panel == "Further"} == set()
    out = call("--help").out
    assert [name for name in re.findall(r"─ (\w+) ─", out) if name != "Options"] == list(PANELS)
    assert "<bool>" not in out


@pytest.mark.parametrize("word", ["switch", "select"])
def test_use_by_another_name(plane: Plane, word: str) -> None:
    assert call(word, "slow").out == "active points to slow (was fast)\n"
    assert f" {word} " not in call("--help").out


# -- did you mean --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv", [["rollback", "--route", "activ"], ["history", "--route", "activ"], ["current", "--route", "activ"]]
)
def test_near_names_of_routes(plane: Plane, argv: list[str]) -> None:
    ran = call(*argv)
    assert (ran.code, "did you mean `active`?" in ran.err) == (1, True)


def test_names_that_are_near_to_nothing_are_listed(plane: Plane) -> None:
    ran = call("rollback", "--route", "zzzz")
    assert (ran.code, "hint: routes: active, side" in ran.err) == (1, True)


def test_client_without_a_name_lists_them(project: Path) -> None:
    ran = call("client")
    assert ran.code == 0
    assert {line.split()[0] for line in ran.out.splitlines()[1:]} == {
        "opencode", "codex", "claude", "aider", "openwebui", "llm", "continue", "env",
    }  # fmt: skip


# -- errors for programs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "code", "kind"),
    [
        (["current"], 4, "unreachable"),
        (["use", "x"], 4, "unreachable"),
        (["use"], 2, "usage"),
        (["use", "x", "--for", "soon"], 2, "usage"),
        (["use", "x", "--frce"], 2, "usage"),
        (["list", "acmee"], 1, "not_found"),
        (["explain", "no-such-rule"], 1, "not_found"),
        (["restart"], 1, "bad_request"),
        (["render", "--check"], 1, "bad_request"),
        (["check", "nowhere.yaml"], 1, "bad_request"),
        (["ping", "--proxy", "http://127.0.0.1:9"], 4, "unreachable"),
    ],
)
def test_a_failure_is_json_where_json_is_asked_for(project: Path, argv: list[str], code: int, kind: str) -> None:
    ran = call(*argv, "--json")
    assert (ran.code, ran.err) == (code, "")
    error = json.loads(ran.out)["error"]
    assert (error["code"], set(error)) == (kind, {"code", "message", "hint", "problems"})
    assert error["message"]


def test_what_is_wrong_with_the_catalog_is_in_the_json(project: Path) -> None:
    write_catalog(project, routes="active: {targt: fast}\n")
    for argv in (["list"], ["render"]):
        ran = call(*argv, "--json")
        assert (ran.code, ran.err) == (1, "")
        assert "unknown-key" in [each["rule"] for each in json.loads(ran.out)["error"]["problems"]]


def test_a_refusal_keeps_its_code(plane: Plane) -> None:
    ran = call("use", "tiny", "--json")
    error = json.loads(ran.out)["error"]
    assert (ran.code, error["code"], error["problems"][0]["rule"]) == (1, "refused", "requires")


@pytest.mark.parametrize(
    "argv", [["render"], ["render", "--stdout"], ["explain"], ["explain", "unknown-key"], ["list"], ["client"]]
)
def test_answers_as_json(project: Path, argv: list[str]) -> None:
    ran = call(*argv, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)


# -- check ------------------------------------------------------------------------------------------


def test_check_tells_unset_variables_once_for_each_file_and_errors_last(project: Path) -> None:
    acme = ACME.replace("api_key:", "api_base: os.environ/ACME_BASE\napi_key:").replace(
        "api_base: http://localhost:9/v1\n", ""
    )
    write_catalog(project, providers_acme=acme, routes="active: {targt: fast}\n")
    lines = call("check").out.splitlines()
    unset = [line for line in lines if "unset-reference" in line]
    assert unset == [
        "catalog/providers/acme.yaml: warning[unset-reference]: not set in this environment: ACME_BASE, ACME_KEY"
    ]
    severities = [found[1] for line in lines if (found := re.search(r" (error|warning|info)\[", line))]
    assert severities[-1] == "error"
    assert severities == sorted(severities, key=["info", "warning", "error"].index)
    whole = json.loads(call("check", "--json").out)["problems"]
    assert sum(each["rule"] == "unset-reference" for each in whole) == 2, "programs get each by itself"


def test_check_keeps_what_is_to_be_said_of_one_variable_alone(project: Path) -> None:
    (project / "x.yaml").write_text(
        "model_list:\n"
        "  - model_name: a\n"
        "    litellm_params: {model: openai/a, api_base: os.environ/ACME_BASE, api_key: os.environ/ACME_KEY}\n"
        "  - {model_name: b, litellm_params: {model: openai/b, api_key: os.environ/ACME_OTHER}}\n"
        "environment_variables: {ACME_BASE: http://localhost:9/v1}\n"
    )
    unset = [line for line in call("check", "x.yaml").out.splitlines() if "unset-reference" in line]
    assert len(unset) == 2
    assert unset[0].endswith("not set in this environment: ACME_KEY, ACME_OTHER")
    assert unset[1].startswith("x.yaml:3:"), "with its place"
    assert "`ACME_BASE` is not set in this environment, and `environment_variables` of the same file" in unset[1]


def test_check_wraps_what_it_says(project: Path) -> None:
    ran = seen("check")
    assert fits(ran.out)
    text = " ".join(plain(ran.out).split())
    assert "catalog/providers/acme.yaml: warning[unset-reference]: `ACME_KEY` is not set in this environment" in text


def test_check_of_our_render_names_no_variable_that_up_sets(project: Path) -> None:
    write_catalog(
        project, proxy="general_settings: {master_key: os.environ/LITELLM_MASTER_KEY}\n",
        providers_other='litellm_provider: ollama_chat\napi_base: os.environ/LAB_URL\napi_key: none\n'
        'env_defaults: {LAB_URL: "http://localhost:9"}\n'
        "models: {free: {mode: chat, context_window: 9000, supports_tools: true}}\n",
    )  # fmt: skip
    assert call("render").code == 0
    rendered = project / "litellm_config.yaml"
    out = call("check", rendered).out
    assert "ACME_KEY" in out
    assert "LAB_URL" not in out
    assert "LITELLM_MASTER_KEY" not in out
    other = project / "theirs.yaml"
    other.write_text(rendered.read_text().replace("generated by", "copied from"))
    assert "LITELLM_MASTER_KEY" in call("check", other).out


# -- refusals -----------------------------------------------------------------------------------------


def test_a_refusal_for_a_key_offers_the_right_act_first(plane: Plane) -> None:
    report(plane.store, "w1", unset=["ACME_KEY"])
    said = plane.select("slow").json()["error"]["hint"]
    assert said == "put ACME_KEY into .env, then run `modelctl restart`; `force` overrides this and is recorded"
    ran = call("use", "slow")
    assert "put ACME_KEY into .env, then run `modelctl restart`; --force overrides this, and is recorded" in ran.err


# -- around it ------------------------------------------------------------------------------------------


def test_a_broken_line_of_env_names_file_line_and_act(project: Path) -> None:
    (project / ".env").write_text("ACME_KEY=set\n\nthis is no line\nOTHER=1\n")
    ran = program("check", cwd=project)
    assert (ran.code, "python-dotenv" in ran.err) == (0, False)
    assert f"{project}/.env:3: this is no `NAME=value`" in ran.err
    assert "mend the line" in ran.err
    assert "this is no line" not in ran.err, "it may hold a secret"
    assert "ACME_KEY" not in ran.out


def test_the_person_is_known_without_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "ada")
    assert user() == "ada"
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    import pwd

    assert user() == pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)
    assert user() == "someone"


def test_serve_does_not_say_that_it_listens_before_it_does(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = program("serve", "--port", str(taken.getsockname()[1]), cwd=project)
    assert ran.code == 1
    assert "is in use" in ran.err
    assert "control plane: http" not in ran.err


def test_acting_from_elsewhere_says_which_project_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from modelctl.cli.api_client import _say_whose

    here = Settings(tmp_path / "catalog", tmp_path, "", "http://127.0.0.1:7777", server_named=False)
    answered = {MARK: "another", PROJECT: "shop%20floor"}
    said: list[str] = []
    monkeypatch.setattr("modelctl.cli.output.say", said.append)
    _say_whose(here, answered)
    assert said == ["note: project `shop floor` answers at http://127.0.0.1:7777; --server says which one is meant"]


def test_init_from_a_checkout_says_which_edits_it_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "catalog" / "providers").mkdir(parents=True)
    (checkout / "templates").mkdir()
    for source in (*shipped.catalog().rglob("*.yaml"), *shipped.templates().iterdir()):
        target = checkout / source.relative_to(shipped.catalog().parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    git = ["git", "-c", "user.name=ada", "-c", "user.email=ada@example.org", "-C", str(checkout)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "start"]):
        subprocess.run([*git, *words], check=True)
    monkeypatch.setattr(shipped, "_PACKAGE", checkout / "src" / "modelctl")
    assert "note: copied" not in call("init", tmp_path / "clean").err
    (checkout / "catalog" / "routes.yaml").write_text("active: {target: demo}\n")
    assert "uncommitted: catalog/routes.yaml" in call("init", tmp_path / "edited").err


def test_logging_of_dotenv_is_ours(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    (project / ".env").write_text("= nothing\n")
    with caplog.at_level(logging.WARNING):
        dotenv_file.load_dotenv(resolve(project / "catalog"))
    assert [each.name for each in caplog.records] == ["modelctl"]
