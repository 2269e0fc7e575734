"""`/models/*`: the list, the model in use, and the switch."""

from __future__ import annotations

from asyncio import to_thread

from fastapi import APIRouter, Request
from starlette.responses import Response

from modelctl.api.acks import acks
from modelctl.api.replies import answer, expected, if_current, now, ok, reply, written
from modelctl.api.request_bodies import Held, IfMatch, RefreshBody, RollbackBody, RouteName, SelectBody, actor
from modelctl.service import SelectRequest, WriteOutcome, views
from modelctl.service.answer_types import CurrentAnswer, ProviderAnswer
from modelctl.service.service import Service
from modelctl.service.write_answer_types import Ack, Refreshed, Selected

router = APIRouter(tags=["models"])


@router.get("/models/list", responses=ok(list[ProviderAnswer]), summary="Every provider with its models")
async def models_list(request: Request, service: Held) -> Response:
    state = await now(service)
    key = (state.head.revision, state.unset, tuple(state.blocks.values()))
    body = await request.app.state.cache.body(
        "list", key, lambda: views.catalog(state.desired, state.unset, state.blocks)
    )
    return reply(request, body, state.head.version)


@router.get("/models/providers", responses=ok(list[str]), summary="The ids of the providers")
async def models_providers(request: Request, service: Held) -> Response:
    state = await now(service)
    return answer(
        request, [provider.id for provider in state.desired.providers] if state.desired else [], state.head.version
    )


@router.get("/models/current", responses=ok(CurrentAnswer), summary="Which model a route points to now")
async def models_current(request: Request, service: Held, route: RouteName = "active") -> Response:
    state = await now(service)
    return answer(request, views.current(state, route, service.proofs), state.head.version)


@router.post("/models/select", responses=ok(Selected), summary="Point a route at a model")
async def models_select(request: Request, service: Held, body: SelectBody, if_match: IfMatch = None) -> Response:
    ask = SelectRequest(
        body.model_id, body.provider, body.route, body.reason, body.lasts, body.force, body.pin, body.dry_run,
        actor(request, body.actor), body.share, body.prove, tuple(body.steps),
    )  # fmt: skip
    changed = await to_thread(service.select, ask, expected(if_match))
    workers = [] if body.dry_run else await acks(service, changed.head.version, await moved(service, changed))
    answer = selected(changed, service, workers)
    if body.dry_run:
        answer["dry_run"] = True
    if not changed.step.entries:
        answer["already"] = True
    return written(answer, changed.head.version)


@router.post("/rollback", responses=ok(Selected), summary="Take back the last selection in effect", tags=["routes"])
async def rollback(
    request: Request, service: Held, body: RollbackBody | None = None, if_match: IfMatch = None
) -> Response:
    body = body or RollbackBody.model_validate({})
    who = actor(request, body.actor)
    changed = await to_thread(service.rollback, body.route, who, body.reason, expected(if_match))
    workers = await acks(service, changed.head.version, await moved(service, changed))
    return written(selected(changed, service, workers), changed.head.version)


@router.post(
    "/models/refresh", responses=ok(Refreshed), summary="Read the catalog again, and publish it if it is right"
)
async def models_refresh(
    request: Request, service: Held, body: RefreshBody | None = None, if_match: IfMatch = None
) -> Response:
    body = body or RefreshBody.model_validate({})
    await if_current(service, if_match)
    who = actor(request, body.actor)
    await to_thread(service.refresh, force=body.force)
    outcome = await to_thread(service.publish, actor=who, force=body.force, apply=True)
    state = await now(service)
    workers = await acks(service, state.head.version) if outcome.verdict == "published" else []
    refreshed: Refreshed = {
        "result": outcome.verdict,
        "revision": outcome.revision,
        "version": state.head.version,
        "problems": views.problem_answers(outcome.problems),
        "workers": workers,
    }
    return written(refreshed, state.head.version)


async def moved(service: Service, changed: WriteOutcome) -> tuple[str, str]:
    """The route and where its requests go now, for `acks`: where what was chosen is blocked, that is another model."""
    route = changed.step.route
    return route, (await now(service)).targets.get(route, changed.step.target.name)


def selected(changed: WriteOutcome, service: Service, workers: list[Ack]) -> Selected:
    step = changed.step
    state = service.last  # the step was decided on this snapshot; the commit has made it out of date
    unset, blocks = (state.unset, state.blocks) if state else (frozenset[str](), views.NO_BLOCKS)
    answer: Selected = {
        "model_id": step.target.model_id,
        "provider": step.target.provider,
        "model_info": views.model_answer(step.target.model, unset, blocks) if step.target.model else None,
        "route": step.route,
        "target": step.target.name,
        "previous": step.previous,
        "version": changed.head.version,
        "until": step.until,
        "split": dict(step.split) if step.split else None,
        "problems": views.problem_answers(step.problems),
        "workers": workers,
    }
    if len(step.target.models) > 1:
        answer["members"] = step.target.members
    return answer
