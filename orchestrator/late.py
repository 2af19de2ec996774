"""Answers to calls that nobody waits for any more: a branch was closed, a step interrupted, the instance cancelled.

What was asked has happened outside, whoever waits for it. So the answer is recorded, and the step counts as done for
undoing: where the instance is being cancelled or was, what it did is undone at once; where it ends or has ended by its
blueprint, somebody is asked. What an answer that does not fit says is never taken for what undoing reads.
"""

from dataclasses import dataclass
from typing import Any

from ledger.canonical import encode
from ledger.refusal import Refusal
from orchestrator import instance as states
from orchestrator import keeping, under_way, undoing
from orchestrator import transitions as t
from orchestrator.commands import NO_EVIDENCE, CallEvidence
from orchestrator.instance import Activation
from orchestrator.paths import lay, value_at
from orchestrator.refusal_texts import why
from orchestrator.run import Run
from orchestrator.turned_down import wrong_state
from orchestrator.undo_transitions import CallAnsweredLate, CallFailedLate, CancellingResumed, UndoOwed
from orchestrator.work_steps import ANEW
from versioning.blueprint import CallStep, EachStep

ELEMENT_CHANGED = "ELEMENT_CHANGED"  # of an undoing: the list is another than when the call went out
ARGUMENTS_CHANGED = "ARGUMENTS_CHANGED"  # of a step that is to call with other arguments than were answered
ANSWERED = "answered"  # how an incident about a late call is resolved by the answer


@dataclass(frozen=True, slots=True)
class TakeLate:
    """The answer of a call that was cancelled after it had gone out; `step` and `branch` are what had asked."""

    activation: int
    step: str
    branch: str
    result: Any = None
    evidence: CallEvidence = NO_EVIDENCE
    unfit: str = ""


def take_late(run: Run, command: TakeLate) -> Refusal | None:
    """Record it, so that what has happened can be undone. A step that is held since no answer came goes on."""
    activation = run.instance.activation(command.activation)
    if not isinstance(run.plan.visited(command.step, command.branch), CallStep):
        return wrong_state(why("no-connector-call"))
    if activation is not None and activation.state != states.HELD:
        return wrong_state(why("call-waited-for"))
    seen = command.evidence
    place = (command.activation, command.step, command.branch)
    run.emit(CallAnsweredLate(*place, seen.connector, seen.request, seen.answer))
    if activation is not None:
        _go_on(run, activation, command)
    elif not command.branch.startswith(states.UNDOING):
        _keep(run, command)
    return None


@dataclass(frozen=True, slots=True)
class FailLate:
    """A call that was cancelled after it had gone out has failed; `step` and `branch` are what had asked."""

    activation: int
    step: str
    branch: str
    code: str
    evidence: CallEvidence = NO_EVIDENCE


def fail_late(run: Run, command: FailLate) -> Refusal | None:
    """Record it where what the step does can be undone: who takes back waits for the call no longer."""
    step = run.plan.steps[command.step]
    is_undoing = command.branch.startswith(states.UNDOING)
    if is_undoing or step.undo is None or run.instance.activation(command.activation) is not None:
        return wrong_state(why("no-call"))
    seen = command.evidence
    place = (command.activation, command.step, command.code, command.branch)
    run.emit(CallFailedLate(*place, seen.connector, seen.request, seen.answer))
    if not run.instance.suspended:
        undoing.come_back(run, command.activation)
    return None


def _go_on(run: Run, activation: Activation, command: TakeLate) -> None:
    is_asked_anew = run.inputs.held_at(activation.incident) == ANEW
    run.emit(t.IncidentResolved(activation.number, activation.incident, ANSWERED))
    if is_asked_anew:  # somebody has asked for another call: whether that is still wanted is for them to say
        run.hold(activation, ARGUMENTS_CHANGED, keeping.OUTCOMES[0])
        return
    code = command.unfit or under_way.unfit(run, run.live(activation.number), command.result)
    if code:
        run.fail(activation, code, "into", has_happened=True)
    else:
        run.finish(activation, command.result)


def _keep(run: Run, command: TakeLate) -> None:
    step = run.plan.steps[command.step]
    if step.undo is None:
        return
    over = run.instance.status
    if run.instance.status == states.CANCELLED:
        by = undoing.PARENT if run.instance.cancelling == undoing.PARENT else undoing.LATE
        run.emit(CancellingResumed(by))
    number = run.instance.next_number
    done = Activation(command.activation, command.step, states.ENTERED, branch=command.branch)
    into = getattr(step, "into", None)
    fault = run.result_fault(done, command.result)
    if command.unfit or fault is not None:
        keeping.keep_unfit(run, done, command.unfit or keeping.UNFIT)
    elif _is_another(run, done):
        keeping.keep(run, done, ELEMENT_CHANGED)
    else:
        laid = run.laid
        run.laid = {**laid, **_as_laid(run, into, done, command.result)}
        keeping.keep(run, done)
        run.laid = laid
    run.emit(UndoOwed(number))
    if over == states.CANCELLED:
        undoing.go_on(run)
    elif over == states.ENDED:
        undoing.look_after(run)
    elif not run.instance.suspended:
        undoing.come_back(run, command.activation)


def _is_another(run: Run, done: Activation) -> bool:
    """Whether the list has changed since the call went out, so that its place holds what it was not made for.

    Told by the arguments it was made with: what would be undone then may never have been done.
    """
    step = run.plan.steps[done.step]
    if not isinstance(step, EachStep) or step.body is None:
        return False
    asked = run.inputs.asked(done.number)
    run.element = run.element_of(step, states.element_in(done.branch))
    arguments = run.arguments(step.body.arguments)
    run.element = {}
    return asked is None or type(arguments) is tuple or encode(asked.arguments) != encode(arguments)


def _as_laid(run: Run, into: str | None, done: Activation, result: Any) -> dict[str, Any]:
    """The data as they would be with the answer, which undoing may read; nothing is set by what came too late."""
    if into is None:
        return {}
    root, _, rest = into.partition(".")
    element = states.element_in(done.branch)
    if element:
        items = [*(value_at(run.value(root), rest) or ())]
        items += [None] * (element - len(items))
        items[element - 1] = result
        result = items
    return {root: lay(run.value(root), rest, result)}
