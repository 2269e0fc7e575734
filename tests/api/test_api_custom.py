"""`/models/custom`: files written from a form, whole and checked, or not at all."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from modelctl.service import file_answer_types
from modelctl.service.catalog_editor import CatalogEditor
from support.api_server import ACME, Follower, Plane, report, write_catalog
from support.openapi_shapes import fits

LAB = {"litellm_provider": "custom_openai", "api_base": "http://127.0.0.1:9/v1", "api_key": "os.environ/LAB_KEY"}
QUICK = {"name": "Quick", "mode": "chat", "context_window": 32000, "supports_tools": True, "price": {"input": 1}}


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path))
    yield made
    made.stop()


def add(plane: Plane, id: str = "quick", provider: str = "acme", **more: Any) -> Any:
    return plane.client.post("/models/custom", json={"provider": provider, "id": id, "model": QUICK, **more})


def files(plane: Plane) -> dict[str, bytes]:
    return {
        str(path.relative_to(plane.catalog)): path.read_bytes()
        for path in sorted(plane.catalog.rglob("*"))
        if path.is_file()
    }


def names(plane: Plane) -> set[str]:
    return {one["public_name"] for each in plane.client.get("/models/list").json() for one in each["models"]}


# -- adding ------------------------------------------------------------------------------------


def test_a_model_is_written_published_and_shown(plane: Plane) -> None:
    worker = Follower(plane.settings.state)
    try:
        answer = add(plane, actor="ann")
        said = answer.json()
        assert (answer.status_code, said["result"], said["file"].endswith("catalog/providers/acme/quick.yaml")) == (
            201, "published", True,
        )  # fmt: skip
        assert [one["acked"] for one in said["workers"]] == [True]
    finally:
        worker.stop()
    assert (
        (plane.catalog / "providers/acme/quick.yaml").read_text()
        == said["text"]
        == ("name: Quick\nmode: chat\ncontext_window: 32000\nsupports_tools: true\nprice: {input: 1}\n")
    )
    assert "quick" in names(plane)
    assert said["model_info"]["context_window"] == 32000
    assert answer.headers["etag"] == f'"{said["digest"]}"'
    assert plane.client.get("/history?route=*").json()[0]["actor"] == "ann"
    assert fits(file_answer_types.Saved, said)


def test_a_new_provider_comes_with_its_first_model(plane: Plane) -> None:
    said = add(plane, "tuned", "lab", new_provider=LAB, model={"model": "org/tuned-7b", "mode": "chat"}).json()
    assert [Path(one).name for one in said["files"]] == ["lab.yaml", "tuned.yaml"]
    assert said["result"] == "published"
    (deployment,) = [one for one in plane.service.built.deployments.values() if one.group == "tuned"]  # type: ignore[union-attr]
    assert deployment.params == {
        "model": "custom_openai/org/tuned-7b", "api_base": LAB["api_base"], "api_key": "os.environ/LAB_KEY",
    }  # fmt: skip


def test_an_unset_variable_greys_it(plane: Plane) -> None:
    report(plane.store, unset=["LAB_KEY"])
    said = add(plane, "tuned", "lab", new_provider=LAB).json()
    assert (said["model_info"]["available"], said["model_info"]["reason"]) == (False, "LAB_KEY is not set")


def test_an_unknown_provider_is_named_with_the_nearest(plane: Plane) -> None:
    error = add(plane, provider="acne").json()["error"]
    assert (error["code"], "did you mean `acme`?" in error["message"], "new_provider" in error["hint"]) == (
        "not_found", True, True,
    )  # fmt: skip


def test_a_provider_that_is_there_is_not_made_again(plane: Plane) -> None:
    before = files(plane)
    answer = add(plane, new_provider=LAB)
    assert answer.status_code == 409
    assert files(plane) == before


def test_empty_fields_of_a_form_are_left_out(plane: Plane) -> None:
    empty = {"name": "", "tags": [], "price": {"input": None}, "description": None, "mode": "chat", "params": {}}
    assert add(plane, model=empty).json()["text"] == "mode: chat\n"


def test_files_name_their_schema_where_the_catalog_has_one(plane: Plane) -> None:
    (plane.catalog / ".schema").mkdir()
    for kind in ("model", "provider"):
        (plane.catalog / f".schema/{kind}.json").write_text("{}")
    add(plane, "tuned", "lab", new_provider=LAB)
    for path in ("providers/lab.yaml", "providers/lab/tuned.yaml"):
        first = (plane.catalog / path).read_text().splitlines()[0]
        target = (plane.catalog / path).parent / first.partition("$schema=")[2]
        assert target.is_file()


# -- refusals ----------------------------------------------------------------------------------

HOSTILE = [
    "../../etc/x", "..", ".", "/etc/passwd", "a/b", "a\\b", "C:\\x", "nul\x00l", "a\nb", ".hidden", "-rf", "con", "NUL",
    "com1.txt", "x" * 101, "", " ", "ünï", "quick.yaml", "a.", "a b", "..%2f..%2fx", "~root", "$HOME", "a\u202eb",
]  # fmt: skip


@pytest.mark.parametrize("id", HOSTILE)
@pytest.mark.parametrize("what", ["id", "provider"])
def test_hostile_names_are_refused_with_the_reason(hostile: Plane, what: str, id: str) -> None:
    before = files(hostile)
    body = {"provider": "acme", "id": "quick", "model": QUICK, "new_provider": LAB, what: id}
    answer = hostile.client.post("/models/custom", json=body)
    assert answer.status_code in (400, 409), answer.text
    assert "cannot be the id of a" in answer.json()["error"]["message"]
    assert files(hostile) == before
    assert not any(path.name in ("x", "passwd.yaml") for path in hostile.catalog.parent.rglob("*"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path_factory.mktemp("hostile")))
    yield made
    made.stop()


@pytest.mark.parametrize("path", ["acme/..%2f..%2f..%2fetc%2fpasswd", "acme/%2fetc%2fpasswd", "..%2f..%2fetc/passwd"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_path_in_the_url_leads_nowhere(hostile: Plane, method: str, path: str) -> None:
    body = {"json": {"model": QUICK}} if method == "PUT" else {}
    answer = hostile.client.request(method, f"/models/custom/{path}", headers={"If-Match": "*"}, **body)
    assert answer.status_code in (400, 404, 405)
    assert "root:" not in answer.text


def test_links_are_not_followed(plane: Plane, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("name: not yours\n")
    providers = plane.catalog / "providers"
    (providers / "acme").symlink_to(outside)
    assert add(plane).status_code == 409
    assert plane.client.get("/models/custom/acme/secret").status_code == 409
    assert sorted(each.name for each in outside.iterdir()) == ["secret.yaml"]
    (providers / "acme").unlink()
    (providers / "acme").mkdir()
    (providers / "acme" / "quick.yaml").symlink_to(outside / "secret.yaml")
    answer = plane.client.put("/models/custom/acme/quick", json={"model": QUICK}, headers={"If-Match": "*"})
    assert answer.status_code == 409
    assert (outside / "secret.yaml").read_text() == "name: not yours\n"


def test_what_a_link_leads_to_is_not_shown(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-live-0123456789abcdef\n")
    folder = plane.catalog / "providers" / "acme"
    folder.mkdir()
    (folder / "a.yaml").symlink_to("../../../.env")
    (plane.catalog / "providers" / "other").symlink_to(folder)
    answer = plane.client.get("/models/custom")
    assert "0123456789abcdef" not in answer.text
    assert [(one["text"], one["model"], one["editable"]) for one in answer.json()] == [(None, None, False)] * 2
    assert all("not followed" in one["reason"] for one in answer.json())
    assert fits(list[file_answer_types.CustomFile], answer.json())


SECRET = "api_key: sk-live-0123456789abcdef\nmode: chat\n"


@pytest.mark.parametrize("text", [SECRET, f"mode: chat\n# {SECRET}", "api_key: |\n  sk-live-0123456789abcdef\n"])
def test_a_key_that_is_written_out_is_in_no_answer(plane: Plane, text: str) -> None:
    (plane.catalog / "providers/acme").mkdir()
    (plane.catalog / "providers/acme/quick.yaml").write_text(text)
    put = {"json": {"model": QUICK}, "headers": {"If-Match": '"stale"'}}
    check = plane.client.post("/models/custom/check", json={"provider": "acme", "id": "quick", "model": QUICK})
    answers = [
        plane.client.get("/models/custom"),
        plane.client.get("/models/custom/acme/quick"),
        plane.client.put("/models/custom/acme/quick", **put),
        add(plane),
        check,
        plane.client.delete("/models/custom/acme/quick", headers={"If-Match": '"stale"'}),
        plane.client.delete("/models/custom/acme/quick", headers={"If-Match": "*"}),
    ]
    assert [one.status_code for one in answers] == [200, 200, 412, 409, 200, 412, 200]
    assert not [one.text for one in answers if "0123456789abcdef" in one.text]
    shown = answers[1].json()
    assert (shown["text"], shown["model"], shown["editable"]) == (None, None, False)
    assert "written out" in shown["reason"]
    assert "written out" in answers[2].json()["error"]["conflict"]["reason"]
    assert any("does not show it" in one["message"] for one in check.json()["problems"])
    assert check.json()["diff"]
    assert fits(file_answer_types.CheckedDraft, check.json())
    assert fits(file_answer_types.Removed, answers[-1].json())


def test_names_that_differ_in_case_alone_are_refused(plane: Plane) -> None:
    add(plane)
    for provider, id in (("acme", "Quick"), ("ACME", "other")):
        answer = add(plane, id, provider, new_provider=None if provider == "acme" else LAB)
        assert (answer.status_code, "differ in case alone" in answer.text) == (409, True)


@pytest.mark.parametrize(
    "wanted",
    [
        {"model": {"api_key": "sk-live-0123456789abcdef"}},
        {"model": {"params": {"extra_headers": {"authorization": "Bearer 0123456789abcdef"}}}},
        {"model": None, "text": "api_key: sk-live-0123456789abcdef\n"},
    ],
)
def test_a_keys_value_is_refused_and_never_repeated(plane: Plane, wanted: dict[str, Any]) -> None:
    for path in ("/models/custom", "/models/custom/check", "/models/custom/test"):
        body = {"provider": "acme", "id": "quick", "model": QUICK, **wanted}
        answer = plane.client.post(path, json=body)
        assert "literal-secret" in answer.text
        assert "0123456789abcdef" not in answer.text
    assert not (plane.catalog / "providers/acme").exists()


def test_a_secret_in_a_new_provider_is_refused(plane: Plane) -> None:
    answer = add(plane, "tuned", "lab", new_provider={**LAB, "api_key": "sk-live-0123456789abcdef"})
    assert (answer.status_code, "0123456789abcdef" in answer.text) == (409, False)
    assert not (plane.catalog / "providers/lab.yaml").exists()


SECRET = "sk-live-0123456789abcdef"


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        ({"id": "../x"}, "id"),
        ({"provider": "../x"}, "provider"),
        ({"provider": "acne"}, "provider"),
        ({"id": "fast"}, "id"),
        ({"new_provider": LAB}, "provider"),
        ({"model": {**QUICK, "fallbacks": ["nope"]}}, "fallbacks"),
        ({"model": {**QUICK, "price": {"input": "much"}}}, "price"),
        ({"model": {**QUICK, "api_key": SECRET}}, "api_key"),
        ({"provider": "lab", "new_provider": {**LAB, "api_key": SECRET}}, "new_provider.api_key"),
        ({"provider": "lab", "new_provider": {**LAB, "api_bas": "x"}}, "new_provider.api_bas"),
    ],
)
def test_a_form_can_put_each_problem_beside_its_field(plane: Plane, draft: dict[str, Any], field: str) -> None:
    body = {"provider": "acme", "id": "quick", "model": QUICK, **draft}
    checked = plane.client.post("/models/custom/check", json=body).raise_for_status().json()
    assert checked["ok"] is False
    fields = {one["field"] for one in checked["problems"] if one["severity"] == "error"}
    assert field in fields, checked["problems"]


@pytest.mark.parametrize("name", ["LITELLM_MASTER_KEY", "MODELCTL_TOKEN"])
def test_our_own_secrets_are_not_a_providers_key(plane: Plane, name: str) -> None:
    answer = add(plane, model={"api_key": f"os.environ/{name}", "api_base": "http://elsewhere.example/v1"})
    assert (answer.status_code, name in answer.json()["error"]["message"]) == (409, True)


@pytest.mark.parametrize(
    ("model", "rule"),
    [
        ({"contxt_window": 5}, "unknown-key"),
        ({"context_window": "many"}, "bad-value"),
        ({"context_window": -1}, "bad-value"),
        ({"price": {"input": float("nan")}}, "bad-value"),
        ({"fallbacks": ["nobody"]}, "unknown-model"),
        ({"public_name": "fast"}, "shared-public-name"),
        ({"params": {"model": "x"}}, "reserved-key"),
        ({"public_name": "active"}, "alias-named-like-model"),
    ],
)
def test_nothing_is_written_when_a_problem_exists(plane: Plane, model: dict[str, Any], rule: str) -> None:
    before = files(plane)
    body = json.dumps({"provider": "acme", "id": "quick", "model": model})
    answer = plane.client.post("/models/custom", content=body, headers={"content-type": "application/json"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "check_failed")
    assert rule in [one["rule"] for one in error["problems"]]
    assert files(plane) == before


def test_an_error_elsewhere_stops_a_save_too(plane: Plane) -> None:
    (plane.catalog / "providers/other.yaml").write_text("models: [\n")
    error = add(plane).json()["error"]
    assert "other.yaml" in error["problems"][0]["file"]
    assert not (plane.catalog / "providers/acme").exists()


@pytest.mark.parametrize(
    "body",
    [
        {"provider": "acme", "id": "quick"},
        {"provider": "acme", "id": "quick", "model": QUICK, "text": "name: x\n"},
        {"provider": "acme", "id": "quick", "model": []},
        {"provider": "acme", "id": "quick", "model": QUICK, "mdel": 1},
        {"provider": "acme", "id": "quick", "text": "x" * 50_000},
    ],
)
def test_malformed_bodies(plane: Plane, body: dict[str, Any]) -> None:
    assert plane.client.post("/models/custom", json=body).status_code == 400


def test_half_a_character_is_refused(plane: Plane) -> None:
    for field in ('"text": "a\\ud800b"', '"model": {"name": "a\\ud800b"}'):
        body = f'{{"provider": "acme", "id": "quick", {field}}}'
        answer = plane.client.post("/models/custom", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 409)


def test_deep_nesting_is_refused(plane: Plane) -> None:
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"x": deep}
    assert add(plane, model={"params": deep}).status_code == 400
    assert add(plane, model=None, text="params: " + "[" * 3000).status_code == 409


@pytest.mark.parametrize("text", ["a: [", "\t- x", "a: 1\na: 2\n", "!!python/object:os.system x", "&a [*a]", "- 1\n"])
def test_yaml_that_is_none_is_refused(plane: Plane, text: str) -> None:
    before = files(plane)
    assert add(plane, model=None, text=text).status_code == 409
    assert files(plane) == before


def test_markup_stays_text(plane: Plane) -> None:
    name = "<script>alert(1)</script>: #'\"{x} | yes"
    said = add(plane, model={**QUICK, "name": name, "description": "no"}).json()
    assert (said["model_info"]["name"], said["model_info"]["description"]) == (name, "no")


# -- editing -----------------------------------------------------------------------------------

WRITTEN = """\
# Ours, tuned in March. Ask Ann before changing it.
name: Quick   # as the team says

