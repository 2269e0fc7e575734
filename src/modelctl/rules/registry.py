"""Every rule, literally. A rule is a module: its docstring is its manual page, its functions find problems.

`entries(subject)` looks at deployments one by one (what it finds in a provider is kept until that changes),
`whole(subject)` at everything together. A module with neither describes what another part of modelctl finds; it is
imported when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import cleandoc
from types import ModuleType
from typing import Any

from modelctl.errors import Severity
from modelctl.rules import (
    alias_named_like_model,
    alias_of_alias,
    api_base_slash,
    api_base_without_v1,
    bad_reference,
    drop_params,
    duplicate_fallback,
    empty_model_list,
    fallback_loop,
    forbidden_provider,
    idle_fallback,
    idle_routing_strategy,
    literal_secret,
    long_chain,
    malformed_alias,
    malformed_entry,
    malformed_fallback,
    misplaced_key,
    missing_api_base,
    missing_base_model,
    mistyped_value,
    name_pattern,
    name_with_spaces,
    no_master_key,
    number_as_text,
    obsolete_key,
    ollama_chat,
    other_fallbacks,
    partial_price,
    price_ceiling,
    price_unit,
    required_tag,
    retired_model,
    retiring_model,
    self_fallback,
    shared_public_name,
    shrinking_context,
    twin_deployments,
    twin_id,
    unknown_base_model,
    unknown_key,
    unknown_model,
    unknown_provider,
    unknown_upstream_model,
    unset_reference,
    verbose_logging,
    weak_master_key,
)
from modelctl.rules.subject import Found, Kind, Subject

Find = Callable[[Subject], Iterator[Found]]


@dataclass(frozen=True)
class Rule:
    """`fixed`: a file with such a problem cannot be understood, so the rule is neither lowered nor suppressed."""

    id: str
    severity: Severity
    inputs: tuple[Kind, ...]
    manual: str
    fixed: bool
    entries: Find | None
    whole: Find | None
    fix: Callable[[Any], Any] | None = None  # see `fixes`

    @property
    def title(self) -> str:
        return self.manual.partition("\n")[0].rstrip(".")


def _rule(module: ModuleType) -> Rule:
    return Rule(
        id=_id(module.__name__.rpartition(".")[2]),
        severity=module.SEVERITY,
        inputs=getattr(module, "INPUTS", ("catalog", "config")),
        manual=cleandoc(module.__doc__ or ""),
        fixed=getattr(module, "FIXED", False),
        entries=getattr(module, "entries", None),
        whole=getattr(module, "whole", None),
        fix=getattr(module, "fix", None),
    )


def _id(name: str) -> str:
    return name.replace("_", "-")


CONFIG_SHAPE = (
    "malformed-entry",
    "malformed-alias",
    "malformed-fallback",
    "alias-of-alias",
    "unknown-model",
    "twin-id",
    "twin-deployments",
)
"""What a worker that follows a config file looks at before it takes an edit over."""

FINDERS: dict[str, Rule] = {
    rule.id: rule
    for rule in map(
        _rule,
        (
            alias_named_like_model,
            alias_of_alias,
            api_base_slash,
            api_base_without_v1,
            bad_reference,
            drop_params,
            duplicate_fallback,
            empty_model_list,
            fallback_loop,
            forbidden_provider,
            idle_fallback,
            idle_routing_strategy,
            literal_secret,
            long_chain,
            malformed_alias,
            malformed_entry,
            malformed_fallback,
            misplaced_key,
            missing_api_base,
            missing_base_model,
            mistyped_value,
            name_pattern,
            name_with_spaces,
            no_master_key,
            number_as_text,
            obsolete_key,
            ollama_chat,
            other_fallbacks,
            partial_price,
            price_ceiling,
            price_unit,
            required_tag,
            retired_model,
            retiring_model,
            self_fallback,
            shared_public_name,
            shrinking_context,
            twin_deployments,
            twin_id,
            unknown_base_model,
            unknown_key,
            unknown_model,
            unknown_provider,
            unknown_upstream_model,
            unset_reference,
            verbose_logging,
            weak_master_key,
        ),
    )
}
"""The rules that find problems themselves."""

_DESCRIBED = (
    "alias-loop",
    "bad-character",
    "bad-include",
    "bad-key",
    "bad-merge",
    "bad-settings",
    "bad-suppression",
    "bad-value",
    "choices",
    "conflicting-default",
    "duplicate-file",
    "duplicate-key",
    "duplicate-model",
    "empty-catalog",
    "file-too-large",
    "include-replaces",
    "lost-capability",
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
    "reserved-key",
    "shared-route-name",
    "store-down",
    "too-many-aliases",
    "unfit-target",
    "unknown-environment",
    "unknown-file",
    "unknown-route",
    "unknown-tag",
    "unreadable-file",
    "unreadable-folder",
    "unset-variable",
    "unused-suppression",
    "yaml-syntax",
)
"""What other parts find: the reader of files, the schema and the checks of catalogs, the control plane."""


class _Rules(Mapping[str, Rule]):
    """All of them, by id, in order."""

    def __getitem__(self, id_: str) -> Rule:
        return FINDERS[id_] if id_ in FINDERS else _described(id_)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted((*FINDERS, *_DESCRIBED)))

    def __len__(self) -> int:
        return len(FINDERS) + len(_DESCRIBED)


@cache
def _described(id_: str) -> Rule:
    if id_ not in _DESCRIBED:
        raise KeyError(id_)
    return _rule(import_module(f"modelctl.rules.{id_.replace('-', '_')}"))


RULES: Mapping[str, Rule] = _Rules()
