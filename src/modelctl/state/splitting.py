"""A route's requests by share: which of its models a session gets. Pure, and the same in every worker.

A session is placed by a digest between 0 and 100, and the arms lie there side by side in the order in which they are
written: while shares stand, a session stays where it is; where one grows at another's cost, only those between move.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from modelctl.state.selection import Arms

WHOLE = 100.0  # what the shares add up to
HEADER = "header:"  # of `sticky`: the header whose name follows
USER, SESSION = "user", "session"
_SESSION_HEADERS = ("x-litellm-session-id", "session_id", "session-id", "x-session-id")


def position(route: str, value: str) -> float:
    """The position of a session, 0 <= position < WHOLE; independent for every route."""
    drawn = int.from_bytes(sha256(f"{route}\0{value}".encode("utf-8", "surrogatepass")).digest()[:8])
    return drawn / 2**64 * WHOLE


def arm(arms: Arms, at: float) -> str:
    """The arm that lies at a position."""
    for name, share in arms:
        at -= share
        if at < 0:
            return name
    return next(name for name, share in reversed(arms) if share)  # shares are fractions: the last hair's breadth


def shared(arms: Arms, name: str, share: float) -> Arms:
    """With `share` for one arm, and what is left for the others as it was among them."""
    rest = sum(each for other, each in arms if other != name)
    scaled = tuple((other, round(each * (WHOLE - share) / rest, 6)) for other, each in arms if other != name)
    return (*scaled, (name, share))


def without(arms: Arms, name: str) -> Arms:
    """Without one arm; its share goes to the others, as it was among them."""
    rest = {other: share for other, share in arms if other != name}
    total = sum(rest.values())
    return tuple((other, round(share * WHOLE / total, 6)) for other, share in rest.items()) if total else ()


def told_apart(sticky: str, body: Mapping[str, Any], headers: Mapping[str, str], request: str) -> str:
    """By what requests are told apart: whose user, session or header it is; else each request by itself."""
    given = {str(name).lower(): value for name, value in headers.items()}
    metadata = body.get("metadata")
    within = metadata if isinstance(metadata, Mapping) else {}
    found: object = None
    if sticky.startswith(HEADER):
        found = given.get(sticky.removeprefix(HEADER).lower())
    elif sticky == SESSION:
        named = (given.get(name) for name in _SESSION_HEADERS)
        found = next(filter(None, named), None) or body.get("litellm_session_id") or within.get("session_id")
    else:
        found = body.get("user") or within.get("user_id")
    return found if isinstance(found, str) and found else request
