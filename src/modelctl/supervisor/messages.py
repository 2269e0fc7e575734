"""What `up` tells: which variables are set, how to ask, how a child ended."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from modelctl.state.desired import DesiredState
from modelctl.supervisor.launch import LaunchSpec
from modelctl.supervisor.managed_process import Death
from modelctl.system.key_files import with_keys
from modelctl.text.redact import last_lines

FIXED = (3, 12)
CRASHES = "Python before 3.12 can crash in its own collector (python/cpython#148891); run LiteLLM on 3.12 or later"


def providers(desired: DesiredState, environ: Mapping[str, str]) -> Iterator[str]:
    """One line for the providers that have their variables, one for each that lacks some."""
    missing = unset(desired, environ)
    have = [provider for provider, names in missing.items() if not names]
    if have:
        yield f"variables set: {', '.join(have)}"
    for provider, names in missing.items():
        if names:
            yield f"not set for {provider}: {', '.join(names)}"


def unset(desired: DesiredState, environ: Mapping[str, str]) -> dict[str, list[str]]:
    """Provider -> the variables of its models that nobody set; every provider is in it."""
    wanted = {
        each.id: {name for model in each.models if model.rendered for name in model.references}
        for each in desired.providers
    }
    set_there = {**desired.env_defaults, **{name: value for name, value in environ.items() if value}}
    known = with_keys(set_there, set().union(*wanted.values()))
    return {provider: sorted(names - known.keys()) for provider, names in wanted.items()}


def curl(plan: LaunchSpec, desired: DesiredState) -> str:
    """A line to paste: it asks through a route, and names the key without holding it."""
    names = [*(["active"] if "active" in desired.routes else []), *desired.routes, *sorted(desired.public_names)]
    model = next((name for name in names if "*" not in name), "demo")
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Say hello"}]})
    return (
        f'curl -s {plan.proxy_url}/v1/chat/completions -H "Authorization: Bearer {_key(plan)}" '
        f'-H "Content-Type: application/json" -d {shlex.quote(body)}'
    )


def _key(plan: LaunchSpec) -> str:
    """A shell expression for the key, never the key."""
    if plan.key_is_exported:
        return "$LITELLM_MASTER_KEY"
    path = plan.settings.state / "master_key"
    with suppress(ValueError):
        path = path.relative_to(Path.cwd())
    return f"$(cat {shlex.quote(str(path))})"


def died(death: Death) -> str:
    """How it ended, with its own last words where it wrote any."""
    log = death.command.log
    quoted = last_lines(log, death.command.env, death.log_from) if log else ""
    lines = [f"  | {line}" for line in quoted.splitlines()]
    if death.code == -signal.SIGSEGV and sys.version_info < FIXED:
        lines.append(f"  hint: {CRASHES}")
    return "\n".join([f"{death.command.name} ended ({_cause(death.code)}); starting it again", *lines])


def _cause(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