mode: chat
# measured, not promised
context_window: 32000 # tokens
tags:
- chat
- fast
price: {input: 1, output: 2}
"""


@pytest.fixture
def written(plane: Plane) -> str:
    folder = plane.catalog / "providers/acme"
    folder.mkdir()
    (folder / "quick.yaml").write_text(WRITTEN)
    plane.client.post("/models/refresh", json={})
    return str(plane.client.get("/models/custom/acme/quick").headers["etag"])


def test_an_edit_keeps_comments_and_layout(plane: Plane, written: str) -> None:
    model = plane.client.get("/models/custom/acme/quick").json()["model"]
    wanted = {**model, "context_window": 64000, "supports_tools": True}
    del wanted["price"]
    answer = plane.client.put("/models/custom/acme/quick", json={"model": wanted}, headers={"If-Match": written})
    said = answer.json()
    assert (answer.status_code, said["comments_kept"]) == (200, True)
    expected = WRITTEN.replace("32000 #", "64000 #").replace("price: {input: 1, output: 2}", "supports_tools: true")
    assert (plane.catalog / "providers/acme/quick.yaml").read_text() == expected
    changed = [line for line in said["diff"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == [
        "-context_window: 32000 # tokens", "+context_window: 64000 # tokens",
        "-price: {input: 1, output: 2}", "+supports_tools: true",
    ]  # fmt: skip


def test_an_edit_that_changes_nothing(plane: Plane, written: str) -> None:
    model = plane.client.get("/models/custom/acme/quick").json()["model"]
    said = plane.client.put("/models/custom/acme/quick", json={"model": model}, headers={"If-Match": written}).json()
    assert (said["result"], said["diff"], said["text"]) == ("unchanged", "", WRITTEN)


def test_an_edit_needs_a_condition(plane: Plane, written: str) -> None:
    answer = plane.client.put("/models/custom/acme/quick", json={"model": QUICK})
    assert (answer.status_code, answer.json()["error"]["code"]) == (428, "precondition_required")
    assert plane.client.delete("/models/custom/acme/quick").status_code == 428


def test_the_second_of_two_gets_both_texts(plane: Plane, written: str) -> None:
    put = {"headers": {"If-Match": written}}
    first = plane.client.put("/models/custom/acme/quick", json={"model": {**QUICK, "name": "Hers"}}, **put)
    second = plane.client.put("/models/custom/acme/quick", json={"model": {**QUICK, "name": "His"}}, **put)
    assert (first.status_code, second.status_code) == (200, 412)
    conflict = second.json()["error"]["conflict"]
    assert "name: Hers" in conflict["theirs"]
    assert "name: His" in conflict["yours"]
    assert f'"{conflict["digest"]}"' == first.headers["etag"]
    again = {"headers": {"If-Match": f'"{conflict["digest"]}"'}}
    assert plane.client.put("/models/custom/acme/quick", json={"text": conflict["yours"]}, **again).status_code == 200


def test_who_saves_during_the_trial_build_is_not_written_over(
    plane: Plane, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, trial = plane.catalog / "providers/acme/quick.yaml", CatalogEditor.trial

    def slow(editor: CatalogEditor, change: Any) -> Any:
        made = trial(editor, change)
        path.write_text("name: Hers\nmode: chat\n")
        return made

    monkeypatch.setattr(CatalogEditor, "trial", slow)
    put = {"json": {"model": {**QUICK, "name": "His"}}, "headers": {"If-Match": written}}
    answer = plane.client.put("/models/custom/acme/quick", **put)
    assert (answer.status_code, "Hers" in answer.json()["error"]["conflict"]["theirs"]) == (412, True)
    assert path.read_text() == "name: Hers\nmode: chat\n"


def test_two_who_add_the_same_model(plane: Plane) -> None:
    add(plane, model={**QUICK, "name": "Hers"})
    answer = add(plane, model={**QUICK, "name": "His"})
    conflict = answer.json()["error"]["conflict"]
    assert (answer.status_code, "Hers" in conflict["theirs"], "His" in conflict["yours"]) == (409, True, True)


def test_of_many_at_once_one_wins(plane: Plane) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: add(plane, model={**QUICK, "name": f"N{n}"}), range(8)))
    won = [one for one in answers if one.status_code == 201]
    lost = [one for one in answers if one.status_code == 409]
    assert (len(won), len(lost)) == (1, 7)
    text = (plane.catalog / "providers/acme/quick.yaml").read_text()
    assert {one.json()["error"]["conflict"]["theirs"] for one in lost} == {text} == {won[0].json()["text"]}


def test_many_models_at_once_all_land(plane: Plane) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: add(plane, f"m{n}"), range(6)))
    assert [one.status_code for one in answers] == [201] * 6
    assert {f"m{n}" for n in range(6)} <= names(plane)


def test_a_model_in_its_providers_file_is_edited_there(plane: Plane) -> None:
    for answer in (
        plane.client.get("/models/custom/acme/slow"),
        plane.client.put("/models/custom/acme/slow", json={"model": QUICK}, headers={"If-Match": "*"}),
        plane.client.delete("/models/custom/acme/slow", headers={"If-Match": "*"}),
        add(plane, "slow"),
    ):
        line = next(number for number, text in enumerate(ACME.splitlines(), 1) if text.startswith("  slow:"))
        assert answer.status_code == 409
        assert answer.json()["error"]["hint"].endswith(f"providers/acme.yaml:{line}")


def test_an_unknown_model_is_named_with_the_nearest(plane: Plane, written: str) -> None:
    answer = plane.client.get("/models/custom/acme/quikc")
    assert (answer.status_code, "did you mean `acme/quick`" in answer.text) == (404, True)


def test_the_list_shows_text_and_digest(plane: Plane, written: str) -> None:
    (plane.catalog / "providers/acme/br oken.yaml").write_text("a: [")
    listed = plane.client.get("/models/custom").json()
    assert fits(list[file_answer_types.CustomFile], listed)
    shown = {one["id"]: one for one in listed}
    assert (shown["quick"]["text"], f'"{shown["quick"]["digest"]}"') == (WRITTEN, written)
    assert (shown["quick"]["editable"], shown["br oken"]["editable"]) == (True, False)
    assert shown["br oken"]["problems"][0]["rule"] == "yaml-syntax"


# -- removing ----------------------------------------------------------------------------------


def test_a_model_is_removed(plane: Plane, written: str) -> None:
    said = plane.client.delete("/models/custom/acme/quick", headers={"If-Match": written}).json()
    assert fits(file_answer_types.Removed, said)
    assert (said["result"], "deleted file mode" in said["diff"]) == ("published", True)
    assert "quick" not in names(plane)
    assert not (plane.catalog / "providers/acme").exists()


def test_a_model_that_a_route_needs_stays(plane: Plane, written: str) -> None:
    (plane.catalog / "routes.yaml").write_text("active: {target: quick}\n")
    answer = plane.client.delete("/models/custom/acme/quick", headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["error"]["problems"][0]["rule"]) == (409, "unknown-model")
    assert (plane.catalog / "providers/acme/quick.yaml").read_text() == WRITTEN


def test_a_protected_model_needs_force(plane: Plane) -> None:
    add(plane, model={**QUICK, "protected": True})
    answer = plane.client.delete("/models/custom/acme/quick", headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["error"]["problems"][0]["rule"]) == (409, "protected")
    assert (plane.catalog / "providers/acme/quick.yaml").exists()
    forced = plane.client.delete("/models/custom/acme/quick?force=true", headers={"If-Match": "*"})
    assert (forced.status_code, forced.json()["result"]) == (200, "published")


# -- git ---------------------------------------------------------------------------------------


def git(root: Path, *words: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    return subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True, text=True).stdout


def test_the_diff_is_gits_and_the_commands_commit(plane: Plane) -> None:
    root = plane.catalog.parent
    git(root, "init", "-q")
    git(root, "config", "user.name", "t")
    git(root, "config", "user.email", "t@example.com")
    git(root, "add", "catalog")
    git(root, "commit", "-qm", "start")
    said = add(plane, "tuned", "lab", new_provider=LAB).json()
    git(root, "add", "-N", "catalog")
    shown = [line for line in git(root, "diff").splitlines() if not line.startswith("index ")]
    assert said["diff"].splitlines() == shown
    assert git(root, "log", "--oneline").count("\n") == 1, "nothing is committed for anybody"
    subprocess.run("\n".join(said["commands"]), shell=True, check=True, capture_output=True)
    assert git(root, "log", "-1", "--format=%s").strip() == "catalog: add lab/tuned"
    assert git(root, "status", "--porcelain", "catalog") == ""


def test_no_commands_without_git(plane: Plane) -> None:
    assert add(plane).json()["commands"] == []


# -- trouble -----------------------------------------------------------------------------------


def test_a_full_disk_leaves_nothing(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real, calls = files(plane), os.fsync, [0]

    def full(handle: int) -> None:
        calls[0] += 1
        if calls[0] >= 3:  # the provider's file and its folder went well
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr("modelctl.catalog.safe_files.os.fsync", full)
    answer = add(plane, "tuned", "lab", new_provider=LAB)
    monkeypatch.undo()
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "cannot_write")
    assert "no space left" in answer.json()["error"]["message"]
    assert files(plane) == before
    assert not (plane.catalog / "providers/lab").exists()
    assert add(plane, "tuned", "lab", new_provider=LAB).status_code == 201


def test_a_store_that_is_down_stops_a_save(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    from modelctl.errors import StoreDown

    def down(*_: object) -> None:
        raise StoreDown("the store is down")

    monkeypatch.setattr(plane.service, "snapshot", down)
    before = files(plane)
    assert add(plane).status_code == 503
    assert files(plane) == before


def test_manual_mode_says_that_it_waits(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path))
    try:
        plane.service.manual = True
        said = add(plane).json()
        assert (said["result"], [one["rule"] for one in said["problems"]][-1]) == ("held", "not-published")
    finally:
        plane.stop()


def test_the_watcher_may_be_quicker(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path), watching=True)
    try:
        assert [add(plane, f"m{n}").json()["result"] for n in range(5)] == ["published"] * 5
    finally:
        plane.stop()


def test_tokens_are_asked_for(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path), tokens={"s3cret": "ann"})
    try:
        for method, path in (("POST", ""), ("POST", "/check"), ("POST", "/test"), ("PUT", "/a/b"), ("DELETE", "/a/b")):
            assert plane.client.request(method, f"/models/custom{path}", json={}).status_code == 401
        assert plane.client.get("/models/custom").status_code == 200
    finally:
        plane.stop()


def test_another_origin_may_not_write(plane: Plane) -> None:
    foreign = {"origin": "http://evil.example"}
    body = {"provider": "acme", "id": "quick", "model": QUICK}
    assert plane.client.post("/models/custom", json=body, headers=foreign).status_code == 403
    asked = {"access-control-request-method": "DELETE", "origin": "http://localhost:3000"}
    preflight = plane.client.options("/models/custom/acme/quick", headers=asked)
    assert "DELETE" in preflight.headers["access-control-allow-methods"]


# -- checking ----------------------------------------------------------------------------------


def check(plane: Plane, **body: Any) -> dict[str, Any]:
    answer = plane.client.post("/models/custom/check", json={"provider": "acme", "id": "quick", **body})
    assert answer.status_code == 200
    assert fits(file_answer_types.CheckedDraft, answer.json())
    return dict(answer.json())


def test_a_check_says_what_saving_would_do_and_writes_nothing(plane: Plane) -> None:
    before = files(plane)
    said = check(plane, model=QUICK)
    assert (said["ok"], said["exists"], said["model_info"]["name"]) == (True, False, "Quick")
    assert "+name: Quick" in said["diff"]
    assert files(plane) == before
    assert add(plane).json()["diff"] == said["diff"]
    assert check(plane, model=QUICK)["exists"] is True


def test_a_check_names_the_field(plane: Plane) -> None:
    said = check(plane, model={**QUICK, "context_window": "many", "price": {"input": -1}})
    assert said["ok"] is False
    assert {one["field"] for one in said["problems"]} == {"context_window", "price"}


@pytest.mark.parametrize(
    ("more", "rule"),
    [({"id": "../x"}, "bad_request"), ({"provider": "nobody"}, "not_found"), ({"id": "slow"}, "refused")],
)
def test_a_check_of_what_cannot_be_is_no_failure(plane: Plane, more: dict[str, str], rule: str) -> None:
    said = check(plane, model=QUICK, **more)
    assert (said["ok"], said["text"], [one["rule"] for one in said["problems"]]) == (False, None, [rule])


def test_the_schema_for_a_form(plane: Plane) -> None:
    made = plane.client.get("/models/custom/schema").json()
    assert "context_window" in made["model"]["properties"]
    assert "api_base" in made["provider"]["properties"]
