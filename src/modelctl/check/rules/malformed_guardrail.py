"""LiteLLM starts without this guardrail, with one line in its log; or does not start.

`mode` is when it runs, `guardrail` is one of LiteLLM's own or a Python class (`module.Class`). With another word
LiteLLM skips the guardrail: requests go unguarded, and nothing but the log says so. The same happens where the
guardrail does not run in that mode (`aporia` does not run before a call), or where a parameter is missing. Where the
parameter may stand in a variable of the proxy's environment instead, this is a warning.

Before:

    guardrails:
      - guardrail_name: pii
        litellm_params: {guardrail: presidio, mode: precall}

After:

    guardrails:
      - guardrail_name: pii
        litellm_params: {guardrail: presidio, mode: pre_call}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.check.found import Found, Spot, nearest
from modelctl.check.subject import Subject
from modelctl.errors import Severity
from modelctl.litellm_spec import lookup, value_shapes
from modelctl.litellm_spec.guardrail_kinds import GUARDRAILS, MODES, NEEDS, OF_EVERY_REQUEST, RUN, Need

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    written = subject.sections.get("guardrails")
    if not written:
        return
    if not isinstance(written, list):
        yield Found("`guardrails` is a list: LiteLLM does not start", subject.at("guardrails"))
        return
    for index, each in enumerate(written):
        yield from _of_guardrail(each, subject.at("guardrails", index), subject)


def _of_guardrail(each: object, spot: Spot, subject: Subject) -> Iterator[Found]:
    params = each.get("litellm_params") if isinstance(each, Mapping) else None
    if (
        not isinstance(each, Mapping)
        or not isinstance(each.get("guardrail_name"), str)
        or not isinstance(params, Mapping)
    ):
        text = "a guardrail has `guardrail_name` and a mapping under `litellm_params`: LiteLLM does not start"
        yield Found(text, spot, "{guardrail_name: NAME, litellm_params: {guardrail: presidio, mode: pre_call}}")
        return
    name, inside = each["guardrail_name"], spot.inside("litellm_params")
    kind = params.get("guardrail")
    if not isinstance(kind, str) or (kind not in GUARDRAILS and "." not in kind and not lookup.is_put_off(kind)):
        text = f"LiteLLM has no guardrail `{kind}`: it starts without `{name}`"
        yield Found(text, inside.inside("guardrail", value=True), nearest(str(kind), GUARDRAILS))
    yield from _of_mode(name, params, inside)
    for key, shape in _SHAPES.items():
        if not shape.fits(params.get(key)):
            text = f"`{key}` takes {shape.words}: LiteLLM starts without `{name}`"
            yield Found(text, inside.inside(key, value=True))
    yield from _needed(name, params, inside, subject)


_SHAPES = {"default_on": value_shapes.BOOLEAN, "api_key": value_shapes.TEXT, "api_base": value_shapes.TEXT}


def _of_mode(name: str, params: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    mode = params.get("mode")
    if mode is None:
        yield Found(f"`{name}` has no `mode`: LiteLLM starts without it", spot, "mode: pre_call")
        return
    if isinstance(mode, Mapping) and not isinstance(mode.get("tags"), Mapping):
        text = f"a `mode` that depends on tags has them under `tags`: LiteLLM starts without `{name}`"
        yield Found(text, spot.inside("mode"), "mode: {tags: {TAG: pre_call}, default: post_call}")
        return
    for each, path in _modes(mode):
        if not isinstance(each, str) or (each not in MODES and not lookup.is_put_off(each)):
            text = f"no guardrail has the mode `{each}`: LiteLLM starts without `{name}`"
            hint = nearest(str(each), MODES) or f"there are {', '.join(MODES)}"
            yield Found(text, spot.inside("mode", *path, value=True), hint)
        elif each in MODES and each not in RUN.get(str(params.get("guardrail")), MODES):
            modes = RUN[params["guardrail"]]
            level: Severity = "error" if each in OF_EVERY_REQUEST else "warning"
            text = f"`{params['guardrail']}` does not run in the mode `{each}`: LiteLLM starts without `{name}`"
            yield Found(text, spot.inside("mode", *path, value=True), f"it runs in {', '.join(modes)}", level)


def _modes(mode: object) -> Iterator[tuple[Any, tuple[str | int, ...]]]:
    """Each mode that is written, and where: one, a list of them, or some for each tag of a request."""
    if isinstance(mode, list):
        yield from ((each, (index,)) for index, each in enumerate(mode))
    elif isinstance(mode, Mapping):
        for tag, inside in mode["tags"].items():
            yield from ((each, ("tags", tag, *path)) for each, path in _modes(inside))
        if mode.get("default") is not None:
            yield from ((each, ("default", *path)) for each, path in _modes(mode["default"]))
    else:
        yield mode, ()


def _needed(name: str, params: Mapping[str, Any], spot: Spot, subject: Subject) -> Iterator[Found]:
    for need in NEEDS.get(str(params.get("guardrail")), ()):
        if params.get(need.param) or (need.variable and not _is_unset(need.variable, subject)):
            continue
        effect = "LiteLLM does not start" if need.ends else f"LiteLLM starts without `{name}`"
        yield Found(
            f"`{params['guardrail']}` needs `{need.param}`{_instead(need)}: {effect}",
            spot,
            f"{need.param}: os.environ/{need.variable}" if need.variable else f"{need.param}: VALUE",
            "warning" if need.variable else "error",
        )


def _instead(need: Need) -> str:
    return f", and {need.variable} is not set in this environment" if need.variable else ""


def _is_unset(variable: str, subject: Subject) -> bool:
    given = {**subject.section("environment_variables"), **(subject.environ or {})}
    return subject.environ is not None and not given.get(variable)
