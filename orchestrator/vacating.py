"""Tasks whose holder may no longer do them: their role or authority has ended, or they have left. Offered again.

Access and authority change by entries and by the clock, and a claim is no permit: what somebody holds is looked at
again when a register has changed or the time of an assignment or grant may be over. Asked once more under the head
lock. A delegate who may no longer do it gives it back in the same way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from ledger.actor import person_acting
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import Done, UnitOfWork
from orchestrator import entries, tables
from orchestrator.act import Act
from orchestrator.as_person import asked_of
from orchestrator.handing import TakeAway, VacateTask
from orchestrator.ports import AccessPoint, Deps
from orchestrator.recording import Recording
from orchestrator.refusal_texts import why
from orchestrator.stating import FoundTask
from orchestrator.task_questions import find_task, out_of_reach, register_asked
from orchestrator.task_transitions import VACATED
from orchestrator.turned_down import not_the_system

VACATED_MAX = 200  # looked for at once; the next look finds the rest
DECISIONS_MAX = 200  # held decisions one look asks about: each takes the question of its authority

_STILL = Refusal(Reason.WRONG_STATE, why("holder-still-able"))
_HELD = (
    "SELECT DISTINCT holder, delegate, domain, role FROM task WHERE log_id = {log} AND state = 'claimed'"
    " ORDER BY holder, delegate, domain, role"
)
_THEIRS = (
    "SELECT task.instance, task.number FROM task JOIN instance ON instance.log_id = task.log_id"
    " AND instance.id = task.instance WHERE task.log_id = {log} AND task.state = 'claimed' AND task.holder = ?"
    " AND task.delegate = ? AND task.domain = ? AND task.role = ? AND instance.suspended = ''"
    " ORDER BY task.instance, task.number LIMIT ?"
)
_DECISIONS = (
    "SELECT holder, instance, number, delegate, decision_kind FROM task WHERE log_id = {log} AND state = 'claimed'"
    " AND (holder, instance, number) > (?, ?, ?) ORDER BY holder, instance, number LIMIT ?"
)

Place = tuple[str, str, int]
"""Holder, instance and number of a held task: how far a look at them has come."""

FIRST: Place = ("", "", 0)


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A task that its holder may no longer do; or, where it names one, the delegate who has it from them."""

    task_id: str
    holder: str
    delegate: str = ""


class Looked(NamedTuple):
    """What a look at some of the held decisions found, and where the next one goes on; None after the last."""

    found: tuple[Vacancy, ...]
    after: Place | None


def vacated(access: AccessPoint, rows: Any) -> list[Vacancy]:
    """Tasks that are held without the role or the permission any more, over a view that can be asked as a unit of work
    can."""
    found: list[Vacancy] = []
    for holder, delegate, domain, role in rows.query(_HELD):
        if len(found) >= VACATED_MAX:
            break
        lost = _lost_by((holder, delegate), partial(_may, access, rows, (domain, role)))
        if lost is not None:
            theirs = rows.query(_THEIRS, (holder, delegate, domain, role, VACATED_MAX - len(found)))
            found += [Vacancy(f"{instance}.{number}", *lost) for instance, number in theirs]
    return found


def unauthorised(deps: Deps, rows: Any, after: Place = FIRST) -> Looked:
    """Decisions that are held without an authority that stands and reaches them, of the next few after a place."""
    found: list[Vacancy] = []
    held = rows.query(_DECISIONS, (*after, DECISIONS_MAX))
    for holder, instance, number, delegate, decision_kind in held:
        task = find_task(Act(rows, deps), f"{instance}.{number}") if decision_kind else None
        if not isinstance(task, FoundTask):
            continue
        lost = _lost_by((holder, delegate), partial(_reaches, Act(rows, deps), task))
        if lost is not None:
            found.append(Vacancy(f"{instance}.{number}", *lost))
    return Looked(tuple(found), held[-1][:3] if len(held) == DECISIONS_MAX else None)


def _lost_by(held: tuple[str, str], is_able: Callable[[str], bool]) -> tuple[str, str] | None:
    """Holder and, where it is the delegate alone who may no longer, delegate; None where both may."""
    holder, delegate = held
    if not is_able(holder):
        return holder, ""
    return (holder, delegate) if delegate and not is_able(delegate) else None


def commands_of(found: Iterable[Vacancy]) -> list[VacateTask]:
    """What releases them, one for each task."""
    return [VacateTask(one.task_id, one.holder, one.delegate) for one in {one.task_id: one for one in found}.values()]


def _reaches(act: Act, found: FoundTask, person: str) -> bool:
    return out_of_reach(asked_of(act, person), found) is None


def _may(access: AccessPoint, rows: Any, where: tuple[str, str], person: str) -> bool:
    domain, role = where
    actor = person_acting(person)
    if role and not access.holds(rows, actor, domain, role):
        return False
    return not isinstance(access.check(rows, actor, domain, "task", "claim"), Refusal)


def _no_longer(act: Act, found: FoundTask, person: str) -> Refusal | None:
    """Why a person may no longer do what they hold: for want of permission, role or, at a decision, authority."""
    asked, access = asked_of(act, person), act.deps.access
    domain, row = found.subject.row.domain, found.offer
    permit = access.check(asked.uow, asked.uow.actor, domain, "task", "claim")
    if isinstance(permit, Refusal):
        return permit
    if row is not None and row.role and not access.holds(asked.uow, asked.uow.actor, domain, row.role):
        return Refusal(Reason.NO_RULE, why("role-of-offer", role=as_it_is(row.role)))
    return out_of_reach(asked, found)


def vacate_task(deps: Deps, uow: UnitOfWork, command: VacateTask) -> Done | Refusal:
    """Done `released` with {task, revision}: offered again to those it was offered to. `returned` where it was its
    delegate's, who may no longer do it: it is with its holder alone again.
    """
    if (refusal := not_the_system(uow)) is not None:
        return refusal
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    subject, number = found.subject, found.activation.number
    row = uow.get(tables.TASK, subject.row.id, number)
    lost = _no_longer(act, found, command.delegate or command.holder)
    if row is None or row.holder != command.holder or lost is None:
        return _STILL
    refusal = act.do(subject, TakeAway(command.task_id, command.holder, command.delegate, lost.reason.value))
    if refusal is not None:
        return refusal
    activation = subject.instance.activation(number)
    result: dict[str, Any] = {"task": command.task_id, "revision": 0 if activation is None else activation.revision}
    told, basis = {"why": VACATED, "holder": row.holder}, register_asked(act, found)
    if not command.delegate:
        return act.record(subject, Recording(entries.TASK_RELEASED, "released", basis), {**told, "result": result})
    result["holder"] = row.holder
    payload = {"task": number, "delegate": command.delegate, **told, "result": result}
    return act.record(subject, Recording(entries.TASK_RETURNED, "returned", basis), payload)
