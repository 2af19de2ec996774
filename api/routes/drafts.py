"""Drafts of tasks, reviews and changes: kept while somebody types, read by nobody but their author."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow, not_found
from api.answers.values import CommandAnswer
from api.app import json_answer
from api.body import parse_json, read_body, to_model
from api.context import answer_value, caller_of, command_id_of, send_as, service_of, viewing
from api.describing import described
from api.drafts.commands import CHANGE, FULL, STALE, WRITING, DropDraft, Read, SaveDraft, place_of, read_draft
from api.paging import path
from api.problem_texts import tell
from api.schemas import DraftBody
from ledger.actor import Actor
from ledger.refusal import Reason, Refusal
from ledger.service import View
from ledger.work import Done
from ledger.work import Request as WriteRequest

router = APIRouter(prefix="/v1", tags=["drafts"])

DRAFT_BYTES_MAX = 64 * 1024  # of the request: a long reason many times over, and a form


@router.get("/tasks/{id}/draft", **described("live.DraftAnswer"))
async def of_task(request: Request) -> Response:
    """What the caller typed for an open task and has not sent."""
    return _read(request, _task(request))


@router.put("/tasks/{id}/draft", **described(CommandAnswer, (DraftBody,), command=True))
async def save_of_task(request: Request) -> Response:
    """Keep what the caller typed, valid or not; 409 with the newer draft when another window has saved one."""
    return await _save(request, caller_of(request), _task(request))


@router.delete("/tasks/{id}/draft", **described(CommandAnswer, command=True))
async def drop_of_task(request: Request) -> Response:
    """Forget what the caller typed."""
    return await send_as(request, caller_of(request), DropDraft(path(request, "id")))


@router.get("/change-requests/{id}/draft", **described("live.DraftAnswer"))
async def of_change(request: Request) -> Response:
    """What the caller typed for a review of an open change request and has not sent."""
    return _read(request, _change(request))


@router.put("/change-requests/{id}/draft", **described(CommandAnswer, (DraftBody,), command=True))
async def save_of_change(request: Request) -> Response:
    """Keep what the caller typed, valid or not; 409 with the newer draft when another window has saved one."""
    return await _save(request, caller_of(request), _change(request))


@router.delete("/change-requests/{id}/draft", **described(CommandAnswer, command=True))
async def drop_of_change(request: Request) -> Response:
    """Forget what the caller typed."""
    return await send_as(request, caller_of(request), DropDraft(path(request, "id")))


@router.get("/change-drafts/{id}", **described("live.DraftAnswer"))
async def of_writing(request: Request) -> Response:
    """What the caller typed for a change and has not sent: `new`, `next.NAME` for the next version of a blueprint, or
    the id of an open change request for another text of it."""
    return _read(request, _writing(request))


@router.put("/change-drafts/{id}", **described(CommandAnswer, (DraftBody,), command=True))
async def save_of_writing(request: Request) -> Response:
    """Keep what the caller typed, valid or not; 409 with the newer draft when another window has saved one."""
    return await _save(request, caller_of(request), _writing(request))


@router.delete("/change-drafts/{id}", **described(CommandAnswer, command=True))
async def drop_of_writing(request: Request) -> Response:
    """Forget what the caller typed."""
    return await send_as(request, caller_of(request), DropDraft(_writing(request)))


def _task(request: Request) -> str:
    about = path(request, "id")
    return "" if about.startswith((CHANGE, WRITING)) else about


def _change(request: Request) -> str:
    about = path(request, "id")
    return about if about.startswith(CHANGE) else ""


def _writing(request: Request) -> str:
    return WRITING + path(request, "id")


def _read(request: Request, about: str) -> Response:
    with viewing(request) as (view, actor):
        found = _found(request, view, actor, about)
    return json_answer(found._asdict())


def _found(request: Request, view: View, actor: Actor, about: str) -> Read:
    place = place_of(view, about)
    if place is None:
        raise not_found(tell("an-open-task-or-change-request"))
    allow(request, view, actor, (place.object, place.action), place.domain)
    if actor.person is None:
        return Read(0, None, None)
    return read_draft(view, str(actor.person), about, place.data_subject)


async def _save(request: Request, actor: Actor, about: str) -> Response:
    body = to_model(DraftBody, parse_json(await read_body(request, DRAFT_BYTES_MAX)))
    command = SaveDraft(about, body.content, body.expected_version)
    answer = await service_of(request).writer.submit(WriteRequest(actor, command, command_id_of(request, actor)))
    if isinstance(answer.outcome, Refusal):
        return problems.of_refusal(answer.outcome, answer.receipt)
    assert isinstance(answer.outcome, Done)
    if answer.outcome.outcome == STALE:
        with service_of(request).reader.view() as view:
            newer = _found(request, view, actor, about)
        told = tell("draft-changed")
        return problems.problem(409, Reason.STALE_REVISION.value, told, {"draft": newer._asdict()})
    if answer.outcome.outcome == FULL:
        told = tell("drafts-counted")
        return problems.problem(429, problems.RATE_LIMITED, told, {})
    return json_answer(answer_value(answer))
