"""Undoing what steps have done: by calls that were fixed when it was done, the last first, one after the other.

What has failed or was closed before it was done is not undone, and what has been undone is so once.
"""

from orchestrator import transitions as t
from orchestrator import undo_transitions as undo
from orchestrator import work_steps
from orchestrator.instance import Activation
from orchestrator.run import Run
from versioning.blueprint import UndoStep

ACTOR, PARENT = "actor", "parent"  # by whom an instance is cancelled
LATE = "late"  # or what made it undo more after it had been


def begin(run: Run, activation: Activation, step: UndoStep) -> None:
    """Undo the last, and so on until nothing of what the step names is left."""
    run.emit(undo.UndoOpened(activation.number))
    _next(run, activation.number, step.steps)


def begin_again(run: Run, activation: Activation) -> None:
    """Call once more for something that could not be undone."""
    step = run.plan.steps[activation.step]
    assert step.undo is not None
    work_steps.begin_call(run, activation, step.undo)


def over(run: Run, scope: int) -> None:
    """Something has been undone; then the next, or the end of who asked for it."""
    if scope:
        step = run.step_of(run.live(scope))
        assert isinstance(step, UndoStep)
        _next(run, scope, step.steps)
    else:
        _next(run, 0, ())


def cancel(run: Run, by: str) -> None:
    """Close everything, undo what can be undone, and then cancel the instance."""
    if run.instance.undo:
        run.emit(undo.CancellingBegun(by))
    run.close_all()
    if run.instance.undo:
        _next(run, 0, ())
    else:
        _cancelled(run, by)


def go_on(run: Run) -> None:
    """Undo, in an instance whose cancelling is taken up again, what is left to undo."""
    _next(run, 0, ())


def _next(run: Run, scope: int, of: tuple[str, ...]) -> None:
    kept = next((one for one in reversed(run.instance.undo) if not of or one[1] in of), None)
    if kept is not None:
        number, step, failed = kept
        run.emit(undo.UndoBegun(number, scope, step, run.inputs.now))
        if failed:
            run.hold(run.live(number), failed, "undo")
    elif scope:
        host = run.live(scope)
        step_ = run.step_of(host)
        assert isinstance(step_, UndoStep)
        run.leave(host, step_.next)
    else:
        _cancelled(run, run.instance.cancelling)


def _cancelled(run: Run, by: str) -> None:
    run.emit(t.InstanceCancelled(PARENT if by == PARENT else ""))
