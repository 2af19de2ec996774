"""Jobs for workers in any language: activate (long poll), complete, fail, extend."""

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import not_found
from api.answers.values import CommandAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import Service, answer_value, caller_of, command_id_of, send_as, service_of
from api.describing import described
from api.paging import path
from api.reading_as import reading_as
from api.schemas import ActivationBody, ExtensionBody, JobCompletionBody, JobFailureBody
from ledger.actor import Actor
from ledger.clock import SECOND
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.work import Request as WriteRequest
from orchestrator.commands import ActivateJobs, CompleteJob, ExtendJob, FailJob, split_id
from orchestrator.pages import jobs_wait

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

POLL_SECONDS = 0.25  # between two looks while a worker waits: a small read, and a job is taken up soon


@router.post("/activation", **described(CommandAnswer, (ActivationBody,), command=True))
async def activate(request: Request) -> Response:
    """Take leases on open jobs of a type; waits for the first one as long as asked. No jobs is an answer too."""
    actor = caller_of(request)
    body = await parse_body(ActivationBody, request)
    service = service_of(request)
    command = ActivateJobs(body.type, body.worker, body.limit, body.lease_seconds, body.domain)
    asked = WriteRequest(actor, command, command_id_of(request, actor))
    until = service.rooms.clock.monotonic() + body.wait_seconds * SECOND
    while True:
        answer = await service.writer.submit(asked)
        if isinstance(answer.outcome, Refusal):
            return problems.of_refusal(answer.outcome, answer.receipt)
        if answer.outcome.result["jobs"] or not await _comes(request, service, (actor, body.type), until):
            return json_answer(answer_value(answer))


async def _comes(request: Request, service: Service, wanted: tuple[Actor, str], until: int) -> bool:
    """Whether a job of the type turned up before the instant, while the worker is still there."""
    actor, job_type = wanted
    while service.rooms.clock.monotonic() < until and not await request.is_disconnected():
        await asyncio.sleep(POLL_SECONDS)
        with service.reader.view() as view:
            if jobs_wait(reading_as(view, actor), job_type):
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
    return await send_as(request, actor, FailJob(_id(request), body.lease, body.code, body.retryable))


@router.post("/{id}/extension", **described(CommandAnswer, (ExtensionBody,), command=True))
async def extend(request: Request) -> Response:
    """More time for a job, while its lease still holds."""
    actor = caller_of(request)
    body = await parse_body(ExtensionBody, request)
    return await send_as(request, actor, ExtendJob(_id(request), body.lease, body.lease_seconds))


def _id(request: Request) -> str:
    text = path(request, "id")
    try:
        split_id(text)
    except BrokenInput as error:
        raise not_found("a job") from error
    return text
