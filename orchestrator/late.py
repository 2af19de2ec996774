"""Answers to calls that nobody waits for any more: a branch was closed, a step interrupted, the instance cancelled.

What was asked has happened outside, whoever waits for it. So the answer is recorded, and the step counts as done for
undoing: where the instance is being cancelled or was, what it did is undone at once; where it ends or has ended by its
blueprint, somebody is asked. What an answer that does not fit says is never taken for what undoing reads.
"""

from dataclasses import dataclass
from typing import Any

from ledger.refusal import Refusal
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator import undoing
from orchestrator.commands import NO_EVIDENCE, CallEvidence
from orchestrator.instance import Activation
from orchestrator.paths import lay, root_of
from orchestrator.refusal_texts import why
from orchestrator.run import Run
from orchestrator.turned_down import wrong_state
from orchestrator.undo_transitions import CallAnsweredLate, CancellingResumed, UndoOwed
from versioning.blueprint import CallStep

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
    elif not command.branch.startswith(states.PARTS):
        _keep(run, command)
    return None


def _go_on(run: Run, activation: Activation, command: TakeLate) -> None:
    run.emit(t.IncidentResolved(activation.number, activation.incident, ANSWERED))
    is_unfit = command.unfit or run.result_fault(run.live(activation.number), command.result) is not None
    if is_unfit:
        run.fail(activation, command.unfit or "RESULT_INVALID", "into", has_happened=True)
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
    into = getattr(step, "into", None)
    if _is_unfit(run, into, command):
        is_read = into is not None and root_of(into) in {
            name for _, source in step.undo.arguments for name in run.plan.reads(source)
        }
        run.keep_undo(command.activation, command.step, (command.unfit or "RESULT_INVALID") if is_read else "")
    else:
        laid = run.laid
        run.laid = {**laid, **_as_laid(run, into, command.result)}
        run.keep_undo(command.activation, command.step)
        run.laid = laid
    run.emit(UndoOwed(number))
    if over == states.CANCELLED:
        undoing.go_on(run)
    elif over == states.ENDED:
        undoing.look_after(run)


def _is_unfit(run: Run, into: str | None, command: TakeLate) -> bool:
    return bool(command.unfit) or (into is not None and run.plan.fault_at(into, command.result) is not None)


def _as_laid(run: Run, into: str | None, result: Any) -> dict[str, Any]:
    """The data as they would be with the answer, which undoing may read; nothing is set by what came too late."""
    if into is None:
        return {}
    root, _, rest = into.partition(".")
    return {root: lay(run.value(root), rest, result)}
