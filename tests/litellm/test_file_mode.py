"""File mode: a hand-written config, one line in it, plain `litellm --config`, and edits go live."""

from __future__ import annotations

import json
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from modelctl.litellm_spec.supported_lines import order
from support.count_calls import beat
from support.followed_config import Followed
from support.lines import litellm_release
from support.upstream import Upstream
from support.waiting import wait_until

pytestmark = pytest.mark.boots


def longest() -> float:
    """How long the loop may be held by one edit, ms: since 1.110 LiteLLM's own calls take most of that."""
    return (25 if order(litellm_release()) >= order("1.110") else 8) * 1000 * beat()


SECRET = "plain-not-to-be-shown"
BOOTED = f"""\
# Written by hand.
model_list:
  - model_name: alpha
    litellm_params:
      model: openai/alpha
      api_key: os.environ/KEY_ALPHA
      api_base: os.environ/UPSTREAM_BASE
  - model_name: beta
    litellm_params: {{model: openai/beta, api_key: {SECRET}, api_base: os.environ/UPSTREAM_BASE}}
    model_info: {{id: beta-id, released: 2026-01-02}}
  - model_name: gone
    litellm_params: {{model: nobody/gone, api_key: {SECRET}}}

litellm_settings:
  callbacks: [modelctl.hook.handler, probe.handler]
  context_window_fallbacks: [{{alpha: [vanished]}}]  # wrong since the first boot

general_settings:
  dangerously_allow_mock_testing_request_params: true

router_settings:
  num_retries: 0
  disable_cooldowns: true
  model_group_alias:
    active: alpha
"""
BASE = BOOTED.replace("  context_window_fallbacks: [{alpha: [vanished]}]  # wrong since the first boot\n", "")
WITHOUT_GONE = BASE.replace(BASE[BASE.index("  - model_name: gone") : BASE.index("\nlitellm_settings:")], "")
GAMMA = """\
model_list:
  - model_name: gamma
    litellm_params: {model: openai/gamma, api_key: os.environ/KEY_GAMMA, api_base: os.environ/UPSTREAM_BASE}
"""
ALPHA_SAYS, BETA_SAYS, GAMMA_SAYS = (
    "model=alpha key=sk-alpha;",
    f"model=beta key={SECRET};",
    "model=gamma key=sk-gamma;",
)


def variables(upstream: Upstream, state: Path) -> dict[str, str]:
    keys = {"KEY_ALPHA": "sk-alpha", "KEY_GAMMA": "sk-gamma", "UPSTREAM_BASE": upstream.base()}
    return {**keys, "XDG_STATE_HOME": str(state)}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One user's state folder, for every proxy of theirs."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def session_two(
    tmp_path_factory: pytest.TempPathFactory, session_upstream: Upstream, state: Path
) -> Iterator[Followed]:
    followed = Followed(tmp_path_factory.mktemp("two"), BOOTED, workers=2, env=variables(session_upstream, state))
    try:
        yield followed.start()
    finally:
        followed.stop()


@pytest.fixture
def two(session_two: Followed, upstream: Upstream) -> Followed:
    """Two workers, on the base config by now."""
    session_two.reset(BASE)
    return session_two


def applied(lines: list[str]) -> bool:
    return len(lines) == 2 and all("applied the edit of" in line for line in lines)


def refused(lines: list[str], *words: str) -> bool:
    return len(lines) == 2 and all("refused the edit of" in line and all(w in line for w in words) for line in lines)


def test_boot_says_once_what_it_follows_and_tolerates_what_is_wrong_already(
    session_two: Followed, upstream: Upstream
) -> None:
    two = session_two
    two.boot(BOOTED)
    following = [line for line in two.lines() if "following" in line]
    assert len(following) == 2
    for line in following:
        assert f"following {two.path}: edits go live without a restart; 2 deployments, 1 aliases" in line
        assert "left out, as LiteLLM has dropped it: `gone` (nobody/gone)" in line
    warned = [line for line in two.lines() if "WARNING" in line]
    assert len(warned) == 2
    assert all("error[unknown-model]: `alpha` falls back to `vanished`" in line for line in warned)
    assert applied(two.edit(("active: alpha", "active: beta")))
    assert two.everywhere("active") == {BETA_SAYS}
    lines = two.edit(("{alpha: [vanished]}", "{alpha: [vanished]}, {beta: [vanished]}"))
    assert refused(lines, "`beta` falls back to `vanished`")
    assert all("`alpha` falls back" not in line for line in lines)


