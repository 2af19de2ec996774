"""Waiting until a condition over the data holds: judged when the wait begins and after each command that sets what it
reads, once all that the command brings about has happened. No clock is looked at and nothing is asked again and again.
In an instance that is suspended none is judged, and all are when it goes on, by the data of then.

What does not exist yet is null, and a condition that comes to null does not hold yet. Anything else that is neither
true nor false, and an expression that fails, is held as an incident.
"""

from orchestrator import event_transitions as events
from orchestrator import watching
from orchestrator.instance import WAITING, Activation
from orchestrator.run import Failed, Run
from versioning.blueprint import WaitStep

NOT_BOOLEAN = "CONDITION_NOT_BOOLEAN"


def judge(run: Run) -> bool:
    """Let the first go on, in order of entering, whose condition holds now; whether there was one.

    The caller lets happen what follows from it and asks again. What a command has not touched it does not ask about.
    """
    if not run.awaited and not run.laid:
        return False
    changed = run.laid.keys()
    for activation in run.instance.live:
        source = _awaited(run, activation)
        is_new = activation.number in run.awaited
        if source is None or not (is_new or changed & set(run.plan.reads(source))):
            continue
        holds = run.evaluate(source)
        if holds is True:
            _go_on(run, activation)
            return True
        if holds is not False and holds is not None:
            run.fail(activation, holds.code if type(holds) is Failed else NOT_BOOLEAN, "condition")
            if run.instance.activation(activation.number) is None:
                return True  # the step has been left, and what follows comes first
    return False


def _awaited(run: Run, activation: Activation) -> str | None:
    """The condition an activation waits for; None where it waits for something else, or not any more."""
    if activation.state != WAITING:
        return None
    step = run.step_of(activation)
    if activation.watch is not None:
        watch = step.watches[activation.watch]
        return watch.on if watch.kind == "condition" else None
    return step.condition if isinstance(step, WaitStep) else None


def _go_on(run: Run, activation: Activation) -> None:
    step = run.step_of(activation)
    run.emit(events.ConditionMet(activation.number))
    if activation.watch is not None:
        watching.happened(run, run.live(activation.number), step.watches[activation.watch])
    else:
        assert isinstance(step, WaitStep)
        run.leave(run.live(activation.number), step.next)
