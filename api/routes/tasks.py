"""Tasks: the inbox, what is shown, claim and release, the statement to sign, completion."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow, allowed_domains, not_found, readable
from api.answers import CommandAnswer, ItemAnswer, PageAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import answer_value, caller_of, command_id_of, send_as, service_of, viewing
from api.describing import described
from api.inbox import candidate
from api.paging import page, path, wanted, word
from api.preconditions import etag, stated_revision
from api.reading_as import reading_as
from api.routes.passkeys import gate_of, given_of
from api.schemas import CompletionBody, RevisionBody, StatementBody
from api.signing import Signing, by_passkey, by_password
from governance.service import Statement, statement_words
from ledger.clock import Instant, instant_text
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.work import Request as WriteRequest
from orchestrator import pages
from orchestrator.commands import ClaimTask, CompleteTask, ReleaseTask, Signed, StateStatement, split_id
from orchestrator.reason_codes import ReleasedLists
from orchestrator.service import task as task_shown
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

READ = (Object.TASK, Action.READ)


@router.get("", **described(PageAnswer, query=("mine", "limit", "cursor")))
async def listed(request: Request) -> Response:
    """Open tasks of the domains the caller may read; with `mine=1` those the caller holds or may take."""
    place = wanted(request, str, int)
    mine = word(request, "mine", "0")
    with viewing(request) as (view, actor):
        domains = allowed_domains(request, view, actor, READ)
        taker = candidate(service_of(request), view, actor, domains) if mine == "1" else None
        after = (str(place.after[0]), int(place.after[1])) if place.after else ("", 0)
        rows = pages.tasks(reading_as(view, actor), domains, taker, after, place.limit + 1)
    return json_answer(page(rows, place.limit, lambda row: (row["instance"], row["number"]), lambda row: row))


@router.get("/{id}", **described(ItemAnswer))
async def read(request: Request) -> Response:
    """One task with what it shows this reader, and the digest of what it shows."""
    with viewing(request) as (view, actor):
        task_id = _id(request)
        rows = reading_as(view, actor)
        instance = pages.instance_row(rows, split_id(task_id)[0])
        if instance is None:
            allowed_domains(request, view, actor, READ)
            raise not_found("a task")
        allow(request, view, actor, READ, instance.domain)
        classes = readable(request, view, actor, instance.domain)
        rooms = service_of(request).rooms
        found = task_shown(rows, rooms.blueprints, task_id, classes)
        if found is None:
            raise not_found("a task")
        lists = ReleasedLists(rooms.versions)
        codes = lists.current(rows, found.reason_codes).as_value() if found.reason_codes else None
    answer = {
        **pages.task_value(found.row),
        "kind": found.kind,
        "title": found.title,
        "outcomes": list(found.outcomes),
        "expects": list(found.expects),
        "reason_required": found.reason_required,
        "reason_codes": codes,
        "meaning": found.meaning,
        "shown": {name: pages.shut(value) for name, value in found.shown.items()},
        "shown_digest": found.shown_digest,
    }
    return json_answer(answer, headers=etag(found.row.revision))


@router.post("/{id}/claim", **described(CommandAnswer, (RevisionBody,), command=True))
async def claim(request: Request) -> Response:
    """Take a task for oneself."""
    actor = caller_of(request)
    body = await parse_body(RevisionBody, request)
    revision = stated_revision(request, body.expected_revision)
    return await send_as(request, actor, ClaimTask(_id(request), revision))


@router.post("/{id}/release", **described(CommandAnswer, (RevisionBody,), command=True))
async def release(request: Request) -> Response:
    """Give a claimed task back."""
    actor = caller_of(request)
    body = await parse_body(RevisionBody, request)
    revision = stated_revision(request, body.expected_revision)
    return await send_as(request, actor, ReleaseTask(_id(request), revision))


@router.post("/{id}/statement", **described(CommandAnswer, (StatementBody,), command=True))
async def statement(request: Request) -> Response:
    """The statement to sign for an outcome, as canonical JSON and in words, with a nonce that is good once."""
    actor = caller_of(request)
    body = await parse_body(StatementBody, request)
    command = StateStatement(_id(request), body.outcome, body.reason, body.reason_code, body.shown_digest)
    asked = WriteRequest(actor, command, command_id_of(request, actor))
    answer = await service_of(request).writer.submit(asked)
    if isinstance(answer.outcome, Refusal):
        return problems.of_refusal(answer.outcome, answer.receipt)
    value = answer_value(answer)
    stated = {name: member for name, member in value["statement"].items() if name != "purpose"}
    said = Statement(**stated)
    value["words"] = statement_words(said, said.person, instant_text(Instant(said.stated_at)))
    value["digest"] = said.digest  # what a passkey is asked to sign, as its challenge
    value["shown"] = {name: pages.shut(member) for name, member in value["shown"].items()}
    return json_answer(value)


@router.post("/{id}/completion", **described(CommandAnswer, (CompletionBody,), command=True))
async def complete(request: Request) -> Response:
    """Complete a form, or take a decision: with the statement's nonce, and a passkey's assertion on the statement or
    the password entered again (and a code of the second factor)."""
    actor = caller_of(request)
    body = await parse_body(CompletionBody, request)
    command_id = command_id_of(request, actor)
    signature = await _signature(request, Signing(service_of(request), actor, command_id), body)
    if isinstance(signature, Refusal):
        return problems.of_refusal(signature)
    command = CompleteTask(
        _id(request),
        body.outcome,
        body.data,
        body.reason,
        body.reason_code,
        body.statement_nonce,
        body.shown_digest,
        signature,
        stated_revision(request, body.expected_revision),
    )
    return await send_as(request, actor, command, command_id)


async def _signature(request: Request, signing: Signing, body: CompletionBody) -> Signed | Refusal | None:
    if body.signature is not None and body.password:
        raise BrokenInput("expected either a passkey's signature or the password", "body.signature")
    if body.signature is None:
        return await by_password(signing, body.password, body.code) if body.password else None
    gate = gate_of(request, signing.service)
    site = None if gate is None else gate.site
    return await by_passkey(signing, site, given_of(body.signature), (_id(request), body.statement_nonce))


def _id(request: Request) -> str:
    text = path(request, "id")
    try:
        split_id(text)
    except BrokenInput as error:
        raise not_found("a task") from error
    return text
