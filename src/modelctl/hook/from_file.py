"""Following the config file that LiteLLM was started with: no store, no other process of ours.

Each worker looks at the files' stamps, lets a burst of writes settle, and has a child process read and
check them. What was last applied is kept in the user's state folder, so that a worker that is
started on a bad file comes back on the last good one.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from litellm import Router

from modelctl.desired import Deployment, LiveConfig, digest
from modelctl.errors import ModelctlError, Problem, errors_in
from modelctl.handover import Handover
from modelctl.hook.apply import Nack
from modelctl.hook.child import aside, read_in_child
from modelctl.hook.files import Files
from modelctl.hook.last_good import LastGood
from modelctl.hook.log import log
from modelctl.hook.router import router_id
from modelctl.hook.steps import to_end

SETTLE = 0.05  # seconds without a further change before a file is read
UNFINISHED = 1.0  # the same, for a file that ends within a line, is empty or is gone: its writer may come back
AGAIN = 30.0  # seconds until the next try after a check that failed itself
MOST = 5  # problems in one line of the log


class FileSource:
    """One config file and what it includes, as a `Source`. `note` is what the log line should add."""

    def __init__(self, path: str, proxy: Any) -> None:
        self.path = Path(path).absolute()
        self._proxy = proxy
        self._files = Files(self.path)
        self._copy = LastGood(self.path)
        self._reading: Future[Handover] | None = None
        self._content: str | None = None  # of what was last judged
        self._back: Handover | None = None  # the last good state, when LiteLLM boots on a bad file
        self._latest: Handover | None = None  # what `fetch` returned last
        self._tolerated: Sequence[Problem] = ()  # of what runs now: no reason to refuse an edit
        self._known: dict[str, Deployment] = {}
        self._groups: set[str] = set()  # that LiteLLM was told to boot on
        self._dropped: frozenset[str] = frozenset()
        self._why_back: str | None = None
        self._retry_at: float | None = None
        self.version = 0
        self.revision: str | None = None
        self.trouble: str | None = None
        self.note = ""

    def boot(self) -> LiveConfig:
        """What LiteLLM is booting on at this moment. Raises `ModelctlError` when that cannot be read."""
        read = read_in_child(self.path)
        if read.settings is None:
            raise ModelctlError("; ".join(_lines(read.problems)))
        self._files.follow(read.files)
        state = self._proxy.proxy_config.get_config_state()  # the file as LiteLLM has read it
        self._groups = {str(each.get("model_name")) for each in state.get("model_list") or [] if isinstance(each, dict)}
        self._content, self._latest, self._tolerated = read.content, read, read.problems
        good = self._copy.load()
        new = errors_in(_new(read.problems, good.read.problems)) if good else []
        if good and new:
            saved = time.strftime("%Y-%m-%d %H:%M", time.localtime(good.at))
            self._why_back = f"running its last good state (of {saved}), refused: {_said(new)}"
            self._back, self._dropped = good.read, good.dropped
        for line in _lines(each for each in read.problems if each not in new and each.severity != "info"):
            log.warning("%s", line)
        return to_end(self._live(read))

    def booted(self, dropped: list[Deployment]) -> None:
        """Entries that LiteLLM refused at boot stay out, and do not spoil later edits.

        Not so what it has under another id than we thought, or has not read yet: that comes with the next pass.
        """
        there = self._unforeseen()
        refused = [each for each in dropped if each.group in self._groups and _name(each.entry()) not in there]
        self._dropped |= {each.id for each in refused}
        if self._back is not None:
            return
        if refused:
            names = ", ".join(f"`{each.group}` ({each.params.get('model')})" for each in refused)
            self.note = f"; left out, as LiteLLM has dropped it: {names}"
        if len(refused) < len(dropped):
            self._back = self._latest
        elif self._latest is not None:
            self._keep(self._latest)

    def _unforeseen(self) -> set[tuple[str, str]]:
        """(group, model) of what LiteLLM booted under ids that we did not foresee."""
        ours = {router_id(each) for each in self._known.values()}
        entries = self._proxy.llm_router.model_list
        return {_name(each) for each in entries if str(each["model_info"].get("id")) not in ours}

    def due(self) -> bool:
        if self._back is not None:
            return True
        self._files.look()
        if self._reading is None:
            if (self._files.moved and self._files.settled(SETTLE)) or self._try_again():
                self._files.begin()
                self._reading = aside(lambda: read_in_child(self.path))
            return False
        if not self._reading.done():
            return False
        if self._files.moved:  # while it was being read
            self._reading = None
            return False
        return self._files.settled(SETTLE if _whole(self._reading) else UNFINISHED)

    def look(self) -> bool:
        return False

    def fetch(self) -> Generator[None, None, LiveConfig | None]:
        read = self._next()
        if read is None:
            return None
        yield
        live = yield from self._live(read)
        self._latest = read
        return live

    def applied(self) -> None:
        """The Router runs what `fetch` returned last: remember it."""
        self.trouble, self._why_back = self._why_back, None
        self.note = ""
        if self._latest is not None:
            self._keep(self._latest)

    def refused(self, why: str) -> None:
        """With the place of what is amiss, where a rule knows it."""
        advice = _new(self._latest.problems, self._tolerated) if self._latest else []
        places = _said(each for each in advice if each.severity == "info")
        self.trouble, self._why_back = f"{why} | {places}" if places else why, None

    # -- inside --------------------------------------------------------------------------------

    def _next(self) -> Handover | None:
        """What to apply now. Raises `Nack` when it is refused."""
        if self._back is not None:
            read, self._back = self._back, None
            return read
        if self._reading is None:
            return None
        reading, self._reading = self._reading, None
        try:
            read = reading.result()
        except ModelctlError as error:
            self._retry_at, self._content = time.monotonic() + AGAIN, None
            raise Nack(error.message) from error
        self._files.follow(read.files)
        if read.content == self._content:  # touched, not changed
            return None
        self._content = read.content
        self.version += 1
        errors = errors_in(_new(read.problems, self._tolerated))
        if read.settings is None or errors:
            raise Nack(_said(errors or read.problems))
        if self._known and not read.digests and not _in_database(read.settings):
            raise Nack(f"it leaves none of {len(self._known)} models; if that is meant, restart LiteLLM")
        return read

    def _try_again(self) -> bool:
        due = self._retry_at is not None and time.monotonic() >= self._retry_at
        if due:
            self._retry_at = None
        return due

    def _keep(self, read: Handover) -> None:
        self._tolerated = read.problems
        self.revision = digest([read.digests, read.settings])
        if "modelctl.hook" not in str((read.settings or {}).get("litellm_settings")):
            self.note += GOING
        dropped = self._dropped
        aside(lambda: self._copy.save(read, dropped))

    def _live(self, read: Handover) -> Generator[None, None, LiveConfig]:
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
        kept = {id_: each for id_, each in known.items() if id_ not in self._dropped}
        router = dict((read.settings or {}).get("router_settings") or {})
        aliases = router.pop("model_group_alias", None)
        settings = {**(read.settings or {}), "router_settings": router}
        return LiveConfig(kept, aliases if isinstance(aliases, dict) else {}, {}, settings)

    def _deployment(self, id_: str, entry: dict[str, Any]) -> Deployment:
        """Under the id that LiteLLM's boot gives the entry: its own, or a hash of the resolved parameters."""
        known = ("model_name", "litellm_params", "model_info")
        extra = {key: value for key, value in entry.items() if key not in known}
        info, params = dict(entry.get("model_info") or {}), dict(entry["litellm_params"])
        if info.get("id") is None:
            resolved = self._proxy.proxy_config._check_for_os_environ_vars(config=params)
            info["id"] = Router.generate_model_id(entry["model_name"], resolved)
        unnamed = Deployment(id_, entry["model_name"], params, info, extra)
        return Deployment(id_, unnamed.group, params, {**info, "id": router_id(unnamed)}, extra)


