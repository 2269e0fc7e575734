"""The values that go into a client's config, and what comes out."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from modelctl.litellm_spec.facts import ModelFacts

KEY = "LITELLM_MASTER_KEY"


@dataclass(frozen=True)
class Choice(ModelFacts):
    """A name that a client may send as `model`. Limits count tokens, prices are USD per 1M; None is unknown.

    A route's facts are those of the model that it points to at this moment (`target`).
    """

    id: str
    name: str
    price: Mapping[str, float | None] = field(default_factory=dict)
    target: str | None = None
    also: tuple[str, ...] = ()

    @property
    def inputs(self) -> list[str]:
        """Kinds of input, in the words that most clients use."""
        return ["text", *(["image"] if self.supports_vision else []), *(["audio"] if self.supports_audio else [])]


@dataclass(frozen=True)
class Setup:
    """`proxy` is the address of LiteLLM without a path, `key` the variable that holds its key.

    `choices` is not empty; the first one is what clients with a single model use.
    """

    proxy: str
    choices: tuple[Choice, ...]
    key: str = KEY
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)  # for the folders that clients look in

    @property
    def main(self) -> Choice:
        return self.choices[0]

    @property
    def openai(self) -> str:
        """The base URL of the OpenAI endpoints."""
        return f"{self.proxy}/v1"

    def folder(self, variable: str, default: str) -> Path:
        return Path(self.environ.get(variable) or Path(default).expanduser())


@dataclass(frozen=True)
class ClientText:
    """`path` is absolute, or relative to the folder that the client is started in."""

    path: Path
    text: str


@dataclass(frozen=True)
class Config:
    """Files, or lines for a shell (or for an env file); and what a person must know beside them."""

    files: tuple[ClientText, ...] = ()
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def export(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def export_key(name: str, variable: str) -> str:
    return f'export {name}="${variable}"'


def as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def as_yaml(value: object) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)


def toml_string(text: str) -> str:
    """A basic string; TOML wants one control character escaped that JSON leaves."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def known(**facts: object) -> dict[str, Any]:
    """Drops unknown values: a client's own default is better than null."""
    return {name: value for name, value in facts.items() if value is not None}
