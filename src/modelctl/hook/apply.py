"""Applies the difference between two RouterConfigs in small complete steps; until the last one, all can be undone.

Order: groups that are new, groups that change (old members out, new members in, in one step),
aliases and fallbacks and settings, groups that go. A request therefore always finds either the old
or the new state, and never a name that leads nowhere. Groups that are served with a credential, a variable or a
setting that the same edit changes come, change and go in one step with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from modelctl.hook.log import log
from modelctl.hook.needs import waiting
from modelctl.hook.router import Dropped, LiveRouter, is_strategy, router_id
from modelctl.hook.router_settings import LiveSettings
from modelctl.hook.shared_values import Touched
from modelctl.hook.stepwise import Steps
from modelctl.hook.variables import changed_by, set_defaults, without_values
from modelctl.litellm_spec.hot_settings import restart_needed
from modelctl.state.desired import Deployment
from modelctl.state.router_config import RouterConfig, with_arms_of

Undo = list[Callable[[], Any]]
Groups = dict[str, list[Deployment]]
Swap = tuple[list[Deployment], list[Deployment]]  # new members, old members
STRANGER = ""  # the group of a deployment whose id alone is known


class Nack(Exception):
    """The change was refused or failed; the worker runs what it ran before. The text says why.

    `entry` is the id of the deployment that LiteLLM would not take, where it was one.
    """

    def __init__(self, why: str, entry: str | None = None) -> None:
        super().__init__(why)
        self.entry = entry


class Applier:
    """Owns what this worker runs: the config `live`, and its deployments `owned` by router id."""

    def __init__(self, router: LiveRouter, live: RouterConfig, settings: LiveSettings) -> None:
        self.router = router
        self.settings = settings
        self.live = live
        self.coming: RouterConfig | None = None  # set while a change is under way
        self._undo_values: Undo = []  # restores variables and credentials
        self._in_step = False  # whether `owned` holds exactly the deployments of `live`
        self.owned = {router_id(deployment): deployment for deployment in live.deployments.values()}

    def adopt(self) -> list[Deployment]:
        """Compare what LiteLLM booted with what it was told to; returns the entries that it dropped.

        Router ids from configuration that the desired state does not know were read from some other
        file: they are ours too, and go with the next change.
        """
        self.router.elsewhere = {id_ for id_, each in self.owned.items() if self.router.is_elsewhere(each)}
        in_router = self.router.ids() | self.router.elsewhere
        dropped = [self.owned.pop(id_) for id_ in self.owned.keys() - in_router]
        self.owned.update({id_: Deployment(id_, STRANGER, {}) for id_ in in_router - self.owned.keys()})
        for deployment in self.owned.values():
            self.router.note_unset(deployment)
        return dropped

    def steps(self, new: RouterConfig) -> Steps:
        """Apply `new`; yields between steps so that requests get their turn. Raises `Nack` after undoing."""
        undo: Undo = []
        self.coming = new = with_arms_of(self.live, new)
        try:
            yield from self._forward(new, undo)
            self.live, self._in_step = new, True
        except Exception as error:
            self._in_step = False
            self._undo(undo)
            entry = error.entry if isinstance(error, Dropped) else None
            raise Nack(_error_text(error, new) + self._also_cold(new), entry) from error
        finally:
            self.coming = None
            self._undo_values = []

    def _also_cold(self, new: RouterConfig) -> str:
        """Settings that only a restart applies: LiteLLM may have refused the change for lack of such a setting."""
        cold = restart_needed(self.settings.booted, new.settings)
        return f"; the edit also changes {', '.join(cold)}, which a restart brings in" if cold else ""

    def _undo(self, undo: Undo) -> None:
        """Runs every undo step: a step that fails must not prevent the others."""
        set_defaults(self.live.env_defaults)
        for restore in self._undo_values[::-1]:
            restore()  # first: deployments that are restored must get the old values
        for restore in [self.router.announce, *undo][::-1]:
            try:
                restore()
            except Exception:
                log.exception("a part of the last good state could not be restored")

    def _forward(self, new: RouterConfig, undo: Undo) -> Steps:
        touched = self.settings.shared.touched(new.settings, changed_by(new.env_defaults))
        fresh, gone = self._difference(new, touched)
        self._refuse_what_waits(fresh, new)
        self._refuse_keys_astray(touched, fresh, gone)
        # Variables are set first, unless a deployment that comes or goes may read its key from one of them by itself.
        late = _groups_where(touched.keyless, fresh, gone)
        together = self._inheriting(fresh) | _groups_where(touched.concerns, fresh, gone)
        together |= _groups_where(
            is_strategy, fresh
        )  # a strategy router answers only once it is finished, so it is added in that step
        if late:
            together |= _groups_where(touched.rebuilds, fresh)
        else:
            self._set_variables(new, touched)
        if fresh or gone:
            yield True
        for group in [group for group in fresh if group not in gone.keys() | together]:
            for deployment in fresh[group]:
                self._put(deployment, undo)
                yield False
        for group in [group for group in fresh if group in gone.keys() - together]:
            self._swap(fresh[group], gone[group], undo)
            yield False
        if late:
            self._set_variables(new, touched)
        self._turn(new, touched, [(fresh.get(group, []), gone.get(group, [])) for group in sorted(together)], undo)
        yield False
        for group in [group for group in gone if group not in fresh.keys() | together]:
            for deployment in gone[group]:
                self._remove(deployment, undo)
                yield False
        if fresh or gone:
            self.router.announce()

    def _refuse_what_waits(self, fresh: Groups, new: RouterConfig) -> None:
        found = waiting(
            (deployment for group in fresh.values() for deployment in group), self.settings.booted, new.settings
        )
        if found:
            entry, need = found
            why = f"`{entry.group}` ({entry.params.get('model')}) needs {need}, which only a restart brings in: restart"
            raise Dropped(f"{why} LiteLLM, and both are there", entry.id)

    @staticmethod
    def _refuse_keys_astray(touched: Touched, fresh: Groups, gone: Groups) -> None:
        going = [deployment for group in gone.keys() & fresh.keys() for deployment in gone[group]]
        found = touched.astray(going, [member for members in fresh.values() for member in members])
        if found is not None:
            entry, source = found
            raise Nack(
                f"the address of `{entry.group}` ({entry.params.get('model')}) and its key (from `{source}`) change in "
                "one edit, so that a request under way would carry the new key to the old address: "
                "change one after the other"
            )

    def _set_variables(self, new: RouterConfig, touched: Touched) -> None:
        if touched.variables:
            self._undo_values.append(self.settings.shared.set_variables(new.settings, touched))
            set_defaults(new.env_defaults)

    def _turn(self, new: RouterConfig, touched: Touched, swaps: Sequence[Swap], undo: Undo) -> None:
        """One step: credentials, the groups that must not be live a moment before or after, aliases, settings."""
        if new.settings is not self.live.settings or touched.credentials:
            self._undo_values.append(self.settings.shared.set_credentials(new.settings, touched))
        for fresh, gone in swaps:
            self._swap(fresh, gone, undo)
        self.router.finish([deployment for fresh, _ in swaps for deployment in fresh if is_strategy(deployment)])
        values = self.router.pointing(new.aliases, self.live.aliases)
        if new.fallbacks != self.live.fallbacks or new.settings is not self.live.settings:
            undo.append(self.settings.apply(new.settings))
            values |= self.router.falling_back({**self.settings.chains(), **_not_empty(new.fallbacks)})
        undo.append(self.router.assign(values))

    def _inheriting(self, fresh: Groups) -> set[str]:
        """Groups that take over an id which another group has now (an entry with an id of its own was renamed)."""
        return {
            deployment.group
            for group in fresh.values()
            for deployment in group
            if (before := self.owned.get(router_id(deployment))) and before.group not in (STRANGER, deployment.group)
        }

    def _swap(self, fresh: list[Deployment], gone: list[Deployment], undo: Undo) -> None:
        """Old members first: LiteLLM takes one strategy router (complexity, adaptive) for a group and tags."""
        for deployment in gone:
            self._remove(deployment, undo)
        for deployment in fresh:
            self._put(deployment, undo)

    def _difference(self, new: RouterConfig, touched: Touched) -> tuple[Groups, Groups]:
        """(deployments to add, to remove). To add are also those that the Router lost, and those that hold a value
        that has changed."""
        lost = self.router.lost(self.owned)
        revalued = touched.variables or touched.credentials
        if self._in_step and new.deployments is self.live.deployments and not (lost or revalued):
            return {}, {}  # only a selection changed: a thousand deployments need no comparison
        ours = {each.id: id_ for id_, each in self.owned.items()}
        again = {self.owned[id_].id for id_ in lost}
        if revalued:
            again |= {id_ for id_, deployment in new.deployments.items() if touched.rebuilds(deployment)}
        coming = (new.deployments.keys() - ours.keys()) | (again & new.deployments.keys())
        fresh = _by_group(new.deployments[id_] for id_ in new.deployments if id_ in coming)
        replaced = {(router_id(deployment), deployment.group) for group in fresh.values() for deployment in group}
        going = (self.owned[ours[id_]] for id_ in ours if id_ not in new.deployments)
        return fresh, _by_group(
            deployment for deployment in going if (router_id(deployment), deployment.group) not in replaced
        )

    def _put(self, deployment: Deployment, undo: Undo) -> None:
        id_ = router_id(deployment)
        before = self.owned.get(id_)
        self.router.put(deployment)
        self.owned[id_] = deployment
        undo.append(lambda: self._put(before, []) if before and before.group != STRANGER else self._drop(id_))

    def _remove(self, deployment: Deployment, undo: Undo) -> None:
        id_ = router_id(deployment)
        if self.owned.get(id_) is not deployment:  # the id has passed to another group in this change
            return
        self._drop(id_)
        if deployment.group != STRANGER:
            undo.append(lambda: self._put(deployment, []))

    def _drop(self, id_: str) -> None:
        self.router.remove(id_)
        self.owned.pop(id_, None)


def _error_text(error: Exception, new: RouterConfig) -> str:
    if isinstance(error, Dropped | Nack):
        return str(error)
    return without_values(f"{type(error).__name__}: {error}", new.settings)


def _by_group(deployments: Iterable[Deployment]) -> Groups:
    groups: Groups = {}
    for deployment in deployments:
        groups.setdefault(deployment.group, []).append(deployment)
    return groups


def _groups_where(holds: Callable[[Deployment], bool], *sides: Groups) -> set[str]:
    return {group for side in sides for group, members in side.items() if any(map(holds, members))}


def _not_empty(chains: dict[str, Any]) -> dict[str, Any]:
    return {kind: chain for kind, chain in chains.items() if chain}