def test_error_that_was_mended_is_one_when_it_comes_again(two: Followed) -> None:
    assert refused(two.write(BOOTED), "`alpha` falls back to `vanished`")


def test_entries_come_change_and_go(two: Followed) -> None:
    before = two.ids()
    assert applied(two.edit(("model_list:\n", GAMMA)))
    assert two.everywhere("gamma") == {GAMMA_SAYS}
    assert applied(two.edit(("api_key: os.environ/KEY_GAMMA", "api_key: os.environ/KEY_ALPHA")))
    assert two.everywhere("gamma") == {"model=gamma key=sk-alpha;"}
    assert {name: ids for name, ids in two.ids().items() if name != "gamma"} == before
    assert applied(two.edit((GAMMA.replace("KEY_GAMMA", "KEY_ALPHA"), "model_list:\n")))
    assert two.everywhere("gamma") == {"400"}
    assert two.ids() == before


def test_order_of_entries_and_keys_changes_nothing(two: Followed) -> None:
    before = two.ids()
    first = BASE[BASE.index("  - model_name: alpha") : BASE.index("  - model_name: beta")]
    turned = first.replace("      model: openai/alpha\n", "") + "      model: openai/alpha\n"
    assert applied(two.write(BASE.replace(first, "").replace("  - model_name: gone", f"{turned}  - model_name: gone")))
    assert two.ids() == before


def test_declared_id_keeps_its_name_over_changes(two: Followed) -> None:
    assert applied(two.edit((f"openai/beta, api_key: {SECRET}", "openai/other, api_key: os.environ/KEY_ALPHA")))
    assert two.everywhere("beta") == {"model=other key=sk-alpha;"}
    assert two.ids()["beta"] == ["beta-id"]
    assert applied(two.edit(("model_name: beta", "model_name: renamed"), ("active: alpha", "active: renamed")))
    assert two.everywhere("active") == {"model=other key=sk-alpha;"}
    assert two.everywhere("beta") == {"400"}
    assert two.ids()["renamed"] == ["beta-id"]


def test_aliases(two: Followed) -> None:
    assert applied(two.edit(("active: alpha", "active: beta\n    quiet: {model: alpha, hidden: true}")))
    assert (two.everywhere("active"), two.everywhere("quiet")) == ({BETA_SAYS}, {ALPHA_SAYS})
    listed = {each["id"] for each in two.get("/v1/models").json()["data"]}
    assert listed == {"alpha", "beta", "active"}


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("router_settings:", "fallbacks: [{active: [beta]}]"),
        ("litellm_settings:", "fallbacks: [{active: [beta]}]"),
        ("router_settings:", "default_fallbacks: [beta]"),
        ("litellm_settings:", "default_fallbacks: [beta]"),
    ],
)
def test_fallbacks(two: Followed, upstream: Upstream, section: str, line: str) -> None:
    upstream.behave("alpha", status=500)
    assert two.everywhere("active") == {"500"}
    assert applied(two.edit((section, f"{section}\n  {line}")))
    assert two.everywhere("active") == {BETA_SAYS}
    assert applied(two.edit((f"\n  {line}", "")))
    assert two.everywhere("active") == {"500"}


@pytest.mark.parametrize("kind", ["context_window", "content_policy"])
@pytest.mark.parametrize("section", ["router_settings:", "litellm_settings:"])
def test_special_fallbacks(two: Followed, kind: str, section: str) -> None:
    mock = {
        "mock_testing_context_fallbacks" if kind == "context_window" else "mock_testing_content_policy_fallbacks": True
    }
    assert two.everywhere("active", **mock) == {"400"}
    assert applied(two.edit((section, f"{section}\n  {kind}_fallbacks: [{{active: [beta]}}]")))
    assert two.everywhere("active", **mock) == {BETA_SAYS}


