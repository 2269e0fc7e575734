"""`explain`: the manual page of a rule, or the list of all."""

from __future__ import annotations

from typing import Annotated

import typer

from modelctl import report
from modelctl.errors import NotFound


def _complete_rules(incomplete: str) -> list[str]:
    from modelctl.rules.registry import RULES

    return sorted(rule for rule in RULES if rule.startswith(incomplete))


def explain(
    rule: Annotated[
        str | None,
        typer.Argument(help="A rule's id, as `check` prints it.", show_default=False, autocompletion=_complete_rules),
    ] = None,
) -> None:
    """Print what a rule is about and how to mend what it finds; without RULE list them all."""
    from modelctl.rules.registry import RULES

    if rule is None:
        rows = [(one.id, one.severity, " and ".join(one.inputs), one.title) for one in RULES.values()]
        return report.table(("rule", "severity", "of", "what"), rows)
    if rule not in RULES:
        raise NotFound(f"there is no rule `{rule}`", hint=_near(rule, list(RULES)))
    found = RULES[rule]
    report.out(f"{found.id} ({found.severity}, in a {' and a '.join(_INPUTS[kind] for kind in found.inputs)})\n")
    report.out(found.manual)


_INPUTS = {"catalog": "catalog", "config": "LiteLLM config file"}


def _near(rule: str, known: list[str]) -> str:
    from modelctl.catalog.findings import unknown_name

    near = unknown_name(rule, known)
    return f"modelctl explain {near}" if near else "modelctl explain"


def add(app: typer.Typer) -> None:
    app.command()(explain)
