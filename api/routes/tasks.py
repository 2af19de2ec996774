"""Tasks: the inbox, what is shown, claim and release, the statement to sign, completion."""

import asyncio
from typing import Any, cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow, allowed_domains, not_found, readable
from api.app import json_answer
from api.body import parse_body
from api.conflicts import of_task
from api.context import answer_value, caller_of, command_id_of, refused, send_as, service_of, viewing
from api.describing import described
from api.inbox import Reader, about_task, candidate, not_past_due, titled, told_shown
from api.inbox import listed as told_listed
from api.naming import Names
from api.paging import choice, flag, instant, number, page, path, wanted, word
from api.preconditions import stated_revision, tagged
from api.problem_texts import tell
from api.reading_as import reading_as
from api.routes.passkeys import signature_of
from api.schemas import CompletionBody, RevisionBody, StatementBody
from api.signing import Signing
from governance.service import Statement, statement_words
from ledger.actor import Actor
from ledger.clock import Instant, instant_text
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.service import View
from ledger.work import Request as WriteRequest
from orchestrator import pages
from orchestrator.commands import ClaimTask, CompleteTask, ReleaseTask, StateStatement, split_id
from orchestrator.instance_lists import IN_TEST
from orchestrator.service import task as task_shown
from orchestrator.stating import stated
from orchestrator.task_counts import counts, done_domains, open_domains
from orchestrator.task_lists import AMONG, SORTS, Among, TasksAsked, keyed, sort_key, task_list
from rbac.permission import Action, DataClass, Object

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

READ = (Object.TASK, Action.READ)


@router.get(
    "",
    **described(
        "tasks.TasksAnswer",
        query=(
            "list", "mine", "blueprint", "step", "domain", "overdue", "late", "has_due", "no_due", "due_before",
            "opened_from", "opened_to", "urgency_from", "text", "sort", "test", "explained", "counts", "limit",
            "cursor",
        ),
    ),
)  # fmt: skip
async def listed(request: Request) -> Response:
    """Tasks of the domains the caller may read. `list` is `open` (all open ones), `mine` (held by the caller),
    `delegated` (to them by its holder), `team` (that they may take), `candidate` (all three, as `mine=1`),
    `done` (completed by them, newest first) or `any`; `sort` is `id`, `due` or `urgency`.

    `overdue=1` asks for open ones past due, without those whose clock stands still for a customer: they are due later
    for it. `late=1` asks for those closed late as well. `urgency_from` asks for open ones at least as urgent. `text`
    is looked for, in small or capital letters, in what the list shows in clear: the title of the task, that of its
    blueprint, and the business key where that is not classed. With `explained=1` each says why the caller could not
    do it; `counts=1` counts all that is open for them, whatever else is asked for, and names the domains it is of, or
    for `done` those of what is done.
    """
    return tagged(request, await asyncio.to_thread(_listed, request), moving=("as_of",))


def _listed(request: Request) -> dict[str, Any]:
    place = wanted(request, int, str, int)
    service = service_of(request)
    among = cast(Among, choice(request, "list", AMONG, "candidate" if flag(request, "mine") else "open"))
    is_explained, is_counted = flag(request, "explained"), flag(request, "counts")
    with viewing(request) as (view, actor):
        domains = allowed_domains(request, view, actor, READ)
        named = word(request, "domain", "")
        if named:
            allow(request, view, actor, READ, named)
        is_theirs = among not in ("open", "any")
        taker = candidate(service, view, actor, domains) if is_theirs or is_counted else None
        asked = _asked(request, view, (named,) if named else domains, among)._replace(
            candidate=taker if is_theirs else None
        )
        is_late_asked = flag(request, "overdue") or flag(request, "late")
        beside = not_past_due(service, view, actor, domains) if is_late_asked or is_counted else frozenset()
        asked = asked._replace(beside=beside if is_late_asked else frozenset())
        rows = reading_as(view, actor)
        if asked.text:
            asked = asked._replace(titled=titled(service, rows, asked), keyed=keyed(rows, asked))
        found = task_list(rows, asked, place.after or None, place.limit + 1)
        told = page(found, place.limit, lambda one: sort_key(asked, one), lambda one: one)
        reader = Reader(service, view, actor, _names(request, view, actor))
        told["items"] = told_listed(reader, told["items"], is_explained)
        if is_counted and taker is not None:
            told["counts"] = counts(rows, domains, taker, beside)._asdict()
            is_done = among == "done"
            told["domains"] = (
                done_domains(rows, domains, taker.person) if is_done else open_domains(rows, domains, taker)
            )
        return {**told, "as_of": view.now}


