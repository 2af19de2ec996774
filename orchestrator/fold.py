"""State is a fold: what transitions do to an instance. Nothing here evaluates an expression, a clock or a register.

The machine works out its own next state with `apply_one`, the recorded entry is folded with `apply`, and a replay is
the same line again; the three cannot differ.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ledger.errors import BrokenState
from orchestrator import agent_transitions as a
from orchestrator import each_transitions as each
from orchestrator import event_transitions as events
from orchestrator import instance as states
from orchestrator import steered
from orchestrator import task_transitions as tasks
from orchestrator import transitions as t
from orchestrator import undo_transitions as undo
from orchestrator.agents import holder_of
from orchestrator.child_transitions import ChildFailed, ChildRetried
from orchestrator.deadlines import DEADLINE
from orchestrator.fold_branches import BRANCHED
from orchestrator.fold_undone import UNDONE
from orchestrator.fold_votes import VOTES
from orchestrator.instance import Activation, Instance, Timer
from orchestrator.told_transitions import PeopleTold
from orchestrator.transitions import Transition


def apply(instance: Instance, transitions: Iterable[Transition]) -> Instance:
    """The instance after one command's transitions; its revision is one higher. `BrokenState` if they do not fit."""
    for transition in transitions:
        instance = apply_one(instance, transition)
    return instance._replace(revision=instance.revision + 1)


def apply_one(instance: Instance, transition: Transition) -> Instance:
    """The instance after one transition; the revision stays."""
    return APPLY[type(transition)](instance, transition)


def _change(instance: Instance, number: int, **changes: Any) -> Instance:
    activation = instance.known(number)
    return instance.put(activation, activation._replace(**changes))


def _started(instance: Instance, _transition: t.InstanceStarted) -> Instance:
    if instance.status != states.NEW:
        raise BrokenState("expected a new instance, found one that has started")
    return instance._replace(status=states.ACTIVE)


def _ended(instance: Instance, transition: t.InstanceEnded) -> Instance:
    return _over(instance)._replace(status=states.ENDED, outcome=transition.outcome)


def _cancelled(instance: Instance, _transition: t.InstanceCancelled) -> Instance:
    return _over(instance)._replace(status=states.CANCELLED, suspended="")


def _over(instance: Instance) -> Instance:
    if instance.live or instance.clock is not None or instance.status != states.ACTIVE:
        raise BrokenState("expected an active instance with nothing left open")
    return instance


def _begun(instance: Instance, activation: Activation) -> Instance:
    """With one more live activation, which has the next number."""
    number = activation.number
    if number != instance.next_number or instance.status != states.ACTIVE:
        raise BrokenState(f"expected activation {instance.next_number} of an active instance, found {number}")
    return instance.with_live((*instance.live, activation), number + 1)


def _step_entered(instance: Instance, transition: t.StepEntered) -> Instance:
    number, step, at, scope, branch = transition
    return _begun(instance, states.entered(number, step, at, scope, branch))


def _watch_set(instance: Instance, transition: events.WatchSet) -> Instance:
    number, of = transition.activation, instance.known(transition.of)
    branch = f"{states.WATCH}{transition.watch - 1}"
    return _begun(instance, Activation(number, of.step, states.ENTERED, of.number, branch, entered_at=of.entered_at))


def _step_left(instance: Instance, transition: t.StepLeft) -> Instance:
    activation = instance.known(transition.activation)
    if activation.timers or activation.incident:
        raise BrokenState("expected a step without timers and incidents to be left")
    return instance.with_live(tuple([a for a in instance.live if a is not activation]))


def _closed(instance: Instance, transition: Any) -> Instance:
    """What the activation waited for is over; it is about to be left or begun again."""
    activation = instance.known(transition.activation)
    new = activation.moved(states.ENTERED, "", activation.revision + 1)
    return instance.put(activation, new._replace(votes=()) if new.votes else new)


def _in_state(state: str) -> Callable[[Instance, Any], Instance]:
    def change(instance: Instance, transition: Any) -> Instance:
        activation = instance.known(transition.activation)
        return instance.put(activation, activation.moved(state, activation.holder, activation.revision))

    return change


def _unchanged(instance: Instance, _transition: Any) -> Instance:
    return instance


def _task(state: str) -> Callable[[Instance, Any], Instance]:
    def change(instance: Instance, transition: Any) -> Instance:
        activation = instance.known(transition.activation)
        holder = transition.by if state == states.CLAIMED else ""
        return instance.put(activation, activation.moved(state, holder, activation.revision + 1))

    return change


def _assigned(instance: Instance, transition: tasks.TaskAssigned) -> Instance:
    activation = instance.known(transition.activation)
    return instance.put(activation, activation.moved(states.CLAIMED, transition.to, activation.revision + 1))


