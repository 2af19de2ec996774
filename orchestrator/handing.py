"""Handing an open task to somebody else: reassigned for good, or delegated by its holder and returned.

Delegating passes work and never authority: the holder stays the holder. What the delegate proposes is the holder's to
complete, under the holder's own authority. A delegate passes a task to nobody, so there is no chain of delegates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from orchestrator import task_transitions as tasks
from orchestrator.agent_transitions import ReviewTaken
from orchestrator.forms import taken
from orchestrator.instance import CLAIMED
from orchestrator.refusal_texts import why
from orchestrator.resume import VOTED_ON, held_task, is_voted_on, open_task
from orchestrator.run import Run
from orchestrator.transitions import TaskClaimed, TaskReleased
from versioning.blueprint import AgentStep, DecideStep, TaskStep

NOBODY = "NOBODY_OFFERED"  # the incident of a step that nobody it is offered to could do


@dataclass(frozen=True, slots=True)
class ReassignTask:
    """Give an open task, held or not, to the person `to`."""

    task_id: str
    to: str
    reason: str
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class DelegateTask:
    """The holder has the person `to` work on it."""

    task_id: str
    to: str
    reason: str = ""
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnTask:
    """The delegate gives it back: with an outcome or data as a proposal, or undone. Or its holder takes it back."""

    task_id: str
    outcome: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class GiveTask:
    """Give a task that was just offered to the person `to`, who held `holding` tasks and was one of `among`.

    With nobody to give it to, and nobody it is offered to, it is held.
    """

    number: int
    to: str = ""
    holding: int = 0
    among: int = 0


@dataclass(frozen=True, slots=True)
class TakeTask:
    """Take a task as the substitute of a person: of its holder, or of one it is offered to, as the caller has asked."""

    task_id: str
    stands_in_for: str
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class VacateTask:
    """Sent by the runner for a task whose `holder` may no longer do it, or the `delegate` who has it from them."""

    task_id: str
    holder: str
    delegate: str = ""


@dataclass(frozen=True, slots=True)
class TakeAway:
    """Take a task from its `holder` or, where it is named, its `delegate`, for a reason that refuses it to them."""

    task_id: str
    holder: str
    delegate: str
    reason: str


def take_away(run: Run, command: TakeAway) -> Refusal | None:
    """Offered again; or with its holder alone again, where it is the delegate who may no longer do it."""
    found = open_task(run, command.task_id, None)
    if isinstance(found, Refusal):
        return found
    is_theirs = found.holder == command.holder and command.delegate in ("", found.delegate)
    if found.state != CLAIMED or not is_theirs:
        return Refusal(Reason.WRONG_STATE, why("task-of-other-holder"))
    if command.delegate:
        step = run.step_of(found)
        run.emit(tasks.TaskReturned(found.number, step.id, command.delegate, why=tasks.VACATED, reason=command.reason))
    else:
        run.emit(TaskReleased(found.number, tasks.VACATED, command.reason))
    return None


def give_task(run: Run, command: GiveTask) -> Refusal | None:
    """Held by whom it is given to, or by an incident."""
    activation = run.live(command.number)
    if command.to:
        run.emit(tasks.TaskAssigned(command.number, command.to, tasks.LEAST_LOADED, command.holding, command.among))
    else:
        run.fail(activation, NOBODY, "offer to")
    return None


def take_task(run: Run, command: TakeTask) -> Refusal | None:
    """Held by who takes it, with whose it is beside it."""
    found = open_task(run, command.task_id, command.expected_revision)
    if isinstance(found, Refusal):
        return found
    by, absent = run.inputs.by, command.stands_in_for
    if found.state != CLAIMED:
        run.emit(TaskClaimed(found.number, by, absent))
        if isinstance(run.step_of(found), AgentStep):
            run.emit(ReviewTaken(found.number))
        return None
    run.emit(tasks.TaskAssigned(found.number, by, tasks.SUBSTITUTE, stands_in_for=absent))
    return None


def reassign_task(run: Run, command: ReassignTask) -> Refusal | None:
    """Held by another from now on, whoever held it; a delegate has it no more."""
    found = open_task(run, command.task_id, command.expected_revision)
    if isinstance(found, Refusal):
        return found
    if not command.reason.strip():
        return Refusal(Reason.REASON_MISSING, why("handed-without-reason"))
    if is_voted_on(run.step_of(found)):
        return VOTED_ON
    if found.state == CLAIMED and found.holder == command.to:
        return Refusal(Reason.WRONG_STATE, why("already-holder"))
    run.emit(tasks.TaskAssigned(found.number, command.to, tasks.REASSIGNED))
    return None


def delegate_task(run: Run, command: DelegateTask) -> Refusal | None:
    """With another person, and still its holder's."""
    found = held_task(run, command.task_id, command.expected_revision)
    if isinstance(found, Refusal):
        return found
    if command.to == run.inputs.by:
        return Refusal(Reason.WRONG_STATE, why("already-holder"))
    run.emit(tasks.TaskDelegated(found.number, command.to))
    return None


def return_task(run: Run, command: ReturnTask) -> Refusal | None:
    """With its holder alone again."""
    found = open_task(run, command.task_id, command.expected_revision)
    if isinstance(found, Refusal):
        return found
    by = run.inputs.by
    if not found.delegate:
        return Refusal(Reason.WRONG_STATE, why("not-delegated"))
    if by not in (found.delegate, found.holder):
        return Refusal(Reason.CLAIMED_BY_OTHER, why("delegated-to-other"))
    step = run.step_of(found)
    proposes = proposes_by(command)
    if proposes and by != found.delegate:
        return Refusal(Reason.INVALID_DATA, why("taken-back-with-proposal"))
    if proposes and (fault := _fault(run, step, command)) is not None:
        return fault
    run.emit(tasks.TaskReturned(found.number, step.id, by, proposes))
    return None


def proposes_by(command: ReturnTask) -> bool:
    """Whether the delegate proposes something, or gives the task back undone."""
    return bool(command.outcome or command.data)


def _fault(run: Run, step: Any, command: ReturnTask) -> Refusal | None:
    """Why this is no completion that the holder could make of it."""
    if isinstance(step, DecideStep):
        if command.outcome not in step.outcomes:
            return Refusal(Reason.UNKNOWN_OUTCOME, why("one-of", names=as_it_is(", ".join(step.outcomes))))
        if command.data:
            return Refusal(Reason.INVALID_DATA, why("decision-with-data"))
        return None
    assert isinstance(step, TaskStep)
    if command.outcome:
        return Refusal(Reason.UNKNOWN_OUTCOME, why("form-with-outcome"))
    values = taken(run.plan, step.expects, command.data)
    return values if isinstance(values, Refusal) else None
