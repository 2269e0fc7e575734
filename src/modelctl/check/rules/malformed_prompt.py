"""A prompt under `prompts` on which LiteLLM does not start, or that it passes over in silence.

A prompt has a `prompt_id` and `litellm_params` with a `prompt_integration`; what else it needs is the integration's
own (`api_base`, `gitlab_config`, ...). Of two prompts with one id and environment LiteLLM reads the first alone.
Langfuse is no integration of this section: its prompts are models (`langfuse/gpt-4.1` with a `prompt_id`).

Before:

    prompts:
      - prompt_id: greeting
        litellm_params: {prompt_integration: git, prompt_id: greeting}

After:

    prompts:
      - prompt_id: greeting
        litellm_params: {prompt_integration: gitlab, gitlab_config: {project: a/b, access_token: os.environ/TOKEN}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.check import listed
from modelctl.check.found import Found, Spot, nearest
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject
from modelctl.litellm_spec import lookup

SEVERITY = "error"
_HINT = "{prompt_id: NAME, litellm_params: {prompt_integration: dotprompt, prompt_file: FILE}}"
_NEEDS: Mapping[str, str | None] = {
    "dotprompt": None,
    "gitlab": "gitlab_config",
    "bitbucket": "bitbucket_config",
    "generic_prompt_management": "api_base",
    "arize_phoenix": "api_base",
}
"""The integrations of every LiteLLM line from 1.106 to 1.110, each with a parameter that it does not start without."""


def whole(subject: Subject) -> Iterator[Found]:
    yield from listed.misshapen(subject, "prompts", _HINT)
    seen: set[tuple[str, str]] = set()
    for prompt, spot in listed.items(subject, "prompts"):
        name, params = prompt.get("prompt_id"), prompt.get("litellm_params")
        if not isinstance(name, str) or not isinstance(params, Mapping):
            text = f"a prompt has a text `prompt_id` and a mapping `litellm_params`: {ENDS}"
            yield Found(text, spot, _HINT)
            continue
        yield from _of_prompt(name, params, spot.inside("litellm_params"))
        key = (name, str(prompt.get("environment") or "development"))
        if key in seen:
            text = f"there is a prompt `{name}` further up: LiteLLM reads that one alone"
            yield Found(text, spot.inside("prompt_id", value=True), severity="warning")
        seen.add(key)


def _of_prompt(name: str, params: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    kind = params.get("prompt_integration")
    if isinstance(kind, str) and lookup.is_put_off(kind):
        return
    if not isinstance(kind, str) or kind not in _NEEDS:
        where = spot.inside("prompt_integration", value=True) if "prompt_integration" in params else spot
        yield Found(f"the prompt `{name}` has no integration that LiteLLM knows: {ENDS}", where, _hint(kind))
        return
    needed = _NEEDS[kind]
    if needed and not params.get(needed):
        yield Found(f"the prompt `{name}` has no `{needed}`, which {kind} needs: {ENDS}", spot, f"{needed}: ...")
    if kind == "dotprompt" and params.get("prompt_directory"):
        text = f"the prompt `{name}` names a directory, and `dotprompt` takes a file here: {ENDS}"
        yield Found(text, spot.inside("prompt_directory"), "prompt_file: FILE.prompt")


def _hint(kind: object) -> str:
    if kind == "langfuse":
        return "a model `langfuse/MODEL` with `prompt_id`, in place of an entry here"
    return (nearest(kind, _NEEDS) if isinstance(kind, str) else None) or f"there are {', '.join(_NEEDS)}"