def _delegated(instance: Instance, transition: tasks.TaskDelegated) -> Instance:
    revision = instance.known(transition.activation).revision + 1
    return _change(instance, transition.activation, delegate=transition.to, revision=revision)


def _returned(instance: Instance, transition: tasks.TaskReturned) -> Instance:
    activation = instance.known(transition.activation)
    if not activation.delegate:
        raise BrokenState("expected a task that is delegated, found one that is not")
    return instance.put(activation, activation.moved(states.CLAIMED, activation.holder, activation.revision + 1))


def _failed(instance: Instance, transition: Any) -> Instance:
    return _change(instance, transition.activation, state=states.BACKING_OFF, tries=transition.tries)


def _timers(instance: Instance, number: int) -> tuple[Timer, ...]:
    """Of an activation, or of the instance itself, whose number is 0."""
    if number:
        return instance.known(number).timers
    return () if instance.clock is None else (instance.clock,)


def _with_timers(instance: Instance, number: int, timers: tuple[Timer, ...]) -> Instance:
    if number:
        return _change(instance, number, timers=timers)
    return instance._replace(clock=timers[0] if timers else None)


def _timer_set(instance: Instance, transition: t.TimerSet) -> Instance:
    timers = _timers(instance, transition.activation)
    if any(timer.name == transition.name for timer in timers):
        raise BrokenState(f"expected no timer `{transition.name}`, found one")
    _, name, due, calendar, since, _ = transition
    return _with_timers(instance, transition.activation, (*timers, Timer(name, due, calendar, since)))


def _timer_over(instance: Instance, transition: t.TimerCancelled | t.TimerFired) -> Instance:
    timers = _timers(instance, transition.activation)
    left = tuple([timer for timer in timers if timer.name != transition.name])
    if len(left) == len(timers):
        raise BrokenState(f"expected a timer `{transition.name}`, found none")
    return _with_timers(instance, transition.activation, left)


def _escalated(instance: Instance, transition: t.Escalated) -> Instance:
    fired = transition.fired or transition.reaction
    if not transition.activation:
        return instance._replace(fired=fired)
    return _change(instance, transition.activation, fired=fired)


def _clock(state: bool) -> Callable[[Instance, Any], Instance]:
    """The deadline of an activation or instance, which stands still (`state`) or goes on."""

    def change(instance: Instance, transition: Any) -> Instance:
        timers = _timers(instance, transition.activation)
        deadline = next((timer for timer in timers if timer.name == DEADLINE), None)
        if deadline is None or bool(deadline.paused_at) is state:
            raise BrokenState(f"expected a deadline that {'runs' if state else 'stands still'}, found none")
        if state:
            new = deadline._replace(paused_at=transition.at)
        else:
            new = Timer(DEADLINE, transition.due, transition.calendar, transition.since)
        changed = tuple([new if timer is deadline else timer for timer in timers])
        return _with_timers(instance, transition.activation, changed)

    return change


def _proposal_requested(instance: Instance, transition: a.ProposalRequested) -> Instance:
    holder = holder_of(transition.by, transition.agent, transition.judging)
    return _change(instance, transition.activation, holder=holder, tries=0)


def _branches_opened(instance: Instance, transition: t.BranchesOpened) -> Instance:
    return _change(instance, transition.activation, state=states.JOINING, needed=transition.need)


def _join_arrived(instance: Instance, transition: t.JoinArrived) -> Instance:
    arrived = instance.known(transition.activation).arrived
    if transition.branch in arrived:
        raise BrokenState(f"expected branch `{transition.branch}` to arrive once, found it twice")
    return _change(instance, transition.activation, arrived=(*arrived, transition.branch))


def _each_opened(instance: Instance, transition: each.EachOpened) -> Instance:
    return _change(instance, transition.activation, state=states.JOINING, needed=transition.elements, arrived=())


def _element_begun(instance: Instance, transition: each.ElementBegun) -> Instance:
    number, of, element, at = transition
    host = instance.known(of)
    branch = f"{states.ELEMENT}{element - 1}"
    return _begun(instance, Activation(number, host.step, states.ENTERED, host.number, branch, entered_at=at))


def _element_ended(instance: Instance, transition: each.ElementEnded) -> Instance:
    return _join_arrived(instance, t.JoinArrived(transition.activation, f"{states.ELEMENT}{transition.element - 1}"))


def _child_started(instance: Instance, transition: t.ChildStarted) -> Instance:
    return _change(instance, transition.activation, state=states.RUNNING, holder=transition.instance)


def _incident_raised(instance: Instance, transition: t.IncidentRaised) -> Instance:
    if transition.incident != instance.next_number:
        raise BrokenState(f"expected incident {instance.next_number}, found {transition.incident}")
    held = _change(instance, transition.activation, state=states.HELD, incident=transition.incident)
    return held._replace(next_number=transition.incident + 1)


