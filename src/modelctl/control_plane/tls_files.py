"""The certificate and key that the control plane serves with; new files are taken up without a restart."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from modelctl.catalog.folder import label_of
from modelctl.errors import ModelctlError, UsageError

LOOK_EVERY_S = 1.0
log = logging.getLogger("modelctl")


@dataclass(frozen=True)
class TlsFiles:
    """PEM: the certificate with what signs it, and its key without a password."""

    cert: Path
    key: Path

    def load(self, context: ssl.SSLContext) -> None:
        """Raises ModelctlError, which names the file that is wrong."""
        for path in (self.cert, self.key):
            try:
                path.read_bytes()
            except OSError as error:
                raise ModelctlError(
                    f"cannot read {label_of(path)}: {(error.strerror or str(error)).lower()}"
                ) from error
        try:
            context.load_cert_chain(self.cert, self.key, password="")
        except (ssl.SSLError, ValueError) as error:
            raise ModelctlError(_why(self, error), hint="PEM, the key without a password") from error

    def stamp(self) -> tuple[tuple[int, int, int], ...] | None:
        """Moves when a file does, also one behind a link (as Kubernetes mounts them); None while one is away."""
        try:
            looks = [os.stat(path) for path in (self.cert, self.key)]  # noqa: PTH116
        except OSError:
            return None
        return tuple((look.st_ino, look.st_mtime_ns, look.st_size) for look in looks)


def tls_files(cert: Path | None, key: Path | None) -> TlsFiles | None:
    """Both or neither."""
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise UsageError("--tls-cert and --tls-key go together")
    return TlsFiles(cert.absolute(), key.absolute())  # the working folder may change


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """For a server that begins. Raises ModelctlError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    files.load(context)
    return context


async def follow_tls(files: TlsFiles, context: ssl.SSLContext) -> None:
    """New connections get new files; what cannot be loaded is said once, and the old stay. Never ends by itself."""
    seen = files.stamp()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        now = files.stamp()
        if now is None or now == seen:
            continue
        seen = now
        try:
            files.load(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))  # a trial: half a pair must not be loaded
            files.load(context)
            log.info("a new certificate is served: %s", files.cert)
        except ModelctlError as error:
            log.error("%s; the certificate of before stays", error.message)


def _why(files: TlsFiles, error: Exception) -> str:
    text = str(error)
    if "KEY_VALUES_MISMATCH" in text:
        return f"{label_of(files.key)} is not the key of {label_of(files.cert)}"
    return f"{label_of(files.cert)} and {label_of(files.key)} are no certificate and key"