GOING = "; modelctl's line is gone from the callbacks: restart LiteLLM to take modelctl out"


def _in_database(settings: Mapping[str, Any]) -> bool:
    general = settings.get("general_settings")
    return isinstance(general, Mapping) and bool(general.get("store_model_in_db"))


def _name(entry: Mapping[str, Any]) -> tuple[str, str]:
    return str(entry["model_name"]), str(entry["litellm_params"].get("model"))


def _whole(reading: Future[Handover]) -> bool:
    return reading.exception() is not None or reading.result().whole


def _new(problems: Iterable[Problem], tolerated: Iterable[Problem]) -> list[Problem]:
    known = Counter(_identity(problem) for problem in tolerated)
    new = []
    for problem in problems:
        if known[_identity(problem)]:
            known[_identity(problem)] -= 1
        else:
            new.append(problem)
    return new


def _identity(problem: Problem) -> tuple[str, str]:
    """The problem, wherever in the file it has moved to."""
    return problem.rule, re.sub(r"\S*:\d+:\d+", "", problem.message)


def _said(problems: Iterable[Problem]) -> str:
    """On one line."""
    lines = _lines(problems)
    more = f" | and {len(lines) - MOST} more" if len(lines) > MOST else ""
    return " | ".join(lines[:MOST]) + more


def _lines(problems: Iterable[Problem]) -> list[str]:
    return [" ".join(str(problem).split()) for problem in problems]
