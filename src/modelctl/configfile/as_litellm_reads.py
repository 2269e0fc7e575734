"""One file as LiteLLM's own YAML reader takes it, where ours is stricter or more lenient."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import yaml

from modelctl.catalog import parse
from modelctl.catalog.construct import SAME
from modelctl.errors import Problem

# Files that these rules refuse are nonetheless read by LiteLLM's own parser.
LITELLM_READS_ON = frozenset({"duplicate-key", "bad-key", "bad-value", "unknown-tag"})
QUOTES_A_VALUE = frozenset({"bad-value", "unknown-tag"})  # rules whose message repeats what is written


def strictly(raw: bytes, document: parse.Document) -> parse.Document:
    """LiteLLM reads with PyYAML's own scanner, which stops at a tab where libyaml's reads on."""
    if b"\t" not in raw or document.problems:
        return document
    try:
        for _ in yaml.parse(document.text, yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        text = f"LiteLLM's YAML reader stops here: {error.problem}"
        problem = Problem("yaml-syntax", text, document.label, *place, hint="replace the tab by spaces")
        return replace(document, data=None, problems=(problem,))
    return document


def as_litellm_does(raw: bytes, document: parse.Document) -> Any:
    """What is left when LiteLLM boots on a file that we refuse for a duplicate key or the like."""
    if not all(problem.rule in LITELLM_READS_ON for problem in document.problems):
        return None
    try:
        return _text_keys(yaml.load(raw, yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _text_keys(data: object) -> Any:
    if isinstance(data, dict):
        return {str(key): _text_keys(value) for key, value in data.items()}
    return [_text_keys(each) for each in data] if isinstance(data, list | tuple) else data


def harmless(problem: Problem) -> Problem:
    """LiteLLM takes the last of two equal keys, and so does its author."""
    same = problem.rule == "duplicate-key" and SAME in problem.message
    return replace(problem, severity="warning") if same else problem


def without_values(problem: Problem) -> Problem:
    """What stands there may be a secret: the place says enough."""
    if problem.rule not in QUOTES_A_VALUE:
        return problem
    message = re.sub("^`.*`", "this", problem.message, flags=re.DOTALL)
    return replace(problem, message=re.sub(" `.*`", "", message, flags=re.DOTALL), hint=None)
