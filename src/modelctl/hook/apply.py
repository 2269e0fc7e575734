"""From one LiveConfig to the next, in small whole steps, with the way back kept until the end.

Order: groups that are new, groups that change (old members out, new members in, in one step),
aliases and fallbacks and settings, groups that go. A request therefore always finds either the old
or the new world, and never a name that leads nowhere. Groups that are served with a credential, a variable or a
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
from modelctl.state.desired import Deployment, RouterConfig

Undo = list[Callable[[], Any]]
Groups = dict[str, list[Deployment]]
Swap = tuple[list[Deployment], list[Deployment]]  # new members, old members
STRANGER = ""  # the group of a deployment of which only the id is known


class Nack(Exception):
    """The change was refused or failed; the worker runs what it ran before. The text says why.

    `entry` is the id of the deployment that LiteLLM would not take, where it was one.
    """

    def __init__(self, why: str, entry: str | None = None) -> None:
        super().__init__(why)
        self.entry = entry


class Applier:
    """Owns what this worker runs: `live`, and `owned` (router id -> deployment) beside it."""

    def __init__(self, router: LiveRouter, live: RouterConfig, settings: LiveSettings) -> None:
        self.router = router
        self.settings = settings
        self.live = live
        self.coming: RouterConfig | None = None  # set while a change is under way
        self._values_back: Undo = []  # of variables and credentials
        self._in_step = False  # `owned` holds what `live` says, no more and no less
        self.owned = {router_id(each): each for each in live.deployments.values()}

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
        self.coming = new
        try:
            yield from self._forward(new, undo)
            self.live, self._in_step = new, True
        except Exception as error:
            self._in_step = False
            self._go_back(undo)
            entry = error.entry if isinstance(error, Dropped) else None
            raise Nack(_said(error, new) + self._also_cold(new), entry) from error
        finally:
            self.coming = None
            self._values_back = []

    def _also_cold(self, new: RouterConfig) -> str:
        """What LiteLLM misses may be among these: a provider of one's own, a plugin."""
        cold = restart_needed(self.settings.booted, new.settings)
        return f"; the edit also changes {', '.join(cold)}, which a restart brings in" if cold else ""

    def _go_back(self, undo: Undo) -> None:
        """Every step back is tried: one that fails must not keep the others from being taken."""
        set_defaults(self.live.env_defaults)
        for back in self._values_back[::-1]:
            back()  # before all else: what is put back must get the values of before
        for back in [self.router.announce, *undo][::-1]:
            try:
                back()
            except Exception:
                log.exception("a part of the last good state could not be put back")

    def _forward(self, new: RouterConfig, undo: Undo) -> Steps:
        touched = self.settings.shared.touched(new.settings, changed_by(new.env_defaults))
        fresh, gone = self._difference(new, touched)
        self._refuse_what_waits(fresh, new)
        self._refuse_keys_astray(touched, fresh, gone)
        # Set before the first step, unless something comes or goes that may take its key from one of them by itself.
        late = _groups_where(touched.keyless, fresh, gone)
        together = self._inheriting(fresh) | _groups_where(touched.concerns, fresh, gone)
        together |= _groups_where(is_strategy, fresh)  # such a router answers once it is finished, in the same step
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
        found = waiting((each for group in fresh.values() for each in group), self.settings.booted, new.settings)
        if found:
            entry, need = found
            why = f"`{entry.group}` ({entry.params.get('model')}) needs {need}, which only a restart brings in: restart"
            raise Dropped(f"{why} LiteLLM, and both are there", entry.id)

    @staticmethod
    def _refuse_keys_astray(touched: Touched, fresh: Groups, gone: Groups) -> None:
        going = [each for group in gone.keys() & fresh.keys() for each in gone[group]]
        found = touched.astray(going, [each for members in fresh.values() for each in members])
        if found is not None:
            entry, source = found
            raise Nack(
                f"the address of `{entry.group}` ({entry.params.get('model')}) and its key (from `{source}`) change in "
                "one edit, so that a request under way would carry the new key to the old address: "
                "change one after the other"
            )

    def _set_variables(self, new: RouterConfig, touched: Touched) -> None:
        if touched.variables:
            self._values_back.append(self.settings.shared.set_variables(new.settings, touched))
            set_defaults(new.env_defaults)

    def _turn(self, new: RouterConfig, touched: Touched, swaps: Sequence[Swap], undo: Undo) -> None:
        """One step: credentials, the groups that must not be live a moment before or after, aliases, settings."""
        if new.settings is not self.live.settings or touched.credentials:
            self._values_back.append(self.settings.shared.set_credentials(new.settings, touched))
        for fresh, gone in swaps:
            self._swap(fresh, gone, undo)
        self.router.finish([each for fresh, _ in swaps for each in fresh if is_strategy(each)])
        values = self.router.pointing(new.aliases, self.live.aliases)
        if new.fallbacks != self.live.fallbacks or new.settings is not self.live.settings:
            undo.append(self.settings.apply(new.settings))
            values |= self.router.falling_back({**self.settings.chains(), **_not_empty(new.fallbacks)})
        undo.append(self.router.assign(values))

    def _inheriting(self, fresh: Groups) -> set[str]:
        """Groups that take over an id which another group has now (an entry with an id of its own was renamed)."""
        return {
            each.group
            for group in fresh.values()
            for each in group
            if (before := self.owned.get(router_id(each))) and before.group not in (STRANGER, each.group)
        }

    def _swap(self, fresh: list[Deployment], gone: list[Deployment], undo: Undo) -> None:
        """Old members first: LiteLLM takes one strategy router (complexity, adaptive) for a group and tags."""
        for deployment in gone:
            self._remove(deployment, undo)
        for deployment in fresh:
            self._put(deployment, undo)

    def _difference(self, new: RouterConfig, touched: Touched) -> tuple[Groups, Groups]:
        """(what is to come, what is to go); whatever the Router lost counts as to come, and whatever holds a value
        that has changed."""
        lost = self.router.lost(self.owned)
        revalued = touched.variables or touched.credentials
        if self._in_step and new.deployments is self.live.deployments and not (lost or revalued):
            return {}, {}  # a selection: a thousand models need no look
        ours = {each.id: id_ for id_, each in self.owned.items()}
        again = {self.owned[id_].id for id_ in lost}
        if revalued:
            again |= {id_ for id_, each in new.deployments.items() if touched.rebuilds(each)}
        coming = (new.deployments.keys() - ours.keys()) | (again & new.deployments.keys())
        fresh = _by_group(new.deployments[id_] for id_ in new.deployments if id_ in coming)
        replaced = {(router_id(each), each.group) for group in fresh.values() for each in group}
        going = (self.owned[ours[id_]] for id_ in ours if id_ not in new.deployments)
        return fresh, _by_group(each for each in going if (router_id(each), each.group) not in replaced)

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


def _said(error: Exception, new: RouterConfig) -> str:
    if isinstance(error, Dropped | Nack):
        return str(error)
    return without_values(f"{type(error).__name__}: {error}", new.settings)


def _by_group(deployments: Iterable[Deployment]) -> Groups:
    groups: Groups = {}
    for each in deployments:
        groups.setdefault(each.group, []).append(each)
    return groups


def _groups_where(holds: Callable[[Deployment], bool], *sides: Groups) -> set[str]:
    return {group for side in sides for group, members in side.items() if any(map(holds, members))}


def _not_empty(chains: dict[str, Any]) -> dict[str, Any]:
    return {kind: chain for kind, chain in chains.items() if chain}
