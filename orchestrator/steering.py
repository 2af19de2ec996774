"""What acts that steer an instance do to it: suspend, resume, move it to other steps, correct its data. As `resume`,
each checks, then emits.

A token is never doubled: a step is entered in the place of the one that is ended and nowhere else (`moving`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.refusal import Reason, Refusal
from orchestrator import children, late, steered
from orchestrator import commands as c
from orchestrator import instance as states
from orchestrator.correcting import values_fault
from orchestrator.instance import BESIDE
from orchestrator.migrating import Migrate
from orchestrator.moving import MOVES_MAX, cannot_move, move, not_endable
from orchestrator.refusal_texts import why
from orchestrator.run import Run
from orchestrator.turned_down import wrong_state
from orchestrator.under_way import list_fault


@dataclass(frozen=True, slots=True)
class Suspend:
    """By an act on the instance itself, or on its parent."""

    by: str = steered.ITSELF


@dataclass(frozen=True, slots=True)
class Resume:
    by: str = steered.ITSELF


@dataclass(frozen=True, slots=True)
class Modify:
    """`moves` end an activation and enter a step in its place; `ends` end what runs beside a step."""

    moves: tuple[tuple[int, str], ...] = ()
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Correct:
    """Other values, by path."""

    values: Mapping[str, Any] = field(default_factory=dict)


# What is done outside comes back whatever was suspended meanwhile: it is recorded, and nothing that follows begins.
# What an agent's answer asks for (a review, a judge, the next agent) stands still, as what was open before.
WHILE_SUSPENDED = (
    Suspend, Resume, Modify, Migrate, Correct, children.EndChild, children.FailChild,
    c.CompleteJob, c.FailJob, c.SucceedCall, c.FailCall, late.TakeLate, late.FailLate, c.ResolveIncident,
    c.CancelInstance,
)  # fmt: skip
SUSPENDED = Refusal(Reason.INSTANCE_SUSPENDED, why("instance-suspended"))


def suspend_fault(instance: states.Instance) -> Refusal | None:
    """Why an instance that is active cannot be suspended; None where it can."""
    if instance.suspended:
        return SUSPENDED
    if instance.cancelling == states.ENDED:
        return wrong_state(why("instance-over"))  # it is looked after alone, and would end while it stands still
    return None


def suspend(run: Run, command: Suspend) -> Refusal | None:
    """Let nothing begin in the instance any more, nor in those it runs."""
    fault = suspend_fault(run.instance)
    if fault is not None:
        return fault
    run.emit(steered.InstanceSuspended(command.by))
    for activation in run.instance.live:
        if activation.state == states.RUNNING and activation.holder:
            run.emit(steered.ChildSuspended(activation.number, activation.holder))
    return None


def resume_instance(run: Run, command: Resume) -> Refusal | None:
    """Let it go on, with what was entered meanwhile and with the instances that were suspended with it."""
    if not run.instance.suspended:
        return wrong_state(why("instance-not-suspended"))
    if run.instance.suspended != command.by:
        return Refusal(Reason.WRONG_STATE, why("suspended-by-parent"))
    run.emit(steered.InstanceResumed(command.by))
    for activation in run.instance.live:
        if activation.state == states.RUNNING and activation.holder:
            run.emit(steered.ChildResumed(activation.number, activation.holder))
        elif activation.state == states.ENTERED:
            run.again.add(activation.number)  # its incident may have been resolved while it stood still
            run.todo.append(activation.number)
        elif activation.state == states.WAITING:
            run.awaited.add(activation.number)  # for a condition, which nobody has judged meanwhile
    return None


def modify(run: Run, command: Modify) -> Refusal | None:
    """Move activations to other steps, and end what runs beside a step."""
    if run.instance.cancelling:
        return wrong_state(why("being-cancelled"))
    numbers = [*[number for number, _ in command.moves], *command.ends]
    if not 0 < len(numbers) <= MOVES_MAX or len(set(numbers)) < len(numbers):
        return Refusal(Reason.INVALID_DATA, why("activations-counted", most=MOVES_MAX))
    for number in numbers:
        fault = not_endable(run, number, set(numbers))
        if fault is not None:
            return fault
    for number, to in command.moves:
        fault = cannot_move(run, run.live(number), to)
        if fault is not None:
            return fault
    for number in command.ends:
        if not run.live(number).branch.startswith(BESIDE):
            return Refusal(Reason.UNSOUND_MARKING, why("nowhere-to-go", number=number))
    for number, to in command.moves:
        move(run, number, to)
    for number in command.ends:
        run.close(run.live(number))
    return None


def correct(run: Run, command: Correct) -> Refusal | None:
    """Lay other values; the key by which the instance is known stays."""
    if not command.values:
        return Refusal(Reason.INVALID_DATA, why("no-value-given"))
    fault = values_fault(run.plan, command.values) or list_fault(run, sorted(command.values.items()))
    if fault is not None:
        return fault
    for path in sorted(command.values):
        run.lay(path, command.values[path])
    return None
