"""One task: what is shown, and the form that completes it or takes the decision.

A signed decision takes two forms: the first states it and shows the statement in words; the second signs that statement
with the password and carries the same digest of what was shown. Whatever is refused comes back with what was written.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.allowing import allowed_domains, not_found, readable
from api.page import fields
from api.page.instances import head_of, people_of
from api.page.refusals import Told, told
from api.page.rendering import Filled
from api.page.session import Visit
from api.page.showing import label, shown
from api.page.visiting import draw, must, see_other, send, told_answer, visited
from api.paging import path
from api.problems import status_of
from api.reading_as import reading_as
from api.signing import Signing, by_password
from governance.grant import OFFICE
from governance.service import Statement
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.service import View
from ledger.work import Answer
from orchestrator import pages
from orchestrator.commands import ClaimTask, CompleteTask, ReleaseTask, StateStatement, split_id
from orchestrator.reason_codes import ReleasedLists
from orchestrator.service import Shown, is_open, may_complete
from orchestrator.service import task as task_shown
from rbac.permission import Action, Object

router = APIRouter(include_in_schema=False)

READ = (Object.TASK, Action.READ)
TEXT_MAX = 20_000  # characters of a reason: the limit of text in the ledger's fields
OFFERED = "offered"  # the state of a task nobody has taken
FORBIDDEN = 403  # the status of refusals that say who may not
RESTATED = (Reason.SIGNATURE_WRONG, Reason.STATEMENT_EXPIRED, Reason.LOCKED_OUT)
"""After these the same statement can be put again: nothing about the case has changed."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement to sign, as the second form shows it."""

    statement: Statement
    capacity: str
    signer: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What goes with the page: what was refused, what changed, the statement to sign."""

    told: Told | None = None
    changed: tuple[str, ...] = ()
    stated: Stated | None = None
    fault: str = ""
    status: int = 200


async def task(visit: Visit) -> Response:
    """The task page."""
    return await _draw(visit, Draft())


async def claim(visit: Visit) -> Response:
    """Take the task."""
    return await _after(visit, await send(visit, ClaimTask(_id(visit))))


async def release(visit: Visit) -> Response:
    """Give the task back."""
    return await _after(visit, await send(visit, ReleaseTask(_id(visit))))


async def _after(visit: Visit, answer: Answer) -> Response:
    if isinstance(answer.outcome, Refusal):
        return await _draw(visit, _refused(answer))
    return see_other(f"/tasks/{_id(visit)}")


async def statement(visit: Visit) -> Response:
    """The first form of a signed decision: take the task if nobody has, then state."""
    return await _state(visit, Draft())


async def _state(visit: Visit, draft: Draft) -> Response:
    found = await asyncio.to_thread(_read, visit)
    reason = _reason(visit)
    code = visit.field("reason_code").strip()
    if found.reason_required and (not reason.strip() or (found.reason_codes and not code)):
        # The engine asks this when the decision is completed; here it is asked before anybody signs.
        missing = Refusal(Reason.REASON_MISSING, "expected a reason, and its code where a list of codes is named")
        return await _draw(visit, Draft(told(missing), status=422))
    command = StateStatement(_id(visit), visit.field("outcome"), reason, code, visit.field("shown_digest"))
    answer = await _as_holder(visit, found, command)
    if isinstance(answer.outcome, Refusal):
        return await _draw(visit, _refused(answer))
    value = {name: one for name, one in answer.outcome.result["statement"].items() if name != "purpose"}
    stated = await asyncio.to_thread(_stated, visit, Statement(**value))
    return await _draw(visit, replace(draft, stated=stated))


def _stated(visit: Visit, said: Statement) -> Stated:
    with visit.service.reader.view() as view:
        people = people_of(visit, view, _instance(visit, view).domain)
        is_office = said.capacity.startswith(OFFICE)
        capacity = f"as holder of the office {said.capacity.removeprefix(OFFICE)}" if is_office else "in my own name"
        return Stated(said, capacity, people.name(said.person))


async def completion(visit: Visit) -> Response:
    """The second form of a signed decision, the one form of any other task."""
    found = await asyncio.to_thread(_read, visit)
    try:
        data = await asyncio.to_thread(_data, visit, found)
    except BrokenInput as error:
        return await _draw(visit, Draft(fault=f"{label(error.location or '')}: {error.message}", status=422))
    signing = Signing(visit.service, visit.actor, "")
    proof = await by_password(signing, visit.field("password"), visit.field("code")) if found.meaning else None
    if isinstance(proof, Refusal):
        return await _state(visit, Draft(told(proof), status=status_of(proof.reason)))
    command = CompleteTask(
        _id(visit),
        visit.field("outcome") if found.kind == "decide" else "",
        data,
        _reason(visit),
        visit.field("reason_code").strip(),
        visit.field("statement_nonce"),
        visit.field("shown_digest"),
        proof,
    )
    answer = await _as_holder(visit, found, command)
    if not isinstance(answer.outcome, Refusal):
        index = "" if answer.receipt is None else f"?recorded={answer.receipt.index}"
        return see_other(f"/instances/{split_id(_id(visit))[0]}{index}")
    if answer.outcome.reason in RESTATED:
        return await _state(visit, _refused(answer))
    return await _draw(visit, _refused(answer))


async def _as_holder(visit: Visit, found: Shown, command: StateStatement | CompleteTask) -> Answer:
    """Send a command about a task, which is taken first when nobody has it; whoever may not act does not keep it."""
    is_taken = found.row.state == OFFERED
    if is_taken:
        claimed = await send(visit, ClaimTask(command.task_id))
        if isinstance(claimed.outcome, Refusal):
            return claimed
    answer = await send(visit, command)
    if is_taken and isinstance(answer.outcome, Refusal) and status_of(answer.outcome.reason) == FORBIDDEN:
        await send(visit, ReleaseTask(command.task_id))
    return answer


def _data(visit: Visit, found: Shown) -> dict[str, Any]:
    with visit.service.reader.view() as view:
        return fields.data_of(_expected(visit, view, found), visit.form)


def _reason(visit: Visit) -> str:
    reason = visit.field("reason")
    if len(reason) > TEXT_MAX:
        raise BrokenInput(f"expected at most {TEXT_MAX} characters", "reason")
    return reason


def _refused(answer: Answer) -> Draft:
    assert isinstance(answer.outcome, Refusal)
    changed: tuple[str, ...] = ()
    if answer.outcome.reason is Reason.SHOWN_CHANGED:
        changed = tuple(
            [
                label(value) if name == "changed" else label(name)
                for name, value in answer.outcome.details
                if name != "shown_digest"
            ]
        )
    return Draft(told_answer(answer), changed, status=status_of(answer.outcome.reason))


def _read(visit: Visit) -> Shown:
    """The task with what it shows this visitor; a problem when there is none they may read."""
    with visit.service.reader.view() as view:
        return _shown(visit, view)


def _shown(visit: Visit, view: View) -> Shown:
    row = _instance(visit, view)
    classes = readable(visit.request, view, visit.actor, row.domain)
    found = task_shown(reading_as(view, visit.actor), visit.service.rooms.blueprints, _id(visit), classes)
    if found is None:
        raise not_found("a task")
    return found


def _instance(visit: Visit, view: View) -> Any:
    row = pages.instance_row(reading_as(view, visit.actor), split_id(_id(visit))[0])
    if row is None:
        allowed_domains(visit.request, view, visit.actor, READ)
        raise not_found("a task")
    must(visit, view, READ, row.domain)
    return row


def _id(visit: Visit) -> str:
    text = path(visit.request, "id")
    try:
        split_id(text)
    except BrokenInput as error:
        raise not_found("a task") from error
    return text


def _expected(visit: Visit, view: View, found: Shown) -> tuple[pages.Expected, ...]:
    row = _instance(visit, view)
    rows = reading_as(view, visit.actor)
    return pages.expected(rows, visit.service.rooms.blueprints, row, found.expects)


async def _draw(visit: Visit, draft: Draft) -> Response:
    return draw(visit, "task", await asyncio.to_thread(_values, visit, draft), draft.status)


def _values(visit: Visit, draft: Draft) -> dict[str, Any]:
    with visit.service.reader.view() as view:
        row = _instance(visit, view)
        found = _shown(visit, view)
        people = people_of(visit, view, row.domain)
        version = visit.service.rooms.blueprints.version(reading_as(view, visit.actor), row.blueprint, row.number)
        currency = "" if version is None else version.blueprint.currency
        open_ = is_open(found.row)
        return {
            **head_of(visit, view, row),
            "task": found,
            "task_id": _id(visit),
            "task_title": found.title or label(found.row.decision_kind or found.row.step),
            "is_open": open_,
            "is_mine": found.row.holder == visit.person,
            "holder": people.label(found.row.holder) if found.row.holder else "",
            "due": found.row.due_at,
            "is_late": found.row.due_at is not None and found.row.due_at < view.now,
            "shown": [(label(name), shown(pages.shut(value))) for name, value in found.shown.items()],
            "choices": _choices(visit, view, found) if open_ and draft.stated is None else (),
            "bar": _bar(visit, view) if open_ and found.kind == "task" else None,
            "controls": fields.controls(_expected(visit, view, found), visit.form, currency),
            "codes": _codes(visit, view, found),
            "draft": draft,
            "form": Filled(visit.form),
        }


def _codes(visit: Visit, view: View, found: Shown) -> tuple[tuple[str, str], ...]:
    """The codes of the list in force, each in words; none where the step names no list."""
    if not found.reason_codes:
        return ()
    rows = reading_as(view, visit.actor)
    return ReleasedLists(visit.service.rooms.versions).current(rows, found.reason_codes).codes


def _choices(visit: Visit, view: View, found: Shown) -> tuple[tuple[str, Told | None], ...]:
    """Each outcome, and why this person would be refused it: told before anything is typed."""
    return tuple([(outcome, _bar(visit, view, outcome)) for outcome in found.outcomes])


def _bar(visit: Visit, view: View, outcome: str = "") -> Told | None:
    from api.wiring import engine_of

    refusal = may_complete(engine_of(visit.service.rooms), reading_as(view, visit.actor), _id(visit), outcome)
    if refusal is None or (outcome and refusal.reason is Reason.NOT_CLAIMED):
        return None
    return told(refusal)


router.get("/tasks/{id}")(visited(task))
router.post("/tasks/{id}/claim")(visited(claim))
router.post("/tasks/{id}/release")(visited(release))
router.post("/tasks/{id}/statement")(visited(statement))
router.post("/tasks/{id}/completion")(visited(completion))
