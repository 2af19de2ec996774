"""Jobs for workers in any language: activate (long poll), complete, fail, extend, give back."""

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import not_found
from api.answers.values import CommandAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import answer_value, caller, caller_of, command_id_of, send_as, service_of
from api.describing import described
from api.log_service import Service
from api.paging import path
from api.problem_texts import tell
from api.reading_as import reading_as
from api.schemas import ActivationBody, ExtensionBody, JobCompletionBody, JobFailureBody, JobReleaseBody
from ledger.actor import Actor
from ledger.clock import SECOND
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.work import Request as WriteRequest
from orchestrator.commands import ActivateJobs, CompleteJob, ExtendJob, FailJob, ReleaseJob, split_id
from orchestrator.service import jobs_wait

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

POLL_SECONDS = 0.25  # between two looks while a worker waits, for what other processes write: a small read
GAP_SECONDS = 0.02  # before a look that a bell asks for: under load many commits share one


@router.post("/activation", **described(CommandAnswer, (ActivationBody,), command=True))
async def activate(request: Request) -> Response:
    """Take leases on open jobs of a type; waits for the first one as long as asked. No jobs is an answer too."""
    actor = caller_of(request)
    body = await parse_body(ActivationBody, request)
    service = service_of(request)
    bounds = body.type_at_once or 0, body.worker_at_once or 0
    command = ActivateJobs(body.type, body.worker, body.limit, body.lease_seconds, body.domain, *bounds, body.test)
    asked = WriteRequest(actor, command, command_id_of(request, actor))
    until = service.rooms.clock.monotonic() + body.wait_seconds * SECOND
    while True:
        answer = await service.writer.submit(asked)
        if isinstance(answer.outcome, Refusal):
            return problems.of_refusal(answer.outcome, answer.receipt)
        if answer.outcome.result["jobs"] or not await _comes(request, service, (actor, command), until):
            return json_answer(answer_value(answer))


async def _comes(request: Request, service: Service, wanted: tuple[Actor, ActivateJobs], until: int) -> bool:
    """Whether there was something to lease before the instant, while the worker is still there."""
    actor, command = wanted
    alike = command.type, command.domain, command.test, command.type_at_once, command.worker_at_once
    same = alike, command.worker if command.worker_at_once else ""  # a bound of one's own is nobody else's
    loop = asyncio.get_running_loop()

    def look() -> bool:
        with service.reader.view() as view:
            return jobs_wait(reading_as(view, actor), command)

    while service.rooms.clock.monotonic() < until:
        has_rung = await service.bell.wait(POLL_SECONDS)
        woken = loop.time()
        await asyncio.sleep(GAP_SECONDS)
        is_there = service.looks.found(same, woken, look)
        if has_rung and not is_there:
            continue  # hundreds may wait, and every command rings: whether they are gone is asked when nothing does
        if await request.is_disconnected():  # asked last: a job leased to who is gone waits for the end of its lease
            return False
        if is_there:
            with service.reader.view() as view:
                caller(request, view)  # refused where the credential has ended while it waited
            return True
    return False


@router.post("/{id}/completion", **described(CommandAnswer, (JobCompletionBody,), command=True))
async def complete(request: Request) -> Response:
    """The result of a job, under its lease."""
    actor = caller_of(request)
    body = await parse_body(JobCompletionBody, request)
    return await send_as(request, actor, CompleteJob(_id(request), body.lease, body.result))


@router.post("/{id}/failure", **described(CommandAnswer, (JobFailureBody,), command=True))
async def fail(request: Request) -> Response:
    """A job that did not succeed: another try later, or an incident."""
    actor = caller_of(request)
    body = await parse_body(JobFailureBody, request)
    return await send_as(request, actor, FailJob(_id(request), body.lease, body.code, body.retryable, body.retry_after))


@router.post("/{id}/extension", **described(CommandAnswer, (ExtensionBody,), command=True))
async def extend(request: Request) -> Response:
    """More time for a job, while its lease still holds."""
    actor = caller_of(request)
    body = await parse_body(ExtensionBody, request)
    return await send_as(request, actor, ExtendJob(_id(request), body.lease, body.lease_seconds))


@router.post("/{id}/release", **described(CommandAnswer, (JobReleaseBody,), command=True))
async def release(request: Request) -> Response:
    """A job that was not begun, given back: another worker may take it at once, and no try is counted."""
    actor = caller_of(request)
    body = await parse_body(JobReleaseBody, request)
    return await send_as(request, actor, ReleaseJob(_id(request), body.lease))


def _id(request: Request) -> str:
    text = path(request, "id")
    try:
        split_id(text)
    except BrokenInput as error:
        raise not_found(tell("a-job")) from error
    return text
