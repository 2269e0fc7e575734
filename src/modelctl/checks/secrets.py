"""Secrets stand in the environment; a catalog only refers to them. No finding repeats a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from modelctl.catalog.source import Document
from modelctl.errors import Problem

_REFERENCE = re.compile(r"os\.environ/[A-Za-z_][A-Za-z0-9_]*")
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:api_?key|secret(?:_access)?_?key|secret|(?<!per_)(?<!bos_)(?<!eos_)(?<!pad_)(?<!stop_)token|password|passwd|access_key(?:_id)?|private_key"
    r"|master_key|salt_key|auth_value|authorization|vertex_credentials)$"
)
_LOOKS_SECRET = re.compile(
    r"(?:^|[\s\"'=])(?:sk-[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}"
    r"|AKIA[A-Z0-9]{16}|gsk_[A-Za-z0-9]{20,}|hf_[A-Za-z0-9]{20,})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|^[a-z][a-z0-9+.-]*://[^/@\s:]*:[^/@\s]+@"
)
_OTHER_FORM = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)|(?:os\.environ|env)[.:(\['\"/]+([A-Za-z_][A-Za-z0-9_]*)")
_FREE = frozenset({"none", ""})


def of_document(document: Document) -> list[Problem]:
    """Every literal secret and every misspelt reference in one file."""
    return [] if document.data is None else list(_walk(document, document.data, (), ""))


def _walk(document: Document, value: Any, path: tuple[str | int, ...], name: str) -> Iterator[Problem]:
    if isinstance(value, str):
        if problem := _judge(document, value, path, name):
            yield problem
    elif isinstance(value, dict):
        if name == "env_defaults":
            yield from _defaults(document, value, path)
        for key, each in value.items():
            if each.__class__ in (str, dict, list):
                yield from _walk(document, each, (*path, key), key)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _walk(document, each, (*path, index), name)


def _judge(document: Document, value: str, path: tuple[str | int, ...], name: str) -> Problem | None:
    if value.startswith("os.environ"):
        if _REFERENCE.fullmatch(value):
            return None
        text = f"`{name}` is no reference that LiteLLM can resolve"
        return document.problem("bad-reference", text, path, value=True, hint=_reference(value, name))
    if is_secret_name(name) and value not in _FREE and not _harmless(name, value):
        if _OTHER_FORM.match(value):
            text = f"`{name}`: LiteLLM does not expand this form; the text itself would be sent"
            return document.problem("bad-reference", text, path, value=True, hint=_reference(value, name))
        text = f"`{name}` is written out; keep secrets in the environment and refer to them"
        return document.problem("literal-secret", text, path, value=True, hint=_reference(value, name))
    if _LOOKS_SECRET.search(value):
        text = f"`{name}` holds what looks like a secret; keep it in the environment and refer to it"
        return document.problem("literal-secret", text, path, value=True, hint="os.environ/NAME")
    return None


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a key of this name holds a secret (`api_key`, `client_secret`, `x-api-key`, ...)."""
    return _SECRET_NAME.search(name.lower().replace("-", "_")) is not None


def _harmless(name: str, value: str) -> bool:
    """`vertex_credentials` may also be the path of a file."""
    return name == "vertex_credentials" and not value.lstrip().startswith("{")


def _defaults(document: Document, value: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Problem]:
    for variable in value:
        if is_secret_name(variable):
            text = f"`{variable}` is a secret: it has no default"
            yield document.problem("literal-secret", text, [*path, variable], hint="set it in .env")


def _reference(value: str, name: str) -> str:
    """The form to write. The variable's name is only taken over from what is no secret itself."""
    found = _OTHER_FORM.match(value)
    variable = (found[1] or found[2]) if found else None
    if variable:
        return f"os.environ/{variable}"
    return "os.environ/NAME, or `none` for a server without keys" if name == "api_key" else "os.environ/NAME"
