"""Transitions as canonical JSON, `{"t": kind, ...}`: how they stand in `payload.transitions` of an entry."""

from typing import Any, NamedTuple

from ledger.errors import BrokenInput
from orchestrator import agent_transitions as agents
from orchestrator import branch_transitions as branches
from orchestrator import child_transitions as children
from orchestrator import each_transitions as each
from orchestrator import event_transitions as events
from orchestrator import steered
from orchestrator import task_transitions as tasks
from orchestrator import told_transitions as told
from orchestrator import transitions as t
from orchestrator import undo_transitions as undo
from orchestrator import vote_transitions as votes

KINDS: dict[str, type[Any]] = {
    "instance.started": t.InstanceStarted,
    "instance.ended": t.InstanceEnded,
    "instance.cancelled": t.InstanceCancelled,
    "step.entered": t.StepEntered,
    "step.left": t.StepLeft,
    "step.skipped": t.StepSkipped,
    "task.offered": t.TaskOffered,
    "task.claimed": t.TaskClaimed,
    "task.released": t.TaskReleased,
    "task.completed": t.TaskCompleted,
    "task.cancelled": t.TaskCancelled,
    "job.created": t.JobCreated,
    "job.retried": t.JobRetried,
    "job.completed": t.JobCompleted,
    "job.failed": t.JobFailed,
    "job.cancelled": t.JobCancelled,
    "call.requested": t.CallRequested,
    "call.started": t.CallStarted,
    "call.retried": t.CallRetried,
    "call.succeeded": t.CallSucceeded,
    "call.failed": t.CallFailed,
    "call.cancelled": t.CallCancelled,
    "timer.set": t.TimerSet,
    "timer.cancelled": t.TimerCancelled,
    "timer.fired": t.TimerFired,
    "deadline.escalated": t.Escalated,
    "deadline.paused": t.DeadlinePaused,
    "deadline.resumed": t.DeadlineResumed,
    "rules.evaluated": t.RulesEvaluated,
    "branch.chosen": t.BranchChosen,
    "branches.opened": t.BranchesOpened,
    "branch.begun": t.BranchBegun,
    "join.arrived": t.JoinArrived,
    "join.fired": t.JoinFired,
    "variable.set": t.VariableSet,
    "message.subscribed": t.MessageSubscribed,
    "message.unsubscribed": t.MessageUnsubscribed,
    "message.correlated": t.MessageCorrelated,
    "message.passed_over": t.MessagePassedOver,
    "message.sent": t.MessageSent,
    "delay.started": t.DelayStarted,
    "child.requested": t.ChildRequested,
    "child.started": t.ChildStarted,
    "child.ended": t.ChildEnded,
    "child.cancelled": t.ChildCancelled,
    "incident.raised": t.IncidentRaised,
    "incident.resolved": t.IncidentResolved,
    **agents.KINDS,
    **branches.KINDS,
    **children.KINDS,
    **each.KINDS,
    **events.KINDS,
    **steered.KINDS,
    **tasks.KINDS,
    **told.KINDS,
    **undo.KINDS,
    **votes.KINDS,
}


class _Form(NamedTuple):
    kind: str
    names: tuple[str, ...]  # of all members, `t` first
    required: int  # how many members have no default; the others come after them
    optional: tuple[tuple[str, Any], ...]  # members that are absent when they have this value
    defaults: tuple[Any, ...]  # of those, in order


def _form(kind: str, cls: type[Any]) -> _Form:
    optional = cls._field_defaults
    required = len(cls._fields) - len(optional)
    return _Form(kind, ("t", *cls._fields), required, tuple(optional.items()), tuple(optional.values()))


_FORMS: dict[type[Any], _Form] = {cls: _form(kind, cls) for kind, cls in KINDS.items()}
_LISTED: dict[type[Any], tuple[str, ...]] = {  # members that are tuples here and lists in JSON
    t.BranchesOpened: ("branches",),
    t.Escalated: ("told",),
    t.RulesEvaluated: ("rows",),
    told.PeopleTold: ("to",),
    agents.ProposalMade: ("tools",),
    agents.ProposalGated: ("rows",),
    agents.ProposalReviewed: ("changes",),
    votes.VotesVoided: ("votes",),
}


def to_value(transition: t.Transition) -> dict[str, Any]:
    """The transition as it stands in `payload.transitions`."""
    kind, names, required, optional, defaults = _FORMS[type(transition)]
    if transition[required:] == defaults:  # most have nothing that is out of the usual
        return dict(zip(names, (kind, *transition[:required]), strict=False))
    value: dict[str, Any] = dict(zip(names, (kind, *transition), strict=True))
    for name, default in optional:
        if value[name] == default:
            del value[name]
    return value


def from_value(value: dict[str, Any]) -> t.Transition:
    """The transition of a recorded value; `BrokenInput` for an unknown kind or member, or a missing one."""
    members = value.copy()
    kind = members.pop("t", None)
    cls = KINDS.get(kind) if type(kind) is str else None
    if cls is None:
        raise BrokenInput(f"expected a transition, found kind `{kind}`")
    for name in _LISTED.get(cls, ()):
        if name in members:
            members[name] = tuple(members[name])
    try:
        transition: t.Transition = cls(**members)
    except TypeError as error:
        raise BrokenInput(f"expected the members of `{kind}`") from error
    return transition
