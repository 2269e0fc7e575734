"""Loops and overlong walks through the fallbacks of models: pure graph work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Chains = Mapping[str, list[str]]


def loops(chains: Chains) -> list[tuple[str, ...]]:
    """Each loop once, beginning with its alphabetically first name; `a -> a` is not counted here."""
    found: dict[frozenset[str], tuple[str, ...]] = {}
    done: set[str] = set()
    for start in chains:
        if start not in done:
            for loop in _walk(chains, start, done):
                found.setdefault(frozenset(loop), _from_least(loop))
    return sorted(found.values())


def _walk(chains: Chains, start: str, done: set[str]) -> Iterator[list[str]]:
    """Depth first without recursion; meeting a name of the present path closes a loop."""
    path, open_ = [start], [iter(chains.get(start, ()))]
    while path:
        step = next(open_[-1], None)
        if step is None:
            done.add(path.pop())
            open_.pop()
        elif step in path:
            loop = path[path.index(step) :]
            if len(loop) > 1:
                yield loop
        elif step not in done and step in chains:
            path.append(step)
            open_.append(iter(chains[step]))


def _from_least(loop: list[str]) -> tuple[str, ...]:
    first = loop.index(min(loop))
    return (*loop[first:], *loop[:first])
