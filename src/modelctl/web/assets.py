"""Files of one folder over HTTP: by plain name, of known kinds, with ETags, packed once."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from modelctl.system.file_stamp import Glance, glance

# A fixed table: the system's may call a module text/plain, which browsers refuse.
KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".ts": "text/plain",
    ".tsx": "text/plain",
    ".json": "application/json",
}
_NAME = re.compile(r"[A-Za-z0-9][\w-]*(\.[\w-]+)+")


@dataclass(frozen=True)
class Asset:
    plain: bytes
    packed: bytes
    kind: str
    etag: str

    @classmethod
    def of(cls, content: bytes, kind: str) -> Asset:
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        return cls(content, gzip.compress(content, 9, mtime=0), kind, etag)

    def answer(self, asked: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        """304 where the browser has it already, else the file, packed where the client takes that."""
        sent = {**headers, "etag": self.etag, "vary": "accept-encoding"}
        if self.etag in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=sent)
        if "gzip" in asked.get("accept-encoding", ""):
            return Response(self.packed, headers={**sent, "content-encoding": "gzip"}, media_type=self.kind)
        return Response(self.plain, headers=sent, media_type=self.kind)


class Assets:
    """Reads a file when it is first asked for, and again when it has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, tuple[Glance, Asset]] = {}

    def get(self, name: str) -> Asset | None:
        """None for what is not there, is of no known kind, or is no plain name."""
        path = self._folder / name
        kind = KINDS.get(path.suffix)
        if kind is None or not _NAME.fullmatch(name) or not path.is_file():
            return None
        kept = self._kept.get(name)
        now = glance(path.stat(), kept[0] if kept else None)
        if kept is None or kept[0] is not now:
            kept = self._kept[name] = now, Asset.of(path.read_bytes(), kind)
        return kept[1]
