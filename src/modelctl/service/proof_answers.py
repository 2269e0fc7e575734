"""A proof as the API shows it. Pure."""

from __future__ import annotations

from modelctl.service.answer_types import ProofAnswer, ProofFigures
from modelctl.state import proving
from modelctl.state.proving import QUANTILES, ProofStand
from modelctl.state.selection import Proof
from modelctl.usage import bins
from modelctl.usage.bins import Bins
from modelctl.usage.figures import Figures


def proof_answer(proof: Proof, stand: ProofStand | None) -> ProofAnswer:
    """`stand` counts for the step that it was taken in alone."""
    seen = stand.seen if stand and stand.proof == proof else None
    return {
        "new": proof.new,
        "present": proof.present,
        "steps": list(proof.steps),
        "step": proof.at + 1,
        "share": proof.share,
        "step_s": proof.step_s,
        "began": proof.began,
        "since": proof.since,
        "lasts": round(seen.lasts, 1) if seen else None,
        "waits": stand.waits if stand and seen else None,
        "figures": {"new": _figures(seen.new), "present": _figures(seen.present)} if seen else None,
    }


def _figures(figures: Figures) -> ProofFigures:
    p50, p95 = _times(figures.attempt_bins)
    first_p50, first_p95 = _times(figures.first_token_bins)
    cost = proving.cost_per_call(figures)
    return {
        "calls": proving.calls(figures),
        "failed": dict(proving.failures(figures)),
        "p50": p50,
        "p95": p95,
        "first_token_p50": first_p50,
        "first_token_p95": first_p95,
        "cost_per_call": None if cost is None else round(cost, 10),
        "tool_calls": int(figures["tool_calls"]),
        "tool_calls_invalid": int(figures["tool_calls_invalid"]),
        "json_answers": int(figures["json_answers"]),
        "json_answers_invalid": int(figures["json_answers_invalid"]),
    }


def _times(measured: Bins) -> tuple[float | None, float | None]:
    found = bins.quantiles(measured, QUANTILES)
    return (round(found[0], 4), round(found[1], 4)) if found else (None, None)
