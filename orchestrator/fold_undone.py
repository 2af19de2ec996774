"""What transitions of undoing do to an instance: what is kept, what is begun, and cancelling that waits for it."""

from collections.abc import Callable
from typing import Any

from ledger.errors import BrokenState
from orchestrator import instance as states
from orchestrator import undo_transitions as undo
from orchestrator.instance import Activation, Instance


def _undo_kept(instance: Instance, transition: undo.UndoKept) -> Instance:
    number = transition.activation
    if number != instance.next_number:
        raise BrokenState(f"expected number {instance.next_number}, found {number}")
    kept = states.Kept(number, transition.step, transition.failed)
    return instance._replace(undo=(*instance.undo, kept), next_number=number + 1)


def _undo_owed(instance: Instance, transition: undo.UndoOwed) -> Instance:
    if not any(one.number == transition.activation for one in instance.undo):
        raise BrokenState(f"expected {transition.activation} to be kept, found it not")
    changed = [one._replace(late=True) if one.number == transition.activation else one for one in instance.undo]
    return instance._replace(undo=tuple(changed))


def _undo_begun(instance: Instance, transition: undo.UndoBegun) -> Instance:
    number, of, step, at = transition
    left = tuple([one for one in instance.undo if one[:2] != (number, step)])
    if len(left) == len(instance.undo):
        raise BrokenState(f"expected {number} to be kept, found it not")
    begun = Activation(number, step, states.REQUESTED, of, states.UNDOING, entered_at=at)
    return instance._replace(undo=left).with_live((*instance.live, begun))


def _cancelling(instance: Instance, transition: undo.CancellingBegun) -> Instance:
    return instance._replace(cancelling=transition.by, suspended="")  # what is undone is no more suspended


def _cancelling_resumed(instance: Instance, transition: undo.CancellingResumed) -> Instance:
    if instance.status != states.CANCELLED:
        raise BrokenState("expected a cancelled instance, found another")
    return instance._replace(status=states.ACTIVE, cancelling=transition.by)


def _ending_resumed(instance: Instance, _transition: undo.EndingResumed) -> Instance:
    if instance.status != states.ENDED:
        raise BrokenState("expected an instance that has ended, found another")
    return instance._replace(status=states.ACTIVE, cancelling=states.ENDED)


UNDONE: dict[type[Any], Callable[[Instance, Any], Instance]] = {
    undo.UndoKept: _undo_kept,
    undo.UndoOwed: _undo_owed,
    undo.UndoBegun: _undo_begun,
    undo.CancellingBegun: _cancelling,
    undo.CancellingResumed: _cancelling_resumed,
    undo.EndingResumed: _ending_resumed,
}
