"""A reference names an environment variable that is not set.

LiteLLM starts, and each call fails with 500; or it takes another key that it finds, or calls the provider's default
host with your key. `check` looks into its own environment and into `.env` beside the catalog or the config file, so
where it runs elsewhere than the proxy (in CI) this is a warning. `--env-required` makes it an error. In a catalog
`env_defaults` on the provider gives a variable that is no secret a value.

Before (with no OPENAI_KEY in the environment, but OPENAI_API_KEY):

    model_list:
      - model_name: gpt-6-luna
        litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI_KEY}

After:

    model_list:
      - model_name: gpt-6-luna
        litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI_API_KEY}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject
from modelctl.check.values import walk
from modelctl.system.key_files import OURS, SUFFIX

SEVERITY = "warning"
_REFERENCE = re.compile(r"os\.environ/([A-Za-z_][A-Za-z0-9_]*)")
_GIVEN = frozenset({"LITELLM_MASTER_KEY"})  # `modelctl up` makes it


def entries(subject: Subject) -> Iterator[Found]:
    """Each variable once, where it is named first: the same key stands in many entries."""
    if subject.environ is None:
        return
    for entry in subject.entries:
        for key, value in entry.params.items():
            if value.__class__ is str and value.startswith("os.environ/"):
                if found := _unset(value, subject):
                    yield Found(found, entry.at("litellm_params", key, value=True), once=found)
            elif value.__class__ in (dict, list):
                for path, each in walk(value):
                    if isinstance(each, str) and (found := _unset(each, subject)):
                        yield Found(found, entry.at("litellm_params", key, *path, value=True), once=found)


def whole(subject: Subject) -> Iterator[Found]:
    for path, value in subject.texts if subject.environ is not None else ():
        if value.startswith("os.environ/") and (found := _unset(value, subject)):
            yield Found(found, subject.at(*path, value=True))


def _unset(value: str, subject: Subject) -> str | None:
    match = _REFERENCE.fullmatch(value)
    environ = subject.environ or {}
    if not match or environ.get(match[1]) or environ.get(match[1] + SUFFIX) or match[1].startswith(OURS):
        return None  # with a file the hook sets it, where LiteLLM runs
    if subject.kind == "catalog" and match[1] in _GIVEN:
        return None
    if match[1] in subject.section("environment_variables"):
        return (
            f"`{match[1]}` is not set in this environment, and `environment_variables` of the same file comes too "
            "late: LiteLLM resolves references before it reads that"
        )
    return f"`{match[1]}` is not set in this environment"
