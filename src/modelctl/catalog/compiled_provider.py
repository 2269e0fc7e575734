"""A compiled provider: its part of the desired state, which the checks look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from modelctl.catalog import schema
from modelctl.catalog.parse import Document, Steps
from modelctl.errors import Problem
from modelctl.state.desired import Deployment, Model, Provider


@dataclass(frozen=True, eq=False, slots=True)
class CatalogModel:
    """A model as written: its names, and their places."""

    public_name: str
    provider: str
    key: str
    written: schema.ModelSpec
    model: Model
    rendered: bool
    deployments: tuple[str, ...]  # ids
    document: Document
    path: Steps  # of the model in its document
    upstream: str = ""  # LiteLLM's model string
    key_files: Mapping[str, str] = field(default_factory=dict)  # variable -> the file that it names

    @property
    def load_balanced(self) -> bool:
        return self.written.load_balanced

    @property
    def chained(self) -> Iterator[tuple[str, Steps, schema.Chained]]:
        """Each name with fallbacks, where these stand, and what they are: its own, and what a wildcard serves."""
        yield self.public_name, self.path, self.written
        for name, served in (self.written.serves or {}).items():
            yield name, (*self.path, "serves", name), served

    @property
    def place(self) -> str:
        line, column = self.document.place(self.path)
        return f"{self.document.label}:{line}:{column}"

    def problem(self, rule: str, message: str, *path: str | int, **more: Any) -> Problem:
        return self.document.problem(rule, message, [*self.path, *path], **more)


@dataclass(frozen=True, eq=False)
class CompiledProvider:
    """One provider, compiled.

    `offers` are by public name, `rendered` those names that clients may send; `mentions` are the names
    that its fallbacks and lifecycles speak of; `shared` says that one name has several offers.
    """

    provider: Provider
    deployments: dict[str, Deployment]
    offers: dict[str, list[CatalogModel]]
    fallbacks: dict[str, dict[str, list[str]]]
    env_defaults: dict[str, str]
    rendered: frozenset[str]
    mentions: frozenset[str]
    shared: bool
    header: Document
    made: dict[tuple[Document, str], tuple[CatalogModel, list[Deployment]]]  # by where a model is written, and its key
    made_for: tuple[Document, date]

    @property
    def each_offer(self) -> Iterator[CatalogModel]:
        return (offer for group in self.offers.values() for offer in group)
