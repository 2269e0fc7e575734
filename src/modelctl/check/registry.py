"""Every rule, literally. A rule is a module: its docstring is its manual page, its functions find problems.

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


CONFIG_SHAPE = (
    "malformed-entry",
    "malformed-alias",
    "malformed-fallback",
    "alias-of-alias",
    "unknown-model",
    "twin-id",
    "twin-deployments",
    "mistyped-value",
    "weak-master-key",
)
"""What a worker that follows a config file looks at before it takes an edit over."""

CONFIG_ADVICE = ("unknown-provider", "mistyped-value")
"""Rules on single entries that such a worker has at hand when LiteLLM, which judges these, refuses one."""

_FINDERS = (
    "alias-named-like-model",
    "alias-of-alias",
    "api-base-endpoint",
    "api-base-slash",
    "api-base-without-v1",
    "bad-reference",
    "cache-without-host",
    "disk-cache",
    "drop-params",
    "duplicate-fallback",
    "empty-key",
    "empty-model-list",
    "fallback-loop",
    "forbidden-provider",
    "idle-budget",
    "idle-fallback",
    "idle-policy",
    "idle-routing-strategy",
    "idle-setting",
    "literal-secret",
    "long-chain",
    "malformed-agent",
    "malformed-alias",
    "malformed-attachment",
    "malformed-auto-router",
    "malformed-cache",
    "malformed-credential",
    "malformed-entry",
    "malformed-fallback",
    "malformed-guardrail",
    "malformed-mcp-server",
    "malformed-policy",
    "malformed-prompt",
    "malformed-secret-manager",
    "malformed-tool",
    "malformed-vector-store",
    "misplaced-key",
    "missing-api-base",
    "missing-base-model",
    "missing-package",
    "missing-python-object",
    "mistyped-value",
    "name-pattern",
    "name-with-spaces",
    "needed-variable",
    "needs-licence",
    "newer-key",
    "no-master-key",
    "number-as-text",
    "obsolete-key",
    "ollama-chat",
    "other-fallbacks",
    "partial-price",
    "price-ceiling",
    "price-unit",
    "refused-setting",
    "required-tag",
    "retired-model",
    "retiring-model",
    "rust-router-declines",
    "self-fallback",
    "shared-public-name",
    "shrinking-context",
    "soft-rpm-cap",
    "stored-settings",
    "twin-deployments",
    "twin-id",
    "unknown-base-model",
    "unknown-callback",
    "unknown-credential",
    "unknown-key",
    "unknown-model",
    "unknown-provider",
    "unknown-upstream-model",
    "unreadable-spec",
    "unset-reference",
    "verbose-logging",
    "weak-master-key",
    "wildcard-target",
)
"""The rules that find problems themselves, in a config file or in both."""

_CATALOG_FINDERS = (
    "bad-value",
    "blocked-model",
    "conflicting-default",
    "duplicate-key",
    "duplicate-model",
    "empty-catalog",
    "guard-without-fallback",
    "lost-capability",
    "reserved-key",
    "shared-route-name",
    "unfit-target",
    "unknown-route",
)
"""Those that find problems themselves in a catalog alone."""

_EMITTED = (
    "alerts-undelivered",
    "alias-loop",
    "another-catalog",
    "bad-character",
    "bad-include",
    "bad-key",
    "bad-merge",
    "bad-settings",
    "bad-suppression",
    "budget-spent",
    "choices",
    "duplicate-file",
    "failed-preflight",
    "file-too-large",
    "foreign-variable",
    "git-rewritten",
    "git-unreachable",
    "include-replaces",
    "malformed",
    "many-removals",
    "missing-include",
    "missing-key",
    "missing-provider-file",
    "mode",
    "nested-too-deep",
    "not-a-config",
    "not-published",
    "not-utf8",
    "protected",
    "requires",
    "restart-failed",
    "retires-soon",
    "store-down",
    "store-evicts",
    "store-forgets",
    "too-many-aliases",
    "unknown-environment",
    "unknown-file",
    "unknown-tag",
    "unreadable-file",
    "unreadable-folder",
    "unset-variable",
    "unused-suppression",
    "worker-refuses",
    "yaml-syntax",
)
"""What other stages find: the reader of files, the schema, the control plane."""

_LOADED = {id_: _rule(id_) for id_ in _FINDERS}  # at once: every check asks them


@cache
def finders(kind: Kind, looks_at: LooksAt, only: tuple[str, ...] | None = None) -> Sequence[tuple[Rule, Find]]:
    """The rules that look at such items of such a subject; a config file does without the modules of the others."""
    ids = only or ((*_FINDERS, *_CATALOG_FINDERS) if kind == "catalog" else _FINDERS)
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


_IDS = frozenset((*_FINDERS, *_CATALOG_FINDERS, *_EMITTED))
RULES: Mapping[str, Rule] = _Rules()
