"""Where a worker stands: what `decide` keeps between two events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from modelctl.hook.revisions import Revision
from modelctl.state.desired import Deployment
from modelctl.state.selection import Head


class Standing(StrEnum):
    """Where a worker stands to what it should run."""

    RUNNING = "running"  # it runs that, but for entries that LiteLLM refuses
    REFUSED = "refused"  # the newest is refused as a whole: it runs the last good one
    BOOTED_ON_PROVEN = "booted-on-proven"  # the newest was refused before this start: it is tried after the start
    DROPPED_AT_BOOT = "dropped-at-boot"  # LiteLLM booted on a part of the newest: the last good one takes its place
    LOST = "lost"  # LiteLLM lost deployments, and they could not be put back
    FAILED = "failed"  # the hook itself failed, in a way that nobody foresaw: it tries again
    UNSUPPORTED = "unsupported"  # this LiteLLM lacks what the hook needs: it runs its own config file


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A deployment that LiteLLM refuses. It is tried again when what it was refused in has changed."""

    entry: Deployment
    within: object

    def __str__(self) -> str:
        return named(self.entry)


@dataclass(frozen=True, slots=True)
class State:
    """`version` counts what was looked at, `trouble` says why the newest of that does not run."""

    good: Revision | None = None
    pending: Revision | None = None
    trying: Revision | None = None  # what the Router is being given
    standing: Standing = Standing.RUNNING
    trouble: str | None = None
    away: str | None = None  # why the store cannot be read
    head: Head = field(default_factory=Head)
    store: str | None = None  # which store that head is of
    content: str | None = None  # of the file, as judged last
    version: int = 0
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)  # what LiteLLM is known to refuse, by id
    absent: tuple[LeftOut, ...] = ()  # what `good` lacks for that reason
    suspects: frozenset[str] = frozenset()  # entries that came with a refused revision
    turn_at: float | None = None  # when a time limit next ends
    reported: bool = False

    @property
    def error(self) -> str | None:
        return self.trouble or self.away


def named(entry: Deployment) -> str:
    return f"`{entry.group}` ({entry.params.get('model')})"


def at_boot(newest: Revision, head: Head, store: str, proven: Revision | None, *, only_boot_brings: bool) -> State:
    """What LiteLLM is told to boot on; `proven` is there where workers have refused the newest revision.

    LiteLLM boots on what is left of a bad config, so a start would let parts of a refused edit into traffic: it is
    tried again right after boot, as a change, whole or not at all. Unless it holds what only a boot can bring in: then
    LiteLLM boots on it, and the proven one takes its place should LiteLLM drop any of it.
    """
    if proven is None or only_boot_brings:
        return State(pending=newest, good=proven, head=head, store=store, version=head.version)
    return State(
        good=proven,
        standing=Standing.BOOTED_ON_PROVEN,
        trouble="the newest revision was refused before this start, and has not been tried again yet",
        head=replace(head, revision=proven.name),
        store=store,
        version=head.version,
    )