def _names(request: Request, view: View, actor: Actor) -> Names:
    return Names(view, lambda domain: DataClass.PERSONAL in readable(request, view, actor, domain))


def _asked(request: Request, view: View, domains: tuple[str, ...], among: Among) -> TasksAsked:
    before = instant(request, "due_before")
    if flag(request, "overdue"):
        before = view.now if before is None else min(before, view.now)
        among = "open" if among == "any" else among
    return TasksAsked(
        domains=domains,
        among=among,
        blueprint=word(request, "blueprint", ""),
        step=word(request, "step", ""),
        has_due=flag(request, "has_due"),
        no_due=flag(request, "no_due"),
        late=flag(request, "late"),
        due_before=before,
        opened_from=instant(request, "opened_from"),
        opened_to=instant(request, "opened_to"),
        sort=choice(request, "sort", SORTS, "id"),
        test=IN_TEST[choice(request, "test", tuple(IN_TEST), "with")],
        urgency_from=number(request, "urgency_from", 0),
        text=word(request, "text", "").strip(),
    )


@router.get("/{id}", **described("tasks.TaskAnswer"))
async def read(request: Request) -> Response:
    """One task with what it shows this reader, the digest of what it shows, and why the caller may not do it."""
    with viewing(request) as (view, actor):
        task_id = _id(request)
        rows = reading_as(view, actor)
        instance = pages.instance_row(rows, split_id(task_id)[0])
        if instance is None:
            allowed_domains(request, view, actor, READ)
            raise not_found(tell("a-task"))
        allow(request, view, actor, READ, instance.domain)
        classes = readable(request, view, actor, instance.domain)
        rooms = service_of(request).rooms
        found = task_shown(rows, rooms.blueprints, task_id, classes)
        if found is None:
            raise not_found(tell("a-task"))
        reader = Reader(service_of(request), view, actor, _names(request, view, actor))
        answer = {**told_shown(found), **about_task(reader, found, instance)}
        answer["business_key"] = pages.key_of(rows, rooms.blueprints, instance, classes)
    return tagged(request, answer, revision=found.row.revision)


@router.post("/{id}/claim", **described("tasks.TaskMoved", (RevisionBody,), command=True))
async def claim(request: Request) -> Response:
    """Take a task for oneself."""
    actor = caller_of(request)
    body = await parse_body(RevisionBody, request)
    revision = stated_revision(request, body.expected_revision)
    task_id = _id(request)
    return await send_as(request, actor, ClaimTask(task_id, revision), of_task(request, actor, task_id, ""))


@router.post("/{id}/release", **described("tasks.TaskMoved", (RevisionBody,), command=True))
async def release(request: Request) -> Response:
    """Give a claimed task back."""
    actor = caller_of(request)
    body = await parse_body(RevisionBody, request)
    revision = stated_revision(request, body.expected_revision)
    task_id = _id(request)
    return await send_as(request, actor, ReleaseTask(task_id, revision), of_task(request, actor, task_id, ""))


@router.post("/{id}/statement", **described("tasks.StatedAnswer", (StatementBody,), command=True))
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
    value["digest"] = said.digest  # what a passkey is asked to sign, as its challenge
    value["shown"] = {name: pages.shut(member) for name, member in value["shown"].items()}
    return json_answer(value)


@router.post("/{id}/completion", **described("tasks.CompletedAnswer", (CompletionBody,), command=True))
async def complete(request: Request) -> Response:
    """Complete a form, or take a decision: with the statement's nonce, and a passkey's assertion on the statement or
    the password entered again (and a code of the second factor)."""
    actor = caller_of(request)
    body = await parse_body(CompletionBody, request)
    command_id = command_id_of(request, actor)
    about = (_id(request), body.statement_nonce)
    signing = Signing(service_of(request), actor, command_id)
    signature = await signature_of(request, signing, body, lambda view: stated(view, *about))
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
    conflict = of_task(request, actor, command.task_id, body.shown_digest)
    return await send_as(request, actor, command, conflict, command_id)


def _id(request: Request) -> str:
    text = path(request, "id")
    try:
        split_id(text)
    except BrokenInput as error:
        raise not_found(tell("a-task")) from error
    return text
