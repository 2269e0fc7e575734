"""Secrets stand in the environment; a file only refers to them. No finding repeats a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from modelctl.catalog.parse import Document
from modelctl.check.found import Spot
from modelctl.check.subject import Subject
from modelctl.check.values import walk
from modelctl.errors import Problem
from modelctl.system.key_files import FILE, path_of
from modelctl.text.secret_shapes import looks_secret

_REFERENCE = re.compile(r"os\.environ/[A-Za-z_][A-Za-z0-9_]*")
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:api_?key|secret(?:_access)?_?key|secret|(?<!per_)(?<!bos_)(?<!eos_)(?<!pad_)(?<!stop_)token|(?:pg|db)?password|passwd|access_key(?:_id)?|private_key"
    r"|master_key|salt_key|auth_value|authorization|cookie|vertex_credentials)$"
)
_OTHER_FORM = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)|(?:os\.environ|env)[.:(\['\"/]+([A-Za-z_][A-Za-z0-9_]*)")
_SHELL = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(?:[:-][^}]*)?\}|^\$[A-Z_][A-Z0-9_]*$")
_TEMPLATE = re.compile(r"\{\{")
_PROSE = re.compile(r"prompt|description|content|message|template|regex|pattern")
_FREE = frozenset({"none", ""})
_SHORTEST = 12
_PLACEHOLDER = re.compile(
    r"dummy|fake|placeholder|not-?needed|not-?used|no-?key|anything|unused|empty|change-?me|your[-_]|example|test|local"
    r"|xxx|1234|redacted|^sk-[a-z-]+$",
    re.IGNORECASE,
)

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class SecretFinding:
    """`harmless`: a placeholder that opens nothing."""

    rule: str
    text: str
    hint: str
    harmless: bool = False


def of_entries(subject: Subject) -> Iterator[tuple[Spot, SecretFinding]]:
    """In a config file; a catalog's files are looked at as they are written (`of_documents`)."""
    for entry in subject.entries if subject.kind == "config" else ():
        for section, values in (("litellm_params", entry.params), ("model_info", entry.info)):
            for path, value in walk(values):
                if value.__class__ is str and (found := judge_at(value, path)):
                    yield entry.at(section, *path, value=True), found


def of_sections(subject: Subject) -> Iterator[tuple[Spot, SecretFinding]]:
    for path, value in subject.texts if subject.kind == "config" else ():
        if found := judge_at(value, path):
            yield subject.at(*path, value=True), found


def judge_at(value: str, path: tuple[str | int, ...]) -> SecretFinding | None:
    """As `judge`, with what the place makes of the text."""
    if path and path[-1].__class__ is int and path[0] in _LISTS_OF_NAMES and _REFERENCE.fullmatch(value):
        text = f"`{_name(path)}`: LiteLLM resolves no reference that is an item of a list"
        return SecretFinding("bad-reference", text, "write the value itself")
    if "os.environ/" in value and _PASS_THROUGH in path and "headers" in path:
        return None  # LiteLLM fills in references within these texts
    return judge(value, _name(path))


_PASS_THROUGH = "pass_through_endpoints"
_LISTS_OF_NAMES = ("litellm_settings", "router_settings", "general_settings")


def _name(path: tuple[str | int, ...]) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def of_documents(subject: Subject) -> Iterator[tuple[Spot, SecretFinding]]:
    """In a catalog's files, as they are written."""
    yield from subject.once(_in_documents)


def _in_documents(subject: Subject) -> list[tuple[Spot, SecretFinding]]:
    return [found for document in subject.documents for found in in_document(document)]


def of_document(document: Document) -> list[Problem]:
    """Every literal secret and every misspelt reference in one file of a catalog."""
    return [spot.problem(secret.rule, secret.text, "error", secret.hint) for spot, secret in in_document(document)]


def in_document(document: Document) -> list[tuple[Spot, SecretFinding]]:
    found: list[tuple[Spot, SecretFinding]] = []
    if document.data.__class__ is str:
        found += _judged(document, document.data, ())
    else:
        _walk(document, document.data, (), "", found=found)
    return found


