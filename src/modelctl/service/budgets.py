"""Watches the budgets: reads what was spent today, lets `budgeting` decide, warns and moves routes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import inf

from modelctl.errors import Problem
from modelctl.service import selection_stack
from modelctl.service.selecting import SelectionChange, described, why_not
from modelctl.service.service import Service
from modelctl.service.snapshot import Snapshot
from modelctl.state import budgeting
from modelctl.state.budgeting import ACTOR, OVER, Rows, Spent, Switch
from modelctl.state.selection import HistoryEntry
from modelctl.store.usage_store import DAY, UsageStore

EVERY_S = 1.0
LOOKED_BACK = 500  # lines of history in which a move of today is looked for


class Budgets:
    """One for a control plane; `turn` may be called as often as one likes."""

    def __init__(self, service: Service, kept: UsageStore, clock: Callable[[], float] = time.time) -> None:
        self._service, self._kept, self._clock = service, kept, clock
        self._looked = -inf
        self._stand: object = None
        self._rows: Rows = {}

    def turn(self) -> None:
        """Raises StoreDown while figures or state cannot be read."""
        now = self._clock()
        if 0 <= now - self._looked < EVERY_S:
            return
        self._looked = now
        state = self._service.snapshot()
        found = budgeting.budgets(state.desired, self._read(now)) if state.desired and _stated(state) else []
        problems = [_problem(one) for one in found if one.remark]
        if any(one.share >= OVER and one.budget.then for one in found):
            problems += self._switch(state, found, now)
        self._service.budgets, self._service.noted[ACTOR] = tuple(found), tuple(problems)

    def _read(self, now: float) -> Rows:
        """Today's usage; read again only after a write, or on a new day."""
        start = budgeting.midnight(now)
        stand = self._kept.stand(), start
        if stand != self._stand:
            found = self._kept.sums(DAY, start, inf, ("route", "model"))
            self._rows = {(route, model): figures for (route, model), figures in found.items()}
            self._stand = stand
        return self._rows

    def _switch(self, state: Snapshot, found: list[Spent], now: float) -> list[Problem]:
        """Moves what is to move; what stands in the way."""
        today = budgeting.midnight(now)
        entries = self._service.history(None, LOOKED_BACK)
        acted = {str(entry.route) for entry in entries if entry.actor == ACTOR and entry.at >= today}
        problems = []
        for switch in budgeting.switches(found, state.targets, acted):
            route = replace(state.need().route(switch.route), choices="any")
            why = why_not(route, state.need().target(switch.to), state.unset, state.blocks)
            if why:
                text = f"route `{route.name}` cannot leave what is spent: {why[0].message}"
                problems.append(Problem("budget-spent", text, severity="warning", hint="modelctl use MODEL"))
            else:
                self._service.act(partial(_step, switch, now))
        return problems


def _stated(state: Snapshot) -> bool:
    assert state.desired is not None
    if any(route.budget for route in state.desired.routes.values()):
        return True
    return any(model.budget for provider in state.desired.providers for model in provider.models)


def _problem(spent: Spent) -> Problem:
    hint = None if spent.share < OVER else "it is whole again at midnight UTC"
    return Problem("budget-spent", spent.remark or "", severity="warning", hint=hint)


def _step(switch: Switch, now: float, state: Snapshot) -> SelectionChange:
    index, selections = state.need(), state.head.selections
    before, target = state.targets.get(switch.route), index.target(switch.to)
    if before is None or before == switch.to:
        return SelectionChange(switch.route, selections, (), target, switch.to)
    one = budgeting.chosen(switch, index.desired.routes[switch.route].target, now)
    kept = selection_stack.pushed(selections.get(switch.route, ()), one, now)
    entry = HistoryEntry(
        "select", now, ACTOR, switch.route, before, switch.to, switch.reason, state.head.revision, one.until
    )
    return SelectionChange(
        switch.route, {**selections, switch.route: kept}, (entry,), described(index, one, switch.to), before, one.until
    )
