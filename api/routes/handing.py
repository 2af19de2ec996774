"""Handing tasks to others: who could be given one, reassign, delegate, return."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, not_found
from api.app import json_answer
from api.body import parse_body
from api.conflicts import of_task
from api.context import caller_of, send_as, service_of, viewing
from api.describing import described
from api.naming import people
from api.paging import path
from api.people_schemas import HandOverBody, ReturnBody
from api.preconditions import stated_revision
from api.problem_texts import tell
from api.reading_as import reading_as
from ledger.errors import BrokenInput
from orchestrator.barring import candidates
from orchestrator.commands import split_id
from orchestrator.handing import DelegateTask, ReassignTask, ReturnTask
from orchestrator.service import open_task
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.get("/{id}/candidates", **described("tasks.CandidatesAnswer"))
async def could_be_given(request: Request) -> Response:
    """The persons this open task could be given to: they have its role or hold its authority, and no duty bars them."""
    return json_answer(await asyncio.to_thread(_candidates, request))


def _candidates(request: Request) -> dict[str, Any]:
    with viewing(request) as (view, actor):
        task_id = task_id_of(request)
        rows = reading_as(view, actor)
        row = open_task(rows, task_id)
        if row is None:
            raise not_found(tell("an-open-task"))
        allow(request, view, actor, (Object.TASK, Action.READ), row.domain)
        found = candidates(service_of(request).rooms.engine, rows, task_id)
        return {"items": people(request, view, actor, found)}


@router.post("/{id}/reassign", **described("tasks.TaskHanded", (HandOverBody,), command=True))
async def reassign(request: Request) -> Response:
    """Give an open task to another person, who can do it, for a reason."""
    actor = caller_of(request)
    body = await parse_body(HandOverBody, request)
    task_id = task_id_of(request)
    command = ReassignTask(task_id, body.to, body.reason, stated_revision(request, body.expected_revision))
    return await send_as(request, actor, command, of_task(request, actor, task_id, ""))


@router.post("/{id}/delegate", **described("tasks.TaskHanded", (HandOverBody,), command=True))
async def delegate(request: Request) -> Response:
    """Have another person work on a task the caller holds. The caller stays its holder, and decides."""
    actor = caller_of(request)
    body = await parse_body(HandOverBody, request)
    task_id = task_id_of(request)
    command = DelegateTask(task_id, body.to, body.reason, stated_revision(request, body.expected_revision))
    return await send_as(request, actor, command, of_task(request, actor, task_id, ""))


@router.post("/{id}/return", **described("tasks.TaskHanded", (ReturnBody,), command=True))
async def give_back(request: Request) -> Response:
    """Return a delegated task to its holder, with a proposal or undone; or, as its holder, take it back."""
    actor = caller_of(request)
    body = await parse_body(ReturnBody, request)
    task_id = task_id_of(request)
    revision = stated_revision(request, body.expected_revision)
    command = ReturnTask(task_id, body.outcome, body.data, body.reason, revision)
    return await send_as(request, actor, command, of_task(request, actor, task_id, ""))


def task_id_of(request: Request) -> str:
    """The id in the address; a problem where it can be none."""
    text = path(request, "id")
    try:
        split_id(text)
    except BrokenInput as error:
        raise not_found(tell("a-task")) from error
    return text
