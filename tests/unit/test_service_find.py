"""From the words of a request to a target."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.errors import NotFound, Refused
from modelctl.pipeline import build
from modelctl.service.model_index import Ambiguous, Index, nearest, short
from support.api_server import write_catalog


@pytest.fixture
def index(tmp_path: Path) -> Index:
    desired = build(write_catalog(tmp_path)).desired
    assert desired is not None
    return Index(desired)


@pytest.mark.parametrize(
    ("model_id", "provider", "name", "owner"),
    [
        ("fast", None, "fast", "acme"),
        ("fast", "acme", "fast", "acme"),
        ("acme-twin", None, "acme-twin", "acme"),
        ("acme-twin", "acme", "acme-twin", "acme"),
        ("twin", "other", "other-twin", "other"),
        ("many/things", None, "many/things", "other"),
        ("many/things", "other", "many/things", "other"),
    ],
)
def test_resolve(index: Index, model_id: str, provider: str | None, name: str, owner: str) -> None:
    target = index.resolve(model_id, provider)
    assert (target.name, target.provider) == (name, owner)


def test_resolve_key_of_two_providers(index: Index) -> None:
    with pytest.raises(Ambiguous) as caught:
        index.resolve("twin")
    assert "`acme`, `other`" in caught.value.message


def test_resolve_route(index: Index) -> None:
    with pytest.raises(Refused, match="`active` is a route, not a model"):
        index.resolve("active")


@pytest.mark.parametrize(
    ("model_id", "provider", "said"),
    [
        ("fsat", None, "no model `fsat`; did you mean `fast`?"),
        ("fast", "acmee", "no provider `acmee`; did you mean `acme`?"),
        ("free", "acme", "no model `free` of provider `acme`"),
        ("zzzzzzzz", None, "no model `zzzzzzzz`"),
    ],
)
def test_resolve_unknown(index: Index, model_id: str, provider: str | None, said: str) -> None:
    with pytest.raises(NotFound) as caught:
        index.resolve(model_id, provider)
    assert caught.value.message.startswith(said)


def test_route_of_catalog_without_routes(tmp_path: Path) -> None:
    desired = build(write_catalog(tmp_path, routes="")).desired
    assert desired is not None
    with pytest.raises(NotFound) as caught:
        Index(desired).route("active")
    assert caught.value.hint == "add this to catalog/routes.yaml:\n\nactive:\n  target: fast"


def test_wildcard_target_has_no_members_but_its_variables(index: Index) -> None:
    target = index.resolve("many/things")
    assert target.models == ()
    assert target.model is None
    assert target.references == set()


def test_short_hides_control_characters_and_length() -> None:
    assert short("a\x1b[31mb\n") == "a?[31mb?"
    assert len(short("x" * 500)) < 100


def test_nearest_takes_the_length_of_anything() -> None:
    assert nearest("x" * 100_000, ["fast"]) is None
