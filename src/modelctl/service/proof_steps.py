"""The selections of a proof, from its first step to its end: pure."""

from __future__ import annotations

from dataclasses import replace

from modelctl.errors import ModelctlError, Refused
from modelctl.state import proving, splitting
from modelctl.state.selection import Proof, Selection


def verify(prove: float | None, steps: tuple[float, ...], *, alone: bool) -> None:
    """`prove` in seconds; `alone`: neither a share nor a time limit is asked for. Raises ModelctlError."""
    if prove is None and steps != proving.STEPS:
        raise ModelctlError("`steps` are those of a proof", hint="say with `prove` how long it takes")
    if prove is None:
        return
    if not alone:
        raise ModelctlError("`prove` goes neither with `share` nor with `for`", hint="its shares are its `steps`")
    if wrong := proving.verify(prove, steps):
        raise ModelctlError(wrong, hint="such as `prove` 900 (seconds) with `steps` [5, 25, 100]")


def first(chosen: Selection, present: Selection, prove: float, steps: tuple[float, ...], *, now: float) -> Selection:
    """The first step. The route stays where it points, and no longer than it would. Raises Refused."""
    if chosen.target == present.target:
        raise Refused(f"the route points to `{present.target}`: another model can be proved against it")
    if present.proof is not None:
        raise Refused(f"`{present.proof.new}` is being proved on this route", hint="a rollback stops that")
    if present.split is not None:
        raise Refused("the route deals its requests already", hint=f"`modelctl use {present.target}` ends that")
    proof = Proof(
        chosen.target, present.target, steps, prove / len(steps), now, now,
        provider=chosen.provider, model_id=chosen.model_id,
    )  # fmt: skip
    own = replace(
        chosen, target=present.target, provider=present.provider, model_id=present.model_id, until=present.until
    )
    return _at(own, proof)


def following(own: Selection, proof: Proof, now: float) -> Selection:
    """The next step, or all requests to the new model where there is none."""
    if proof.last:
        return replace(_whole(own, proof), proof=None, at=now)
    return _at(own, replace(proof, at=proof.at + 1, since=now))


def _at(own: Selection, proof: Proof) -> Selection:
    if proof.share == splitting.WHOLE:
        return _whole(own, proof)
    arms = ((proof.present, splitting.WHOLE - proof.share), (proof.new, proof.share))
    return replace(own, split=arms, proof=proof)


def _whole(own: Selection, proof: Proof) -> Selection:
    return replace(own, target=proof.new, split=None, proof=proof, provider=proof.provider, model_id=proof.model_id)
