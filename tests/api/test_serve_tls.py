"""`serve` with a certificate: who trusts it is answered, a new one is taken up, and mistakes are told."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.api_server import write_catalog
from support.certificates import write_certificate
from support.cli import called
from support.processes import free_port
from support.waiting import wait_until
from support.warm import WarmProcess


class Secure:
    def __init__(self, root: Path) -> None:
        self.root, self.port = root, free_port()
        self.cert, self.key = root / "tls.crt", root / "tls.key"
        write_catalog(root)
        write_certificate(self.cert, self.key)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MODELCTL_")}
        command = ["modelctl", "serve", "--port", str(self.port), *self.files]
        self.log = root / "serve.log"
        self.run = WarmProcess("serve", command, log=self.log, env=clean, cwd=root)
        self.run.wait_for(lambda: self.served() is not None, "it answers", 20)

    @property
    def files(self) -> list[str]:
        return ["--tls-cert", str(self.cert), "--tls-key", str(self.key)]

    def served(self) -> str | None:
        """The certificate that a new connection gets."""
        try:
            return ssl.get_server_certificate(("127.0.0.1", self.port), timeout=5)
        except OSError:
            return None

    def environment(self, **more: str) -> dict[str, str]:
        return {"MODELCTL_SERVER": f"https://127.0.0.1:{self.port}", "MODELCTL_CA": str(self.cert), **more}


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    made = Secure(tmp_path)
    yield made
    made.run.stop()


def test_who_trusts_it_switches(secure: Secure) -> None:
    assert called("use", "slow", cwd=secure.root, env=secure.environment()).code == 0
    assert "slow" in called("current", cwd=secure.root, env=secure.environment()).out


def test_who_does_not_trust_it_is_told_what_to_do(secure: Secure) -> None:
    ran = called("current", cwd=secure.root, env=secure.environment(MODELCTL_CA=""))
    assert (ran.code, ran.out) == (4, "")
    assert "is not trusted (self-signed certificate)" in ran.err
    assert "hint: MODELCTL_CA names a file" in ran.err


@pytest.mark.parametrize(("text", "said"), [(None, "no such file"), ("no certificate", "it holds no certificate")])
def test_a_file_to_trust_that_is_none(secure: Secure, text: str | None, said: str) -> None:
    file = secure.root / "ca.pem"
    if text is not None:
        file.write_text(text)
    ran = called("current", cwd=secure.root, env=secure.environment(MODELCTL_CA=str(file)))
    assert (ran.code, said in ran.err) == (1, True)


def test_a_new_certificate_is_taken_up_and_half_a_pair_is_not(secure: Secure) -> None:
    before = secure.served()
    assert before is not None
    write_certificate(secure.root / "other.crt", secure.root / "other.key")
    secure.key.write_bytes((secure.root / "other.key").read_bytes())
    wait_until(lambda: "is not the key of" in secure.log.read_text(), "the half is told")
    assert secure.served() == before
    secure.cert.write_bytes((secure.root / "other.crt").read_bytes())
    wait_until(lambda: secure.served() == (secure.root / "other.crt").read_text(), "the new one is served")
    assert called("current", cwd=secure.root, env=secure.environment()).code == 0


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    write_catalog(root)
    write_certificate(root / "a.crt", root / "a.key")
    write_certificate(root / "b.crt", root / "b.key")
    (root / "text").write_text("neither")
    return root


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--tls-cert", "a.crt"], 2, "--tls-cert and --tls-key go together"),
        (["--tls-cert", "gone", "--tls-key", "a.key"], 1, "cannot read gone: no such file"),
        (["--tls-cert", "a.crt", "--tls-key", "b.key"], 1, "b.key is not the key of a.crt"),
        (["--tls-cert", "text", "--tls-key", "a.key"], 1, "text and a.key are no certificate and key"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "up"])
def test_files_that_are_none(project: Path, command: str, options: list[str], code: int, said: str) -> None:
    ran = called(command, "--port", str(free_port()), *options, cwd=project)
    assert (ran.code, said in ran.err, "Traceback" in ran.err) == (code, True, False)
