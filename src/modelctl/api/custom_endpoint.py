"""`/models/custom`: models in files of their own, written from a form or as YAML; never committed."""

from __future__ import annotations

from asyncio import to_thread
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from modelctl.api.answer_shapes import ok
from modelctl.api.custom_shapes import (
    WRITES,
    CheckedDraft,
    CustomFile,
    ModelFields,
    NewModel,
    Removed,
    Saved,
    Schemas,
    Tried,
)
from modelctl.api.file_answers import Writing, condition, published, tagged
from modelctl.api.replies import answer, now
from modelctl.api.request_bodies import Held, IfMatch, actor
from modelctl.catalog import json_schema
from modelctl.errors import CheckFailed, ModelctlError, Problem
from modelctl.service import Outcome, Service, views
from modelctl.service.catalog_editor import TriedChange
from modelctl.service.custom_models import Custom, ModelDraft, Proposal
from modelctl.service.model_index import short

router = APIRouter(tags=["custom models"])


# -- endpoints ---------------------------------------------------------------------------------


@router.get("/models/custom", responses=ok(list[CustomFile]), summary="The files of one model each")
async def list_custom(request: Request, service: Held, writing: Writing) -> Response:
    state = await now(service)
    return answer(request, await to_thread(writing.custom.all), state.head.version)


@router.get("/models/custom/schema", responses=ok(Schemas), summary="JSON Schema of a model's and a provider's file")
async def schema_of_custom() -> Response:
    made = await to_thread(lambda: {name: json_schema.make(name) for name in ("model", "provider")})
    return JSONResponse(made, headers={"cache-control": "no-cache"})


@router.post("/models/custom/check", responses=ok(CheckedDraft), summary="What saving would do; nothing is written")
async def check_custom(writing: Writing, body: NewModel) -> Response:
    """A live check: what is wrong with the draft is in `problems`, not a status."""
    return JSONResponse(await to_thread(_checked, writing.custom, _draft(body)), headers={"cache-control": "no-store"})


@router.post("/models/custom/test", responses=ok(Tried), summary="One real request to a model that is not saved")
async def test_custom(writing: Writing, body: NewModel) -> Response:
    """Takes the time of importing LiteLLM (some 10 s) and one request of one token, which may cost money.

    Uses only variables that the published catalog uses for the same provider and address.
    """

    def prepared() -> Any:
        proposal = writing.custom.propose(_draft(body))
        trial = writing.custom.desk.trial(proposal.change)
        deployment = writing.custom.deployment_in(proposal, trial)
        live = writing.custom.desk.service.snapshot().desired
        return deployment, writing.custom.model_in(proposal, trial), trial.desired, live

    return JSONResponse(await writing.trying.test(*await to_thread(prepared)), headers={"cache-control": "no-store"})


@router.post("/models/custom", status_code=201, responses={201: {"model": Saved}, **WRITES}, summary="Add a model")
async def add_custom(request: Request, service: Held, writing: Writing, body: NewModel) -> Response:
    return await _saved(request, service, writing.custom, _draft(body), body, None)


@router.get("/models/custom/{provider}/{id:path}", responses=ok(CustomFile), summary="One file, its digest as ETag")
async def get_custom(writing: Writing, provider: str, id: str) -> Response:
    found = await to_thread(writing.custom.one, provider, id)
    return tagged(found, found["digest"])


@router.put("/models/custom/{provider}/{id:path}", responses={**ok(Saved), **WRITES}, summary="Edit a model's file")
async def edit_custom(
    request: Request,
    service: Held,
    writing: Writing,
    provider: str,
    id: str,
    body: ModelFields,
    if_match: IfMatch = None,
) -> Response:
    """`model` is the whole of it: a key that is left out goes. Comments of the file stay where they can."""
    draft = ModelDraft(provider, id, body.model, body.text)
    return await _saved(request, service, writing.custom, draft, body, condition(if_match))


@router.delete("/models/custom/{provider}/{id:path}", responses={**ok(Removed), **WRITES}, summary="Remove a model")
async def remove_custom(
    request: Request, service: Held, writing: Writing, provider: str, id: str,
    if_match: IfMatch = None, force: Annotated[bool, Query()] = False,
) -> Response:  # fmt: skip
    custom, who, expect = writing.custom, actor(request, None), condition(if_match)
    change, trial, outcome = await to_thread(lambda: custom.remove(provider, id, expect, actor=who, force=force))
    told = _and_held(custom.desk.told(change, trial), outcome)
    return tagged({**told, **await published(service, outcome)}, None)


# -- steps -------------------------------------------------------------------------------------


def _draft(body: NewModel) -> ModelDraft:
    return ModelDraft(body.provider, body.id, body.model, body.text, body.new_provider)


async def _saved(
    request: Request, service: Service, custom: Custom, draft: ModelDraft, body: ModelFields, expect: str | None
) -> Response:
    new, who = expect is None, actor(request, body.actor)
    proposal, trial, outcome = await to_thread(lambda: custom.save(draft, expect, new=new, actor=who, force=body.force))
    became = await published(service, outcome)
    told = _and_held(custom.told(proposal, trial), outcome)
    said = {**told, **became, "model_info": _info(custom, proposal, trial)}
    return tagged(said, said["digest"], 201 if new else 200)


def _and_held(told: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """With the reason why a written change is not live."""
    if outcome.verdict in ("held", "refused"):
        more = [one.to_dict() for one in outcome.problems if one.to_dict() not in told["problems"]]
        told["problems"] = [*told["problems"], *more]
    return told


def _checked(custom: Custom, draft: ModelDraft) -> dict[str, Any]:
    try:
        proposal = custom.propose(draft)
    except ModelctlError as error:
        return _unfit(draft, error)
    trial = custom.desk.trial(proposal.change)
    exists = proposal.change.edits[-1].before is not None
    told = custom.told(proposal, trial)
    return {**told, "ok": trial.ok, "exists": exists, "model_info": _info(custom, proposal, trial)}


def _unfit(draft: ModelDraft, error: ModelctlError) -> dict[str, Any]:
    """A draft that cannot be tried: a name that may not be, no such provider, a secret written out."""
    found = error.problems if isinstance(error, CheckFailed) else [Problem(error.code, error.message, hint=error.hint)]
    problems = [{**one.to_dict(), "field": error.details.get("field") or _field(one, draft)} for one in found]
    nothing = {"text": None, "digest": None, "diff": None, "model_info": None, "comments_kept": True}
    about = {"provider": short(draft.provider), "id": short(draft.id), "file": ""}
    return {**about, **nothing, "ok": False, "exists": False, "files": [], "commands": [], "problems": problems}


def _field(problem: Problem, draft: ModelDraft) -> str | None:
    """A literal secret's sentence begins with the name of its key."""
    if problem.rule not in ("literal-secret", "bad-reference"):
        return None
    name = problem.message.partition("`")[2].partition("`")[0]
    of_provider = PurePath(problem.file).stem == draft.provider and PurePath(problem.file).parent.name == "providers"
    return f"new_provider.{name}" if of_provider else name


def _info(custom: Custom, proposal: Proposal, trial: TriedChange) -> dict[str, Any] | None:
    model = custom.model_in(proposal, trial)
    state = custom.desk.service.last
    return views.model(model, state.unset if state else frozenset()) if model else None
