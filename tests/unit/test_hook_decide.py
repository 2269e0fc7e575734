"""What the hook decides, over thousands of orders of events: a store or a file, no LiteLLM.

The Router here is played: it refuses deployments of which the model is `bad`, and settings that say so, as a whole;
at boot it leaves such deployments out.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from modelctl.errors import Problem
from modelctl.hook.decide import EMPTIED, decide
from modelctl.hook.events import (
    Applied,
    Apply,
    ConfigRefused,
    ContentSeen,
    Event,
    Fetch,
    Fetched,
    HeadSeen,
    KeepRunning,
    Lost,
    Note,
    RouterBorn,
    Say,
    StoreAway,
    TimeUp,
    Unreadable,
)
from modelctl.hook.hook_state import Standing, State, at_boot
from modelctl.hook.problems import new_problems
from modelctl.hook.revisions import FileRevision, StoredRevision
from modelctl.state.desired import Deployment, DesiredState, Route
from modelctl.state.router_config import RouterConfig
from modelctl.state.selection import Head, Selection
from support.effort import examples

ORDERS = settings(max_examples=examples(400), deadline=None)
REFUSED_SETTINGS = {"router_settings": {"retry_policy": "refused"}}


def deployments(code: int, entries: str = "abc") -> dict[str, Deployment]:
    """Two bits for each group: left out, one of two good ones, or a bad one."""
    found = {}
    for at, group in enumerate(entries):
        kind = ("", "1", "2", "bad")[code >> 2 * at & 3]
        if kind:
            id_ = group + kind
            found[id_] = Deployment(id_, group, {"model": f"openai/{id_}"})
    return found


def bad(ids: object) -> set[str]:
    return {id_ for id_ in ids if id_.endswith("bad")}  # type: ignore[attr-defined]


@dataclass
class Worker:
    """The loop and the Router, played: carries out what is decided, at once."""

    state: State
    fetched: dict[str, StoredRevision | FileRevision] = field(default_factory=dict)
    running: RouterConfig | None = None
    applied: list[RouterConfig] = field(default_factory=list)
    reports: list[State] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kept: KeepRunning | None = None
    newest: str = ""
    unable: bool = False  # the Router refuses everything

    def boot(self, config: RouterConfig, now: float = 0.0) -> None:
        there = {id_: each for id_, each in config.deployments.items() if not id_.endswith("bad")}
        self.running = replace(config, deployments=there)
        dropped = tuple(each for id_, each in config.deployments.items() if id_ not in there)
        self.hear(RouterBorn(dropped), now=now)

    def hear(self, *heard: Event, now: float = 0.0) -> None:
        events = deque(heard)
        turns = 0
        while events:
            turns += 1
            assert turns < 20, "it never comes to an end"
            self.state, actions = decide(self.state, events.popleft(), now)
            for action in actions:
                match action:
                    case Fetch():
                        name = action.head.revision or self.newest
                        events.append(Fetched(self.fetched[name], action.head, action.store))
                    case Apply():
                        events.append(self.put(action.config))
                    case KeepRunning():
                        self.kept = action
                    case Say():
                        self.reports.append(self.state)
                    case Note():
                        self.notes.append(action.text)

    def put(self, config: RouterConfig) -> Event:
        if self.unable or config.settings == REFUSED_SETTINGS:
            return ConfigRefused("settings")
        wrong = sorted(bad(config.deployments))
        if wrong:
            return ConfigRefused(f"LiteLLM drops {wrong[0]}", wrong[0])
        self.running = config
        self.applied.append(config)
        return Applied()

    @property
    def runs(self) -> set[str]:
        assert self.running is not None
        return set(self.running.deployments)

    @property
    def last(self) -> State:
        return self.reports[-1]


# -- a store -------------------------------------------------------------------------------------


class Stored:
    """A store, its revisions and their verdicts, and one worker that follows it."""

    def __init__(self) -> None:
        self.revisions: dict[str, StoredRevision] = {}
        self.head = Head()
        self.id = "s0"
        self.taken: list[str] = []
        self.refused: set[str] = set()
        self.here = True
        self.now = 0.0
        self.publish(0b010101, 0)
        self.worker = self.started()

    def started(self) -> Worker:
        revision = self.head.revision
        worker = Worker(State(), dict(self.revisions))
        if revision is not None and self.here:
            newest = self.revisions[revision]
            only_refused = revision in self.refused and revision not in self.taken
            proven = self.revisions[self.taken[-1]] if only_refused and self.taken else None
            worker.state = at_boot(newest, self.head, self.id, proven, only_boot_brings=False)
        booted = worker.state.pending or worker.state.good
        config = booted.config(self.head.selections, self.now) if booted else RouterConfig({}, {}, {}, {})
        worker.boot(config, self.now)
        self.look(worker)
        return worker

    def look(self, worker: Worker) -> None:
        worker.fetched = dict(self.revisions)
        worker.hear(HeadSeen(self.head, self.id) if self.here else StoreAway("gone"), now=self.now)
        said = worker.last
        if said.version == self.head.version and self.here and self.head.revision:
            ran = said.good.name if said.good else None
            if said.error is None and ran == self.head.revision:
                self.taken = [*(each for each in self.taken if each != ran), ran]  # the youngest is the last
            elif said.error is not None and ran != self.head.revision:
                self.refused.add(self.head.revision)

    def publish(self, code: int, wrong: int) -> None:
        name = f"{code:06b}{wrong}"
        desired = DesiredState(
            deployments(code), {"active": Route("active", "a")}, settings=REFUSED_SETTINGS if wrong else {}
        )
        self.revisions[name] = StoredRevision(name, desired)
        self.head = replace(self.head, revision=name, version=self.head.version + 1)

    def select(self, group: str, until: float | None) -> None:
        chosen = {"active": (Selection(group, "a", "ada", self.now, until=until),)}
        self.head = replace(self.head, selections=chosen, version=self.head.version + 1)

    # what must hold whenever all is quiet

    def check(self) -> None:
        worker, said = self.worker, self.worker.last
        assert not bad(worker.runs), "what LiteLLM refuses is never live"
        if not self.here or self.head.revision is None:
            return
        newest = self.revisions[self.head.revision]
        ids, wrong = set(newest.deployments), newest.desired.settings == REFUSED_SETTINGS
        if not bad(ids) and not wrong:
            assert worker.runs == ids, "a good edit goes live"
            assert said.error is None
        if said.error is None:
            assert said.standing is Standing.RUNNING
            assert said.good is not None
            assert said.good.name == self.head.revision, "an ack names what runs"
            assert ids - bad(ids) <= worker.runs
            assert {each.entry.id for each in said.absent} == bad(ids)
        else:
            assert said.good is None or said.good.name != self.head.revision
        assert said.version == self.head.version
        self.check_route()

    def check_route(self) -> None:
        assert self.worker.running is not None
        groups = {each.group for each in self.worker.running.deployments.values()}
        (chosen,) = self.head.selections.get("active", (None,))
        if chosen is not None and chosen.in_effect(self.now) and chosen.target in groups:
            assert self.worker.running.aliases["active"] == chosen.target, "a selection is followed whatever runs"
        elif chosen is not None and not chosen.in_effect(self.now):
            assert self.worker.running.aliases["active"] == "a", "a time limit ends by itself"

    def step(self, what: int, argument: int) -> None:
        worker = self.worker
        before = set(worker.runs)
        match what:
            case 0 | 1 | 2:
                self.publish(argument * 37 % 63 + 1, argument == 29)
            case 3:
                self.select("abc"[argument % 3], self.now + argument if argument % 2 else None)
            case 4:
                self.here = not self.here
            case 5:
                self.now += argument
                if worker.state.turn_at is not None and self.now >= worker.state.turn_at:
                    worker.hear(TimeUp(), now=self.now)
            case 6:
                worker.hear(Lost(), now=self.now)
            case 7 if self.here:
                steady = worker.last.error is not None and self.head.revision not in self.taken
                self.worker = worker = self.started()
                if steady and self.taken:
                    assert worker.last.error is not None
                    assert worker.runs <= before, "a start lets in no part of a refused edit"
        self.look(worker)
        self.check()


@ORDERS
@given(st.binary(max_size=24))
def test_any_order_of_events_with_a_store(orders: bytes) -> None:
    world = Stored()
    world.check()
    for each in orders:
        world.step(each & 7, each >> 3)


def test_a_refused_entry_is_left_out_of_the_next_edit() -> None:
    world = Stored()
    for code in (0b010111, 0b100111):  # abad, b1, c1; then abad, b1, c2
        world.publish(code, 0)
        world.look(world.worker)
        world.check()
        if code == 0b010111:
            assert world.worker.last.standing is Standing.REFUSED
            assert world.worker.runs == {"a1", "b1", "c1"}, "refused as a whole"
    assert world.worker.last.error is None
    assert world.worker.runs == {"a1", "b1", "c2"}, "the group goes on with what it had"
    assert [str(each) for each in world.worker.last.absent] == ["`a` (openai/abad)"]


def test_an_entry_that_comes_again_is_refused_again() -> None:
    world = Stored()
    for code, standing in ((0b010111, "refused"), (0b010101, "running"), (0b010111, "refused")):
        world.publish(code, 0)
        world.look(world.worker)
        assert world.worker.last.standing == standing
        assert world.worker.runs == {"a1", "b1", "c1"}


def test_two_refused_entries_of_one_edit_hold_up_one_edit() -> None:
    world = Stored()
    for code in (0b011111, 0b101111):
        world.publish(code, 0)
        world.look(world.worker)
    assert world.worker.last.error is None
    assert world.worker.runs == {"a1", "b1", "c2"}


def test_what_is_left_out_is_tried_again_with_each_revision() -> None:
    world = Stored()
    worker = world.worker
    for code in (0b010111, 0b100111):
        world.publish(code, 0)
        world.look(worker)
    applied = len(worker.applied)
    world.publish(0b110000 | 0b0111, 0)  # what it lacked may be there by now
    tries: list[set[str]] = []
    put = worker.put
    worker.put = lambda config: tries.append(bad(config.deployments)) or put(config)  # type: ignore[method-assign, func-returns-value]
    world.look(worker)
    assert tries[0] == {"abad", "cbad"}
    assert tries[-1] == set()
    assert len(worker.applied) > applied
    tries.clear()
    world.select("b", None)
    world.look(worker)
    assert tries
    assert not any(tries)  # nothing but a revision tries it


def test_a_start_on_what_only_a_boot_brings_is_whole_or_not_at_all() -> None:
    old, new = (StoredRevision(name, DesiredState(deployments(code))) for name, code in (("old", 1), ("new", 0b1101)))
    head = Head(2, "new")
    worker = Worker(at_boot(new, head, "s", old, only_boot_brings=True))
    worker.boot(new.config({}, 0.0))
    worker.hear(HeadSeen(head, "s"))
    assert worker.runs == {"a1"}
    assert (worker.last.standing, worker.last.good) == (Standing.DROPPED_AT_BOOT, old)
    good = replace(new, desired=DesiredState(deployments(0b0101)))
    worker = Worker(at_boot(good, head, "s", old, only_boot_brings=True))
    worker.boot(good.config({}, 0.0))
    assert worker.runs == {"a1", "b1"}
    assert (worker.last.standing, worker.last.error) == (Standing.RUNNING, None)


def test_a_proven_start_says_nothing_before_the_newest_was_tried() -> None:
    old, new = (StoredRevision(name, DesiredState(deployments(code))) for name, code in (("old", 1), ("new", 0b0101)))
    head = Head(2, "new")
    worker = Worker(at_boot(new, head, "s", old, only_boot_brings=False), {"old": old, "new": new})
    worker.boot(old.config({}, 0.0))
    assert worker.state.standing is Standing.BOOTED_ON_PROVEN
    assert worker.reports == []
    worker.hear(HeadSeen(head, "s"))
    assert (worker.last.error, worker.runs) == (None, {"a1", "b1"})


def test_an_emptied_store_is_named_once_and_changes_nothing() -> None:
    world = Stored()
    worker = world.worker
    before = worker.runs
    for _ in range(3):
        worker.hear(HeadSeen(Head(), "other"))
    assert worker.runs == before
    assert (worker.last.away, worker.last.version) == (EMPTIED, 0)
    assert len([note for note in worker.notes if EMPTIED in note]) == 1
    reports = len(worker.reports)
    worker.hear(HeadSeen(Head(), "other"))
    assert len(worker.reports) == reports


def test_deployments_that_cannot_be_put_back_are_named_until_they_can() -> None:
    worker = Stored().worker
    worker.unable = True
    worker.hear(Lost())
    worker.hear(Lost())
    assert worker.last.standing is Standing.LOST
    assert len([note for note in worker.notes if "putting them back" in note]) == 1
    worker.unable = False
    worker.hear(Lost())
    assert (worker.last.standing, worker.last.error) == (Standing.RUNNING, None)


# -- a file --------------------------------------------------------------------------------------

WRONG = Problem("config.yaml:9:9", "unknown-name", "`x` is unknown", severity="error")


class File:
    """A config file, the copy of its last good state, and one worker that follows it."""

    def __init__(self) -> None:
        self.good_runs: set[str] = set()
        self.copy: KeepRunning | None = None
        self.write(0b010101, 0)
        self.worker = self.started()

    def write(self, code: int, problems: int) -> None:
        found = tuple(replace(WRONG, message=f"`x{at}` is unknown") for at in range(2) if problems >> at & 1)
        config = RouterConfig(deployments(code), {"active": "a"}, {}, {})
        self.content = FileRevision(f"{code:06b}{problems}", config, found)

    def seen(self) -> ContentSeen:
        return ContentSeen(self.content.name, self.content.problems, len(self.content.deployments))

    def started(self) -> Worker:
        state = State(pending=self.content, content=self.content.name)
        if self.copy is not None:
            copy = self.copy.revision
            new = new_problems(self.content.problems, copy.problems)
            if new:
                kept = {id_: each for id_, each in copy.deployments.items() if id_ not in self.copy.left_out}
                back = copy.having(kept)
                state = replace(state, pending=None, good=back, standing=Standing.REFUSED, trouble="back")
        worker = Worker(state)
        worker.boot(self.content.written)
        return worker

    def look(self) -> None:
        worker = self.worker
        worker.newest, worker.fetched = self.content.name, {self.content.name: self.content}
        worker.hear(self.seen())
        self.copy = worker.kept or self.copy

    def step(self, what: int, argument: int) -> None:
        worker = self.worker
        before, good = set(worker.runs), worker.state.good
        assert good is not None
        touched = True
        match what:
            case 0 | 1 | 2 | 3:
                self.write(argument * 41 % 64, what if what < 3 else 0)
                touched = worker.state.content == self.content.name
            case 4:
                worker.hear(Unreadable("the check failed"))
            case 5:
                worker.hear(Lost())
            case 6:
                self.worker = worker = self.started()
                assert worker.reports
        self.look()
        assert not bad(worker.runs), "what LiteLLM refuses is never live"
        emptied = good.deployments and not self.content.deployments
        refused = emptied or new_problems(self.content.problems, good.problems)
        if what < 4 and not touched and refused:
            assert worker.runs == before
            assert worker.last.standing is Standing.REFUSED
        if not self.content.problems and self.content.deployments and not bad(self.content.deployments):
            assert worker.runs == set(self.content.deployments), "a good edit goes live"
            assert worker.last.error is None
        if worker.last.error is None:
            assert worker.last.good is not None
            assert worker.last.good.name == self.content.name


@ORDERS
@given(st.binary(max_size=24))
def test_any_order_of_events_with_a_file(orders: bytes) -> None:
    file = File()
    for each in orders:
        file.step(each % 7, each // 4)


def test_a_refusal_repeats_no_remark_about_a_line_that_is_gone() -> None:
    file = File()
    remark = Problem("config.yaml:10:29", "unknown-provider", "no provider `google`", severity="info")
    file.content = FileRevision("one", RouterConfig(deployments(0b010111), {}, {}, {}), (remark,))
    file.look()
    assert "google" in str(file.worker.last.trouble)
    file.content = FileRevision("two", RouterConfig(deployments(0b010101), {}, {}, {}), (WRONG,))
    file.look()
    assert "unknown-name" in str(file.worker.last.trouble)
    assert "google" not in str(file.worker.last.trouble)
