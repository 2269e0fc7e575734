"""Problems for other programs: GitHub's annotations, and SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from modelctl import __version__
from modelctl.check.registry import RULES, Rule
from modelctl.errors import Problem

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def github(problems: Iterable[Problem]) -> Iterator[str]:
    """A workflow command per problem, which GitHub shows beside the line."""
    for problem in problems:
        place = {"file": problem.file, "line": problem.line, "col": problem.column, "title": problem.rule}
        words = ",".join(f"{key}={_property(str(value))}" for key, value in place.items() if value)
        hint = f"\nhint: {problem.hint}" if problem.hint else ""
        yield f"::{_COMMANDS[problem.severity]} {words}::{_data(problem.message + hint)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def sarif(problems: Sequence[Problem]) -> dict[str, Any]:
    """A SARIF run with the rules that found something, for code-scanning pages."""
    ids = sorted({problem.rule for problem in problems})
    driver = {
        "name": "modelctl",
        "version": __version__,
        "rules": [_rule(id_, RULES.get(id_)) for id_ in ids],
    }
    results = [_result(problem, ids.index(problem.rule)) for problem in problems]
    return {"$schema": _SARIF, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _rule(id_: str, rule: Rule | None) -> Mapping[str, Any]:
    if rule is None:
        return {"id": id_}
    return {
        "id": id_,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.manual, "markdown": rule.manual},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(problem: Problem, index: int) -> Mapping[str, Any]:
    hint = f" (hint: {problem.hint})" if problem.hint else ""
    found: dict[str, Any] = {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": _LEVELS[problem.severity],
        "message": {"text": problem.message + hint},
    }
    if problem.file:
        place: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.file)}}
        if problem.line:
            place["region"] = {"startLine": problem.line, "startColumn": max(problem.column, 1)}
        found["locations"] = [{"physicalLocation": place}]
    return found


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
