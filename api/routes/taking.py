"""Taking many tasks by one request: as many commands as there are tasks, each permitted or refused by itself."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import not_found
from api.app import json_answer
from api.body import parse_body
from api.context import REPEATED_HEADER, caller_of, command_id_of, service_of
from api.describing import described
from api.people_schemas import TakeBody
from api.problem_texts import tell
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.work import OWN_ID, Answer, Done
from ledger.work import Request as WriteRequest
from orchestrator.commands import ClaimTask, split_id

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.post("/claims", **described("tasks.TakenAnswer", (TakeBody,), command=True))
async def take(request: Request) -> Response:
    """Take up to 200 tasks for oneself: each as if it had been asked for alone, with an entry and a receipt of its own.
    What is refused keeps no other from being taken. Sent again with the same command id, none is taken twice."""
    actor = caller_of(request)
    body, command_id = await parse_body(TakeBody, request), command_id_of(request, actor)
    wanted = {one.task: one.expected_revision for one in reversed(body.items)}  # of one named twice, the first counts
    tasks = list(dict.fromkeys(one.task for one in body.items))
    for task in tasks:
        _check(task)
    service = service_of(request)
    sent = [
        service.writer.submit(WriteRequest(actor, ClaimTask(task, wanted[task]), f"{OWN_ID}{command_id}/{task}"))
        for task in tasks
    ]
    # All are waited for: where the writer goes away, what it had recorded is found when it is sent again.
    answers = await asyncio.gather(*sent, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    service.bell.ring()
    given: list[Answer] = [answer for answer in answers if isinstance(answer, Answer)]
    told = [_told(task, answer) for task, answer in zip(tasks, given, strict=True)]
    taken = sum(1 for one in told if one["refused"] is None)
    answered = json_answer({"total": len(told), "taken": taken, "items": told})
    done = [answer for answer in given if isinstance(answer.outcome, Done)]
    if done and all(answer.repeated for answer in done):  # of refusals alone it says nothing, as for one
        answered.headers[REPEATED_HEADER] = "true"
    return answered


def _check(task: str) -> None:
    try:
        split_id(task)
    except BrokenInput as error:
        raise not_found(tell("a-task")) from error


def _told(task: str, answer: Answer) -> dict[str, Any]:
    """One item. A refusal has a receipt where it was recorded."""
    refusal = answer.outcome if isinstance(answer.outcome, Refusal) else None
    done = {} if isinstance(answer.outcome, Refusal) else answer.outcome.result
    return {
        "task": task,
        "revision": done.get("revision"),
        "refused": problems.refusal_value(refusal),
        "receipt": None if answer.receipt is None else problems.receipt_value(answer.receipt),
    }
