"""Turns pydantic's errors into problems in a catalog's terms, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from modelctl.catalog.parse import Document
from modelctl.catalog.schema_terms import SAID
from modelctl.errors import Problem
from modelctl.litellm_spec.facts import LITELLM_NAMES
from modelctl.text.nearest import nearest

_EXPONENT = re.compile(r"^[+-]?(\d+)[eE]([+-]?\d+)$")
_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a date (YYYY-MM-DD)",
    "date_from_datetime_inexact": "a date (YYYY-MM-DD)",
    "value_error": "a date (YYYY-MM-DD)",
    "finite_number": "a finite number",
}
_SENTENCES = {
    "greater_than_equal": "`{key}` must not be less than {ge}",
    "greater_than": "`{key}` must be over {gt}",
    "less_than_equal": "`{key}` must not be over {le}",
    "string_too_short": "`{key}` must not be empty",
    "too_short": "`{key}` must not be empty",
    "literal_error": "`{key}` takes {expected}",
}


def explain(
    error: ValidationError, document: Document, model: type[BaseModel], at: Sequence[str] = ()
) -> list[Problem]:
    """One problem for each mistake; `at` is where in the document the validated value stands."""
    found = error.errors(include_url=False, include_context=True, include_input=False)
    extra = [one for one in found if one["type"] == "extra_forbidden"]
    missing = [one for one in found if one["type"] == "missing"]
    rest = [one for one in found if one["type"] not in ("extra_forbidden", "missing")]
    problems = [_unknown_key(failure["loc"], missing, document, model, at=at) for failure in extra]
    problems += [_missing_key(failure["loc"], document, at) for failure in missing]
    return problems + [_wrong_value(one, document, at) for one in rest]


def _unknown_key(
    loc: Sequence[Any], missing: list[Any], document: Document, model: type[BaseModel], *, at: Sequence[str]
) -> Problem:
    """A misspelt required key is one mistake: the `missing` that it explains is taken off the list."""
    *parent, key = loc
    names = _fields_at(model, parent)
    near = nearest(str(key), names)
    for failure in missing:
        if list(failure["loc"]) == [*parent, near]:
            missing.remove(failure)
            break
    allowed = f"; allowed: {', '.join(names)}" if 0 < len(names) <= 9 else ""
    hint = _meant(str(key), names) or (f"did you mean `{near}`?" if near else None)
    if hint is None and "params" in names and key in _PARAMS:
        hint = f"params: {{{key}: {_shown(document.data, [*at, *loc])}}}"
    message = f"`{key}` is not a key that {_owner(at, parent)} takes{allowed}"
    return document.problem("unknown-key", message, [*at, *loc], hint=hint)


_PARAMS = frozenset(
    {
        "rpm", "tpm", "timeout", "stream_timeout", "max_retries", "num_retries", "temperature", "top_p", "max_tokens",
        "seed", "weight", "order", "region_name", "aws_region_name", "vertex_project", "vertex_location",
        "organization", "extra_headers", "extra_body", "drop_params", "mock_response", "max_budget", "budget_duration",
        "max_parallel_requests", "litellm_credential_name", "reasoning_effort", "thinking",
    }
)  # fmt: skip
"""Parameters of LiteLLM's that people write beside a model's own keys."""
_CONFUSED: Mapping[str, str] = {
    **{theirs: ours for ours, theirs in LITELLM_NAMES.items() if theirs != ours},
    "context_length": "context_window",
    "max_tokens": "max_output_tokens",
    "input_cost_per_token": "price: {input: USD per 1M tokens}",
    "output_cost_per_token": "price: {output: USD per 1M tokens}",
    "model_name": "public_name",
    "base_url": "api_base",
    "litellm_params": "params",
    "model_info": "info",
}
"""LiteLLM's names of keys that a catalog calls differently."""


def _shown(data: Any, path: Sequence[Any]) -> str:
    """A message may repeat a number or a flag, but no other value."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return "..."
    return str(data).lower() if isinstance(data, bool | int | float) else "..."


def _meant(key: str, names: Sequence[str]) -> str | None:
    """A known confusion goes before spelling."""
    word = _CONFUSED.get(key)
    if word is None or word.partition(":")[0] not in names:
        return None
    return word if ":" in word else f"did you mean `{word}`?"


def _missing_key(loc: Sequence[Any], document: Document, at: Sequence[str]) -> Problem:
    *parent, key = loc
    return document.problem("missing-key", f"{_owner(at, parent)} lacks `{key}`", [*at, *parent])


def _wrong_value(one: Any, document: Document, at: Sequence[str]) -> Problem:
    path = [*at, *one["loc"]]
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "the file")
    kind = one["type"]
    if kind in ("choices", SAID):
        own_hint = one.get("ctx", {}).get("hint")
        return document.problem("bad-value", f"`{key}` {one['msg']}", path, value=True, hint=own_hint)
    if kind in _SENTENCES:
        words = {name: _word(word) for name, word in one.get("ctx", {}).items()}
        message = _SENTENCES[kind].format(key=key, **words)
        return document.problem("bad-value", message, path, value=True)
    expected = _TYPES.get(kind, "something else")
    number = _as_number(document.data, path) if "number" in expected else None
    hint = number or (_in_short(document.data, path) if expected == "a mapping" else None)
    message = f"`{key}` takes {expected}"
    if number:
        message += "; without a dot YAML 1.1 reads an exponent as text"
    return document.problem("bad-value", message, path, value=True, hint=hint)


def _word(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).replace("'", "`")


def _in_short(data: Any, path: Sequence[Any]) -> str | None:
    """What newcomers write in short: a list of models, a route that is only its target."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    if path[-1:] == ["models"] and isinstance(data, list) and data and isinstance(data[0], str):
        return f"{data[0]}: {{}}"
    if len(path) == 1 and isinstance(data, str) and data:
        return f"{path[0]}: {{target: {data}}}"
    return None


def _as_number(data: Any, path: Sequence[Any]) -> str | None:
    """`1e-07` is text to YAML 1.1, `1.0e-07` a number."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    found = _EXPONENT.match(data) if isinstance(data, str) else None
    return f"{found[1]}.0e{found[2] if found[2][0] in '+-' else '+' + found[2]}" if found else None


def _owner(at: Sequence[str], parent: Sequence[Any]) -> str:
    steps = [str(step) for step in (*at, *parent)]
    return f"`{'.'.join(steps)}`" if steps else "this file"


def _fields_at(model: type[BaseModel], path: Sequence[Any]) -> list[str]:
    """Names of the fields that the model at `path` inside `model` takes."""
    current: Any = model
    for step in path:
        if _is_model(current):
            field = _by_alias(current).get(str(step))
            current = field and field.annotation
        else:  # a key of a mapping of entries, or the index of a list of them
            current = next(_models_in(current), None)
    found = next(_models_in(current), None)
    return list(_by_alias(found)) if found else []


def _by_alias(model: type[BaseModel]) -> Mapping[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if _is_model(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
