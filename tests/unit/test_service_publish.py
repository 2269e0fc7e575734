"""What goes live by itself, what waits for a person, and what a publish does to selections."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from modelctl.errors import Problem, Refused, Stale
from modelctl.service import SelectRequest, Service
from modelctl.state.desired import DesiredState
from modelctl.store import open_store
from support.api_server import ACME, OTHER, ROUTES, make_service, report, settings_for, write_catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return write_catalog(tmp_path)


@pytest.fixture
def service(catalog: Path) -> Service:
    made = make_service(catalog)
    assert made.publish().verdict == "published"
    return made


def test_publish_again_changes_nothing(service: Service) -> None:
    before = service.store.head()
    assert service.publish().verdict == "unchanged"
    assert service.store.head() == before


def test_publish_of_an_edit(service: Service, catalog: Path) -> None:
    first = service.store.head().revision
    write_catalog(catalog.parent, providers_acme=ACME.replace("output: 4", "output: 5"))
    outcome = service.publish(actor="ada")
    entry = service.history(None, 1)[0]
    assert outcome.verdict == "published"
    assert (entry.action, entry.actor, entry.before, entry.after) == ("publish", "ada", first, outcome.revision)


@pytest.mark.parametrize("prepared", [True, False])
def test_what_was_prepared_is_published_once(service: Service, catalog: Path, prepared: bool) -> None:
    """And built once; who does not say that the files are still the same gets what they say now."""
    write_catalog(catalog.parent, providers_acme=ACME.replace("output: 4", "output: 5"))
    assert service.prepare() is False
    write_catalog(catalog.parent, providers_acme=ACME.replace("output: 4", "output: 6"))
    outcomes = [service.publish(prepared=prepared), service.publish(prepared=prepared)]
    assert [each.verdict for each in outcomes] == ["published", "published" if prepared else "unchanged"]
    acme = next(one for one in service.snapshot().need().desired.providers if one.id == "acme")
    assert 6 in [model.price["output"] for model in acme.models]


def test_errors_leave_the_last_good_live(service: Service, catalog: Path) -> None:
    revision = service.store.head().revision
    write_catalog(catalog.parent, routes="active: {target: nothing-of-the-kind}\n")
    outcome = service.publish()
    assert (outcome.verdict, outcome.revision) == ("refused", revision)
    assert [Path(problem.file).name for problem in service.problems] == ["routes.yaml"]
    write_catalog(catalog.parent, routes=ROUTES)
    assert service.publish().verdict == "unchanged"
    assert service.problems == ()


def test_start_with_a_broken_catalog_serves_what_was_published(service: Service, catalog: Path) -> None:
    revision = service.store.head().revision
    service.store.close()
    write_catalog(catalog.parent, routes=": [")
    again = make_service(catalog)
    assert again.publish().verdict == "refused"
    snapshot = again.snapshot()
    assert snapshot.head.revision == revision
    assert snapshot.targets == {"active": "fast", "side": "free"}


def test_removal_guard_holds_and_force_lets_through(service: Service, catalog: Path) -> None:
    (catalog / "providers" / "other.yaml").unlink()
    write_catalog_without_other(catalog)
    held = service.publish()
    assert held.verdict == "refused"
    assert [(one.rule, one.hint) for one in held.problems] == [("many-removals", "modelctl refresh --force")]
    assert "3 of 8 models (38%)" in held.problems[0].message
    assert service.publish(force=True).verdict == "published"
    assert service.problems == ()


def write_catalog_without_other(catalog: Path) -> None:
    (catalog / "routes.yaml").write_text("active:\n  target: fast\n")


def test_removal_of_one_model_of_two_is_let_through(tmp_path: Path) -> None:
    two = "litellm_provider: openai\napi_key: none\nmodels: {a: {}, b: {}}\n"
    catalog = write_catalog(
        tmp_path, providers_acme=two, routes="", providers_other=two.replace("a: {}, b: {}", "c: {}")
    )
    service = make_service(catalog)
    service.publish()
    write_catalog(
        tmp_path,
        providers_acme=two.replace(", b: {}", ""),
        routes="",
        providers_other=two.replace("a: {}, b: {}", "c: {}"),
    )
    assert service.publish().verdict == "published"


def test_changed_models_are_not_removed_ones(service: Service, catalog: Path) -> None:
    changed = ACME.replace("api_base: http://localhost:9/v1", "api_base: http://localhost:10/v1")
    write_catalog(catalog.parent, providers_acme=changed)
    assert service.publish().verdict == "published"


def test_manual_waits_for_a_person(catalog: Path) -> None:
    service = make_service(catalog, manual=True)
    assert service.publish().verdict == "published"  # the first one: there is nothing to compare with
    write_catalog(catalog.parent, providers_acme=ACME.replace("output: 4", "output: 5"))
    held = service.publish()
    assert (held.verdict, held.problems[0].severity) == ("held", "info")
    assert service.publish(apply=True).verdict == "published"


def test_selection_ends_when_the_default_changes(service: Service, catalog: Path) -> None:
    service.select(SelectRequest("acme-twin", actor="ada"))
    write_catalog(catalog.parent, routes=ROUTES.replace("target: fast", "target: slow"))
    service.publish()
    assert service.snapshot().targets["active"] == "slow"
    end = next(entry for entry in service.history("active", 5) if entry.action == "end")
    assert (end.actor, end.before, end.after) == ("catalog", "acme-twin", "slow")
    assert end.version == service.store.head().version


def test_pinned_selection_stays(service: Service, catalog: Path) -> None:
    service.select(SelectRequest("acme-twin", pin=True))
    write_catalog(catalog.parent, routes=ROUTES.replace("target: fast", "target: slow"))
    service.publish()
    assert service.snapshot().targets["active"] == "acme-twin"


def test_selection_survives_other_edits(service: Service, catalog: Path) -> None:
    service.select(SelectRequest("slow"))
    write_catalog(catalog.parent, providers_other=OTHER.replace("64000", "65000"))
    assert service.publish().verdict == "published"
    assert service.snapshot().targets["active"] == "slow"


def test_two_writers_on_one_store_agree(service: Service, catalog: Path) -> None:
    """The commit of another process makes ours stale: it is decided again, on the new state."""
    other = make_service(catalog, open_store(str(settings_for(catalog).state)))
    services = [service, other]
    threads = [
        threading.Thread(
            target=services[number % 2].select,
            args=(SelectRequest("slow" if number % 3 else "acme-twin", reason=str(number), lasts=1000 + number),),
        )
        for number in range(100)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = [entry for entry in service.history("active", 200) if entry.action == "select"]
    assert {entry.reason for entry in entries} == {str(number) for number in range(100)}
    assert len({entry.version for entry in entries}) == 100
    oldest_first = entries[::-1]
    assert [entry.before for entry in oldest_first[1:]] == [entry.after for entry in oldest_first[:-1]]
    assert service.snapshot().targets == other.snapshot().targets
    assert service.snapshot().targets["active"] == entries[0].after


def test_expected_version(service: Service) -> None:
    version = service.store.head().version
    changed = service.select(SelectRequest("slow"), expect=version)
    with pytest.raises(Stale):
        service.select(SelectRequest("acme-twin"), expect=version)
    assert service.store.head() == changed.head


def test_dry_run_writes_nothing(service: Service) -> None:
    before = service.store.head()
    assert service.select(SelectRequest("slow", dry_run=True)).step.target.name == "slow"
    with pytest.raises(Refused):
        service.select(SelectRequest("tiny", dry_run=True))
    assert service.store.head() == before


def test_unset_is_what_any_live_worker_misses(service: Service) -> None:
    report(service.store, "w1")
    report(service.store, "w2", unset=["ACME_KEY"])
    assert service.snapshot().unset == {"ACME_KEY"}
    with pytest.raises(Refused):
        service.select(SelectRequest("slow"))


def test_sweep_ends_what_has_run_out(catalog: Path) -> None:
    now = [1_800_000_000.0]
    service = make_service(catalog, clock=lambda: now[0])
    service.publish()
    service.select(SelectRequest("slow", lasts=60, actor="ada"))
    assert service.sweep() == now[0] + 60
    now[0] += 60
    assert service.snapshot().targets["active"] == "fast"  # before anybody swept
    assert service.sweep() is None
    entry = service.history("active", 1)[0]
    assert (entry.action, entry.before, entry.after) == ("expire", "slow", "fast")
    assert service.store.head().selections == {}


def test_a_revision_that_fails_its_preflight_is_not_published(catalog: Path) -> None:
    """Not asked where nothing is live yet, nor where it is what is live already; force goes ahead."""
    against = [Problem("failed-preflight", "LiteLLM does not start with fast")]
    tried: list[str] = []
    service = make_service(catalog, preflight=lambda desired: tried.append(desired.revision) or against)
    first = service.publish()
    assert (first.verdict, service.publish().verdict, tried) == ("published", "unchanged", [])
    write_catalog(catalog.parent, providers_acme=ACME.replace("output: 4", "output: 5"))
    refused = service.publish()
    assert (refused.verdict, refused.revision, list(refused.problems)) == ("refused", first.revision, against)
    assert service.publish(force=True).verdict == "published"
    assert len(tried) == 1


def test_selections_go_on_while_a_revision_is_tried(catalog: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(desired: DesiredState) -> tuple[Problem, ...]:
        begun.set()
        assert go_on.wait(20)
        return ()

    service = make_service(catalog, preflight=slow)
    service.publish()
    write_catalog(catalog.parent, providers_acme=ACME.replace("output: 4", "output: 5"))
    publishing = threading.Thread(target=service.publish)
    publishing.start()
    assert begun.wait(20)
    service.select(SelectRequest("slow"))
    assert (
        service.agreement(service.snapshot())["reason"]
        == f"revision {service.built.revision} is tried before it goes live"
    )
    go_on.set()
    publishing.join()
    head = service.store.head()
    assert head.revision == service.built.revision
    assert head.selections["active"][-1].target == "slow"
