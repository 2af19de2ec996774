"""What can be undone: the call is fixed when a thing is done, and put back where its undoing is ended too early.

What is done counts, whatever comes of it: a result that does not fit, an incident that somebody goes past.
"""

from typing import TYPE_CHECKING, Any

from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator import undo_transitions as undo
from orchestrator.instance import Activation
from orchestrator.paths import root_of
from versioning.blueprint import CallStep, EachStep, Step

if TYPE_CHECKING:
    from orchestrator.run import Failed, Run

OUTCOMES = ("into", "bring")  # where in a step stands what its work has led to
NOT_FIXED = "EXPRESSION_FAILED"  # of a call that is put back, whose arguments could not be worked out
UNFIT = "RESULT_INVALID"


def keep(run: "Run", activation: Activation, unread: str = "") -> None:
    """Fix the call that undoes what this activation has done, where its step says one.

    `unread` says why what its arguments read is not known. Where it is handed what the call itself was, it is so as
    that was asked for: the data may have been corrected since.
    """
    step = run.plan.steps[activation.step]
    if step.undo is None:
        return
    element = states.element_in(activation.branch)
    arguments = _as_asked(run, activation, step, step.undo)
    if arguments is not None:
        unread = ""
    elif not unread:
        outer, run.element = run.element, run.element_of(step, element)
        arguments = run.arguments(step.undo.arguments)
        run.element = outer
    # The step is done whatever comes of this; what fails now is held when it is to be undone.
    failed = arguments[1].code if type(arguments) is tuple else unread
    number = run.instance.next_number
    key = f"{run.instance.id}.{number}"
    named = arguments if type(arguments) is dict else {}
    operation = step.undo.operation
    before = kept_of(run, activation)
    instead = 0 if before is None else before.number
    run.emit(undo.UndoKept(number, activation.number, step.id, operation, named, key, failed, element, instead))


def _as_asked(
    run: "Run", activation: Activation, step: Step, undo_: CallStep
) -> dict[str, Any] | tuple[str, "Failed"] | None:
    """What the call was asked for with, where undoing it takes the same; None where it takes something else."""
    done = step.body if isinstance(step, EachStep) else step
    if not isinstance(done, CallStep) or not done.arguments or done.arguments != undo_.arguments:
        return None
    asked = run.inputs.asked(activation.number)
    return None if asked is None else asked.arguments


def kept_of(run: "Run", activation: Activation) -> states.Kept | None:
    """What is kept of a call that has been answered, and that this activation has asked for again."""
    return next((one for one in run.instance.undo if one.of == activation.number), None)


def keep_former(run: "Run", activation: Activation) -> None:
    """As `keep`, of what this activation has done before it asks again: what its result was is not known."""
    if not activation.branch.startswith(states.UNDOING):
        keep(run, activation, UNFIT)


def keep_unfit(run: "Run", activation: Activation, code: str) -> None:
    """As `keep`, of what was done with a result that does not fit: what reads that is not known."""
    step = run.plan.steps[activation.step]
    into = getattr(step, "into", None)
    sources = () if step.undo is None else step.undo.arguments
    is_read = into is not None and any(root_of(into) in run.plan.reads(source) for _, source in sources)
    keep(run, activation, code if is_read else "")


def has_happened(run: "Run", activation: Activation) -> bool:
    """Whether what an activation has done can be undone, and is not kept for that yet: it is held for what its work has
    led to, or it is to ask again once its instance goes on, or could not ask again."""
    if activation.branch.startswith(states.UNDOING) or activation.watch is not None:
        return False
    if run.plan.steps[activation.step].undo is None:
        return False
    if activation.state not in (states.ENTERED, states.HELD):
        return False
    asked = run.inputs.asked(activation.number)
    own = [one for one in run.out if isinstance(one, undo.UndoKept) and one.of == activation.number]
    if asked is not None and asked.answered and not own and kept_of(run, activation) is None:
        return True
    if activation.state == states.ENTERED:
        return False
    raised = [one for one in run.out if isinstance(one, t.IncidentRaised) and one.incident == activation.incident]
    return (raised[0].where if raised else run.inputs.held_at(activation.incident)) in OUTCOMES


def is_left(run: "Run") -> bool:
    """Whether something can be undone, or could be if all that is open were closed."""
    live = run.instance.live
    return bool(run.instance.undo) or any(
        one.branch.startswith(states.UNDOING) or has_happened(run, one) for one in live
    )


def put_back(run: "Run", activation: Activation) -> None:
    """What was being undone is not yet: it can be as before, by the same call under the same key, and is as owed."""
    call, number = run.plan.steps[activation.step].undo, activation.number
    assert call is not None
    own = [one for one in run.out if isinstance(one, t.CallRequested | undo.UndoKept) and one.activation == number]
    asked = own[-1] if own else run.inputs.asked(number)
    is_fixed = asked is not None and asked.arguments.keys() == {name for name, _ in call.arguments}
    element = states.element_in(activation.branch)
    late = states.is_owed(activation.branch)
    run.emit(undo.UndoPutBack(number, activation.step, "" if is_fixed else NOT_FIXED, element, late))