def test_hot_settings_go_live_and_cold_ones_are_named(two: Followed, upstream: Upstream) -> None:
    upstream.behave("alpha", status=500)
    lines = two.edit(
        ("num_retries: 0", "num_retries: 2\n  retry_after: 0\n  routing_strategy: least-busy"),
        ("general_settings:", "environment_variables: {NEW: x}\n\ngeneral_settings:\n  allowed_ips: [9.9.9.9]"),
    )
    assert applied(lines)
    named = (
        "restart needed for environment_variables.NEW, general_settings.allowed_ips, router_settings.routing_strategy"
    )
    assert all(named in line for line in lines)
    for path in ("/get/ui_theme_settings", "/router/settings"):
        assert two.get(path).status_code == 200
    upstream.forget()
    assert two.ask("alpha").status == 500
    assert len(upstream.requests("alpha")) == 3
    assert all("restart needed" not in line for line in two.edit((two.path.read_text(), BASE)))


def test_hot_litellm_setting_returns_to_its_default(two: Followed, upstream: Upstream) -> None:
    def ask() -> int:
        return two.ask("alpha", logit_bias={"1": 1}, top_k=5, thinking={"type": "enabled", "budget_tokens": 9}).status

    before = ask()
    assert before == 400
    assert applied(two.edit(("litellm_settings:", "litellm_settings:\n  drop_params: true")))
    assert ask() == 200
    assert applied(two.edit(("\n  drop_params: true", "")))
    assert ask() == before


