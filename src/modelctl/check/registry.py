"""Every rule of `rule_ids`. A rule is a module: its docstring is its manual page, its functions find problems.

`entries(subject)` looks at deployments one by one, `models(subject)` and `documents(subject)` at a catalog's models and
files one by one (their findings are reused until that model or file changes), `whole(subject)` at everything together.
`EMITTED_BY` names the modules of other stages that emit the rule: the reading of files, the schema, the control plane.
A module without a finder is imported when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import cleandoc
from typing import Any, Literal

from modelctl.check.found import Found
from modelctl.check.rule_ids import CATALOG_FINDERS, EMITTED, FINDERS
from modelctl.check.subject import Kind, Subject
from modelctl.errors import Severity

Find = Callable[[Subject], Iterator[Found]]
LooksAt = Literal["entries", "models", "documents", "whole"]


@dataclass(frozen=True)
class Rule:
    """`fixed`: a file with such a problem cannot be understood, so the rule is neither lowered nor suppressed."""

    id: str
    severity: Severity
    inputs: tuple[Kind, ...]
    manual: str
    fixed: bool
    entries: Find | None
    models: Find | None
    documents: Find | None
    whole: Find | None
    fix: Callable[[Any], Any] | None = None  # see `fixes`
    since: str | None = None  # the release of LiteLLM from which on it holds

    @property
    def title(self) -> str:
        return self.manual.partition("\n")[0].rstrip(".")


@cache
def _rule(id_: str) -> Rule:
    module = import_module(f"modelctl.check.rules.{id_.replace('-', '_')}")
    return Rule(
        id=id_,
        severity=module.SEVERITY,
        inputs=getattr(module, "INPUTS", ("catalog", "config")),
        manual=cleandoc(module.__doc__ or ""),
        fixed=getattr(module, "FIXED", False),
        entries=getattr(module, "entries", None),
        models=getattr(module, "models", None),
        documents=getattr(module, "documents", None),
        whole=getattr(module, "whole", None),
        fix=getattr(module, "fix", None),
        since=getattr(module, "SINCE", None),
    )


_LOADED = {id_: _rule(id_) for id_ in FINDERS}  # at once: every check asks them


@cache
def finders(kind: Kind, looks_at: LooksAt, only: tuple[str, ...] | None = None) -> Sequence[tuple[Rule, Find]]:
    """The rules that look at such items of such a subject; a config file does without the modules of the others."""
    ids = only or ((*FINDERS, *CATALOG_FINDERS) if kind == "catalog" else FINDERS)
    rules = (rule for rule in map(_rule, ids) if kind in rule.inputs)
    return [(rule, find) for rule in rules if (find := getattr(rule, looks_at))]


class _Rules(Mapping[str, Rule]):
    """All of them, by id, in order."""

    def __getitem__(self, id_: str) -> Rule:
        if id_ not in _IDS:
            raise KeyError(id_)
        return _rule(id_)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(_IDS))

    def __len__(self) -> int:
        return len(_IDS)


_IDS = frozenset((*FINDERS, *CATALOG_FINDERS, *EMITTED))
RULES: Mapping[str, Rule] = _Rules()
