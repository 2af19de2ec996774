"""What an act on an instance brings about elsewhere: in instances it runs and in the one that runs it, at those whom
work is offered to, with messages.

Taken transition by transition, as each is recorded. What ends or stops something elsewhere does so at once; what lets
something begin or go on waits until all of this instance is recorded, since it may lead back here.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from orchestrator import kin, resume, steered, tables
from orchestrator import transitions as t
from orchestrator.fold import apply_one
from orchestrator.giving import give
from orchestrator.instance import WAITING
from orchestrator.kept import Wait
from orchestrator.leases import ended
from orchestrator.subject import Subject
from orchestrator.transitions import Transition

if TYPE_CHECKING:
    from orchestrator.act import Act


class Following:
    """What is still to follow from one command on one instance."""

    __slots__ = ("act", "offers", "over", "requests", "resumed", "subject", "waits")

    def __init__(self, act: "Act", subject: Subject) -> None:
        self.act = act
        self.subject = subject
        self.over: t.InstanceEnded | t.InstanceCancelled | None = None
        # Most commands bring nothing about elsewhere: these become longer where one does.
        self.resumed: tuple[str, ...] = ()  # instances it runs that go on with it
        self.requests: tuple[t.ChildRequested, ...] = ()
        self.offers: tuple[t.TaskOffered, ...] = ()
        self.waits: tuple[tuple[int, str], ...] = ()  # activations that wait for a message, and its mark

    def settle(self, said: Sequence[Transition]) -> None:
        """Let happen what was left for the end. `said` are all transitions of the instance."""
        for instance_id in self.resumed:
            kin.resume_child(self.act, instance_id)
        if self.requests:
            left = {one.activation for one in said if isinstance(one, t.StepLeft)}
            for request in self.requests:
                if request.activation not in left:
                    kin.start_child(self.act, self.subject, request)
        for offered in self.offers:
            give(self.act, self.subject, offered)
        if self.over is not None and self.subject.row.parent:
            kin.tell_parent(self.act, self.subject, self.over)
        for number, key_mark in self.waits:
            deliver_kept(self.act, self.subject, number, key_mark)


def _requested(after: Following, transition: t.ChildRequested) -> None:
    after.requests += (transition,)


def _offered(after: Following, transition: t.TaskOffered) -> None:
    if after.subject.plan.offers:
        after.offers += (transition,)


def _over(after: Following, transition: t.InstanceEnded | t.InstanceCancelled) -> None:
    after.over = transition


def _subscribed(after: Following, transition: t.MessageSubscribed) -> None:
    recorded = after.subject.sealed[-1]  # what the machine has made has no mark yet
    assert isinstance(recorded, t.MessageSubscribed)
    after.waits += ((transition.activation, recorded.key_mark),)


def _child_resumed(after: Following, transition: steered.ChildResumed) -> None:
    after.resumed += (transition.instance,)


def _resumed(after: Following, _transition: steered.InstanceResumed) -> None:
    """An instance that goes on has waited meanwhile, and messages that came were kept."""
    subject = after.subject
    for activation in subject.instance.live:
        row = after.act.uow.get(tables.SUBSCRIPTION, subject.row.id, activation.number)
        if row is not None and row.state == "open":
            after.waits += ((activation.number, row.key_mark),)


def _sent(after: Following, transition: t.MessageSent) -> None:
    after.act.sent.append((after.subject, transition))


def _job_cancelled(after: Following, transition: t.JobCancelled) -> None:
    after.act.ended_leases += ended(after.act.uow, after.subject.row.id, transition.activation)


def _call_cancelled(after: Following, transition: t.CallCancelled) -> None:
    """What has not gone out will not, and holds up no other call; what has is under way until it comes back."""
    row = after.act.uow.get(tables.CALL, after.subject.row.id, transition.activation)
    if row is not None and row.started <= row.tries:
        after.act.ended_leases += ended(after.act.uow, after.subject.row.id, transition.activation)


def _of_child(act_on: Callable[["Act", str], None]) -> Callable[[Following, Any], None]:
    def take(after: Following, transition: Any) -> None:
        act_on(after.act, transition.instance)

    return take


TAKES: dict[type[Any], Callable[[Following, Any], None]] = {
    t.ChildRequested: _requested,
    t.TaskOffered: _offered,
    t.InstanceEnded: _over,
    t.InstanceCancelled: _over,
    t.MessageSubscribed: _subscribed,
    t.MessageSent: _sent,
    t.JobCancelled: _job_cancelled,
    t.CallCancelled: _call_cancelled,
    t.ChildCancelled: _of_child(kin.cancel_child),
    steered.ChildSuspended: _of_child(kin.suspend_child),
    steered.ChildResumed: _child_resumed,
    steered.InstanceResumed: _resumed,
}
"""What follows from a transition of an instance, which is the last that was recorded, where it is recorded at all."""


def deliver_kept(act: "Act", subject: Subject, number: int, key_mark: str) -> None:
    """Give the oldest kept message that fits to an activation that has begun to wait."""
    wait = Wait(subject.row.id, number)
    for tried in act.deliveries.to_try(act.uow, wait, key_mark, subject.row.domain):
        activation = subject.instance.activation(number)
        if activation is None or activation.state != WAITING:
            return  # another event has ended the wait
        if tried is None:
            act.do(subject, resume.HoldWait(number))
            return
        row, data = tried
        act.deliveries.take(act.uow, row, wait)  # before: what follows may wait for the same again
        is_erased = data is None and bool(row.data)
        if not is_erased and act.do(subject, resume.Deliver(number, data, row.id)) is None:
            return
        act.deliveries.pass_over(row, wait)
        over = t.MessagePassedOver(number, row.id)
        subject.instance = apply_one(subject.instance, over)
        subject.record(over, subject.instance)
    act.unclaimed.offer(act, subject, number, key_mark)
