"""The copy of what a config file said when it was last applied, in the user's state folder.

JSON and private to the user: a hand-written config may hold keys in plain text. One file per config
file; several workers write the same, each in one rename.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from modelctl.hook.log import log
from modelctl.state.config_message import ConfigMessage, decode, encode, pack, unpack
from modelctl.state.desired import digest
from modelctl.system.replace_file import PRIVATE, replace_file


@dataclass(frozen=True)
class Good:
    """`dropped` are the digests of entries that LiteLLM refused at boot; `at` in epoch seconds."""

    read: ConfigMessage
    dropped: frozenset[str]
    at: float


class LastGood:
    def __init__(self, config: Path) -> None:
        self._name = f"{digest(str(config))}.good"
        self._said: str | None = None

    def load(self) -> Good | None:
        """None when there is no copy yet, or none that is ours to read."""
        try:
            path = self._folder() / self._name
            if path.stat().st_uid != os.getuid():
                return None
            first, _, rest = path.read_bytes().partition(b"\n")
            head = decode(first)
            return Good(unpack(rest), frozenset(head["dropped"]), float(head["at"]))
        except (OSError, RuntimeError, ValueError, KeyError, TypeError):
            return None

    def save(self, read: ConfigMessage, dropped: frozenset[str]) -> None:
        """Never raises: without a copy the worker serves as well, and a restart reads the file itself."""
        head = encode({"dropped": sorted(dropped), "at": time.time()})
        try:
            folder = self._folder()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(folder / self._name, head + b"\n" + pack(read), mode=PRIVATE)
        except (OSError, RuntimeError) as error:
            self._warn_once(str(error))

    def _warn_once(self, why: str) -> None:
        if why != self._said:
            self._said = why
            log.warning("cannot keep a copy of the last good state, a restart will not have it: %s", why)

    @staticmethod
    def _folder() -> Path:
        """Raises `RuntimeError` for a user without a home."""
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return Path(base) / "modelctl"
