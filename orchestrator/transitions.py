"""The closed set of transitions: every change an instance can go through, as frozen values.

A transition states a fact that was decided: every expression, rule table and due instant has been worked out before
it is made, so that folding evaluates nothing. As canonical JSON a transition is `{"t": kind, ...}`; members with their
default value are absent. Values of data are in clear where the machine makes them and commitments in an entry
(`orchestrator.sealing` stands between the two). Instants are microseconds.

A released transition never changes its meaning; a new meaning is a new kind here.
"""

from typing import Any, NamedTuple

from ledger.errors import BrokenInput


class InstanceStarted(NamedTuple):
    """`key` is the business key, `key_mark` its fingerprint, by which it is found again when it is classed.

    `parent` and `parent_activation` name the `run` step that started it.
    """

    blueprint: str
    version: str  # digest of the blueprint version
    number: int  # its number, for people
    key: Any
    key_mark: str
    initiator: str
    domain: str
    data_subject: str = ""
    parent: str = ""
    parent_activation: int = 0


class InstanceEnded(NamedTuple):
    outcome: str


class InstanceCancelled(NamedTuple):
    by: str = ""  # "parent" when its parent took it along


class StepEntered(NamedTuple):
    activation: int
    step: str
    at: int
    scope: int = 0
    branch: str = ""


class StepLeft(NamedTuple):
    """`to` is the step entered next; empty when nothing follows (a branch has arrived, the instance is over)."""

    activation: int
    to: str = ""


class StepSkipped(NamedTuple):
    """`by` says whether the step's own condition or the resolution of an incident skipped it."""

    activation: int
    by: str


class TaskOffered(NamedTuple):
    """To a role, or, when `above` is set, to holders of that decision kind whose limit is above; `due` 0 is never."""

    activation: int
    role: str = ""
    decision_kind: str = ""
    above: bool = False
    due: int = 0


class TaskClaimed(NamedTuple):
    activation: int
    by: str


class TaskReleased(NamedTuple):
    activation: int


class TaskCompleted(NamedTuple):
    activation: int
    step: str
    by: str
    outcome: str = ""


class TaskCancelled(NamedTuple):
    activation: int


class JobCreated(NamedTuple):
    activation: int
    type: str
    arguments: dict[str, Any]


class JobRetried(NamedTuple):
    activation: int


class JobCompleted(NamedTuple):
    activation: int


class JobFailed(NamedTuple):
    activation: int
    code: str
    tries: int


class JobCancelled(NamedTuple):
    activation: int


class CallRequested(NamedTuple):
    """`key` is the idempotency key: one per activation, so that no try takes effect twice."""

    activation: int
    operation: str
    arguments: dict[str, Any]
    key: str


class CallStarted(NamedTuple):
    """A try goes out now; recorded before it does."""

    activation: int
    tries: int


class CallRetried(NamedTuple):
    activation: int


class CallSucceeded(NamedTuple):
    """`connector` is the digest of the version that was called; `request` and `answer` are digests of what went out
    and what came back, as commitments where they are of confidential data."""

    activation: int
    connector: str = ""
    request: Any = ""
    answer: Any = ""


class CallFailed(NamedTuple):
    """Evidence as of `CallSucceeded`, as far as the try came."""

    activation: int
    code: str
    tries: int
    connector: str = ""
    request: Any = ""
    answer: Any = ""


class CallCancelled(NamedTuple):
    activation: int


class TimerSet(NamedTuple):
    activation: int
    name: str
    due: int


class TimerCancelled(NamedTuple):
    activation: int
    name: str


class TimerFired(NamedTuple):
    activation: int
    name: str
    due: int


class Escalated(NamedTuple):
    """One reaction of a deadline: `warned`, `late`, `told`, `passed on` or `left`. `reaction` counts from 1."""

    activation: int
    reaction: int
    act: str
    to: str = ""  # the role told, the decision kind passed to, the step entered


class RulesEvaluated(NamedTuple):
    """`rows` are the numbers (from 1) of the matching rules."""

    activation: int
    table: str
    digest: str
    rows: tuple[int, ...] = ()


class BranchChosen(NamedTuple):
    """`branch` counts from 1 in source order."""

    activation: int
    branch: int


class BranchesOpened(NamedTuple):
    activation: int
    branches: tuple[str, ...]


class JoinArrived(NamedTuple):
    activation: int  # of the `all`
    branch: str


class JoinFired(NamedTuple):
    activation: int


class VariableSet(NamedTuple):
    """The value at a path. An object laid onto an object sets the members it has and keeps the others."""

    path: str
    value: Any


class MessageSubscribed(NamedTuple):
    activation: int
    message: str
    key: Any
    key_mark: str = ""  # fingerprint of name and key; the machine leaves it to the service


