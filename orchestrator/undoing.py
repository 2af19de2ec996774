"""Undoing what steps have done: by calls that were fixed when it was done, the last first, one after the other.

What has failed or was closed before it was done is not undone, and what has been undone is so once.
"""

from orchestrator import keeping, work_steps
from orchestrator import transitions as t
from orchestrator import undo_transitions as undo
from orchestrator.instance import ENDED, WAITING, Activation, Kept, element_in
from orchestrator.outstanding import out_until
from orchestrator.run import Run
from versioning.blueprint import UndoStep

ACTOR, PARENT = "actor", "parent"  # by whom an instance is cancelled
DELAY = "delay"  # the timer of what is waited for before it is undone
LATE = "late"  # or what made it undo more after it had been
ANSWERED_LATE = "ANSWERED_LATE"  # what came late in an instance that ends by its blueprint: somebody says what of it


def begin(run: Run, activation: Activation, step: UndoStep) -> None:
    """Undo the last, and so on until nothing of what the step names is left.

    Where a call that it is about is still out, that is waited for first, as long as it may come back: it is undone in
    its turn then, and nobody has to see to it.
    """
    until = out_until(run, step.steps)
    if until:
        run.emit(t.DelayStarted(activation.number))
        run.emit(t.TimerSet(activation.number, DELAY, until))
    else:
        waited(run, activation, step)


def waited(run: Run, activation: Activation, step: UndoStep) -> None:
    """Begin to undo: nothing is out any more that could still come."""
    run.emit(undo.UndoOpened(activation.number))
    _next(run, activation.number, step.steps)


def come_back(run: Run, number: int) -> None:
    """A call has come back that nobody waited for but who takes back: where it was the last, that begins."""
    for one in run.instance.live:
        step = run.plan.steps[one.step]
        is_waiting = isinstance(step, UndoStep) and one.state == WAITING and one.watch is None
        if is_waiting and isinstance(step, UndoStep) and not out_until(run, step.steps, number):
            run.emit(t.TimerCancelled(one.number, DELAY))
            waited(run, run.live(one.number), step)


def begin_again(run: Run, activation: Activation) -> None:
    """Call once more for something that could not be undone, as it was fixed when that was done.

    The data may be others by now. They are read where somebody has corrected them for it, or nothing could be fixed.
    """
    call = run.plan.steps[activation.step].undo
    assert call is not None
    before = run.inputs.asked(activation.number)
    is_fixed = before is not None and before.arguments.keys() == {name for name, _ in call.arguments}
    if before is None or run.laid or not is_fixed:
        run.element = run.element_of(run.plan.steps[activation.step], element_in(activation.branch))
        work_steps.begin_call(run, activation, call)
        run.element = {}
    else:
        run.emit(t.CallRequested(activation.number, call.operation, before.arguments, before.key))


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
    if keeping.is_left(run):
        run.emit(undo.CancellingBegun(by))
    run.close_all()
    if run.instance.undo:
        _next(run, 0, ())
    else:
        _cancelled(run, by)


def go_on(run: Run) -> None:
    """Undo, in an instance whose cancelling is taken up again, what is left to undo."""
    _next(run, 0, ())


def look_after(run: Run) -> None:
    """Of an instance that has ended: hold what came late and is not undone, for somebody to say what becomes of it.

    It is not undone by itself: the blueprint has gone on without asking whether it should be.
    """
    if any(kept.late for kept in run.instance.undo):
        run.emit(undo.EndingResumed())
        _next(run, 0, ())


def _is_meant(run: Run, kept: Kept, scope: int, of: tuple[str, ...]) -> bool:
    if not scope and run.instance.cancelling == ENDED:
        return kept.late
    if scope and run.instance.activation(kept.of) is not None:
        return False  # the very call is asked for again: it is done when that is
    return not of or kept.step in of


def _next(run: Run, scope: int, of: tuple[str, ...]) -> None:
    kept = next((one for one in reversed(run.instance.undo) if _is_meant(run, one, scope, of)), None)
    if kept is not None:
        run.emit(undo.UndoBegun(kept.number, scope, kept.step, run.inputs.now, kept.late))
        code = kept.failed or (ANSWERED_LATE if run.instance.cancelling == ENDED else "")
        if code:
            run.hold(run.live(kept.number), code, "undo")
    elif scope:
        host = run.live(scope)
        step_ = run.step_of(host)
        assert isinstance(step_, UndoStep)
        run.leave(host, step_.next)
    elif run.instance.cancelling == ENDED:
        run.emit(t.InstanceEnded(run.instance.outcome))
    else:
        _cancelled(run, run.instance.cancelling)


def _cancelled(run: Run, by: str) -> None:
    run.emit(t.InstanceCancelled(PARENT if by == PARENT else ""))