def _walk(document: Document, value: object, path: Path, name: str, *, found: list[tuple[Spot, SecretFinding]]) -> None:
    """Below a mapping or a list. Of a catalog's texts few are anything but plain, so a path is only made for these."""
    if value.__class__ is dict:
        if name == "env_defaults":
            found += _defaults(document, value, path)
        steps: Iterable[tuple[Any, Any]] = value.items()
    elif value.__class__ is list:
        steps = enumerate(value)
    else:
        return
    for step, each in steps:
        if each.__class__ is str:
            if "os.environ/" in each or judge(each, step if step.__class__ is str else name):
                found += _judged(document, each, (*path, step))
        elif each:
            _walk(document, each, (*path, step), step if step.__class__ is str else name, found=found)


def _judged(document: Document, value: str, path: Path) -> Iterator[tuple[Spot, SecretFinding]]:
    if secret := _of_file(value, path) if value.startswith(FILE) else judge_at(value, path):
        yield Spot(document, path, value=True), secret


def _of_file(value: str, path: Path) -> SecretFinding | None:
    """The hook knows `file:/run/secrets/openai` in a provider's files; elsewhere nobody does."""
    if path[0] not in _OF_MODELS:
        return judge_at(value, path)
    if path_of(value):
        return None
    text = f"`{_name(path)}`: a file is named by its whole path, without blanks and without `~`"
    return SecretFinding("bad-reference", text, "file:/run/secrets/NAME")


_OF_MODELS = ("api_key", "params", "models", "deployments")  # where a provider's or a model's file begins


@lru_cache(maxsize=1 << 12)
def judge(value: str, name: str) -> SecretFinding | None:
    """What is wrong with the text under a key of this name."""
    if value.startswith("oidc/"):  # a token that LiteLLM fetches by itself
        return None
    if value.startswith(FILE) and is_secret_name(name):
        text = f"`{name}`: LiteLLM knows no reference to a file; the text itself would be sent"
        return SecretFinding("bad-reference", text, "os.environ/NAME, and NAME_FILE=/the/path in the environment")
    if value.startswith("os.environ"):
        if _REFERENCE.fullmatch(value):
            return None
        return SecretFinding(
            "bad-reference", f"`{name}` is no reference that LiteLLM can resolve", _reference(value, name)
        )
    if _SHELL.search(value) and not _PROSE.search(name):
        text = f"`{name}`: LiteLLM does not expand this form; the text itself would be sent"
        return SecretFinding("bad-reference", text, _reference(value, name))
    if "os.environ/" in value and not _PROSE.search(name):
        text = f"`{name}`: LiteLLM resolves a reference only where it is the whole value; the text itself would be sent"
        return SecretFinding("bad-reference", text, "os.environ/NAME")
    if is_secret_name(name) and value not in _FREE and not _harmless(name, value) and not _TEMPLATE.match(value):
        text = f"`{name}` is written out; keep secrets in the environment and refer to them"
        placeholder = len(value) < _SHORTEST or bool(_PLACEHOLDER.search(value))
        return SecretFinding("literal-secret", text, _reference(value, name), placeholder)
    if looks_secret(value):
        text = f"`{name}` holds what looks like a secret; keep it in the environment and refer to it"
        return SecretFinding("literal-secret", text, "os.environ/NAME")
    return None


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a key of this name holds a secret (`api_key`, `client_secret`, `x-api-key`, ...)."""
    return _SECRET_NAME.search(name.lower().replace("-", "_")) is not None


def _harmless(name: str, value: str) -> bool:
    """`vertex_credentials` may also be the path of a file."""
    return name == "vertex_credentials" and not value.lstrip().startswith("{")


def _defaults(document: Document, value: dict[str, Any], path: Path) -> Iterator[tuple[Spot, SecretFinding]]:
    for variable in value:
        if is_secret_name(variable):
            text = f"`{variable}` is a secret: it has no default"
            yield Spot(document, (*path, variable)), SecretFinding("literal-secret", text, "set it in .env")


def _reference(value: str, name: str) -> str:
    """The form to write. The variable's name is only taken over from what is no secret itself."""
    match = _OTHER_FORM.match(value)
    variable = (match[1] or match[2]) if match else None
    if variable:
        return f"os.environ/{variable}"
    return "os.environ/NAME, or `none` for a server without keys" if name == "api_key" else "os.environ/NAME"