class MessageUnsubscribed(NamedTuple):
    activation: int


class MessageCorrelated(NamedTuple):
    activation: int


class DelayStarted(NamedTuple):
    activation: int


class ChildRequested(NamedTuple):
    """Made by the machine and answered by the service with `ChildStarted` in the same entry; never recorded itself."""

    activation: int
    blueprint: str
    arguments: dict[str, Any]


class ChildStarted(NamedTuple):
    activation: int
    instance: str


class ChildEnded(NamedTuple):
    activation: int
    instance: str
    outcome: str


class ChildCancelled(NamedTuple):
    activation: int
    instance: str


class IncidentRaised(NamedTuple):
    """`code` says what is wrong and `where` in the step; neither repeats a value. `role` has to resolve it."""

    activation: int
    incident: int
    code: str
    where: str
    role: str


class IncidentResolved(NamedTuple):
    """`how`: `retry`, `correct`, `skip`, or `left` when the step was left while it was open."""

    activation: int
    incident: int
    how: str


Transition = (
    InstanceStarted | InstanceEnded | InstanceCancelled
    | StepEntered | StepLeft | StepSkipped
    | TaskOffered | TaskClaimed | TaskReleased | TaskCompleted | TaskCancelled
    | JobCreated | JobRetried | JobCompleted | JobFailed | JobCancelled
    | CallRequested | CallStarted | CallRetried | CallSucceeded | CallFailed | CallCancelled
    | TimerSet | TimerCancelled | TimerFired | Escalated
    | RulesEvaluated | BranchChosen | BranchesOpened | JoinArrived | JoinFired | VariableSet
    | MessageSubscribed | MessageUnsubscribed | MessageCorrelated | DelayStarted
    | ChildRequested | ChildStarted | ChildEnded | ChildCancelled
    | IncidentRaised | IncidentResolved
)  # fmt: skip

KINDS: dict[str, type[Any]] = {
    "instance.started": InstanceStarted,
    "instance.ended": InstanceEnded,
    "instance.cancelled": InstanceCancelled,
    "step.entered": StepEntered,
    "step.left": StepLeft,
    "step.skipped": StepSkipped,
    "task.offered": TaskOffered,
    "task.claimed": TaskClaimed,
    "task.released": TaskReleased,
    "task.completed": TaskCompleted,
    "task.cancelled": TaskCancelled,
    "job.created": JobCreated,
    "job.retried": JobRetried,
    "job.completed": JobCompleted,
    "job.failed": JobFailed,
    "job.cancelled": JobCancelled,
    "call.requested": CallRequested,
    "call.started": CallStarted,
    "call.retried": CallRetried,
    "call.succeeded": CallSucceeded,
    "call.failed": CallFailed,
    "call.cancelled": CallCancelled,
    "timer.set": TimerSet,
    "timer.cancelled": TimerCancelled,
    "timer.fired": TimerFired,
    "deadline.escalated": Escalated,
    "rules.evaluated": RulesEvaluated,
    "branch.chosen": BranchChosen,
    "branches.opened": BranchesOpened,
    "join.arrived": JoinArrived,
    "join.fired": JoinFired,
    "variable.set": VariableSet,
    "message.subscribed": MessageSubscribed,
    "message.unsubscribed": MessageUnsubscribed,
    "message.correlated": MessageCorrelated,
    "delay.started": DelayStarted,
    "child.requested": ChildRequested,
    "child.started": ChildStarted,
    "child.ended": ChildEnded,
    "child.cancelled": ChildCancelled,
    "incident.raised": IncidentRaised,
    "incident.resolved": IncidentResolved,
}


class _Form(NamedTuple):
    kind: str
    names: tuple[str, ...]  # of all members, `t` first
    optional: tuple[tuple[str, Any], ...]  # members that are absent when they have this value


_FORMS: dict[type[Any], _Form] = {
    cls: _Form(kind, ("t", *cls._fields), tuple(cls._field_defaults.items())) for kind, cls in KINDS.items()
}
_LISTED: dict[type[Any], tuple[str, ...]] = {  # members that are tuples here and lists in JSON
    BranchesOpened: ("branches",),
    RulesEvaluated: ("rows",),
}


def to_value(transition: Transition) -> dict[str, Any]:
    """The transition as it stands in `payload.transitions`."""
    form = _FORMS[type(transition)]
    value: dict[str, Any] = dict(zip(form.names, (form.kind, *transition), strict=True))
    for name, default in form.optional:
        if value[name] == default:
            del value[name]
    return value


def from_value(value: dict[str, Any]) -> Transition:
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
        transition: Transition = cls(**members)
    except TypeError as error:
        raise BrokenInput(f"expected the members of `{kind}`") from error
    return transition