def _incident_resolved(instance: Instance, transition: t.IncidentResolved) -> Instance:
    if instance.known(transition.activation).incident != transition.incident:
        raise BrokenState(f"expected incident {transition.incident} to be open")
    return _change(instance, transition.activation, state=states.ENTERED, incident=0, tries=0)


def _suspended(instance: Instance, transition: steered.InstanceSuspended) -> Instance:
    if instance.suspended or instance.status != states.ACTIVE:
        raise BrokenState("expected an active instance that runs, found another")
    return instance._replace(suspended=transition.by)


def _resumed(instance: Instance, _transition: steered.InstanceResumed) -> Instance:
    if not instance.suspended:
        raise BrokenState("expected a suspended instance, found one that runs")
    return instance._replace(suspended="")


APPLY: dict[type[Any], Callable[[Instance, Any], Instance]] = {
    t.InstanceStarted: _started,
    t.InstanceEnded: _ended,
    t.InstanceCancelled: _cancelled,
    t.StepEntered: _step_entered,
    t.StepLeft: _step_left,
    t.StepSkipped: _unchanged,
    t.TaskOffered: _task(states.OFFERED),
    t.TaskClaimed: _task(states.CLAIMED),
    t.TaskReleased: _task(states.OFFERED),
    tasks.TaskAssigned: _assigned,
    tasks.TaskDelegated: _delegated,
    tasks.TaskReturned: _returned,
    tasks.TaskDueMoved: _unchanged,
    t.TaskCompleted: _closed,
    t.TaskCancelled: _closed,
    t.JobCreated: _in_state(states.CREATED),
    t.JobRetried: _in_state(states.CREATED),
    t.JobCompleted: _closed,
    t.JobFailed: _failed,
    t.JobCancelled: _closed,
    t.CallRequested: _in_state(states.REQUESTED),
    t.CallStarted: _unchanged,
    t.CallRetried: _in_state(states.REQUESTED),
    t.CallSucceeded: _closed,
    t.CallFailed: _failed,
    t.CallCancelled: _closed,
    t.TimerSet: _timer_set,
    t.TimerCancelled: _timer_over,
    t.TimerFired: _timer_over,
    t.Escalated: _escalated,
    t.DeadlinePaused: _clock(True),
    t.DeadlineResumed: _clock(False),
    t.RulesEvaluated: _unchanged,
    t.BranchChosen: _unchanged,
    t.BranchesOpened: _branches_opened,
    t.BranchBegun: _unchanged,
    t.JoinArrived: _join_arrived,
    t.JoinFired: _closed,
    t.VariableSet: _unchanged,
    t.MessageSubscribed: _in_state(states.WAITING),
    t.MessageUnsubscribed: _closed,
    t.MessageCorrelated: _closed,
    t.MessagePassedOver: _unchanged,
    t.DelayStarted: _in_state(states.WAITING),
    events.ConditionAwaited: _in_state(states.WAITING),
    events.ConditionMet: _closed,
    events.FirstAwaited: _in_state(states.WAITING),
    t.MessageSent: _unchanged,
    PeopleTold: _unchanged,
    each.EachOpened: _each_opened,
    each.ElementBegun: _element_begun,
    each.ElementEnded: _element_ended,
    each.EachEnded: _closed,
    undo.UndoOpened: _in_state(states.JOINING),
    undo.CallAnsweredLate: _unchanged,
    undo.CallFailedLate: _unchanged,
    events.WatchSet: _watch_set,
    events.WatchFired: _unchanged,
    events.ErrorCaught: _unchanged,
    t.ChildRequested: _in_state(states.RUNNING),
    t.ChildStarted: _child_started,
    t.ChildEnded: _closed,
    t.ChildCancelled: _closed,
    ChildFailed: _failed,
    ChildRetried: _closed,
    t.IncidentRaised: _incident_raised,
    t.IncidentResolved: _incident_resolved,
    a.ProposalRequested: _proposal_requested,
    a.ProposalMade: _unchanged,
    a.ProposalJudged: _unchanged,
    a.ProposalGated: _unchanged,
    a.ReviewTaken: _unchanged,
    a.ProposalReviewed: _unchanged,
    steered.InstanceSuspended: _suspended,
    steered.InstanceResumed: _resumed,
    steered.ChildSuspended: _unchanged,
    steered.ChildResumed: _unchanged,
    steered.StepMoved: _unchanged,
    steered.InstanceMigrated: _unchanged,  # its row says which version it is under
    steered.IncidentAssigned: _unchanged,
    **UNDONE,
    **VOTES,
    **BRANCHED,
}
