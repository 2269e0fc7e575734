"""What routes are held to beside their target: values that the catalog states and the control plane acts on."""

from __future__ import annotations

from dataclasses import dataclass

FALLBACK = "fallback"  # of `then`: the first fallback that is fit


@dataclass(frozen=True, slots=True)
class Guard:
    """When a route leaves its target by itself, and how it comes back. Seconds throughout.

    A limit of None is not watched. `then`: a public name, or FALLBACK. `back`: auto or hand.
    """

    error_rate: float | None = None
    p95_s: float | None = None
    window_s: float = 60.0
    min_requests: int = 20
    then: str = FALLBACK
    back: str = "auto"
    cool_off_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What a model or route may use in a day (UTC): USD, or tokens. `then`: where routes go once it is spent."""

    per_day: float | None = None
    tokens_per_day: int | None = None
    then: str | None = None


@dataclass(frozen=True, slots=True)
class ProofBounds:
    """How much worse a model may be than the one that it is to replace, and when that is known.

    `errors`: by so much more of its calls may fail. `slower`, `dearer`: so many times as much (None: not looked at).
    `level`: how often at most a model is stopped by chance. `min_requests`: calls of each that a step needs.
    """

    min_requests: int = 30
    errors: float = 0.01
    slower: float = 1.5
    dearer: float | None = None
    level: float = 0.05


ABOUT = ("guard", "budget", "nack", "retirement")


@dataclass(frozen=True, slots=True)
class Alerting:
    """Where alerts go: `webhook` names the variable that holds the address, which is a secret."""

    webhook: str
    about: tuple[str, ...] = ABOUT
