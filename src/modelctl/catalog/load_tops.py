"""Routes, presets and proxy.yaml, validated; providers and models are in `load`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from modelctl.catalog import schema_tops, validation_errors
from modelctl.catalog.catalog_file import CatalogFile, Validate, validated, without_anchors
from modelctl.catalog.parse import Document
from modelctl.errors import Problem
from modelctl.text.nearest import nearest


def routes(document: Document) -> CatalogFile:
    return _table(document, schema_tops.RouteSpec)


def presets(document: Document) -> CatalogFile:
    return _table(document, schema_tops.PresetSpec)


@dataclass(frozen=True)
class ProxyFile:
    """proxy.yaml: our own keys, and LiteLLM's sections as they are written."""

    own: schema_tops.ProxySpec
    sections: dict[str, Any]


def proxy(document: Document) -> CatalogFile:
    if document.problems:
        return CatalogFile(document, None, document.problems, None)
    data = without_anchors(document)
    if not isinstance(data, dict):
        problem = document.problem("bad-value", "a mapping of LiteLLM's sections is expected here", value=True)
        return CatalogFile(document, None, (problem,))
    sections = {key: value for key, value in data.items() if key in schema_tops.SECTIONS}
    problems = [_bad_section(document, key) for key in data if key not in (*schema_tops.SECTIONS, *schema_tops.OWN)]
    own, more = validated(document, schema_tops.ProxySpec, {key: data[key] for key in schema_tops.OWN if key in data})
    problems += more
    return CatalogFile(document, None if problems else ProxyFile(own, sections), tuple(problems))


_ELSEWHERE = {
    "model_list": "models stand in providers/<provider>.yaml",
    "include": "LiteLLM's `include` replaces whole sections; write them here",
    "fallbacks": "fallbacks stand on models and routes",
}


def _bad_section(document: Document, key: str) -> Problem:
    if key in _ELSEWHERE:
        return document.problem("unknown-key", f"`{key}` does not belong in proxy.yaml", [key], hint=_ELSEWHERE[key])
    near = nearest(key, [*schema_tops.SECTIONS, *schema_tops.OWN])
    hint = f"did you mean `{near}`?" if near else "write keys that only hold anchors as `x-...`"
    return document.problem("unknown-key", f"LiteLLM has no section `{key}`", [key], hint=hint)


TOPS: dict[str, Validate] = {"routes": routes, "proxy": proxy, "presets": presets}


def _table(document: Document, model: type[BaseModel]) -> CatalogFile:
    """A mapping of names to entries of one kind."""
    if document.problems:
        return CatalogFile(document, None, document.problems, None)
    data = without_anchors(document)
    if not isinstance(data, dict):
        problem = document.problem("bad-value", "a mapping of names is expected here", value=True)
        return CatalogFile(document, None, (problem,), None)
    try:
        return CatalogFile(document, _adapter(model).validate_python(data))
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors(include_url=False, include_input=False)}
        problems = [
            problem for key in data if key in wrong for problem in _table_entry(document, model, key, data[key])
        ]
        right = {key: value for key, value in data.items() if key not in wrong}
        return CatalogFile(document, _adapter(model).validate_python(right), tuple(problems))


def _table_entry(document: Document, model: type[BaseModel], key: str, value: object) -> list[Problem]:
    try:
        model.model_validate(value)
    except ValidationError as error:
        return validation_errors.explain(error, document, model, [key])
    return []


@cache
def _adapter(model: type[BaseModel]) -> TypeAdapter[Any]:
    return TypeAdapter(dict[str, model])  # type: ignore[valid-type]
