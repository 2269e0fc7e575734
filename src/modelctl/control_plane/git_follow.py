"""Follows a branch: fetches it every now and then, and puts each new commit in place for a publish."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from modelctl.control_plane.git_checkout import Commit, GitCheckout, GitFailed
from modelctl.errors import Problem, Refused
from modelctl.service.catalog_origin import Credit
from modelctl.service.status_answer_types import CatalogSource
from modelctl.text.times import span

POLL_S = 30.0
REWRITTEN_HINT = "`modelctl refresh --force` takes it"
log = logging.getLogger("modelctl")


@dataclass(frozen=True)
class _Seen:
    """`waiting` is a commit that the branch has, but whose history does not hold the one that is taken."""

    commit: Commit
    fetched_at: float | None = None
    waiting: Commit | None = None
    error: str | None = None
    more: int = 0  # commits that came with this one


class GitFollow:
    """The `Origin` of a service, and what `serve` waits on for changes.

    `every`: seconds between two fetches; `stale_after`: seconds without an answer of the remote after which
    the catalog counts as too old, None: never.
    """

    def __init__(
        self, checkout: GitCheckout, *, every: float = POLL_S, stale_after: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._checkout, self._every, self._stale_after, self._clock = checkout, every, stale_after, clock
        self._began = clock()
        self._stepping = threading.Lock()
        self._seen = self._first()

    def _first(self) -> _Seen:
        """The files of the last run have to do where the remote is silent. Raises GitFailed where there are none."""
        taken = self._checkout.taken() if (self._checkout.folder / ".git").is_dir() else None
        if taken is None:
            newest = self._checkout.fetch()
            self._checkout.take(newest)
            return _Seen(newest, self._clock())
        self._checkout.take(taken)  # heals what a crash left half done
        seen = self._next(_Seen(taken), nullcontext(), force=False)
        if seen.error:
            log.error("%s", _unreachable(self._checkout, seen).message)
        return seen

    # -- what `serve` waits on -----------------------------------------------------------------

    async def wait(self) -> None:
        await asyncio.sleep(self._every)

    def step(self, reading: AbstractContextManager[object], *, force: bool = False) -> bool:
        """Fetch, and take what is new while `reading` keeps readers away. Whether the files changed."""
        with self._stepping:
            before = self._seen
            self._seen = self._next(before, reading, force=force)
            self._report(before, self._seen)
            return self._seen.commit.id != before.commit.id

    def _next(self, seen: _Seen, reading: AbstractContextManager[object], *, force: bool) -> _Seen:
        try:
            newest, now = self._checkout.fetch(), self._clock()
            if newest.id == seen.commit.id:
                return _Seen(seen.commit, now, more=seen.more)
            if not force and not self._checkout.follows(seen.commit, newest):
                return _Seen(seen.commit, now, waiting=newest)
            more = self._checkout.count(seen.commit, newest) - 1
            with reading:
                self._checkout.take(newest)
            return _Seen(newest, now, more=max(0, more))
        except GitFailed as error:
            return _Seen(seen.commit, seen.fetched_at, seen.waiting, error.message, more=seen.more)

    def _report(self, before: _Seen, after: _Seen) -> None:
        if after.error and after.error != before.error:
            log.error("%s", _unreachable(self._checkout, after).message)
        elif before.error and not after.error:
            log.info("%s answers again", self._checkout.source.shown)
        if after.waiting and after.waiting != before.waiting:
            log.error("%s; %s", _rewritten(self._checkout, after).message, REWRITTEN_HINT)

    # -- what the service asks -----------------------------------------------------------------

    def source(self) -> CatalogSource:
        seen, source = self._seen, self._checkout.source
        return {
            "remote": source.shown,
            "branch": source.branch,
            "commit": seen.commit.id,
            "author": seen.commit.author,
            "title": seen.commit.title,
            "committed_at": seen.commit.at,
            "fetched_at": seen.fetched_at,
            "waiting": seen.waiting.id if seen.waiting else None,
            "error": seen.error,
        }

    def credit(self) -> Credit:
        seen = self._seen
        more = f" (and {seen.more} more)" if seen.more else ""
        return Credit(seen.commit.author, f"{seen.commit.short} {seen.commit.title}{more}")

    def problems(self) -> Sequence[Problem]:
        seen = self._seen
        if seen.error:
            return (_unreachable(self._checkout, seen),)
        return (_rewritten(self._checkout, seen),) if seen.waiting else ()

    def stale(self) -> str | None:
        silent = self._clock() - (self._seen.fetched_at or self._began)
        if self._stale_after is None or silent < self._stale_after:
            return None
        return f"{self._checkout.source.shown} has not answered for {span(silent)}"

    def refresh(self, reading: AbstractContextManager[object], *, force: bool) -> None:
        self.step(reading, force=force)
        for problem in self.problems():
            raise Refused(problem.message, hint=problem.hint)


@dataclass(frozen=True)
class NewCommits:
    """`async for built in commits`, as with `Watch`: after each new commit."""

    origin: GitFollow
    reading: AbstractContextManager[object]

    async def __aiter__(self) -> AsyncIterator[bool]:
        while True:
            await self.origin.wait()
            if await asyncio.to_thread(self.origin.step, self.reading):
                yield False  # nothing was built ahead

    async def finished(self) -> None:
        """A commit is whole."""


def _unreachable(checkout: GitCheckout, seen: _Seen) -> Problem:
    source = checkout.source
    message = f"{source.shown} branch {source.branch} cannot be fetched: {seen.error}; {seen.commit.short} stays"
    return Problem("git-unreachable", message, severity="warning", hint=f"git fetch {source.shown} {source.branch}")


def _rewritten(checkout: GitCheckout, seen: _Seen) -> Problem:
    new = seen.waiting.short if seen.waiting else ""
    message = f"branch {checkout.source.branch} was rewritten: {new} does not descend from {seen.commit.short}"
    return Problem("git-rewritten", f"{message}, which stays live", severity="warning", hint=REWRITTEN_HINT)
