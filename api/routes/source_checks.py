"""A source looked at before anybody proposes it: what reading and checking it finds, at its line. No write."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow
from api.app import json_answer
from api.body import parse_body
from api.context import caller_of, service_of
from api.describing import described
from api.findings_told import finding_value
from api.problem_texts import tell
from api.reading_as import reading_as
from api.schemas import SourceCheckBody
from ledger.errors import BrokenInput
from ledger.wording import listed
from rbac.permission import Action, Object
from versioning.trying import try_source

router = APIRouter(prefix="/v1/source-checks", tags=["change requests"])

PROPOSE = (Object.CHANGE_REQUEST, Action.PROPOSE)


@router.post("", **described("changes.SourceCheckAnswer", (SourceCheckBody,)))
async def check(request: Request) -> Response:
    """What proposing this source would come to: the artefact it names, the version in force, and everything that
    reading it and the checks against the registers find. Nothing is written."""
    actor = caller_of(request)
    body = await parse_body(SourceCheckBody, request)
    service = service_of(request)

    def run() -> dict[str, Any]:
        with service.reader.view() as view:
            allow(request, view, actor, PROPOSE)
            owner = service.rooms.kinds.get(body.kind)
            if owner is None:
                raise BrokenInput(tell("one-of", known=listed(sorted(service.rooms.kinds))), "body.kind")
            tried = try_source(reading_as(view, actor), owner, body.source)
        findings = [finding_value(one) for one in tried.findings]
        return {"kind": body.kind, "name": tried.name, "current_version": tried.current, "findings": findings}

    return json_answer(await asyncio.to_thread(run))
