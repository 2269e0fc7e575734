"""The text of a model's file, from a form or typed as YAML, and what it must not contain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modelctl.catalog.folder import Text
from modelctl.catalog.parse import parse
from modelctl.catalog.rewrite import Rewritten, dump, plain, rewrite
from modelctl.catalog.safe_files import digest
from modelctl.check import quoting, secrets
from modelctl.errors import CheckFailed, ModelctlError, Refused
from modelctl.service import views
from modelctl.service.file_answer_types import CustomFile

DEEPEST = 20
HIDDEN = "a key is written out in that file: it is not shown"
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


def shown(raw: bytes) -> str:
    """What an answer may repeat of a file: its text with its secrets redacted, or a remark where they cannot be."""
    text = quoting.masked(raw.decode("utf-8", "replace"))
    return f"# {HIDDEN}\n" if text is None else text


def holds_secret(raw: bytes) -> bool:
    return shown(raw) != raw.decode("utf-8", "replace")


def entry(provider: str, stem: str, text: Text, reason: str | None) -> CustomFile:
    """A file for an answer; its text and fields only where it can be edited here and holds no secret."""
    raw, failed = (text.raw, None) if isinstance(text.raw, bytes) else (b"", text.raw)
    reason = failed.message if failed else reason or (HIDDEN if holds_secret(raw) else None)
    document = parse(shown(raw).encode(), text.label)
    data = document.data if isinstance(document.data, dict) else {}
    key = data.get("id") or stem
    return {
        "provider": provider,
        "id": stem,
        "key": str(key),
        "public_name": str(data.get("public_name") or key),
        "name": str(data.get("name") or key),
        "file": text.label,
        "digest": digest(raw),
        "text": None if reason else raw.decode("utf-8", "replace"),
        "model": None if reason else plain(data),
        "editable": reason is None,
        "reason": reason,
        "problems": views.problem_answers([failed] if failed else document.problems),
    }


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
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _referenced(item)
