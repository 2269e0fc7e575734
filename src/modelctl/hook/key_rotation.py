"""Keys from files, followed while the worker runs: a new one is read, tried at its provider, and then goes live.

What cannot be read, and what the provider refuses, is reported; the key from before serves on. A provider that says
nothing is asked again: a key is used once somebody took it. The first key of a variable is used as it is.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from modelctl.hook.key_trial import Outcome, can_be_asked, try_key
from modelctl.hook.log import log
from modelctl.hook.variables import forget_file, references, take_from_file
from modelctl.state.desired import Deployment
from modelctl.state.key_source import KeySource
from modelctl.state.router_config import RouterConfig
from modelctl.system.file_stamp import FileStamp
from modelctl.system.key_files import KeyFileError, file_of, read_key

LOOK_S = 1.0  # between two looks at the files; a new one is read when it has looked the same twice
AGAIN_S = (5.0, 60.0)  # until a provider that says nothing is asked again: the first time, and at most


@dataclass
class _Followed:
    """One variable. `judged` is the look of the file that was used, refused or found wanting last."""

    variable: str
    file: str
    since: float | None = None
    problem: str | None = None
    seen: FileStamp | str | None = None
    judged: FileStamp | str | None = None
    trial: asyncio.Task[tuple[Outcome, str]] | None = None
    key: str = ""
    stamp: FileStamp | None = None
    again: float = 0.0
    pause: float = AGAIN_S[0]


class KeyFiles:
    """`resolve` replaces references by values, as LiteLLM does; `running` is what the worker runs, once it does."""

    def __init__(self, resolve: Callable[..., dict[str, Any]]) -> None:
        self._resolve = resolve
        self.running: Callable[[], RouterConfig] | None = None
        self._met: RouterConfig | None = None
        self._followed: dict[str, _Followed] = {}
        self._looked = 0.0

    def sources(self) -> tuple[KeySource, ...]:
        """For the worker's report."""
        return tuple(KeySource(one.variable, one.file, one.since, one.problem) for one in self._followed.values())

    def meet(self, running: RouterConfig) -> bool:
        """Follow those of the variables of these entries that come from a file; whether there are more than before."""
        before, self._met = self._met, running
        known = before.deployments if before else {}
        written: list[Any] = [each.params for id_, each in running.deployments.items() if id_ not in known]
        if before is None or before.settings is not running.settings:
            written.append(running.settings)
        names = {name for each in written for _, name in references(each)} - self._followed.keys()
        fresh = [_Followed(name, path) for name in sorted(names) if (path := file_of(name, os.environ))]
        for one in fresh:
            self._followed[one.variable] = one
            self._first(one)
        return bool(fresh)

    def look(self, now: float) -> bool:
        """Whether there is news: a key to apply, or something to report. Costs a few looks at files a second."""
        if now - self._looked < LOOK_S:
            return False
        self._looked = now
        running = self.running() if self.running else None
        news = [self.meet(running)] if running is not None and running is not self._met else []
        news += [
            self._leave(one) for one in [*self._followed.values()] if file_of(one.variable, os.environ) != one.file
        ]
        news += [self._turn(one, now) for one in self._followed.values()]
        return any(news)

    def _leave(self, one: _Followed) -> bool:
        """The catalog names another file now, or none."""
        del self._followed[one.variable]
        forget_file(one.variable)
        if path := file_of(one.variable, os.environ):
            self._followed[one.variable] = _Followed(one.variable, path)
            self._first(self._followed[one.variable])
        return True

    def _first(self, one: _Followed) -> None:
        try:
            key, stamp = read_key(one.file)
        except KeyFileError as error:
            one.judged, one.problem = error.message, f"{one.file} {error.message}"
            log.error("%s: %s", one.variable, one.problem)
            return
        one.judged = stamp
        self._use(one, key, stamp)

    def _turn(self, one: _Followed, now: float) -> bool:
        if one.trial is not None:
            return one.trial.done() and self._judge(one, one.trial.result(), now)
        try:
            key, stamp = read_key(one.file)
            looks: FileStamp | str = stamp
        except KeyFileError as error:
            key, stamp, looks = "", None, error.message
        before, one.seen = one.seen, looks
        if looks == one.judged or looks != before:
            return False  # nothing new, or it may be written at this moment
        if stamp is None:
            one.judged = looks
            return self._report(one, f"{one.file} {looks}")
        if now < one.again:
            return False
        return self._begin(one, key, stamp)

    def _begin(self, one: _Followed, key: str, stamp: FileStamp) -> bool:
        """A file that was only touched, or put back, holds what is used already."""
        if key == os.environ.get(one.variable):
            one.judged = stamp
            self._use(one, key, stamp)
            return True
        asked = next((each for each in self._deployments() if can_be_asked(each, one.variable)), None)
        if asked is None or not os.environ.get(one.variable):
            one.judged = stamp
            self._use(one, key, stamp)
            return True
        one.key, one.stamp = key, stamp
        one.trial = asyncio.ensure_future(try_key(asked, one.variable, key, self._resolve))
        return False

    def _deployments(self) -> Iterable[Deployment]:
        return self._met.deployments.values() if self._met else ()

    def _judge(self, one: _Followed, outcome: tuple[Outcome, str], now: float) -> bool:
        verdict, why = outcome
        one.trial = None
        assert one.stamp is not None
        if verdict == "silent":
            one.again, one.pause = now + one.pause, min(2 * one.pause, AGAIN_S[1])
            return self._report(one, f"the key in {one.file} waits to be tried: {why}; the one from before is used")
        one.judged, one.pause, one.again = one.stamp, AGAIN_S[0], 0.0
        if verdict == "refused":
            return self._report(one, f"the key in {one.file} is refused: {why}; the one from before is used")
        self._use(one, one.key, one.stamp)
        log.info("%s: the key in %s was tried, and is used from now on", one.variable, one.file)
        return True

    def _use(self, one: _Followed, key: str, stamp: FileStamp) -> None:
        take_from_file(one.variable, key)
        one.since, one.problem, one.key = stamp.mtime_ns / 1e9, None, ""

    @staticmethod
    def _report(one: _Followed, problem: str) -> bool:
        if problem == one.problem:
            return False
        one.problem = problem
        log.error("%s: %s", one.variable, problem)
        return True
