"""The one "did you mean": every hint with a nearest name comes from here, by one measure and one cut-off."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORDS = re.compile(r"[a-z0-9]+")
_ENOUGH = 0.72
_ONE_SLIP = 3  # letters from which one slip still leaves a name recognizable
_LONGEST = 200


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was meant, when one is near enough; a wrong hint is worse than none."""
    asked = name[:_LONGEST]
    scores = [(_likeness(asked, other), other) for other in dict.fromkeys(known)]
    best = max(scores, key=lambda scored: scored[0], default=(0.0, ""))
    return best[1] if best[0] >= _ENOUGH else None


def _likeness(name: str, other: str) -> float:
    """0 to 1: spelling, slips of one key, and names of which only some words are said (`haiku`)."""
    from rapidfuzz.distance import OSA, Indel  # needed only when something is wrong already

    spelt = float(Indel.normalized_similarity(name.lower(), other.lower()))
    if len(name) >= _ONE_SLIP and OSA.distance(name.lower(), other.lower(), score_cutoff=1) <= 1:
        return max(spelt, 0.9)
    asked, words = _WORDS.findall(name.lower()), set(_WORDS.findall(other.lower()))
    if asked and words.issuperset(asked) and max(map(len, asked)) > _ONE_SLIP:
        return max(spelt, 0.8 + spelt / 100)
    return spelt
