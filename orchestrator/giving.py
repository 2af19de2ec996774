"""Work that is offered to a skill or a unit, or given to who holds the fewest tasks: whom it reaches.

An offer permits nothing: who is given a task is asked every question of the claim and of the completion first, duties
among them. Where nobody it is offered to could do it, the step is held by an incident rather than left to wait.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator import transitions as t
from orchestrator.as_person import CANDIDATES_MAX, kind_of_decision, unable
from orchestrator.handing import GiveTask
from orchestrator.instance import OFFERED
from orchestrator.plan import role_name
from orchestrator.stating import FoundTask, offer_in
from orchestrator.subject import Subject
from versioning.blueprint import AgentStep, DecideStep, TaskStep

if TYPE_CHECKING:
    from orchestrator.act import Act

_HELD = (
    "SELECT holder, COUNT(*) FROM task WHERE log_id = {{log}} AND state = 'claimed' AND holder IN ({marks})"
    " GROUP BY holder"
)
_GIVEN = "SELECT person, given_at FROM task_given WHERE log_id = {{log}} AND person IN ({marks})"


def give(act: "Act", subject: Subject, offered: t.TaskOffered) -> None:
    """Give a task that was just offered to whom its step says, or hold the step where nobody could do it."""
    activation = subject.instance.activation(offered.activation)
    if activation is None or activation.state != OFFERED or offered.above:
        return
    step = subject.plan.steps[activation.step]
    assert isinstance(step, TaskStep | DecideStep | AgentStep)
    if step.offer is None or offered.role != role_name(step.review_by if isinstance(step, AgentStep) else step.role):
        return  # a deadline has passed it on: it is offered to all of them
    row = act.uow.get(tables.TASK, subject.row.id, activation.number)
    found = FoundTask(subject, activation, step, offer_in(row, activation))
    asked = _asked(act, found, offered)
    loads = _loads(act, asked) if step.offer.least_loaded else {}
    able = (one for one in _in_order(act, asked, loads) if unable(act, found, one) is None)
    first = next(able, None)
    if first is None:
        act.do(subject, GiveTask(activation.number))
    elif step.offer.least_loaded:
        act.given[first] = act.given.get(first, 0) + 1
        act.do(subject, GiveTask(activation.number, first, loads[first], len(asked)))


def _asked(act: "Act", found: FoundTask, offered: t.TaskOffered) -> tuple[str, ...]:
    """Those of the role, or holders of an authority for the decision, who have what the offer says; by id."""
    deps, uow, row = act.deps, act.uow, found.subject.row
    if offered.role:
        among: Iterable[str] = deps.access.holders(uow, uow.now, row.domain, offered.role)
    elif isinstance(found.step, DecideStep):
        known = deps.authorities.heights(uow, kind_of_decision(act, found, found.step))
        among = () if isinstance(known, Refusal) else known
    else:
        among = ()
    persons = set(among)
    for attribute, value in (("skill", offered.skill), ("unit", offered.unit)):
        if value:
            persons &= set(deps.attributes.having(uow, uow.now, attribute, value))
    return tuple(sorted(persons))[:CANDIDATES_MAX]


def _loads(act: "Act", persons: Sequence[str]) -> dict[str, int]:
    """How many tasks each holds, with those this command has given them and without those it has completed."""
    held = Counter(dict(_rows(act.uow, _HELD, persons)))
    held.update(act.given)
    sealed = [one for subject in act.subjects.values() for one in subject.sealed]
    held.subtract(one.by for one in sealed if isinstance(one, t.TaskCompleted))
    return {one: max(held[one], 0) for one in persons}


def _in_order(act: "Act", persons: Sequence[str], loads: dict[str, int]) -> list[str]:
    """Who is here before who is stood in for, then by what they hold, by how long ago they were given one, by id."""
    if not loads:
        return list(persons)
    absent = act.deps.stand_ins.absent(act.uow, act.uow.now)
    given = {**dict(_rows(act.uow, _GIVEN, persons)), **dict.fromkeys(act.given, act.uow.now)}
    return sorted(persons, key=lambda one: (one in absent, loads[one], given.get(one, 0), one))


def _rows(uow: UnitOfWork, statement: str, persons: Sequence[str]) -> list[tuple[Any, ...]]:
    if not persons:
        return []
    return uow.query(statement.format(marks=", ".join("?" * len(persons))), tuple(persons))
