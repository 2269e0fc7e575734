"""`/presets`: routes, models and sampling parameters saved under a name, in `catalog/presets.yaml`."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from modelctl.api import answer_shapes
from modelctl.api.acks import acks
from modelctl.api.answer_shapes import ProblemAnswer, ok
from modelctl.api.custom_shapes import WRITES
from modelctl.api.file_answers import Writing, condition, tagged
from modelctl.api.models_endpoint import moved, pointed
from modelctl.api.replies import answer, expected, now, written
from modelctl.api.request_bodies import MOST, MOST_REASON, Held, IfMatch, RequestBody, actor
from modelctl.check.quoting import masked_value
from modelctl.service import SelectRequest, Snapshot
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
        """In the order in which it is written."""
        return {name: getattr(self, name) for name in ("route", "model", "provider", "description", "params")}


class NewPreset(PresetFields):
    name: str = Field(max_length=MOST)


class Use(RequestBody):
    """As for `select`: how long (`for`, in seconds), and whether over a refusal."""

    lasts: float | None = Field(None, alias="for", description="seconds")
    force: bool = False
    dry_run: bool = False
    actor: str | None = Field(None, max_length=MOST)


class PresetAnswer(BaseModel):
    """`public_name` is null, and `reason` says why, where the model is not to be had now. `text` is its YAML."""

    name: str
    route: str
    model: str | None
    provider: str | None
    description: str | None
    params: dict[str, Any]
    public_name: str | None
    reason: str | None
    digest: str
    text: str


class PresetWritten(BaseModel):
    """`preset` is null when it was removed."""

    preset: PresetAnswer | None
    files: list[str]
    diff: str
    commands: list[str]
    problems: list[ProblemAnswer]


class PresetApplied(answer_shapes.Selected):
    preset: str
    params: dict[str, Any]


@router.get("/presets", responses=ok(list[PresetAnswer]), summary="Every preset")
async def list_presets(request: Request, service: Held, writing: Writing) -> Response:
    state = await now(service)
    return answer(request, await to_thread(writing.presets.all, state.index), state.head.version)


@router.post(
    "/presets", status_code=201, responses={201: {"model": PresetWritten}, **WRITES}, summary="Save a new preset"
)
async def add_preset(request: Request, service: Held, writing: Writing, body: NewPreset) -> Response:
    return await _save(request, await now(service), writing, body.name, body, None)


@router.put("/presets/{name:path}", responses={**ok(PresetWritten), **WRITES}, summary="Save a preset anew")
async def edit_preset(
    request: Request, service: Held, writing: Writing, name: str, body: PresetFields, if_match: IfMatch = None
) -> Response:
    """If-Match is the `digest` of the preset, not of the whole file."""
    return await _save(request, await now(service), writing, name, body, condition(if_match))


@router.delete("/presets/{name:path}", responses={**ok(PresetWritten), **WRITES}, summary="Remove a preset")
async def remove_preset(request: Request, writing: Writing, name: str, if_match: IfMatch = None) -> Response:
    who, expect = actor(request, None), condition(if_match)
    change, trial = await to_thread(lambda: writing.presets.remove(name, expect, actor=who))
    return tagged({"preset": None, **writing.presets.desk.told(change, trial)}, None)


@router.post("/presets/{name:path}/apply", responses=ok(PresetApplied), summary="Select what a preset says")
async def apply_preset(
    request: Request, service: Held, writing: Writing, name: str, body: Use | None = None, if_match: IfMatch = None
) -> Response:
    """Answers as `select` does, and with the `params` that a client may send along."""
    body = body or Use.model_validate({})
    preset = await to_thread(writing.presets.one, name)
    ask = SelectRequest(
        selectable(preset, name), preset.provider, preset.route, f"preset {short(name)}", body.lasts, body.force,
        dry_run=body.dry_run, actor=actor(request, body.actor),
    )  # fmt: skip
    changed = await to_thread(service.select, ask, expected(if_match))
    workers = [] if body.dry_run else await acks(service, changed.head.version, moved(changed))
    more = {"dry_run": True} if body.dry_run else {}
    params = masked_value(preset.params or {})
    said = {**pointed(changed, service), "workers": workers, "preset": name, "params": params, **more}
    return written(said, changed.head.version)


async def _save(
    request: Request, state: Snapshot, writing: Writing, name: str, body: PresetFields, expect: str | None
) -> Response:
    presets, new, who = writing.presets, expect is None, actor(request, body.actor)

    def saved() -> dict[str, Any]:
        change, trial = presets.save(name, body.entry, state.need(), expect, new=new, actor=who)
        made = next(one for one in presets.all(state.index) if one["name"] == name)
        return {"preset": made, **presets.desk.told(change, trial)}

    told = await to_thread(saved)
    return tagged(told, told["preset"]["digest"], 201 if new else 200)