BAD = {
    "alias": (("active: alpha", "active: alhpa"), "x.yaml:24:5: error[unknown-model]", "did you mean `alpha`?"),
    "fallback": (("num_retries: 0", "fallbacks: [{alpha: [betta]}]"), "error[unknown-model]", "`betta`"),
    "second tolerated one": (
        ("litellm_settings:", "litellm_settings:\n  fallbacks: [{beta: [vanished]}]"), "`beta` falls back to `vanished`"
    ),
    "unknown provider": (("openai/alpha", "opnai/alpha"),
        "LiteLLM drops `alpha` (opnai/alpha)", "x.yaml:5:14: info[unknown-provider]", "`openai`?"),
    "wrong type": (("api_base: os.environ/UPSTREAM_BASE\n", "rpm: [lots]\n"),
        "LiteLLM drops `alpha`", "x.yaml:7:12: info[mistyped-value]: `rpm` takes a whole number"),
    "secret of a wrong type": ((f"api_key: {SECRET}", f"api_key: [{SECRET}]"), "LiteLLM drops `beta`", "api_key"),
    "setting of a wrong type": (("num_retries: 0", "num_retries: many"), "error[mistyped-value]", "`num_retries`"),
    "what LiteLLM alone finds": (("      model: openai/alpha\n", '      model: openai/alpha\n      tag_regex: ["("]\n'),
        "LiteLLM drops `alpha` (openai/alpha)", "Invalid regex in tag_regex"),
    "duplicate key": (("litellm_settings:", "litellm_settings: {}\nlitellm_settings:"), "error[duplicate-key]"),
    "tab": (("num_retries: 0", "\tnum_retries: 0"), "error[yaml-syntax]", "x.yaml:21:"),
    "twin id": (("model_list:\n", GAMMA.rstrip() + "\n    model_info: {id: beta-id}\n"), "error[twin-id]"),
    "no model": (("      model: openai/alpha\n", ""), "`alpha` has no text under `litellm_params.model`"),
    "number for a name": (("model_name: alpha", "model_name: 4.1"), "error[malformed-entry]", 'model_name: "4.1"'),
    "bad tag": ((f"api_key: {SECRET}", f"api_key: !{SECRET} x"), "error[unknown-tag]"),
    "no list": (("model_list:\n", "model_list: {a: b}\nmodels:\n"), "error[not-a-config]"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_edit_never_lives(two: Followed, name: str) -> None:
    change, *words = BAD[name]
    before = two.ids()
    lines = two.edit(change)
    assert refused(lines, str(two.path), *words), "\n".join(lines)
    assert SECRET not in "".join(two.lines())
    assert two.get("/get/ui_theme_settings").status_code == 200
    assert (two.everywhere("active"), two.everywhere("beta")) == ({ALPHA_SAYS}, {BETA_SAYS})
    assert two.ids() == before


def test_edit_that_leaves_no_model_never_lives(two: Followed) -> None:
    misspelt = BASE.replace("model_list:", "model_lst:").replace("  model_group_alias:\n    active: alpha\n", "")
    assert refused(two.write(misspelt), "it leaves none of 2 models")
    assert two.everywhere("beta") == {BETA_SAYS}


HOSTILE = {
    "empty": (b"", "error[not-a-config]"),
    "not utf-8": (BASE.encode() + b"# \xff\n", "error[not-utf8]"),
    "50 MB": (BASE.encode() + b"#" * 50_000_000 + b"\n", "error[file-too-large]"),
    "bomb": (
        b"a: &a [x, x]\n" + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b"*%c, " % (97 + n) * 9) for n in range(20)),
        "error[too-many-aliases]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_never_lives(two: Followed, name: str) -> None:
    content, word = HOSTILE[name]
    began = time.time()
    assert refused(two.write(content), word)
    assert max(two.gaps(began), default=0) < 50 * 1000 * beat()
    assert two.everywhere("active") == {ALPHA_SAYS}


def test_each_refused_edit_has_its_line_and_a_touch_none(two: Followed) -> None:
    assert refused(two.edit(("active: alpha", "active: nowhere")))
    assert refused(two.edit(("# Written by hand.", "# Written by hand, twice.")))
    before = len(two.lines())
    two.path.touch()
    two.quiet(1.5)
    assert len(two.lines()) == before


def test_half_written_file(two: Followed) -> None:
    """Cut within a line it is still YAML, with fewer models: nobody must see that."""
    whole = BASE.replace("model_list:\n", GAMMA).replace("active: alpha", "active: gamma")
    cut = whole.index("eta\n    litellm_params")
    assert [each["model_name"] for each in yaml.safe_load(whole[:cut])["model_list"][-1:]] == ["b"]
    for _ in range(10):
        two.reset(BASE)
        before = len(two.lines())
        if written_in_two(two, whole, cut) < 0.9 * UNFINISHED:
            break
        two.quiet(2 * UNFINISHED)  # this machine was too busy, and what was said of that must not count for the next
    lines = two.said(before)
    assert applied(lines)
    assert two.everywhere("active") == {GAMMA_SAYS}


UNFINISHED = 1.0  # seconds that the hook waits for a writer to come back


def written_in_two(two: Followed, whole: str, cut: int) -> float:
    """For how many seconds the file was cut."""
    with two.path.open("w") as file:
        began = time.monotonic()
        file.write(whole[:cut])
        file.flush()
        while time.monotonic() < began + 0.6 * UNFINISHED:
            assert two.ask("active").text == ALPHA_SAYS
        file.write(whole[cut:])
    return time.monotonic() - began


def test_atomic_rename(two: Followed) -> None:
    before = len(two.lines())
    staged = two.folder / "x.yaml.swp"
    staged.write_text(BASE.replace("active: alpha", "active: beta"))
    staged.replace(two.path)
    assert applied(two.said(before))
    assert two.everywhere("active") == {BETA_SAYS}


def test_config_map_swap(two: Followed) -> None:
    before = len(two.lines())
    two.link(BASE.replace("active: alpha", "active: beta"))
    assert applied(two.said(before))
    assert two.everywhere("active") == {BETA_SAYS}


def test_file_vanishes_and_returns(two: Followed) -> None:
    before = len(two.lines())
    target = two.path.resolve()
    target.rename(target.with_name("away"))
    assert refused(two.said(before), "error[unreadable-file]", "does not exist")
    assert two.everywhere("active") == {ALPHA_SAYS}
    before = len(two.lines())
    target.with_name("away").rename(target)
    assert applied(two.said(before))


def test_unreadable_file_that_is_a_folder(two: Followed) -> None:
    before = len(two.lines())
    two.path.unlink()
    two.path.mkdir()
    assert refused(two.said(before), "error[unreadable-file]", "a folder")
    two.path.rmdir()


def test_include_is_followed(two: Followed) -> None:
    included = two.folder / "more.yaml"
    included.write_text(GAMMA)
    assert applied(two.edit(("model_list:\n", "include: [more.yaml]\nmodel_list:\n")))
    assert two.everywhere("gamma") == {GAMMA_SAYS}
    before = len(two.lines())
    included.write_text(GAMMA.replace("KEY_GAMMA", "KEY_ALPHA"))
    assert applied(two.said(before))
    assert two.everywhere("gamma") == {"model=gamma key=sk-alpha;"}
    before = len(two.lines())
    included.write_text("model_list:\n  - model_name: 5\n    litellm_params: {model: openai/x}\n")
    assert refused(two.said(before), "more.yaml:2:5: error[malformed-entry]")
    before = len(two.lines())
    included.unlink()
    assert refused(two.said(before), "x.yaml:2:11: error[unreadable-file]", str(included))
    assert two.everywhere("gamma") == {"model=gamma key=sk-alpha;"}


def test_equal_entries_are_one(two: Followed) -> None:
    assert applied(two.edit(("model_list:\n", GAMMA + GAMMA.removeprefix("model_list:\n"))))
    assert len(two.ids()["gamma"]) == 1
    assert applied(two.edit((GAMMA.removeprefix("model_list:\n"), "")))
    assert two.everywhere("gamma") == {GAMMA_SAYS}


def test_dropped_entry_may_be_mended(two: Followed) -> None:
    assert applied(
        two.edit(
            ("nobody/gone", "openai/gone"),
            (f"api_key: {SECRET}}}\n\n", "api_key: os.environ/KEY_ALPHA, api_base: os.environ/UPSTREAM_BASE}\n\n"),
        )
    )
    assert two.everywhere("gone") == {"model=gone key=sk-alpha;"}
    # Who brings it back brings in an entry that LiteLLM refuses: this edit waits, the next goes live without the entry.
    assert refused(two.write(BASE), "nobody/gone")
    assert applied(two.write(BASE.replace("active: alpha", "active: beta")))
    assert two.everywhere("active") == {BETA_SAYS}
    # The name goes on with what it had, until its entry is deleted; an entry that comes again after that waits again.
    assert two.everywhere("gone") == {"model=gone key=sk-alpha;"}
    assert applied(two.write(WITHOUT_GONE))
    assert two.everywhere("gone") == {"400"}
    assert refused(two.write(BASE), "nobody/gone")
    assert applied(two.write(BASE.replace("active: alpha", "active: beta")))
    assert two.everywhere("gone") == {"400"}


def test_unset_reference_is_named_not_refused(two: Followed) -> None:
    lines = two.edit(("model_list:\n", GAMMA.replace("KEY_GAMMA", "KEY_NOBODY_SET")))
    assert applied(lines)
    assert all("not set in the environment: KEY_NOBODY_SET" in line for line in lines)


def test_fifty_quick_edits_end_in_the_last(two: Followed) -> None:
    for number in range(50):
        two.path.write_text(
            BASE.replace("active: alpha", f"active: beta\n    number: {'alpha' if number % 2 else 'beta'}")
        )
    two.path.write_text(BASE.replace("active: alpha", "active: beta\n    last: beta"))
    wait_until(lambda: two.everywhere("last") == {BETA_SAYS}, "the last edit is live", 20)
    assert two.everywhere("number") == {"400"}
    assert not [line for line in two.lines()[-4:] if "refused" in line]


def test_line_of_ours_may_be_deleted_while_it_runs(two: Followed) -> None:
    lines = two.edit(("modelctl.hook.handler, ", ""))
    assert applied(lines)
    assert all("restart LiteLLM to take modelctl out" in line for line in lines)
    assert applied(two.edit(("active: alpha", "active: beta")))
    assert two.everywhere("active") == {BETA_SAYS}


def test_writers_of_litellm_leave_the_file_alone(two: Followed) -> None:
    client = two.proxy.client.http
    for path, body in (
        ("/config/update", {"litellm_settings": {"drop_params": True}}),
        ("/update/ui_theme_settings", {"logo_url": "http://127.0.0.1/x.png"}),
        ("/update/default_team_settings", {"max_budget": 1}),
    ):
        reply = client.request("PATCH" if path.startswith("/update") else "POST", path, json=body)
        assert reply.status_code >= 400, path
    assert two.path.read_text() == BASE


def thousand(edited: int | None = None) -> str:
    """The base config and a thousand models more; `edited` is one that differs."""
    entries = []
    for number in range(1000):
        params = {"model": "openai/many", "api_key": "os.environ/KEY_ALPHA", "api_base": "os.environ/UPSTREAM_BASE"}
        info = {"description": f"one of many, number {number}", "input_cost_per_token": 0.000001}
        rpm = 77_777 if number == edited else number + 1
        entries.append({"model_name": f"many-{number}", "litellm_params": {**params, "rpm": rpm}, "model_info": info})
    return BASE.replace("model_list:\n", "model_list:\n" + "".join(f"  - {json.dumps(each)}\n" for each in entries), 1)


def test_a_thousand_models_do_not_hold_up_the_loop(two: Followed) -> None:
    two.quiet(0.5)
    began = time.time()
    assert applied(two.write(thousand()))
    adding = max(two.gaps(began), default=0.0)
    two.quiet(1.0)
    gaps = []
    for number in range(5):
        began = time.time()
        assert applied(two.write(thousand(number)))
        gaps.append(max(two.gaps(began), default=0.0))
        two.quiet(0.3)
    assert two.everywhere("many-999") == {"model=many key=sk-alpha;"}
    print(f"longest stretch: {adding:.1f} ms for 1,000, {gaps} for one")
    assert sorted(gaps)[2] < longest()


def test_an_edit_does_not_hold_up_the_loop(two: Followed) -> None:
    gaps = []
    for number in range(6):
        began = time.time()
        assert applied(
            two.edit(("active: alpha", "active: beta") if number % 2 == 0 else ("active: beta", "active: alpha"))
        )
        gaps.append(round(max(two.gaps(began), default=0.0), 1))
        two.quiet(0.3)
    print(f"longest stretches {gaps}")
    assert sorted(gaps)[3] < longest()


def test_copy_is_private(two: Followed, state: Path) -> None:
    copies = wait_until(lambda: list((state / "modelctl").glob("*.good")), "a copy is kept")
    assert {stat.S_IMODE(path.stat().st_mode) for path in copies} == {0o600}
    assert not [line for line in two.lines() if SECRET in line]
    assert not re.search("Traceback", "".join(two.lines()))


# -- one worker, and restarts ------------------------------------------------------------------

ONE = """\
model_list:
  - model_name: alpha
    litellm_params: {model: openai/alpha, api_key: os.environ/KEY_ALPHA, api_base: os.environ/UPSTREAM_BASE}
  - model_name: beta
    litellm_params: {model: openai/beta, api_key: plain, api_base: os.environ/UPSTREAM_BASE}
    model_info: {id: }
  - model_name: twin
    litellm_params: {model: openai/twin, api_key: os.environ/KEY_ALPHA, api_base: os.environ/UPSTREAM_BASE}
  - model_name: twin
    litellm_params: {model: openai/twin, api_key: os.environ/KEY_ALPHA, api_base: os.environ/UPSTREAM_BASE}
litellm_settings:
  drop_params: true
  callbacks: modelctl.hook.handler
router_settings:
  num_retries: 0
  allowed_fails: 0
  cooldown_time: 600
  model_group_alias: {active: alpha}
"""


@pytest.fixture(scope="module")
def session_one(
    tmp_path_factory: pytest.TempPathFactory, session_upstream: Upstream, state: Path
) -> Iterator[Followed]:
    """One worker, which names us in the string form."""
    followed = Followed(tmp_path_factory.mktemp("one"), ONE, workers=1, env=variables(session_upstream, state))
    try:
        yield followed.start()
    finally:
        followed.stop()


@pytest.fixture
def one(session_one: Followed, upstream: Upstream) -> Followed:
    """The one worker, on ONE by now."""
    if session_one.lines():
        session_one.reset(ONE)
    else:  # a test took us out
        session_one.boot(ONE)
    return session_one


def test_what_litellm_boots_in_its_own_way_is_met(session_one: Followed, upstream: Upstream) -> None:
    """An empty id gets a random one at boot, and equal entries one id: each is served all the while, and goes when
    it is deleted."""
    one = session_one
    one.boot(ONE)
    beta = ONE[ONE.index("  - model_name: beta") : ONE.index("  - model_name: twin")]
    assert one.ask("beta").text == "model=beta key=plain;"
    (line,) = one.edit((beta, ""), ("active: alpha", "active: twin"))
    assert "applied" in line
    assert one.ask("beta").status == 400
    assert "beta" not in one.ids()
    twin = ONE[ONE.index("  - model_name: twin") : ONE.index("litellm_settings")]
    (line,) = one.edit((twin, ""), ("active: twin", "active: alpha"))
    assert "applied" in line
    assert one.ids().keys() == {"alpha", "active"}
    assert one.ask("twin").status == 400


def test_one_worker_keeps_cooldowns_of_what_is_unchanged(one: Followed, upstream: Upstream) -> None:
    """Of a group of two: since 1.109 LiteLLM does not cool down the only deployment of a group."""
    entry = "  - model_name: pair\n    litellm_params: {{model: openai/pair, api_key: k, api_base: {}, timeout: {}}}\n"
    pair = "".join(entry.format("os.environ/UPSTREAM_BASE", timeout) for timeout in (50, 60))
    (line,) = one.edit(("litellm_settings:", f"{pair}litellm_settings:"))
    assert "applied" in line
    upstream.behave("pair", status=401)
    wait_until(lambda: one.ask("pair").status == 429, "both cool down")
    upstream.reset()
    (line,) = one.edit(("active: alpha", "active: beta"))
    assert "applied" in line
    assert (one.ask("pair").status, one.ask("active").text) == (429, "model=beta key=plain;")
    assert upstream.requests("pair") == []


def test_restart_on_a_bad_file_comes_back_on_the_last_good_one(one: Followed, upstream: Upstream) -> None:
    good = one.path.read_text()
    (line,) = one.write(good.replace("active: alpha", "active: nowhere"))
    assert "refused" in line
    one.restart()
    assert one.ask("active").text == ALPHA_SAYS
    (line,) = [line for line in one.lines() if "following" in line]
    assert "running its last good state (of 20" in line
    assert "error[unknown-model]: alias `active` points to `nowhere`" in line
    (line,) = one.write(good.replace("active: alpha", "active: alpha, mended: alpha"))
    assert "applied" in line
    assert one.ask("mended").text == ALPHA_SAYS


def test_restart_without_a_state_folder(one: Followed, state: Path, upstream: Upstream) -> None:
    away = state.rename(state.with_name("state-away"))
    state.write_text("not a folder")
    try:
        one.restart()
        assert one.ask("active").text == ALPHA_SAYS
        (line,) = one.edit(("active: alpha", "active: alpha, other: alpha"))
        assert "applied" in line
        assert one.ask("other").text == ALPHA_SAYS
        assert len([line for line in one.lines() if "cannot keep a copy" in line]) == 1
    finally:
        state.unlink()
        away.rename(state)


def test_restart_without_our_line_is_plain_litellm(one: Followed, upstream: Upstream) -> None:
    (line,) = one.edit(("  callbacks: modelctl.hook.handler\n", ""))
    assert "restart LiteLLM to take modelctl out" in line
    one.proxy.restart()
    assert one.ask("active").text == ALPHA_SAYS
    assert one.lines() == []
