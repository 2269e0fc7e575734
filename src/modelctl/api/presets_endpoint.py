"""`/presets`: routes, models and sampling parameters saved under a name, in `catalog/presets.yaml`."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from modelctl.api.acks import acks
from modelctl.api.custom_bodies import WRITES
from modelctl.api.file_answers import Writing, condition, tagged
from modelctl.api.models_endpoint import moved, selected
from modelctl.api.replies import answer, expected, now, ok, written
from modelctl.api.request_bodies import MOST, MOST_REASON, Held, IfMatch, RequestBody, actor
from modelctl.check.quoting import masked_value
from modelctl.service import SelectRequest, Snapshot
from modelctl.service.file_answer_types import PresetAnswer, PresetApplied, PresetWritten, WrittenFiles
from modelctl.service.model_index import short
from modelctl.service.presets import selectable

router = APIRouter(tags=["presets"])


class PresetFields(RequestBody):
    """What a preset holds. `params` are sampling parameters that clients may send along."""

    model: str = Field(max_length=MOST, description="a public name, or a key as `select` takes it")
    provider: str | None = Field(None, max_length=MOST)
    route: str = Field("active", max_length=MOST)
    description: str | None = Field(None, max_length=MOST_REASON)
    params: dict[str, Any] | None = None
    actor: str | None = Field(None, max_length=MOST)

    @property
    def entry(self) -> dict[str, Any]:
        """In the order of the file's keys."""
        return {name: getattr(self, name) for name in ("route", "model", "provider", "description", "params")}


class NewPreset(PresetFields):
    name: str = Field(max_length=MOST)


class Use(RequestBody):
    """As for `select`: for how long (`for`, in seconds), and whether to override a refusal."""

    lasts: float | None = Field(None, alias="for", description="seconds")
    force: bool = False
    dry_run: bool = False
    actor: str | None = Field(None, max_length=MOST)


@router.get("/presets", responses=ok(list[PresetAnswer]), summary="Every preset")
async def list_presets(request: Request, service: Held, writing: Writing) -> Response:
    state = await now(service)
    return answer(request, await to_thread(writing.presets.all, state.index), state.head.version)


@router.post(
    "/presets", status_code=201, responses={201: {"model": PresetWritten}, **WRITES}, summary="Save a new preset"
)
async def add_preset(request: Request, service: Held, writing: Writing, body: NewPreset) -> Response:
    return await _save(request, await now(service), writing, body.name, body=body, expect=None)


@router.put("/presets/{name:path}", responses={**ok(PresetWritten), **WRITES}, summary="Replace a preset")
async def edit_preset(
    request: Request, service: Held, writing: Writing, name: str, *, body: PresetFields, if_match: IfMatch = None
) -> Response:
    """If-Match is the `digest` of the preset, not of the whole file."""
    return await _save(request, await now(service), writing, name, body=body, expect=condition(if_match))


@router.delete("/presets/{name:path}", responses={**ok(PresetWritten), **WRITES}, summary="Remove a preset")
async def remove_preset(request: Request, writing: Writing, name: str, if_match: IfMatch = None) -> Response:
    who, expect = actor(request, None), condition(if_match)
    change, trial = await to_thread(lambda: writing.presets.remove(name, expect, actor=who))
    answer: PresetWritten = {"preset": None, **writing.presets.editor.answer(change, trial)}
    return tagged(answer, None)


@router.post("/presets/{name:path}/apply", responses=ok(PresetApplied), summary="Select what a preset says")
async def apply_preset(
    request: Request, service: Held, writing: Writing, name: str, *, body: Use | None = None, if_match: IfMatch = None
) -> Response:
    """Answers as `select` does, and with the `params` that a client may send along."""
    body = body or Use.model_validate({})
    preset = await to_thread(writing.presets.one, name)
    ask = SelectRequest(
        selectable(preset, name), preset.provider, preset.route, f"preset {short(name)}", body.lasts, body.force,
        dry_run=body.dry_run, actor=actor(request, body.actor),
    )  # fmt: skip
    changed = await to_thread(service.select, ask, expected(if_match))
    workers = [] if body.dry_run else await acks(service, changed.head.version, await moved(service, changed))
    applied: PresetApplied = {
        **selected(changed, service, workers),
        "preset": name,
        "params": masked_value(preset.params or {}),
    }
    if body.dry_run:
        applied["dry_run"] = True
    return written(applied, changed.head.version)


async def _save(
    request: Request, state: Snapshot, writing: Writing, name: str, *, body: PresetFields, expect: str | None
) -> Response:
    presets, new, who = writing.presets, expect is None, actor(request, body.actor)

    def save() -> tuple[PresetAnswer, WrittenFiles]:
        change, trial = presets.save(name, body.entry, state.need(), expect, new=new, actor=who)
        preset = next(preset for preset in presets.all(state.index) if preset["name"] == name)
        return preset, presets.editor.answer(change, trial)

    preset, files = await to_thread(save)
    answer: PresetWritten = {"preset": preset, **files}
    return tagged(answer, preset["digest"], 201 if new else 200)
