"""Replaces the plain secrets of a config by references to variables; no value is passed on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelctl.catalog.parse import Document, Steps
from modelctl.check import secrets
from modelctl.errors import Problem
from modelctl.importer.fields import Notes, Variable
from modelctl.litellm_spec.config import KeyPath

REFERENCE = "os.environ/"
_REFERENCES = re.compile(r"os\.environ/([A-Za-z_][A-Za-z0-9_]*)")
_NOT_IN_A_NAME = re.compile(r"[^A-Z0-9]+")
_SHOUTED = re.compile(r"[A-Z_][A-Z0-9_.\- ]*")
_OWN_PREFIX = (
    "aws_",
    "vertex_",
    "azure_",
    "watsonx_",
    "langfuse_",
    "redis_",
)  # keys whose name already says what they belong to
_USUAL = {"master_key": "LITELLM_MASTER_KEY", "salt_key": "LITELLM_SALT_KEY", "database_url": "DATABASE_URL"}
# What people write where a server takes no key. `none` is a catalog's word for it.
_PLACEHOLDERS = frozenset(
    {"none", "null", "na", "n/a", "empty", "unused", "noop", "local", "anything", "placeholder", "ollama", "lm-studio"}
    | {f"{before}{what}{after}" for before in ("", "sk-") for what in ("dummy", "fake") for after in ("", "-key")}
    | {"fake-api-key", "nokey", "no-key", "no-key-required", "no-key-needed", "sk-no-key-required"}
    | {"not-needed", "not-required", "sk-not-needed"}
)


@dataclass(eq=False)
class _Probe(Document):
    """A document that records the paths of what `check` calls a plain secret."""

    found: list[tuple[KeyPath, str, str]] = field(default_factory=list)

    def problem(self, rule: str, message: str, path: Steps = (), *, value: bool = False, **more: Any) -> Problem:
        self.found.append((tuple(path), rule, more.get("hint") or ""))
        return Problem(rule, message, self.label)


@dataclass
class Keys:
    """Names variables: a new one for every secret, never one that the config uses already."""

    notes: Notes
    taken: set[str]
    provider_of: Callable[[int], str]
    keyless: Callable[[int], bool]  # whether an entry's provider has entries that rely on the environment
    server_of: Callable[[int], str | None]  # what to call the server, where the key is not for the provider's own
    without: Callable[[int, str], bool]  # whether another entry leaves this parameter to the environment
    variables: list[Variable] = field(default_factory=list)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)

    def replace(self, config: dict[str, Any]) -> None:
        """Changes `data` in place: no plain secret and no misspelt reference remains."""
        probe = _Probe("", "", config)
        secrets.of_document(probe)
        for path, rule, hint in probe.found:
            parent = _at(config, path[:-1])
            parent[path[-1]] = self._instead(config, parent[path[-1]], path, rule, hint=hint)
        for path, _, _ in reversed(probe.found):  # from the end, so that positions in lists stay right
            parent = _at(config, path[:-1])
            if parent[path[-1]] is _GONE:
                del parent[path[-1]]

    def _instead(self, config: Mapping[str, Any], value: str, path: KeyPath, rule: str, *, hint: str) -> Any:
        if isinstance(path[-1], int):
            self.notes.lost(path[:-1], "must not be written out, and in a list LiteLLM does not resolve references")
            return _GONE
        if path[-1] == "api_key" and value.strip().lower() in _PLACEHOLDERS:
            self.notes.changed(path, "a placeholder: `none` is how a catalog says that the server takes no key")
            return "none"
        if path[0] == "environment_variables" and len(path) == 2 and rule == "literal-secret":
            self._offer(str(path[-1]), path)
            self.notes.changed(path, f"a plain secret: set {path[-1]} in the environment itself")
            return _GONE
        name = self._name(value, path, rule, hint)
        self.notes.changed(
            path, _whole(name, value) if rule == "bad-reference" and _is_part(value) else _reason(rule, name)
        )
        return REFERENCE + name

    def _name(self, value: str, path: KeyPath, rule: str, hint: str) -> str:
        if rule == "bad-reference" and (meant := _meant(value, hint)) and not _is_part(value):
            self._offer(meant, path)
            return meant
        base = self._base(path)
        if rule == "bad-reference" and (match := _INSIDE.search(value)):
            base = match[1]  # a new name where the config refers to this one by itself
        known = self._names.get((base, value))
        if known is None:
            known = self._names[base, value] = _unused(base, self.taken)
            self.taken.add(known)
        self._offer(known, path)
        return known

    def _offer(self, name: str, path: KeyPath) -> None:
        if all(variable.name != name for variable in self.variables):
            self.variables.append(Variable(name, path))

    def _base(self, path: KeyPath) -> str:
        key = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        if path[0] == "model_list" and isinstance(path[1], int):
            if key.startswith(_OWN_PREFIX):
                own = _upper(self.provider_of(path[1]))
                return f"{own}_OWN_{_upper(key)}" if self.without(path[1], key) else _upper(key)
            if key == "api_key" and (server := self.server_of(path[1])):
                return f"{_upper(server)}_API_KEY"
            provider = _upper(self.provider_of(path[1]))
            # LiteLLM reads <PROVIDER>_API_KEY by itself for an entry without a key: that one must not get ours.
            return f"{provider}_OWN_{_upper(key)}" if self.keyless(path[1]) else f"{provider}_{_upper(key)}"
        if key in _USUAL:
            return _USUAL[key]
        words = [str(step) for step in path if isinstance(step, str)]
        return _upper("_".join(words[-2:] if len(words) > 2 else words[-1:]))


_GONE = object()


def _meant(value: str, hint: str) -> str | None:
    """The variable that a misspelt reference names; None where the text may hold more than a name."""
    if _SHOUTED.fullmatch(rest := value.removeprefix(REFERENCE)) and rest != value:
        return _upper(rest)
    match = _REFERENCES.fullmatch(hint)
    return match[1] if match and match[1] != "NAME" else None


_INSIDE = re.compile(r"(?:os\.environ/|\$\{?)([A-Za-z_][A-Za-z0-9_]*)")


def _is_part(value: str) -> bool:
    """Whether there is more in the text than a reference in some form."""
    return bool(_INSIDE.search(value)) and re.fullmatch(r"\$\{[^}]*\}|\$\w+|os\.environ\S*", value.strip()) is None


def _whole(name: str, value: str) -> str:
    """What the variable has to hold is not what another tool would have put in: it is the whole text."""
    before = value[: _INSIDE.search(value).start()]  # type: ignore[union-attr]
    shown = f", `{before}` before it included" if before and not secrets.judge(before, "") else ""
    return f"LiteLLM resolves no reference within a text: set {name} to the whole value{shown}"


def references(value: object) -> Iterator[str]:
    """The variables that a config refers to, anywhere in it."""
    if isinstance(value, str):
        yield from _REFERENCES.findall(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def _reason(rule: str, name: str) -> str:
    if rule == "bad-reference":
        return f"LiteLLM resolves no such reference; write `{REFERENCE}{name}` and set {name}"
    return f"a plain secret: set {name} in the environment, it is referred to as `{REFERENCE}{name}`"


def _at(value: Any, path: Steps) -> Any:
    for step in path:
        value = value[step]
    return value


def _upper(text: str) -> str:
    name = _NOT_IN_A_NAME.sub("_", text.upper()).strip("_") or "SECRET"
    return f"_{name}" if name[0].isdigit() else name


def _unused(base: str, taken: set[str]) -> str:
    if base not in taken:
        return base
    return next(name for number in range(2, len(taken) + 3) if (name := f"{base}_{number}") not in taken)
