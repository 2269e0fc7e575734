"""Loops and overlong walks through the fallbacks of models: pure graph work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Chains = Mapping[str, list[str]]
MOST = 100


def loops(chains: Chains) -> list[tuple[str, ...]]:
    """Each loop once, beginning with its alphabetically first name; `a -> a` is not counted here."""
    found: dict[frozenset[str], tuple[str, ...]] = {}  # MOST of them are enough to see what is amiss
    done: set[str] = set()
    for start in chains:
        if start not in done:
            for loop in _walk(chains, start, done):
                found.setdefault(frozenset(loop), _from_least(loop))
                if len(found) >= MOST:
                    return sorted(found.values())
    return sorted(found.values())


def _walk(chains: Chains, start: str, done: set[str]) -> Iterator[list[str]]:
    """Depth first without recursion; meeting a name of the present path closes a loop."""
    path, on_path, open_ = [start], {start}, [iter(chains.get(start, ()))]
    while path:
        step = next(open_[-1], None)
        if step is None:
            on_path.discard(path[-1])
            done.add(path.pop())
            open_.pop()
        elif step in on_path:
            loop = path[path.index(step) :]
            if len(loop) > 1:
                yield loop
        elif step not in done and step in chains:
            path.append(step)
            on_path.add(step)
            open_.append(iter(chains[step]))


def _from_least(loop: list[str]) -> tuple[str, ...]:
    first = loop.index(min(loop))
    return (*loop[first:], *loop[:first])
