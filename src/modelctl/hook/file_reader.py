"""Reading the config file that LiteLLM was started with: I/O alone, as events for `decide`.

Each worker looks at the files' stamps, lets a burst of writes settle, and meanwhile has a child process read and
check them, which stays for the next time. What was last applied is kept in the user's state folder, so that a worker
that is started on a bad file comes back on the last good one.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from litellm import Router

from modelctl.errors import ModelctlError, Problem, errors_in
from modelctl.hook.config_files import LOOK, Files
from modelctl.hook.contract import open_floor
from modelctl.hook.events import ContentSeen, Event, Fetch, Fetched, KeepRunning, RouterBorn, Unreadable
from modelctl.hook.hook_state import Standing, State
from modelctl.hook.last_good import Good, LastGood
from modelctl.hook.log import log
from modelctl.hook.problems import as_lines, new_problems, on_one_line
from modelctl.hook.revisions import FileRevision
from modelctl.hook.router import router_id
from modelctl.hook.stepwise import to_end
from modelctl.hook.subprocess_reader import Child, aside, read_in_child
from modelctl.litellm_spec.config import ALIASES, entry_parts, may_be_in_database
from modelctl.state.config_message import ConfigMessage
from modelctl.state.desired import Deployment, digest
from modelctl.state.router_config import RouterConfig

UNDER_WAY = 0.005  # seconds between two looks at a change that is being read
QUIET = 0.01  # seconds without a further change before a file is read
SETTLE = 0.05  # the same, before its content is applied
# The same, where more may come: it ends within a line, is empty or gone, lacks something, or is bad and still written.
UNFINISHED = 1.0
AGAIN = 30.0  # seconds until the next try after the check itself failed
GOING = "; modelctl's line is gone from the callbacks: restart LiteLLM to take modelctl out"


class FileReader:
    """One config file and what it includes."""

    def __init__(self, path: str, proxy: Any) -> None:
        self.path = Path(path).absolute()
        self.note = ""  # what the log's lines should add
        self._proxy = proxy
        self._files = Files(self.path)
        self._copy = LastGood(self.path)
        self._child: Child | None = None
        self._reading: Future[ConfigMessage] | None = None
        self._names: Counter[str] = Counter()  # the groups and their sizes, in what was taken last
        self._sections: frozenset[str] = frozenset()
        self._taken = ""  # its content
        self._seen: ConfigMessage | None = None
        self._known: dict[str, Deployment] = {}
        self._groups: set[str] = set()  # that LiteLLM was told to boot on
        self._retry_at: float | None = None

    def boot(self) -> tuple[State, RouterConfig]:
        """Where to start, and what LiteLLM is booting on at this moment. Raises `ModelctlError` when that cannot be
        read."""
        read = read_in_child(self.path)
        if read.settings is None:
            raise ModelctlError("; ".join(as_lines(read.problems)))
        self._files.follow(read.files)
        state = self._proxy.proxy_config.get_config_state()  # the file as LiteLLM has read it
        self._groups = {str(each.get("model_name")) for each in state.get("model_list") or [] if isinstance(each, dict)}
        booted = to_end(self._revision(read))
        start = State(pending=booted, content=read.content)
        good = self._copy.load()
        new = errors_in(new_problems(read.problems, good.read.problems)) if good else []
        if good and new:
            start = self._back_to(good, new, start)
            self._known = dict(booted.deployments)
        for line in as_lines(problem for problem in read.problems if problem not in new and problem.severity != "info"):
            log.warning("%s", line)
        return start, booted.written

    def listen(self, rung: Callable[[], None]) -> None:
        """Nobody tells of files: they are looked at."""

    def now(self) -> float:
        return time.time()

    def pause(self) -> float:
        return LOOK / 2 if self._reading is None and not self._files.moved else UNDER_WAY

    def due(self) -> bool:
        self._files.look()
        if self._child is None:
            self._child = Child(self.path)
            aside(partial(self._child.read, self._taken))  # so that it is warm by the first edit
        if self._reading is None:
            if (self._files.moved and self._files.settled(QUIET)) or self._try_again():
                self._files.begin()
                self._reading = aside(partial(self._child.read, self._taken))
            return False
        if not self._reading.done():
            return False
        if self._files.moved:  # it changed while it was being read
            self._reading = None
            return False
        return self._files.settled(self._patience(self._reading))

    def _patience(self, reading: Future[ConfigMessage]) -> float:
        """For how long nothing must have moved: not at all where nothing speaks for more to come."""
        if reading.exception() is not None:
            return SETTLE
        read = reading.result()
        lacks = not read.whole or (read.settings is not None and self._lacks(read))
        bad = bool(errors_in(read.problems))
        if lacks or (bad and not read.closed):
            return UNFINISHED
        return SETTLE if bad or not read.closed or len(read.files) > 1 else 0.0

    def _lacks(self, read: ConfigMessage) -> bool:
        """A slow writer of whole lines is at work, or something was taken away: only time tells."""
        names, sections = self._names - Counter(read.names), self._sections - (read.settings or {}).keys()
        return bool(names or sections or read.lacks)

    def look(self) -> Event | None:
        if not self.due() or self._reading is None:  # a look now and then, too, takes nothing before its time
            return None
        reading, self._reading = self._reading, None
        try:
            read = self._seen = reading.result()
        except ModelctlError as error:
            self._retry_at = time.monotonic() + AGAIN
            return Unreadable(error.message)
        self._files.follow(read.files)
        models = len(read.digests) if read.settings is not None else None
        return ContentSeen(read.content, read.problems, models, may_be_in_database(read.settings or {}))

    def fetch(self, asked: Fetch) -> Generator[None, None, Event]:
        assert self._seen is not None
        yield
        revision = yield from self._revision(self._seen)
        return Fetched(revision)

    def born(self, dropped: list[Deployment]) -> Event:
        """What LiteLLM refused, and not what it has under another id than we thought, or has not read yet."""
        there = self._unforeseen()
        refused = [
            deployment
            for deployment in dropped
            if deployment.group in self._groups and _name(deployment.entry()) not in there
        ]
        return RouterBorn(tuple(refused))

    def keep(self, good: KeepRunning) -> None:
        copy = good.revision.copy if isinstance(good.revision, FileRevision) else None
        if isinstance(copy, ConfigMessage):
            line = "modelctl.hook" in str((copy.settings or {}).get("litellm_settings"))
            self.note = "" if line else GOING
            left_out = good.left_out
            aside(lambda: self._copy.save(copy, left_out))

    # -- inside --------------------------------------------------------------------------------

    def _back_to(self, good: Good, new: list[Problem], start: State) -> State:
        saved = time.strftime("%Y-%m-%d %H:%M", time.localtime(good.at))
        why = f"running its last good state (of {saved}), refused: {on_one_line(new)}"
        revision = to_end(self._revision(good.read))
        kept = {id_: deployment for id_, deployment in revision.deployments.items() if id_ not in good.dropped}
        return replace(start, pending=None, good=revision.having(kept), standing=Standing.REFUSED, trouble=why)

    def _unforeseen(self) -> set[tuple[str, str]]:
        """(group, model) of what LiteLLM booted under ids that we did not foresee."""
        ours = {router_id(each) for each in self._known.values()}
        entries = open_floor(self._proxy.llm_router).entries()
        return {_name(entry) for entry in entries if str(entry["model_info"].get("id")) not in ours}

    def _try_again(self) -> bool:
        due = self._retry_at is not None and time.monotonic() >= self._retry_at
        if due:
            self._retry_at = None
        return due

    def _revision(self, read: ConfigMessage) -> Generator[None, None, FileRevision]:
        known: dict[str, Deployment] = {}
        for index, id_ in enumerate(read.digests):
            if id_ in self._known:
                known[id_] = self._known[id_]
            else:
                entry = read.entry(index)
                if isinstance(entry, dict):  # what LiteLLM cannot boot on is nothing to follow
                    known[id_] = self._deployment(id_, entry)
                yield
        self._known = known
        self._names, self._sections = Counter(read.names), frozenset(read.settings or ())
        self._taken = read.content
        router = dict((read.settings or {}).get("router_settings") or {})
        aliases = router.pop(ALIASES[1], None)
        settings = {**(read.settings or {}), "router_settings": router}
        written = RouterConfig(known, aliases if isinstance(aliases, dict) else {}, {}, settings)
        return FileRevision(digest([read.digests, read.settings]), written, read.problems, read)

    def _deployment(self, id_: str, entry: dict[str, Any]) -> Deployment:
        """Under the id that LiteLLM's boot gives the entry: its own, or a hash of the resolved parameters."""
        parts = entry_parts(entry)
        info, params, extra = dict(parts.info), dict(parts.params), dict(parts.extra)
        if info.get("id") is None:
            resolved = self._proxy.proxy_config._check_for_os_environ_vars(config=params)
            info["id"] = Router.generate_model_id(parts.group, resolved)
        unnamed = Deployment(id_, parts.group, params, info, extra)
        return Deployment(id_, unnamed.group, params, {**info, "id": router_id(unnamed)}, extra)


def _name(entry: Mapping[str, Any]) -> tuple[str, str]:
    return str(entry["model_name"]), str(entry["litellm_params"].get("model"))
