"""Of a request that was kept: which revision, whose choice, and which calls led to the model that answered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import cast

from modelctl.errors import NotFound
from modelctl.service.request_types import PublishedAnswer, RequestAnswer, TriedAnswer
from modelctl.state.request_record import RequestOrigin, RequestRecord, TriedCall
from modelctl.state.selection import HistoryEntry
from modelctl.store.request_store import LONGEST_S
from modelctl.text.times import iso, span

HINT = "a request is known a second after its end, by `x-litellm-call-id` of its answer or by the answer's own `id`"


def unknown(id_: str, oldest: float | None, now: float) -> NotFound:
    """Says how long ids are kept."""
    kept = f"the oldest that is kept came {span(now - oldest)} ago" if oldest is not None else "none is kept now"
    bound = f"the last 20,000 are kept (MODELCTL_REQUESTS_KEPT of the workers), for {span(LONGEST_S)} at most"
    return NotFound(f"no request `{id_[:80]}` is known: {bound}; {kept}", hint=HINT)


def explained(found: RequestRecord, history: Iterable[HistoryEntry]) -> RequestAnswer:
    """`history`: newest first, all routes."""
    origin, published = found.origin, _published(found.origin.revision, history)
    good = [one for one in found.tried if one.failed is None]
    answer = {
        "id": found.id,
        "response": found.response,
        "at": iso(found.at) or "",
        "asked": found.asked,
        "model": good[-1].model if good and found.outcome != "failed" else None,
        "outcome": found.outcome,
        "failed": found.failed,
        "seconds": found.seconds,
        **asdict(origin),
        "since": iso(origin.since),
        "published": published,
        "tried": [_tried(one) for one in found.tried],
        "more": found.more,
        "says": list(_says(found, published)),
    }
    return cast(RequestAnswer, answer)


def _tried(one: TriedCall) -> TriedAnswer:
    return {
        "model": one.model,
        "deployment": one.deployment,
        "provider": one.provider,
        "seconds": one.seconds,
        "failed": one.failed,
        "error": one.error,
    }


def _published(revision: str | None, history: Iterable[HistoryEntry]) -> PublishedAnswer | None:
    entry = next((one for one in history if one.action == "publish" and one.revision == revision and revision), None)
    return {"at": iso(entry.at) or "", "actor": entry.actor, "reason": entry.reason} if entry else None


# -- in sentences --------------------------------------------------------------------------------


def _says(found: RequestRecord, published: PublishedAnswer | None) -> Iterator[str]:
    yield _outcome(found)
    origin = found.origin
    if origin.route is not None:
        yield f"route {origin.route} pointed to {origin.target}: {_whose(origin)}"
    yield from _calls(found)
    if origin.revision is not None:
        by = f", published {published['at']} by {published['actor']}" if published else ""
        yield f"revision {origin.revision}{by}"
    yield f"worker {origin.worker}"


def _outcome(found: RequestRecord) -> str:
    good = [one for one in found.tried if one.failed is None]
    took = f" after {found.seconds:.2f} s" if found.seconds is not None else ""
    head = f"{iso(found.at)}: {found.asked} was asked for"
    if found.outcome == "failed":
        return f"{head}; no answer{took}: {found.failed}"
    if found.outcome == "cached":
        return f"{head}; LiteLLM's cache answered{took}"
    who = f"{good[-1].model} ({good[-1].provider}) answered" if good else "answered"
    return f"{head}; {who}{took}" + (", and the client left before the end" if found.outcome == "closed" else "")


def _whose(origin: RequestOrigin) -> str:
    if origin.dealt:
        by = "in the catalog" if origin.source == "git" else f"that {origin.actor} set {iso(origin.since)}"
        return f"the arm that it got of the split {by}" + _because(origin)
    if origin.source == "block":
        return f"{origin.left} is blocked, and this answers for it"
    if origin.source == "git":
        return "so the catalog says"
    if origin.source == "guard":
        return f"its guard left {origin.left} {iso(origin.since)}" + _because(origin)
    if origin.source == "budget":
        return f"a budget was spent {iso(origin.since)}" + _because(origin)
    return f"{origin.actor} chose it {iso(origin.since)}" + _because(origin)


def _because(origin: RequestOrigin) -> str:
    return f", {origin.reason}" if origin.reason else ""


def _calls(found: RequestRecord) -> Iterator[str]:
    """A line per call; what a call was for follows from the one before."""
    before: TriedCall | None = None
    for number, one in enumerate(found.tried, start=1):
        what = "" if before is None else " (retry)" if one.model == before.model else f" (fallback from {before.model})"
        why = f" ({one.error})" if one.error else ""
        went = f"failed, {one.failed}{why}," if one.failed else "answered"
        yield f"call {number}: {one.model} by {one.provider}{what} {went} after {one.seconds:.2f} s"
        before = one
    if found.more:
        yield f"{found.more} more calls, which are not kept"
    if not found.tried and found.outcome != "cached":
        yield "no provider was called"
