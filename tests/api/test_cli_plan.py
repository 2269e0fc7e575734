"""`plan` against each kind of other side, and `apply` of exactly what was reviewed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.api_server import ACME, ROUTES, Plane, write_catalog
from support.cli import call

DEARER = ACME.replace("output: 4", "output: 5")


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return write_catalog(tmp_path)


@pytest.fixture
def manual(catalog: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """A control plane that publishes only what somebody applies."""
    made = Plane(catalog)
    monkeypatch.setenv("MODELCTL_SERVER", made.url)
    yield made
    made.stop()


def test_against_the_rendered_file(catalog: Path) -> None:
    assert call("render").code == 0
    assert call("plan").out == "no changes\n"
    write_catalog(catalog.parent, providers_acme=DEARER, routes=ROUTES.replace("target: fast", "target: slow"))
    ran = call("plan")
    assert ran.code == 0
    assert "~ active fast -> slow" in ran.out
    assert "output price +25 % ($4 to $5 per 1M)" in ran.out


def test_against_a_file_that_is_not_there_yet(catalog: Path) -> None:
    assert "+ fast" in call("plan").out


def test_against_a_config_that_people_wrote(catalog: Path, tmp_path: Path) -> None:
    """Its entries have no ids, and are what an import of them makes."""
    entry = "  - {{model_name: {0}, litellm_params: {{model: openai/{0}, timeout: 5}}}}\n"
    config = tmp_path / "litellm_config.yaml"
    text = "model_list:\n" + "".join(entry.format(name) for name in ("one", "two", "two", "three"))
    config.write_text(text + "  - odd\nrouter_settings: {fallbacks: [{one: [two]}, odd]}\n")
    brought = tmp_path / "brought"
    assert call("import", config, "--out", brought).code == 0
    assert "deployments" not in call("plan", "--catalog", brought, "--against", config).out
    config.write_text(config.read_text().replace("openai/three, timeout: 5", "openai/three, timeout: 6"))
    ran = call("plan", "--catalog", brought, "--against", config).out
    assert [line.split() for line in ran.splitlines() if line.lstrip().startswith("~")] == [
        ["~", "three:", "timeout", "6", "to", "5"]
    ]


def test_against_another_folder(catalog: Path, tmp_path: Path) -> None:
    other = write_catalog(tmp_path / "other", providers_acme=DEARER)
    ran = call("plan", "--against", str(other))
    assert "output price -20 % ($5 to $4 per 1M)" in ran.out


def test_against_a_git_revision(catalog: Path) -> None:
    git = ["git", "-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], cwd=catalog.parent, check=True)
    write_catalog(catalog.parent, providers_acme=DEARER)
    assert "output price +25 %" in call("plan", "--against", "git:HEAD").out
    odd = call("plan", "--against", "git:no-such-thing")
    assert (odd.code, "git does not have that catalog" in odd.err) == (1, True)
    assert call("plan", "--against", "git:--output=stolen").code == 1
    assert not (catalog.parent / "stolen").exists()


def test_against_nothing_at_all(catalog: Path) -> None:
    ran = call("plan", "--against", "nowhere.yaml")
    assert (ran.code, "there is nothing at nowhere.yaml" in ran.err) == (1, True)


def test_a_broken_catalog_has_no_plan(catalog: Path) -> None:
    write_catalog(catalog.parent, routes="active: {target: nobody}\n")
    ran = call("plan")
    assert (ran.code, ran.out) == (1, "")
    assert "nothing to plan" in ran.err


def test_markdown_and_json(catalog: Path) -> None:
    assert call("plan", "--format", "markdown").out.startswith("### modelctl plan")
    data = json.loads(call("plan", "--json").out)
    assert (data["before"], data["empty"], {each["action"] for each in data["models"]}) == (None, False, {"add"})


def test_apply_publishes_what_was_reviewed(manual: Plane, catalog: Path) -> None:
    first = manual.store.head().revision
    write_catalog(catalog.parent, providers_acme=DEARER)
    made = json.loads(call("plan", "--against", manual.url, "--json").out)
    assert made["before"] == first
    ran = call("apply", "--plan", made["digest"])
    assert (ran.code, ran.out) == (0, f"published: revision {made['after']} is live\n")
    assert manual.store.head().revision == made["after"]


def test_apply_refuses_a_stale_plan(manual: Plane, catalog: Path) -> None:
    write_catalog(catalog.parent, providers_acme=DEARER)
    digest = json.loads(call("plan", "--against", manual.url, "--json").out)["digest"]
    write_catalog(catalog.parent, providers_acme=ACME.replace("output: 4", "output: 50"))
    before = manual.store.head()
    ran = call("apply", "--plan", digest)
    assert (ran.code, "not the plan for what is live" in ran.err) == (1, True)
    assert manual.store.head() == before


@pytest.mark.parametrize("digest", ["", "0000000000000000", "no digest"])
def test_apply_refuses_any_other_digest(manual: Plane, catalog: Path, digest: str) -> None:
    write_catalog(catalog.parent, providers_acme=DEARER)
    before = manual.store.head()
    assert call("apply", "--plan", digest).code == 1
    assert manual.store.head() == before


def test_apply_without_a_digest_is_a_usage_error(manual: Plane) -> None:
    assert call("apply").code == 2


def test_apply_of_a_protected_removal_needs_force(manual: Plane, catalog: Path) -> None:
    protected = ROUTES.replace("active:", "active:\n  protected: true")
    write_catalog(catalog.parent, routes=protected)
    made = json.loads(call("plan", "--against", manual.url, "--json").out)
    assert call("apply", "--plan", made["digest"]).code == 0
    write_catalog(catalog.parent, routes=protected.replace("target: fast", "target: slow"))
    ran = call("plan", "--against", manual.url)
    assert (ran.code, "refused: route `active` is protected" in ran.out) == (1, True)
    digest = json.loads(call("plan", "--against", manual.url, "--json").out)["digest"]
    refused = call("apply", "--plan", digest)
    assert (refused.code, "is protected" in refused.err) == (1, True)
    assert call("apply", "--plan", digest, "--force").code == 0
