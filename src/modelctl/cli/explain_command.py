"""`explain`: the manual page of a rule, or the list of all."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from modelctl.check.registry import RULES, Rule
from modelctl.cli import options, output
from modelctl.errors import NotFound
from modelctl.text.nearest import nearest


def _complete_rules(incomplete: str) -> list[str]:
    return sorted(rule for rule in RULES if rule.startswith(incomplete))


def explain(
    rule: Annotated[
        str | None,
        typer.Argument(help="A rule's id, as `check` prints it.", show_default=False, autocompletion=_complete_rules),
    ] = None,
    json: options.Json = False,
) -> None:
    """Print what a rule is about and how to mend what it finds; without RULE list them all."""
    if rule is None and json:
        return output.data([_data(one) for one in RULES.values()])
    if rule is None:
        rows = [(one.id, one.severity, " and ".join(one.inputs), one.title) for one in RULES.values()]
        return output.table(("rule", "severity", "of", "what"), rows)
    if rule not in RULES:
        raise NotFound(f"there is no rule `{rule}`", hint=_near(rule, list(RULES)))
    found = RULES[rule]
    if json:
        return output.data({**_data(found), "manual": found.manual})
    where = " and a ".join(_INPUTS[kind] for kind in found.inputs)
    output.show(f"{output.paint('bold', found.id)}: as a rule {_KINDS[found.severity]}")
    output.out(_fitted(f"Found in a {where}.") + "\n")
    output.out("\n\n".join(_fitted(part) for part in found.manual.split("\n\n")))


def _data(rule: Rule) -> dict[str, object]:
    return {"rule": rule.id, "severity": rule.severity, "inputs": list(rule.inputs), "title": rule.title}


def _fitted(paragraph: str) -> str:
    """Prose in lines that the terminal holds; examples stay as they are."""
    if any(line.startswith((" ", "-", "|")) for line in paragraph.splitlines()):
        return paragraph
    return (
        "\n".join(output.wrap(" ".join(paragraph.splitlines()), min(output.width(), _WIDEST)))
        if sys.stdout.isatty()
        else paragraph
    )


_WIDEST = 100  # columns that are comfortable for prose
_KINDS = {"error": "an error", "warning": "a warning", "info": "a remark"}
_INPUTS = {"catalog": "catalog", "config": "LiteLLM config file"}


def _near(rule: str, known: list[str]) -> str:
    near = nearest(rule, known)
    return f"modelctl explain {near}" if near else "modelctl explain"


def add(app: typer.Typer) -> None:
    app.command()(explain)
