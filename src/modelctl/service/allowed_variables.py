"""Which variables a test request may use: those that the published catalog already sends to the same place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from modelctl.errors import Problem, Refused
from modelctl.state.desired import Deployment, DesiredState, Model

PREFIX = "os.environ/"
_PLACE = re.compile(r"base|url|endpoint|host|proxy|region|provider|project|location")  # keys that say where it goes
_FILE = re.compile(r"credential|certificate|_file|identity|oidc")  # keys whose values LiteLLM reads from elsewhere
_ALWAYS = re.compile(
    r"PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|PYTHON\w*|VIRTUAL_ENV|LD_LIBRARY_PATH|XDG_\w+|SSL_CERT_\w+|"
    r"(?:REQUESTS|CURL)_CA_BUNDLE|(?:HTTPS?|ALL|NO)_PROXY",
    re.IGNORECASE,
)


def environment(environ: Mapping[str, str], deployment: Deployment, live: DesiredState | None) -> dict[str, str]:
    """What the process of a test request gets. Raises Refused for a variable that does not belong to the place.

    LiteLLM takes the keys of providers from the environment by itself, so what is not named must not be there.
    """
    known = _known(deployment, live)
    foreign = sorted({*_sources(deployment.entry())} - known)
    if foreign:
        text = "a test request uses only what the published catalog already uses for the same provider and address"
        problems = [Problem("foreign-variable", f"`{name}` is not used there") for name in foreign]
        raise Refused(text, problems=problems, hint="save the model, then test it")
    return {name: value for name, value in environ.items() if _ALWAYS.fullmatch(name) or name in known}


def masked(text: str | None, given: Mapping[str, str]) -> str | None:
    """Without the values that the process was given beyond what every process has, whatever sent them back."""
    values = {value for name, value in given.items() if not _ALWAYS.fullmatch(name) and len(value) >= 4}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "***") if text else text
    return text


def _known(deployment: Deployment, live: DesiredState | None) -> set[str]:
    place, found = _place(deployment), set[str]()
    for one in live.deployments.values() if live else ():
        if _place(one) == place:
            found |= {*_sources(one.entry()), *_of_models(live, one.group)}
    return found


def _of_models(live: DesiredState | None, group: str) -> Iterator[str]:
    models: Iterator[Model] = (model for provider in (live.providers if live else ()) for model in provider.models)
    for model in models:
        if model.public_name == group:
            yield from model.references


def _place(deployment: Deployment) -> tuple[object, ...]:
    """The provider and everything that says where its requests go."""
    provider = str(deployment.params.get("model", "")).partition("/")[0]
    where = sorted((key, repr(value)) for key, value in deployment.params.items() if _PLACE.search(key))
    return (provider, *where)


def _sources(value: Any, key: str = "") -> Iterator[str]:
    """The variables that it names, and what else is read from elsewhere."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _sources(item, str(name))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _sources(item, key)
    elif isinstance(value, str) and value.startswith(PREFIX):
        yield value.removeprefix(PREFIX)
    elif isinstance(value, str) and (_FILE.search(key) or value.startswith("oidc/") or PurePath(value).is_absolute()):
        yield f"{key}: {value}"
