"""Every rule, literally. A rule is a module: its docstring is its manual page, its functions find problems.

`entries(subject)` looks at deployments one by one (what it finds in a provider is kept until that changes),
`whole(subject)` at everything together. A module with neither describes what another part of modelctl finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import cleandoc
from types import ModuleType
from typing import Any

from modelctl.errors import Severity
from modelctl.rules import (
    alias_loop,
    alias_named_like_model,
    alias_of_alias,
    api_base_slash,
    api_base_without_v1,
    bad_character,
    bad_include,
    bad_key,
    bad_merge,
    bad_reference,
    bad_settings,
    bad_suppression,
    bad_value,
    choices,
    conflicting_default,
    drop_params,
    duplicate_fallback,
    duplicate_file,
    duplicate_key,
    duplicate_model,
    empty_catalog,
    empty_model_list,
    fallback_loop,
    file_too_large,
    forbidden_provider,
    idle_fallback,
    idle_routing_strategy,
    include_replaces,
    literal_secret,
    long_chain,
    lost_capability,
    malformed,
    malformed_alias,
    malformed_entry,
    malformed_fallback,
    many_removals,
    misplaced_key,
    missing_api_base,
    missing_base_model,
    missing_include,
    missing_key,
    missing_provider_file,
    mistyped_value,
    mode,
    name_pattern,
    name_with_spaces,
    nested_too_deep,
    no_master_key,
    not_a_config,
    not_published,
    not_utf8,
    number_as_text,
    obsolete_key,
    ollama_chat,
    other_fallbacks,
    partial_price,
    price_ceiling,
    price_unit,
    protected,
    required_tag,
    requires,
    reserved_key,
    retired_model,
    retiring_model,
    self_fallback,
    shared_public_name,
    shared_route_name,
    shrinking_context,
    store_down,
    too_many_aliases,
    twin_deployments,
    twin_id,
    unfit_target,
    unknown_base_model,
    unknown_environment,
    unknown_file,
    unknown_key,
    unknown_model,
    unknown_provider,
    unknown_route,
    unknown_tag,
    unknown_upstream_model,
    unreadable_file,
    unreadable_folder,
    unset_reference,
    unset_variable,
    unused_suppression,
    verbose_logging,
    weak_master_key,
    yaml_syntax,
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
        id=module.__name__.rpartition(".")[2].replace("_", "-"),
        severity=module.SEVERITY,
        inputs=getattr(module, "INPUTS", ("catalog", "config")),
        manual=cleandoc(module.__doc__ or ""),
        fixed=getattr(module, "FIXED", False),
        entries=getattr(module, "entries", None),
        whole=getattr(module, "whole", None),
        fix=getattr(module, "fix", None),
    )


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

RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in map(
        _rule,
        (
            alias_loop,
            alias_named_like_model,
            alias_of_alias,
            api_base_slash,
            api_base_without_v1,
            bad_character,
            bad_include,
            bad_key,
            bad_merge,
            bad_reference,
            bad_settings,
            bad_suppression,
            bad_value,
            choices,
            conflicting_default,
            drop_params,
            duplicate_fallback,
            duplicate_file,
            duplicate_key,
            duplicate_model,
            empty_catalog,
            empty_model_list,
            fallback_loop,
            file_too_large,
            forbidden_provider,
            idle_fallback,
            idle_routing_strategy,
            include_replaces,
            literal_secret,
            long_chain,
            lost_capability,
            malformed,
            malformed_alias,
            malformed_entry,
            malformed_fallback,
            many_removals,
            misplaced_key,
            missing_api_base,
            missing_base_model,
            missing_include,
            missing_key,
            missing_provider_file,
            mistyped_value,
            mode,
            name_pattern,
            name_with_spaces,
            nested_too_deep,
            no_master_key,
            not_a_config,
            not_published,
            not_utf8,
            number_as_text,
            obsolete_key,
            ollama_chat,
            other_fallbacks,
            partial_price,
            price_ceiling,
            price_unit,
            protected,
            required_tag,
            requires,
            reserved_key,
            retired_model,
            retiring_model,
            self_fallback,
            shared_public_name,
            shared_route_name,
            shrinking_context,
            store_down,
            too_many_aliases,
            twin_deployments,
            twin_id,
            unfit_target,
            unknown_base_model,
            unknown_environment,
            unknown_file,
            unknown_key,
            unknown_model,
            unknown_provider,
            unknown_route,
            unknown_tag,
            unknown_upstream_model,
            unreadable_file,
            unreadable_folder,
            unset_reference,
            unset_variable,
            unused_suppression,
            verbose_logging,
            weak_master_key,
            yaml_syntax,
        ),
    )
}
