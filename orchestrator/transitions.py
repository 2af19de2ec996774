"""The closed set of transitions: every change an instance can go through, as frozen values.

A transition states a fact that was decided: every expression, rule table and due instant has been worked out before
it is made, so that folding evaluates nothing. As canonical JSON a transition is `{"t": kind, ...}`; members with their
default value are absent. Values of data are in clear where the machine makes them and commitments in an entry
(`orchestrator.sealing` stands between the two). Instants are microseconds.

Those of one concern that came later stand in a module of their own, `*_transitions`, each with its kinds.

A released transition never changes its meaning; a new meaning is a new kind.
"""

from typing import Any, NamedTuple

from orchestrator.agent_transitions import Proposed
from orchestrator.branch_transitions import Branched
from orchestrator.child_transitions import ChildFaults
from orchestrator.each_transitions import ForEach
from orchestrator.event_transitions import Awaited
from orchestrator.steered import Steered
from orchestrator.task_transitions import Handed
from orchestrator.told_transitions import PeopleTold
from orchestrator.undo_transitions import Undone
from orchestrator.vote_transitions import Voted


class InstanceStarted(NamedTuple):
    """`key` is the business key, `key_mark` its fingerprint, by which it is found again when it is classed.

    `parent` and `parent_activation` name the `run` step that started it. One in test mode (`test`) reaches nothing
    outside, and nothing in it counts among what is real.
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
    test: bool = False
    begun_by: str = ""  # the name of its start, where its blueprint has several


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
    """`by` says what skipped it: the step's own `condition`, the resolution of an `incident`, or that an element was
    `gone` from its list."""

    activation: int
    by: str


class TaskOffered(NamedTuple):
    """To a role, or, when `above` is set, to holders of that decision kind whose limit is above; `due` 0 is never.

    With `skill` and `unit` to those of them alone who have the one and are of the other.
    """

    activation: int
    role: str = ""
    decision_kind: str = ""
    above: bool = False
    due: int = 0
    skill: str = ""
    unit: str = ""


class TaskClaimed(NamedTuple):
    """`stands_in_for`: whose it is, where `by` takes it as their substitute."""

    activation: int
    by: str
    stands_in_for: str = ""


class TaskReleased(NamedTuple):
    """`why`: `vacated` where its holder may no longer do it, for a `reason`; empty where they gave it back."""

    activation: int
    why: str = ""
    reason: str = ""


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
    priority: int = 50


class JobRetried(NamedTuple):
    activation: int


class JobCompleted(NamedTuple):
    activation: int


class JobFailed(NamedTuple):
    """`retry_after`: the pause the worker asked for, in seconds."""

    activation: int
    code: str
    tries: int
    retry_after: int = 0


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
    """`step` and `branch` are what the activation visits, for an answer that comes when it is gone."""

    activation: int
    step: str = ""
    branch: str = ""


class TimerSet(NamedTuple):
    """`calendar` is the digest of what a deadline counts by; that of the instance (0) says `since` when, and `late`."""

    activation: int
    name: str
    due: int
    calendar: str = ""
    since: int = 0
    late: int = 0


class TimerCancelled(NamedTuple):
    activation: int
    name: str


class TimerFired(NamedTuple):
    activation: int
    name: str
    due: int


class DelayStarted(NamedTuple):
    activation: int


class Escalated(NamedTuple):
    """One reaction of a deadline, as `deadlines` names what it does. `reaction` counts from 1."""

    activation: int
    reaction: int
    act: str
    to: str = ""  # the role told or offered it, the rule for who is told, the decision kind passed to, the step entered
    urgency: int = 0  # added
    fired: int = 0  # of a deadline by working time: a bit for each reaction that has
    told: tuple[dict[str, str], ...] = ()  # whom a rule reached, as members of `Told`


class DeadlinePaused(NamedTuple):
    """The clock of a deadline stands still: something within it waits for the customer."""

    activation: int
    at: int


class DeadlineResumed(NamedTuple):
    """It goes on with what was left: `due` is what comes next, `since` and `late` as of `TimerSet`."""

    activation: int
    due: int
    calendar: str
    since: int
    late: int = 0


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
    """`need` of the branches have to arrive for the join; 0 is every branch of the step."""

    activation: int
    branches: tuple[str, ...]
    need: int = 0


class BranchBegun(NamedTuple):
    """A person has chosen this branch, of those that people begin one after the other, to be next."""

    activation: int  # of the fork
    branch: str
    by: str


class JoinArrived(NamedTuple):
    activation: int  # of the fork
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
    since: int = 0  # when it began to wait


class MessageUnsubscribed(NamedTuple):
    activation: int


class MessageCorrelated(NamedTuple):
    """`kept` is the message (`ms_...`) that had come before it was waited for."""

    activation: int
    kept: str = ""


class MessagePassedOver(NamedTuple):
    """A kept message (`ms_...`) was there for it, with data that do not fit; it stays kept and the wait goes on."""

    activation: int
    kept: str


class MessageSent(NamedTuple):
    """A message to whoever waits for its name and key; kept for the duration `keep_for` when nobody does."""

    activation: int
    message: str
    key: Any
    arguments: dict[str, Any]
    keep_for: str


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
    """`how`: `retry`, `correct`, `skip`, `answered` by an answer that came late after all, or `left` when the step was
    left while it was open."""

    activation: int
    incident: int
    how: str


Transition = (
    InstanceStarted | InstanceEnded | InstanceCancelled
    | StepEntered | StepLeft | StepSkipped
    | TaskOffered | TaskClaimed | TaskReleased | TaskCompleted | TaskCancelled
    | JobCreated | JobRetried | JobCompleted | JobFailed | JobCancelled
    | CallRequested | CallStarted | CallRetried | CallSucceeded | CallFailed | CallCancelled
    | TimerSet | TimerCancelled | TimerFired | DelayStarted | Escalated | DeadlinePaused | DeadlineResumed
    | RulesEvaluated | BranchChosen | BranchesOpened | BranchBegun | JoinArrived | JoinFired | VariableSet
    | MessageSubscribed | MessageUnsubscribed | MessageCorrelated | MessagePassedOver | MessageSent
    | ChildRequested | ChildStarted | ChildEnded | ChildCancelled
    | IncidentRaised | IncidentResolved
    | Awaited | Branched | ChildFaults | ForEach | Handed | PeopleTold | Proposed | Steered | Undone | Voted
)  # fmt: skip
