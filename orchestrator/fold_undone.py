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
    before, others = instance.undo, instance.undo
    if transition.instead:
        others = tuple([one for one in before if one.number != transition.instead])
        if len(others) == len(before):
            raise BrokenState(f"expected {transition.instead} to be kept, found it not")
    asking = instance.activation(transition.of)
    of = transition.of if asking is not None and asking.state == states.REQUESTED else 0
    kept = states.Kept(number, transition.step, transition.failed, element=transition.element, of=of)
    return instance._replace(undo=(*others, kept), next_number=number + 1)


def _undo_owed(instance: Instance, transition: undo.UndoOwed) -> Instance:
    if not any(one.number == transition.activation for one in instance.undo):
        raise BrokenState(f"expected {transition.activation} to be kept, found it not")
    changed = [one._replace(late=True) if one.number == transition.activation else one for one in instance.undo]
    return instance._replace(undo=tuple(changed))


def _undo_begun(instance: Instance, transition: undo.UndoBegun) -> Instance:
    number, of, step, at, late = transition
    kept = next((one for one in instance.undo if one[:2] == (number, step)), None)
    if kept is None:
        raise BrokenState(f"expected {number} to be kept, found it not")
    left = tuple([one for one in instance.undo if one is not kept])
    begun = Activation(number, step, states.REQUESTED, of, states.undoing(kept.element, late=late), entered_at=at)
    return instance._replace(undo=left).with_live((*instance.live, begun))


def _undo_put_back(instance: Instance, transition: undo.UndoPutBack) -> Instance:
    number, step, failed, element, late = transition
    if number >= instance.next_number or number in _known(instance):
        raise BrokenState(f"expected {number} to have been begun and left, found it not")
    return instance._replace(undo=(*instance.undo, states.Kept(number, step, failed, late, element)))


def _known(instance: Instance) -> set[int]:
    return {kept.number for kept in instance.undo} | {one.number for one in instance.live}


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
    undo.UndoPutBack: _undo_put_back,
    undo.CancellingBegun: _cancelling,
    undo.CancellingResumed: _cancelling_resumed,
    undo.EndingResumed: _ending_resumed,
}
