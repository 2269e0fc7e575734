"""The events that readers and the Router send to `decide`, and the actions that it returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from modelctl.errors import Problem
from modelctl.hook.revisions import Revision
from modelctl.state.desired import Deployment
from modelctl.state.router_config import RouterConfig
from modelctl.state.selection import Head

# -- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeadSeen:
    head: Head
    store: str


@dataclass(frozen=True, slots=True)
class ContentSeen:
    """`models` is how many; None: the content cannot be used at all, `problems` says why."""

    content: str
    problems: tuple[Problem, ...]
    models: int | None
    may_be_empty: bool = False  # models may come from LiteLLM's database


@dataclass(frozen=True, slots=True)
class Fetched:
    """The revision that a `Fetch` asked for; `head` and `store` are those of the `Fetch`."""

    revision: Revision
    head: Head = field(default_factory=Head)
    store: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The content could not be looked at; the reader tries again by itself."""

    why: str


@dataclass(frozen=True, slots=True)
class StoreAway:
    why: str


@dataclass(frozen=True, slots=True)
class RouterBorn:
    """LiteLLM has booted, without the deployments in `dropped`, which it refused."""

    dropped: tuple[Deployment, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied: ...


@dataclass(frozen=True, slots=True)
class ConfigRefused:
    """The Router runs what it ran before. `entry` is the id of the deployment that LiteLLM would not take."""

    why: str
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class TimeUp: ...


@dataclass(frozen=True, slots=True)
class KeysTurned:
    """A key that comes from a file is another one, or there is news of it to report."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Other code in LiteLLM removed deployments of ours."""


Event = (
    HeadSeen | ContentSeen | Fetched | Unreadable | StoreAway | RouterBorn | Applied | ConfigRefused | TimeUp
    | KeysTurned | Lost
)  # fmt: skip

# -- actions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fetch:
    """Read the revision (of a head, or what was seen last) and answer with `Fetched`."""

    head: Head = field(default_factory=Head)
    store: str | None = None


@dataclass(frozen=True, slots=True)
class Apply:
    """Give this to the Router and answer with `Applied` or `Refused`."""

    config: RouterConfig


@dataclass(frozen=True, slots=True)
class KeepRunning:
    """Remember the good revision beyond this process."""

    revision: Revision
    left_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class Say:
    """Report where the worker stands."""


@dataclass(frozen=True, slots=True)
class Note:
    level: Literal["info", "warning"]
    text: str


Action = Fetch | Apply | KeepRunning | Say | Note
