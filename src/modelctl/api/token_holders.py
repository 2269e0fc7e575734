"""Who holds which token: those of the environment, and those of the file as it is now."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from pathlib import Path

from modelctl.system.token_file import ROLES, Holder, TokenFileError, digest, read_tokens

log = logging.getLogger("modelctl")


class TokenHolders:
    """`tokens` (secret -> name) may do all. The file is read with each token that comes, so a change of it counts at
    once; while it cannot be read, what it said last does."""

    def __init__(self, tokens: Mapping[str, str], file: Path | None = None) -> None:
        self._given = {digest(secret): Holder(name, ROLES[-1]) for secret, name in tokens.items()}
        self._file = file
        self._listed: dict[str, Holder] = {}
        self._told: str | None = None
        self._ever = bool(tokens)

    @property
    def required(self) -> bool:
        """Whether tokens are asked for. Once they were, a file that is gone opens nothing."""
        self._ever = self._ever or bool(self._file and self._file.exists())
        return self._ever

    def holder(self, token: str) -> Holder | None:
        """Compares with every token, in constant time."""
        given, found = digest(token), None
        for each, holder in {**self._read(), **self._given}.items():
            if hmac.compare_digest(each, given):
                found = holder
        return found

    def _read(self) -> dict[str, Holder]:
        if self._file is None or not self._file.exists():
            self._listed = {}
            return self._listed
        try:
            self._listed, self._told = read_tokens(self._file), None
        except TokenFileError as error:
            if error.message != self._told:
                log.error("%s; the tokens that it held before stay valid", error.message)
            self._told = error.message
        return self._listed
