"""A long list of ids, cut into stretches with a digest each: what is hashed, compared and stored follows the edit.

It is cut by position: an edit of one entry changes one stretch; one that adds or removes changes those behind it too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache

LENGTH = 128


def cut(ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Digest -> ids; all of them in a row are the list, which has none twice."""
    every = tuple(ids)
    parts = (every[start : start + LENGTH] for start in range(0, len(every), LENGTH))
    return {_digest(part): part for part in parts}


@lru_cache(maxsize=1 << 12)
def _digest(ids: tuple[str, ...]) -> str:
    return hashlib.sha256(json.dumps(ids).encode()).hexdigest()[:16]
