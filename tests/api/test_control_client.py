"""Why a worker cannot follow a control plane: one line each, which says what to change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.errors import StoreDown, UsageError
from modelctl.state.selection import Worker
from modelctl.store import open_store
from modelctl.store.control_client import ControlAddress, ControlClient
from modelctl.store.http_origin import HttpOrigin
from modelctl.system.token_file import add_token
from support.api_server import Plane, write_catalog
from support.tls_relay import TlsRelay
from support.upstream import Upstream

SECRET = "a-token-of-the-workers"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    folder = tmp_path_factory.mktemp("plane")
    made = Plane(write_catalog(folder), tokens={SECRET: "workers"}, token_file=folder / "tokens")
    yield made
    made.stop()


def why(url: str, token: str | None = None, ca: str | None = None) -> str:
    with pytest.raises(StoreDown) as raised:
        HttpOrigin(ControlClient(ControlAddress(url, token, ca))).head(None, 0)
    assert SECRET not in raised.value.message
    return raised.value.message


def test_a_token_is_asked_for(plane: Plane) -> None:
    assert f"{plane.url} asks for a token: MODELCTL_TOKEN here has to be one of" in why(plane.url)


def test_a_wrong_token_is_refused(plane: Plane) -> None:
    assert f"{plane.url} refuses the token" in why(plane.url, "something-else")


def test_a_token_of_a_lower_role_is_refused_by_name(plane: Plane, tmp_path: Path) -> None:
    reader = add_token(plane.catalog.parent / "tokens", "reader", "read")
    assert "needs a token of the role `worker`" in why(plane.url, reader)
    worker = add_token(plane.catalog.parent / "tokens", "worker", "worker")
    origin = HttpOrigin(ControlClient(ControlAddress(plane.url, worker)))
    seen = origin.head(None, 0)
    assert seen is not None
    origin.report(Worker("w", 1, "h", version=1, store=seen.store))
    shown = {"authorization": f"Bearer {worker}"}
    assert plane.client.post("/models/select", json={"model_id": "slow"}, headers=shown).status_code == 403


def test_another_program_is_no_control_plane(upstream: Upstream) -> None:
    assert f"what answers at {upstream.url} is no control plane" in why(upstream.url)


def test_nobody_is_there() -> None:
    assert "http://127.0.0.1:9 cannot be reached" in why("http://127.0.0.1:9")


def test_tls_that_is_not_there(plane: Plane) -> None:
    assert "a control plane without TLS is http://" in why(plane.url.replace("http:", "https:"), SECRET)


def test_a_certificate_that_is_not_trusted_and_one_that_is(plane: Plane, tmp_path: Path) -> None:
    relay = TlsRelay(tmp_path, int(plane.url.rpartition(":")[2]))
    try:
        url = f"https://127.0.0.1:{relay.port}"
        assert "is not trusted" in why(url, SECRET)
        assert "MODELCTL_STORE_CA" in why(url, SECRET)
        trusting = ControlClient(ControlAddress(url, SECRET, str(relay.certificate)))
        assert HttpOrigin(trusting).head(None, 0) is not None
    finally:
        relay.close()


def test_a_file_that_holds_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    assert "MODELCTL_STORE_CA names no file of certificates" in why("https://127.0.0.1:9", ca=str(tmp_path / "ca.pem"))


@pytest.mark.parametrize(
    "url", ["http://ada:pw-1234@host:7777", "http://", "http://host:7777/?x=1", "http://host:none"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(StoreDown) as raised:
        ControlAddress.of(url, {})
    assert raised.value.message.startswith("MODELCTL_STORE ")
    assert "pw-1234" not in raised.value.message


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("secret-1234", "secret-1234"),
        ("ada:secret-1234,bob:secret-5678", "secret-1234"),
        ("a,b-12345", "a,b-12345"),
        ("", None),
    ],
)
def test_the_first_token_is_shown(given: str, shown: str | None) -> None:
    assert ControlAddress.of("http://host:7777/", {"MODELCTL_TOKEN": given}) == ControlAddress(
        "http://host:7777", shown
    )


def test_a_control_plane_is_no_store_of_a_control_plane() -> None:
    with pytest.raises(UsageError, match="is for LiteLLM workers"):
        open_store("http://host:7777")
