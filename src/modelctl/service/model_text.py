"""The text of a model's file: from a form or as it was typed, and what must not stand in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modelctl.catalog.rewrite import Rewritten, dump, rewrite
from modelctl.catalog.source import parse
from modelctl.errors import CheckFailed, ModelctlError, Refused
from modelctl.rules import secrets

DEEPEST = 20
OUR_SECRETS = (
    "LITELLM_MASTER_KEY",
    "LITELLM_SALT_KEY",
    "MODELCTL_TOKEN",
    "DATABASE_URL",
    "REDIS_PASSWORD",
    "REDIS_URL",
)
_HEAD = "# yaml-language-server: $schema={}.schema/{}.json\n"


def of_model(catalog: Path, id: str, fields: Mapping[str, Any], before: bytes | None) -> Rewritten:
    """A model's fields as its file says them; comments and layout of the file that was there stay."""
    wanted = lean(fields)
    _within_limits("model", wanted)
    if wanted.get("id") == id:
        del wanted["id"]
    if before is None:
        return Rewritten(_with_head(catalog, "../../", "model", dump(wanted)))
    document = parse(before, id)
    if document.problems:
        return Rewritten(_with_head(catalog, "../../", "model", dump(wanted)), kept=False)
    present = document.data if isinstance(document.data, dict) else {}
    anchors = {key: value for key, value in present.items() if key.startswith("x-")}
    return rewrite(document.text, {**anchors, **wanted})


def as_typed(text: str) -> Rewritten:
    return Rewritten(text if text.endswith("\n") or not text else f"{text}\n")


def of_provider(catalog: Path, fields: Mapping[str, Any]) -> str:
    """A new provider's own file."""
    wanted = lean(fields)
    _within_limits("new_provider", wanted)
    return _with_head(catalog, "../", "provider", dump(wanted))


def _with_head(catalog: Path, up: str, schema: str, body: str) -> str:
    known = (catalog / ".schema" / f"{schema}.json").is_file()
    return (_HEAD.format(up, schema) if known else "") + body


def judge(text: str, label: str) -> None:
    """What must not even be tried or shown: secrets written out, and references to our own."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raise ModelctlError("the text holds half a character (a lone surrogate)") from None
    document = parse(raw, label)
    if found := secrets.of_document(document):
        hint = "write the name of a variable: os.environ/NAME"
        raise CheckFailed("a key's value cannot be saved, only the name of its variable", problems=found, hint=hint)
    for name in _referenced(document.data):
        if name in OUR_SECRETS:
            raise Refused(f"`{name}` is a secret of the proxy itself, not of a provider")


def lean(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty: a form sends every field that it has."""
    trimmed = {key: lean(value) if key in ("price", "lifecycle") and isinstance(value, dict) else value
               for key, value in fields.items()}  # fmt: skip
    return {key: value for key, value in trimmed.items() if value is not None and value not in ("", [], {})}


def _within_limits(field: str, data: Mapping[str, Any]) -> None:
    if _depth(data) > DEEPEST:
        raise ModelctlError(f"`{field}` is nested deeper than {DEEPEST} levels")


def _depth(value: Any) -> int:
    deepest, ahead = 0, [(value, 1)]
    while ahead:
        each, depth = ahead.pop()
        deepest = max(deepest, depth)
        inner = each.values() if isinstance(each, Mapping) else each if isinstance(each, list) else ()
        ahead += [(one, depth + 1) for one in inner]
    return deepest


def _referenced(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("os.environ/"):
        yield value.removeprefix("os.environ/")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _referenced(each)
