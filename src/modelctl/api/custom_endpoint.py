"""`/models/custom`: models in files of their own, written from a form or as YAML; never committed."""

from __future__ import annotations

from asyncio import to_thread
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from modelctl.api.custom_bodies import WRITES, ModelFields, NewModel
from modelctl.api.file_answers import Writing, condition, published, tagged
from modelctl.api.replies import answer, now, ok
from modelctl.api.request_bodies import Held, IfMatch, actor
from modelctl.catalog import json_schema
from modelctl.errors import CheckFailed, ModelctlError, Problem
from modelctl.service import Outcome, Service, views
from modelctl.service.answer_types import ModelAnswer, ProblemAnswer
from modelctl.service.catalog_editor import TriedChange
from modelctl.service.custom_models import Custom, ModelDraft, Proposal
from modelctl.service.file_answer_types import (
    CheckedDraft,
    CustomFile,
    DraftProblem,
    Removed,
    Saved,
    Schemas,
    Tried,
)
from modelctl.service.model_index import short

router = APIRouter(tags=["custom models"])


# -- endpoints ---------------------------------------------------------------------------------


@router.get("/models/custom", responses=ok(list[CustomFile]), summary="The files of one model each")
async def list_custom(request: Request, service: Held, writing: Writing) -> Response:
    state = await now(service)
    return answer(request, await to_thread(writing.custom.all), state.head.version)


@router.get("/models/custom/schema", responses=ok(Schemas), summary="JSON Schema of a model's and a provider's file")
async def schema_of_custom() -> Response:
    schemas = await to_thread(lambda: {name: json_schema.make(name) for name in ("model", "provider")})
    return JSONResponse(schemas, headers={"cache-control": "no-cache"})


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
        trial = writing.custom.editor.trial(proposal.change)
        deployment = writing.custom.deployment_in(proposal, trial)
        live = writing.custom.editor.service.snapshot().desired
        return deployment, writing.custom.model_in(proposal, trial), trial.desired, live

    return JSONResponse(await writing.trying.test(*await to_thread(prepared)), headers={"cache-control": "no-store"})


@router.post("/models/custom", status_code=201, responses={201: {"model": Saved}, **WRITES}, summary="Add a model")
async def add_custom(request: Request, service: Held, writing: Writing, body: NewModel) -> Response:
    return await _saved(request, service, writing.custom, _draft(body), body=body, expect=None)


@router.get("/models/custom/{provider}/{id:path}", responses=ok(CustomFile), summary="One file, its digest as ETag")
async def get_custom(writing: Writing, provider: str, id: str) -> Response:
    file = await to_thread(writing.custom.one, provider, id)
    return tagged(file, file["digest"])


@router.put("/models/custom/{provider}/{id:path}", responses={**ok(Saved), **WRITES}, summary="Edit a model's file")
async def edit_custom(
    request: Request,
    service: Held,
    writing: Writing,
    provider: str,
    *,
    id: str,
    body: ModelFields,
    if_match: IfMatch = None,
) -> Response:
    """`model` replaces the whole file: a key that it leaves out is removed. Comments stay where they can."""
    draft = ModelDraft(provider, id, body.model, body.text)
    return await _saved(request, service, writing.custom, draft, body=body, expect=condition(if_match))


@router.delete("/models/custom/{provider}/{id:path}", responses={**ok(Removed), **WRITES}, summary="Remove a model")
async def remove_custom(
    request: Request, service: Held, writing: Writing, provider: str, *, id: str,
    if_match: IfMatch = None, force: Annotated[bool, Query()] = False,
) -> Response:  # fmt: skip
    custom, who, expect = writing.custom, actor(request, None), condition(if_match)
    change, trial, outcome = await to_thread(lambda: custom.remove(provider, id, expect, actor=who, force=force))
    removed: Removed = {**custom.editor.answer(change, trial), **await published(service, outcome)}
    removed["problems"] += _why_not_live(removed["problems"], outcome)
    return tagged(removed, None)


# -- steps -------------------------------------------------------------------------------------


def _draft(body: NewModel) -> ModelDraft:
    return ModelDraft(body.provider, body.id, body.model, body.text, body.new_provider)


async def _saved(
    request: Request, service: Service, custom: Custom, draft: ModelDraft, *, body: ModelFields, expect: str | None
) -> Response:
    new, who = expect is None, actor(request, body.actor)
    proposal, trial, outcome = await to_thread(lambda: custom.save(draft, expect, new=new, actor=who, force=body.force))
    saved: Saved = {
        **custom.answer(proposal, trial),
        **await published(service, outcome),
        "model_info": _info(custom, proposal, trial),
    }
    known: list[ProblemAnswer] = [*saved["problems"]]
    saved["problems"] += [{**problem, "field": None} for problem in _why_not_live(known, outcome)]
    return tagged(saved, saved["digest"], 201 if new else 200)


def _why_not_live(known: list[ProblemAnswer], outcome: Outcome) -> list[ProblemAnswer]:
    """Further problems: why a written change was not published."""
    if outcome.verdict not in ("held", "refused"):
        return []
    return [problem for problem in views.problem_answers(outcome.problems) if problem not in known]


def _checked(custom: Custom, draft: ModelDraft) -> CheckedDraft:
    try:
        proposal = custom.propose(draft)
    except ModelctlError as error:
        return _rejected(draft, error)
    trial = custom.editor.trial(proposal.change)
    exists = proposal.change.edits[-1].before is not None
    answer = custom.answer(proposal, trial)
    return {**answer, "ok": trial.ok, "exists": exists, "model_info": _info(custom, proposal, trial)}


def _rejected(draft: ModelDraft, error: ModelctlError) -> CheckedDraft:
    """A draft that cannot be tried: a forbidden name, an unknown provider, a secret that is written out."""
    return {
        "provider": short(draft.provider),
        "id": short(draft.id),
        "file": "",
        "text": None,
        "digest": None,
        "diff": None,
        "model_info": None,
        "comments_kept": True,
        "ok": False,
        "exists": False,
        "files": [],
        "commands": [],
        "problems": _problems_of_draft(draft, error),
    }


def _problems_of_draft(draft: ModelDraft, error: ModelctlError) -> list[DraftProblem]:
    message = Problem(error.code, error.message, hint=error.hint)
    problems = error.problems if isinstance(error, CheckFailed) else [message]
    fields = [error.details.get("field") or _field(problem, draft) for problem in problems]
    answers = views.problem_answers(problems)
    return [{**answer, "field": field} for answer, field in zip(answers, fields, strict=True)]


def _field(problem: Problem, draft: ModelDraft) -> str | None:
    """The field that a rule about secrets names: its message begins with the key."""
    if problem.rule not in ("literal-secret", "bad-reference"):
        return None
    name = problem.message.partition("`")[2].partition("`")[0]
    in_provider = PurePath(problem.file).stem == draft.provider and PurePath(problem.file).parent.name == "providers"
    return f"new_provider.{name}" if in_provider else name


def _info(custom: Custom, proposal: Proposal, trial: TriedChange) -> ModelAnswer | None:
    model = custom.model_in(proposal, trial)
    state = custom.editor.service.last
    return views.model_answer(model, state.unset if state else frozenset()) if model else None
