"""A file's text as it may be repeated: what stands there as a secret is not, whatever the line is quoted for.

Lines are judged by themselves, as `secrets` judges values: a file that cannot be parsed is quoted too, and nobody waits
for a parser to see one line. What is doubtful is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from modelctl.catalog.parse import parse
from modelctl.check import secrets

HIDDEN = "***"
_LONGEST = 4000  # characters of a line that is looked through; a longer one is left out as a whole
_UPWARDS = 200  # lines within which the key of a text of several lines is looked for
_KEY = re.compile(r"""(?P<quote>["']?)(?P<name>[A-Za-z_][\w.-]*)(?P=quote)\s*(?::(?=\s|["'])|:$|=(?=\S))\s*""")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?""")
_IN_FLOW = re.compile(r"[^,{}\[\]]*")
_PLAIN = re.compile(r"(?:(?!\s#).)*")
_PREFIX = re.compile(r"(?:[&!]\S*\s+)*")  # an anchor or a tag before the value
_BLOCK = re.compile(r"[|>][+\-0-9]*\s*(?:#.*)?$")
_DEFAULT = re.compile(r":-[^}]+\}")  # ${NAME:-the key itself}
_WORD = re.compile(r"[^\s\"',{}\[\]]{16,}")  # long enough to look like a key by itself
_COMMENT = re.compile(r"(?:^|\s)#")


def masked(text: str) -> str | None:
    """The whole text, line by line; None where a secret stands in it that no line shows."""
    lines = text.split("\n")
    shown = [masked_line(lines, at) for at in range(len(lines))]
    return None if any(shown[at] == lines[at] for at in _with_secrets(text)) else "\n".join(shown)


def masked_value(value: object, name: str = "") -> Any:
    """Data that is not read from lines: each secret in it is `***`."""
    if isinstance(value, Mapping):
        return {key: masked_value(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(item, name) for item in value]
    found = secrets.judge(value, name) if isinstance(value, str) else None
    return HIDDEN if found and found.rule == "literal-secret" else value


def _with_secrets(text: str) -> set[int]:
    """The lines at which the values begin that are secrets when the text is read as YAML."""
    document = parse(text.encode("utf-8", "replace"), "")
    return {each.line - 1 for each in secrets.of_document(document) if each.rule == "literal-secret" and each.line}


def masked_line(lines: Sequence[str], at: int) -> str:
    """The line at this index (from 0), each secret in it replaced by `***`."""
    line = lines[at]
    if len(line) > _LONGEST:
        return HIDDEN
    found = _values_masked(line)
    if found == line and line.strip() and not _begins_entry(line) and _goes_on_with_secret(lines, at):
        return line[: len(line) - len(line.lstrip())] + HIDDEN
    return _WORD.sub(lambda word: HIDDEN if _looks_secret(word[0]) else word[0], found)


def _looks_secret(word: str) -> bool:
    found = secrets.judge(word, "")
    return found is not None and found.rule == "literal-secret"


def _values_masked(line: str) -> str:
    done, at = [], 0
    while match := _KEY.search(line, at):
        start = match.end() + len(_PREFIX.match(line, match.end())[0])  # type: ignore[index]
        value = _value(line, start)
        done.append(line[at:start])
        at = start
        if (shown := _shown(match["name"], value, _COMMENT.search(line[:start]) is not None)) != value:
            done.append(shown)
            at += len(value)
        elif value[:1] in ("'", '"'):
            done.append(value)
            at += len(value)
    return "".join([*done, line[at:]])


def _value(line: str, start: int) -> str:
    """The scalar that begins there; nothing where a collection, a reference or a text below does."""
    first = line[start : start + 1]
    if first in ("", "{", "[", "*", "#") or _BLOCK.match(line, start):
        return ""
    if first in ("'", '"'):
        return _QUOTED.match(line, start)[0]  # type: ignore[index]
    before = line[:start]
    in_flow = before.count("{") + before.count("[") > before.count("}") + before.count("]")
    return (_IN_FLOW if in_flow else _PLAIN).match(line, start)[0].rstrip()  # type: ignore[index]


def _shown(name: str, value: str, in_comment: bool) -> str:
    bare = value.strip("'\"")
    found = secrets.judge(bare, name) if bare else None
    if found is None or (in_comment and (found.harmless or " " in bare)):  # prose is no value
        return value
    if found.rule == "literal-secret":
        return HIDDEN
    return _DEFAULT.sub(f":-{HIDDEN}}}", value) if secrets.is_secret_name(name) else value


def _begins_entry(line: str) -> bool:
    bare = line.lstrip().removeprefix("- ").lstrip("{ ")
    match = _KEY.match(bare)
    return bare.startswith("#") or (match is not None and ":" in match[0])


def _goes_on_with_secret(lines: Sequence[str], at: int) -> bool:
    """Whether the line belongs to the value of a key above it that holds a secret."""
    for above in reversed(lines[max(0, at - _UPWARDS) : at]):
        if keys := list(_KEY.finditer(above)) if not above.lstrip().startswith("#") else []:
            value = above[keys[-1].end() :] + lines[at]
            inside = _indent(above) < _indent(lines[at]) or above.count('"') % 2 or above.count("'") % 2
            return bool(inside) and secrets.is_secret_name(keys[-1]["name"]) and "os.environ/" not in value
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
