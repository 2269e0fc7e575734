"""`/rules/{id}`: the manual page of a rule, as `modelctl explain` prints it."""

from __future__ import annotations

from asyncio import to_thread
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from modelctl.check.registry import RULES
from modelctl.errors import NotFound
from modelctl.service.model_index import short
from modelctl.text.nearest import nearest

router = APIRouter(tags=["rules"])


class RulePage(BaseModel):
    """`manual` is Markdown."""

    rule: str
    severity: Literal["error", "warning", "info"]
    inputs: list[Literal["catalog", "config"]]
    title: str
    manual: str


@router.get("/rules/{id}", summary="What a rule is about and how to mend what it finds")
async def rule(id: str) -> RulePage:
    return await to_thread(_rule, id)


def _rule(id: str) -> RulePage:
    found = RULES.get(id)
    if found is None:
        near = nearest(id, list(RULES))
        raise NotFound(f"there is no rule `{short(id)}`", hint=f"did you mean `{near}`?" if near else None)
    facts = {"severity": found.severity, "inputs": list(found.inputs), "title": found.title, "manual": found.manual}
    return RulePage.model_validate({"rule": found.id, **facts})
