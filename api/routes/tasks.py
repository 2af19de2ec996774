"""Tasks: the inbox, what is shown, claim and release, the statement to sign, completion."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow, allowed_domains, not_found, readable
from api.answers import CommandAnswer, ItemAnswer, PageAnswer
from api.app import json_answer
from api.body import parse_body
from api.conflicts import of_task
from api.context import answer_value, caller_of, command_id_of, refused, send_as, service_of, viewing
from api.describing import described
from api.inbox import candidate
from api.paging import page, path, wanted, word
from api.preconditions import is_unchanged, stated_revision, tag_of, tagged, unchanged
from api.reading_as import reading_as
from api.schemas import CompletionBody, RevisionBody, StatementBody
from api.signing import signed
from governance.service import Statement, statement_words
from ledger.clock import Instant, instant_text
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.work import Request as WriteRequest
from orchestrator import pages
from orchestrator.commands import ClaimTask, CompleteTask, ReleaseTask, StateStatement, split_id
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
    return tagged(request, page(rows, place.limit, lambda row: (row["instance"], row["number"]), lambda row: row))


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
        row = pages.task_row(rows, *split_id(task_id))
        tag = tag_of(view, actor, 0 if row is None else row.revision, (task_id, instance.revision, *sorted(classes)))
        if row is not None and is_unchanged(request, tag):
            return unchanged(tag)
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
    return json_answer(answer, headers={"ETag": tag})


@router.post("/{id}/claim", **described(CommandAnswer, (RevisionBody,), command=True))
async def claim(request: Request) -> Response:
    """Take a task for oneself."""
    actor = caller_of(request)
    body = await parse_body(RevisionBody, request)
    revision = stated_revision(request, body.expected_revision)
    task_id = _id(request)
    return await send_as(request, actor, ClaimTask(task_id, revision), of_task(request, actor, task_id, ""))


@router.post("/{id}/release", **described(CommandAnswer, (RevisionBody,), command=True))
async def release(request: Request) -> Response:
    """Give a claimed task back."""
    actor = caller_of(request)
    body = await parse_body(RevisionBody, request)
    revision = stated_revision(request, body.expected_revision)
    task_id = _id(request)
    return await send_as(request, actor, ReleaseTask(task_id, revision), of_task(request, actor, task_id, ""))


@router.post("/{id}/statement", **described(CommandAnswer, (StatementBody,), command=True))
async def statement(request: Request) -> Response:
    """The statement to sign for an outcome, as canonical JSON and in words, with a nonce that is good once."""
    actor = caller_of(request)
    body = await parse_body(StatementBody, request)
    command = StateStatement(_id(request), body.outcome, body.reason, body.reason_code, body.shown_digest)
    asked = WriteRequest(actor, command, command_id_of(request, actor))
    answer = await service_of(request).writer.submit(asked)
    if isinstance(answer.outcome, Refusal):
        conflict = of_task(request, actor, command.task_id, body.shown_digest)
        return await refused(answer.outcome, answer.receipt, conflict)
    value = answer_value(answer)
    stated = {name: member for name, member in value["statement"].items() if name != "purpose"}
    said = Statement(**stated)
    value["words"] = statement_words(said, said.person, instant_text(Instant(said.stated_at)))
    value["digest"] = said.digest
    value["shown"] = {name: pages.shut(member) for name, member in value["shown"].items()}
    return json_answer(value)


@router.post("/{id}/completion", **described(CommandAnswer, (CompletionBody,), command=True))
async def complete(request: Request) -> Response:
    """Complete a form, or take a decision: with the statement's nonce and the password entered again."""
    actor = caller_of(request)
    body = await parse_body(CompletionBody, request)
    signature = await signed(service_of(request), actor, body.password) if body.password else None
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
    return await send_as(request, actor, command, of_task(request, actor, command.task_id, body.shown_digest))


def _id(request: Request) -> str:
    text = path(request, "id")
    try:
        split_id(text)
    except BrokenInput as error:
        raise not_found("a task") from error
    return text
