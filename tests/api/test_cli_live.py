"""`use`, `current`, `history`, `rollback`, `status`, `refresh`, `ping` against a server."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from modelctl.cli import ping_command
from modelctl.cli.options import LONGEST_S, seconds
from modelctl.errors import UsageError
from modelctl.project import parse_tokens
from modelctl.service import selecting
from support.api_server import ACME, Plane, report, write_catalog
from support.cli import Ran, call


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path))
    monkeypatch.setenv("MODELCTL_SERVER", made.url)
    monkeypatch.setenv("USER", "ada")
    monkeypatch.chdir(tmp_path)
    yield made
    made.stop()


def test_use_current_history_rollback(plane: Plane) -> None:
    assert call("current").out == "active -> fast (acme/fast)\n"
    used = call("use", "slow", "--reason", "an outage", "--for", "2h")
    assert used.code == 0
    assert used.out.startswith("active points to slow (was fast), ends in 2 h (")
    assert "chosen by ada, an outage" in call("current").out
    first = json.loads(call("history", "--json").out)[0]
    assert (first["actor"], first["reason"], first["after"]) == ("ada", "an outage", "slow")
    assert first["until"] - first["at"] == pytest.approx(7200)
    assert call("rollback").out == "active points to fast (was slow)\n"
    again = call("rollback")
    assert (again.code, "on its default `fast`" in again.err) == (1, True)
    assert [line.split()[1] for line in call("history").out.splitlines()[1:]] == ["rollback", "select", "publish"]


def test_use_of_another_route_and_provider(plane: Plane) -> None:
    assert call("use", "twin").code == 1
    ran = call("use", "twin", "--provider", "other", "--route", "side", "--json")
    assert json.loads(ran.out)["target"] == "other-twin"
    assert call("current", "--route", "side").out.startswith("side -> other-twin (other/twin)")


def test_use_refused_and_forced(plane: Plane) -> None:
    refused = call("use", "tiny")
    assert (refused.code, refused.out) == (1, "")
    assert "lacks tools" in refused.err
    assert "--force overrides this" in refused.err
    forced = call("use", "tiny", "--force")
    assert (forced.code, "overridden: `tiny` lacks tools" in forced.err) == (0, True)
    assert "(forced)" in call("history").out


def test_what_retires_soon_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soon = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    facts = "mode: chat, supports_tools: true, context_window: 9000"
    ends = f"  slow: {{{facts}, lifecycle: {{retires: {soon}, successor: fast}}}}"
    catalog = write_catalog(tmp_path, providers_acme=re.sub(r"^  slow: .*$", ends, ACME, flags=re.MULTILINE))
    made = Plane(catalog)
    monkeypatch.setenv("MODELCTL_SERVER", made.url)
    try:
        for ran in (call("use", "slow"), call("current")):
            assert ran.code == 0
            assert f"warning[retires-soon]: `slow` retires on {soon}\n  hint: use `fast` instead\n" in ran.err
        assert "retires-soon" not in call("use", "fast").err
    finally:
        made.stop()


def test_use_dry_run(plane: Plane) -> None:
    assert call("use", "slow", "--dry-run").out.startswith("active would point to slow")
    assert call("current").out == "active -> fast (acme/fast)\n"


def test_use_unknown(plane: Plane) -> None:
    ran = call("use", "fsat")
    assert (ran.code, "did you mean `fast`?" in ran.err) == (1, True)


def test_use_says_how_many_workers_run_it(plane: Plane) -> None:
    report(plane.store, "w1", version=10_000)
    assert call("use", "slow").err == "1 worker runs it\n"


def test_status(plane: Plane) -> None:
    report(plane.store, "w1", unset=["ACME_KEY"])
    ran = call("status")
    assert ran.code == 0
    assert "active -> fast" in ran.out
    assert "ACME_KEY" in ran.out
    assert "litellm_config.yaml is behind the catalog" in ran.out
    assert json.loads(call("status", "--json").out)["workers"][0]["id"] == "w1"


def test_refresh_and_the_removal_guard(plane: Plane) -> None:
    assert call("refresh").out.startswith("unchanged: revision ")
    (plane.catalog / "providers" / "other.yaml").unlink()
    (plane.catalog / "routes.yaml").write_text("active: {target: fast}\n")
    held = call("refresh")
    assert held.code == 1
    assert "this removes 3 of 8 models" in held.out
    assert "hint: modelctl refresh --force" in held.out
    assert call("refresh", "--force").out.startswith("published: ")
    write_catalog(plane.catalog.parent, routes="active:\n  targt: fast\n")
    broken = call("refresh")
    assert (broken.code, "routes.yaml:2:3" in broken.out, "  2 |   targt: fast" in broken.out) == (1, True, True)


def test_catalog_without_routes_says_what_to_add(plane: Plane) -> None:
    (plane.catalog / "routes.yaml").unlink()
    assert call("refresh").code == 0
    for ran in (call("current"), call("use", "fast")):
        assert ran.code == 1
        assert "add this to catalog/routes.yaml:\n\nactive:\n  target: fast" in ran.err


def test_hostile_text_does_not_reach_the_terminal(plane: Plane) -> None:
    plane.store.commit(plane.store.head().version, entries=[_hostile()])
    out = call("history").out
    assert "\x1b" not in out
    assert "evil" in out


def _hostile() -> object:
    from modelctl.state.selection import HistoryEntry

    return HistoryEntry("select", 0.0, "\x1b[31mevil\x07", "active", reason="\x1b]0;title\x07")


def test_server_without_a_scheme(plane: Plane) -> None:
    assert call("current", "--server", plane.url.removeprefix("http://")).code == 0


def test_server_not_reached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for argv in (["current"], ["use", "x"], ["history"], ["rollback"], ["status"], ["refresh"]):
        ran = call(*argv, "--server", "http://127.0.0.1:9")
        assert (ran.code, ran.out) == (4, "")
        assert "hint: start it with `modelctl up`" in ran.err
    for url in ("nonsense", "http://[", "ftp://127.0.0.1:9"):
        assert call("current", "--server", url).code == 4


def test_token_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plane = Plane(write_catalog(tmp_path), tokens=parse_tokens("bob:a-secret"))
    try:
        refused = call("use", "slow", "--server", plane.url)
        assert (refused.code, "hint: set MODELCTL_TOKEN" in refused.err) == (1, True)
        monkeypatch.setenv("MODELCTL_TOKEN", "bob:a-secret")
        assert call("use", "slow", "--server", plane.url).code == 0
        assert plane.client.get("/history").json()[0]["actor"] == "bob"
    finally:
        plane.stop()


@pytest.mark.parametrize(
    ("text", "length"), [("90s", 90), ("2h", 7200), ("1d12h", 129600), ("1.5m", 90), ("1H 30M", 5400), ("2w", 1209600)]
)
def test_duration(text: str, length: float) -> None:
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["", "2", "h", "2x", "-2h", "2h later", "0s", "1e3s", "2h,", "367d", "9" * 400 + "d"])
def test_no_duration(text: str) -> None:
    with pytest.raises(UsageError):
        seconds(text)


def test_a_duration_that_is_too_long_is_a_usage_error() -> None:
    assert LONGEST_S == selecting.LONGEST_S
    ran = call("use", "demo", "--for", "10000d")
    assert (ran.code, "at most 366d" in ran.err) == (2, True)


# -- ping --------------------------------------------------------------------------------------


class Proxy(http.server.BaseHTTPRequestHandler):
    """Answers as LiteLLM does, by the name of the model."""

    asked: ClassVar[list[tuple[str | None, dict[str, object]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append((self.headers["authorization"], body))
        if body["model"] == "bad":
            message = (
                "litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided: "
                "sk-abcdefgh12345678. Received Model Group=bad\nAvailable Model Group Fallbacks=None"
            )
            return self._answer(401, {"error": {"message": message, "code": "401"}})
        if body["model"] == "thinker" and body["max_tokens"] == 1:
            return self._answer(400, {"error": {"message": "litellm.BadRequestError: max_tokens is too low"}})
        if body["model"] == "locked":
            return self._answer(401, {"error": {"message": "Authentication Error, No api key passed in."}})
        if body["model"] == "no-json":
            return self._send(500, b"Internal Server Error")
        self._answer(200, {"choices": []})

    def _answer(self, status: int, value: object) -> None:
        self._send(status, json.dumps(value).encode())

    def _send(self, status: int, text: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.send_header("x-litellm-model-group", "fast")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    Proxy.asked.clear()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LITELLM_MASTER_KEY", "sk-the-master")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def pinged(proxy: str, *models: str) -> Ran:
    return call("ping", *models, "--proxy", proxy)


def test_ping_active(proxy: str) -> None:
    ran = pinged(proxy)
    assert ran.code == 0
    assert ran.out.splitlines()[1].split()[:2] == ["active", "ok"]
    assert Proxy.asked[0][0] == "Bearer sk-the-master"
    assert (Proxy.asked[0][1]["model"], Proxy.asked[0][1]["max_tokens"]) == ("active", 1)


def test_ping_failure_in_plain_words(proxy: str) -> None:
    ran = pinged(proxy, "fast", "bad")
    assert ran.code == 1
    assert "the provider refuses the key: Incorrect API key provided: ***" in ran.out
    assert "Received Model Group" not in ran.out
    assert "sk-abc" not in ran.out


def test_ping_asks_again_where_one_token_is_too_few(proxy: str) -> None:
    assert pinged(proxy, "thinker").code == 0
    assert [body["max_tokens"] for _, body in Proxy.asked] == [1, ping_command.ENOUGH_TOKENS]


def test_ping_without_a_key_says_what_to_set(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LITELLM_MASTER_KEY")
    for model in ("locked", "no-json"):
        ran = pinged(proxy, model)
        assert (ran.code, "none is known" in ran.err, "LITELLM_MASTER_KEY" in ran.err) == (1, True, True)
    assert "the provider refuses the key" in pinged(proxy, "bad").out


def test_ping_tells_the_control_plane_from_litellm(plane: Plane) -> None:
    ran = pinged(plane.url, "fast")
    assert (ran.code, "is the control plane, not LiteLLM" in ran.err) == (1, True)


def test_an_error_is_cut_at_a_word() -> None:
    said = ping_command.plain(500, "word " * 100)
    assert len(said) <= 300
    assert said.endswith("word ...")
    assert len(ping_command.plain(500, "w" * 400)) == 300


def test_ping_without_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = pinged("http://127.0.0.1:9")
    assert (ran.code, "LiteLLM at http://127.0.0.1:9 does not answer" in ran.err) == (4, True)


@pytest.mark.parametrize(
    ("status", "message", "said"),
    [
        (401, "Authentication Error, Invalid proxy server token passed", "the proxy refuses the key"),
        (400, "/chat/completions: Invalid model name passed in model=x.", "the proxy does not know this model"),
        (429, "litellm.RateLimitError: RateLimitError: OpenAIException - slow down", "too many requests"),
        (429, "No deployments available for selected model", "cooling down"),
        (500, "", "status 500"),
    ],
)
def test_plain_words(status: int, message: str, said: str) -> None:
    assert said in ping_command.plain(status, message)
