"""Tasks whose holder may no longer do them: their role has ended, or they have left. Released, and offered again.

Access changes by entries and by the clock, and a claim is no permit: what somebody holds is looked at again when a
register has changed or the time of an assignment may be over. Asked once more under the head lock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ledger.actor import person_acting
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import entries, tables
from orchestrator.act import Act
from orchestrator.handing import VACATED, VacateTask
from orchestrator.ports import AccessPoint, Deps
from orchestrator.recording import Recording
from orchestrator.refusal_texts import why
from orchestrator.task_questions import find_task
from orchestrator.turned_down import not_the_system

VACATED_MAX = 200  # looked for at once; the next look finds the rest

_STILL = Refusal(Reason.WRONG_STATE, why("holder-still-able"))
_HELD = (
    "SELECT DISTINCT holder, domain, role FROM task WHERE log_id = {log} AND state = 'claimed'"
    " ORDER BY holder, domain, role"
)
_THEIRS = (
    "SELECT task.instance, task.number FROM task JOIN instance ON instance.log_id = task.log_id"
    " AND instance.id = task.instance WHERE task.log_id = {log} AND task.state = 'claimed' AND task.holder = ?"
    " AND task.domain = ? AND task.role = ? AND instance.suspended = '' ORDER BY task.instance, task.number LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A task that its holder may no longer do."""

    task_id: str
    holder: str


def vacated(access: AccessPoint, rows: Any) -> list[Vacancy]:
    """Tasks whose holder may no longer do them, over a view that can be asked as a unit of work can."""
    found: list[Vacancy] = []
    for holder, domain, role in rows.query(_HELD):
        if len(found) < VACATED_MAX and not _may(access, rows, holder, (domain, role)):
            theirs = rows.query(_THEIRS, (holder, domain, role, VACATED_MAX - len(found)))
            found += [Vacancy(f"{instance}.{number}", holder) for instance, number in theirs]
    return found


def commands_of(found: Iterable[Vacancy]) -> list[VacateTask]:
    """What releases them."""
    return [VacateTask(one.task_id, one.holder) for one in found]


def _may(access: AccessPoint, rows: Any, person: str, where: tuple[str, str]) -> bool:
    domain, role = where
    actor = person_acting(person)
    if role and not access.holds(rows, actor, domain, role):
        return False
    return not isinstance(access.check(rows, actor, domain, "task", "claim"), Refusal)


def vacate_task(deps: Deps, uow: UnitOfWork, command: VacateTask) -> Done | Refusal:
    """Done `released` with {task, revision}: offered again to those it was offered to."""
    if (refusal := not_the_system(uow)) is not None:
        return refusal
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    subject, number = found.subject, found.activation.number
    row = uow.get(tables.TASK, subject.row.id, number)
    if row is None or row.holder != command.holder or _may(deps.access, uow, row.holder, (row.domain, row.role)):
        return _STILL
    refusal = act.do(subject, command)
    if refusal is not None:
        return refusal
    activation = subject.instance.activation(number)
    result = {"task": command.task_id, "revision": 0 if activation is None else activation.revision}
    payload = {"why": VACATED, "holder": row.holder, "result": result}
    return act.record(subject, Recording(entries.TASK_RELEASED, "released"), payload)
