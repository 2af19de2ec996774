"""Answers to calls that nobody waits for any more: a branch was closed, a step interrupted, the instance cancelled.

What was asked has happened outside, whoever waits for it. So the answer is recorded, and the step counts as done for
undoing: where the instance is being cancelled or was, what it did is undone at once.
"""

from dataclasses import dataclass
from typing import Any

from ledger.refusal import Refusal
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator import undoing
from orchestrator.commands import NO_EVIDENCE, CallEvidence
from orchestrator.instance import Activation
from orchestrator.paths import lay
from orchestrator.run import Run
from orchestrator.turned_down import wrong_state
from orchestrator.undo_transitions import CallAnsweredLate, CancellingResumed
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
        return wrong_state("a call of a connector")
    if activation is not None and activation.state != states.HELD:
        return wrong_state("a call that nobody waits for any more")
    seen = command.evidence
    place = (command.activation, command.step, command.branch)
    run.emit(CallAnsweredLate(*place, seen.connector, seen.request, seen.answer))
    if activation is not None:
        _go_on(run, activation, command)
    elif not command.branch.startswith(states.PARTS) and run.instance.status != states.ENDED:
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
    is_over = run.instance.status == states.CANCELLED
    if is_over:
        by = undoing.PARENT if run.instance.cancelling == undoing.PARENT else undoing.LATE
        run.emit(CancellingResumed(by))
    laid = run.laid
    run.laid = {**laid, **_as_laid(run, getattr(step, "into", None), command.result)}
    run.keep_undo(command.activation, command.step)
    run.laid = laid
    if is_over:
        undoing.go_on(run)


def _as_laid(run: Run, into: str | None, result: Any) -> dict[str, Any]:
    """The data as they would be with the answer, which undoing may read; nothing is set by what came too late."""
    if into is None or run.plan.fault_at(into, result) is not None:
        return {}
    root, _, rest = into.partition(".")
    return {root: lay(run.value(root), rest, result)}
