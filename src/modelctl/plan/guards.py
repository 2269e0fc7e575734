"""Guards of a publish: too many removals at once, and the loss of protected items, need a person."""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.errors import Problem
from modelctl.state.desired import DesiredState, Provider

MOST_REMOVED = 0.30


def guards(before: DesiredState | None, after: DesiredState, command: str) -> list[Problem]:
    """Why publishing `after` over `before` needs a person; `command` is what allows it."""
    if before is None:
        return []
    return [*_many_removals(before, after, command), *_protected(before, after, command)]


def _many_removals(before: DesiredState, after: DesiredState, command: str) -> Iterator[Problem]:
    """Many removals look like a half-copied folder. A single model never counts as many, unless it is the last."""
    removed = sum(_removed(before, after))
    had = sum(len(_rendered(provider)) for provider in before.providers) if removed else 0
    if removed > MOST_REMOVED * had and (removed > 1 or not after.deployments):
        text = f"this removes {removed} of {had} models ({removed / had:.0%}), so it was not published"
        yield Problem("many-removals", text, hint=command)


def _removed(before: DesiredState, after: DesiredState) -> Iterator[int]:
    """The number of rendered models that every changed provider lost."""
    for each, one in _changed(before, after):
        yield len(_rendered(each) - (_rendered(one) if one else set()))


def _changed(before: DesiredState, after: DesiredState) -> Iterator[tuple[Provider, Provider | None]]:
    now = {provider.id: provider for provider in after.providers}
    for provider in before.providers:
        one = now.get(provider.id)
        if one is None or one.digest != provider.digest:
            yield provider, one


def _rendered(provider: Provider) -> set[str]:
    return {model.id for model in provider.models if model.rendered}


def _protected(before: DesiredState, after: DesiredState, command: str) -> Iterator[Problem]:
    for each, one in _changed(before, after):
        left = _rendered(one) if one else set()
        for model in each.models:
            if model.protected and model.rendered and model.id not in left:
                yield Problem("protected", f"`{model.public_name}` is protected, and this removes it", hint=command)
    for name, route in before.routes.items():
        heir = after.routes.get(name)
        if route.protected and (heir is None or heir.target != route.target):
            what = "removes it" if heir is None else f"points it to `{heir.target}`"
            yield Problem("protected", f"route `{name}` is protected, and this {what}", hint=command)
