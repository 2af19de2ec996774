"""Process instances: lists, one instance, its history, and what commands about instances answer."""

from typing import Literal

from pydantic import Field

from api.answers.authority import ChangedSince, VoidSince
from api.answers.tasks import TaskValue
from api.answers.values import (
    ActorValue,
    Answer,
    DueExplained,
    Microseconds,
    ReceiptValue,
    RefusedValue,
    Text,
    Value,
    Worded,
)

InstanceStatus = Literal["active", "ended", "cancelled"]


class InstanceValue(Answer):
    """An instance as it stands. `version` is the digest of its blueprint version, `number` that version's number.

    `outcome` and `parent` may be empty; `initiator` is an actor.
    """

    id: str
    blueprint: str
    version: str
    number: int
    status: InstanceStatus
    outcome: str
    revision: int
    initiator: str
    domain: str
    parent: str
    started_at: Microseconds
    ended_at: Microseconds | None
    suspended_at: Microseconds | None = Field(description="since when nothing goes on in it")
    test: bool = Field(description="it is in test mode: it reaches nothing outside and counts among no figures")
    begun_by: str = Field(description="by which of several starts it began, such as `message order`; else empty")


class InstanceListed(InstanceValue):
    """An instance in a list; a classed business key is never opened there. `updated_index` is its newest entry."""

    business_key: Text
    title: str = Field(description="the title of its blueprint")
    steps: list[str] = Field(description="the steps it is at")
    step_titles: list[str] = Field(description="what those steps are called, in the same order")
    due_at: Microseconds | None = Field(description="the earliest deadline of its open tasks")
    is_due_later: bool = Field(description="its clock stands still for a customer: it is due later, and not overdue")
    updated_at: Microseconds
    updated_index: int


class InstancesAnswer(Answer):
    """A page of instances."""

    items: list[InstanceListed]
    cursor: str | None
    as_of: Microseconds


class TimerValue(Answer):
    """A timer that runs: a deadline, a retry or a delay. A deadline within which something waits for the customer
    stands still since `paused_at`, and is then due later. Of a wait for working time it is explained."""

    name: Literal["deadline", "retry", "delay"]
    due_at: Microseconds
    paused_at: Microseconds | None
    due_explained: DueExplained | None


class LiveStep(Answer):
    """A step the instance is at. `state` says what it waits for; `incident` is the open one that holds it.

    `to_begin` are the branches that a person may begin now (`/branches`), by their first steps; `to_repeat` those they
    may begin again (`/branches/repetition`), `to_pass_over` those they may pass over (`/branches/passing-over`).
    """

    number: int
    step: str
    state: Literal[
        "entered", "offered", "claimed", "created", "requested", "backing off", "waiting", "running", "joining", "held"
    ]
    entered_at: Microseconds
    timers: list[TimerValue]
    incident: str | None
    to_begin: list[str]
    to_repeat: list[str]
    to_pass_over: list[str]


class InstanceAnswer(InstanceValue):
    """One instance: its data as far as this reader may see them, the steps it is at, its open tasks.

    `late_at` is when its own deadline is over, null without one; that clock may stand still since `stopped_since`.
    """

    suspended: Literal["", "itself", "parent"] = Field(description="by an act on it, or on its parent")
    late_at: Microseconds | None
    stopped_since: Microseconds | None
    due_explained: DueExplained | None
    urgency: int
    business_key: Value
    title: str
    initiator_ref: str = Field(description="who started it: a person's reference, or a machine's id")
    data: dict[str, Value]
    steps: list[LiveStep]
    tasks: list[TaskValue]


class DecisionTold(Answer):
    """A decision in short: its outcome, the grant it rests on, and the capacity of who decided."""

    outcome: str
    grant: str
    capacity: str


class SinceTold(Answer):
    """What has come over the decision, the vote or the signature of an entry: rework by which it is void, and
    corrections of the data that were shown for it. Without `is_since_told` that was not looked at."""

    void_since: VoidSince | None
    changed_since: list[ChangedSince]
    is_since_told: bool


class RefusedTold(Answer):
    """Why a command was turned down; the wording is told again from the sentence, which alone is recorded."""

    reason: str
    message: str
    wording: Worded


class FollowedValue(Answer):
    """One thing that followed. `activation` is the visit to a step it is about, null where it is about none.

    `detail` has what is told of this type: ids of steps, names, codes, instants in microseconds; of `variable.set` the
    path and the value as this reader sees it, of `people.told` also what was said and shown, as they see it.
    """

    type: str
    activation: int | None
    detail: dict[str, Value]


class ReasonCodeTold(Answer):
    """The code that somebody gave beside their reason, in the words it stood for then."""

    code: str
    words: str


class HistoryItem(Answer):
    """An entry of the instance in words; `index` and `leaf_hash` find and prove it.

    `who` is a person's reference or a machine's id, `reason` what they gave as theirs; `followed` is in order.
    """

    index: int
    leaf_hash: str
    kind: str
    recorded_at: str
    actor: ActorValue
    words: list[str]
    who: str
    reason: Text | None
    reason_code: ReasonCodeTold | None
    decision: DecisionTold | None
    since: SinceTold | None
    refused: RefusedTold | None
    followed: list[FollowedValue]


class HistoryAnswer(Answer):
    """A page of the history, newest first."""

    items: list[HistoryItem]
    cursor: str | None


class StartedAnswer(Answer):
    """An instance that was started."""

    outcome: Literal["started"]
    instance: str
    status: InstanceStatus
    revision: int
    receipt: ReceiptValue


class IncidentListed(Answer):
    """An incident. `activation` is what it holds, `place` where in the step; `how` it was resolved may be empty.

    `ways` are what can be done about an open one, `barred` why the caller could not. `since` says of a resolved one
    what became of its step: it is over only when that is `finished`.
    """

    id: str
    instance: str
    number: int
    activation: int
    step: str
    code: str
    place: str
    role: str
    state: Literal["open", "resolved"]
    how: str
    raised_at: Microseconds
    resolved_at: Microseconds | None
    blueprint: str
    domain: str
    test: bool = Field(description="its instance is in test mode")
    business_key: Text
    version: int = Field(description="the number of the blueprint version")
    step_title: str
    since: Literal["", "under way", "held again", "finished", "cancelled"]
    assignee: str = Field(description="the person who is to resolve it, by reference; empty for none")
    ways: list[Literal["retry", "correct", "skip", "other"]]
    barred: RefusedValue | None


class IncidentsAnswer(Answer):
    """A page of incidents."""

    items: list[IncidentListed]
    cursor: str | None
    as_of: Microseconds


class CauseValue(Answer):
    """Open incidents of one blueprint at one step with one code; `barred` as of an incident."""

    blueprint: str
    title: str
    step: str
    step_title: str
    code: str
    role: str
    domain: str
    count: int
    first_at: Microseconds
    last_at: Microseconds
    version: int
    barred: RefusedValue | None


class CausesAnswer(Answer):
    """What open incidents were caused by: the most frequent 200 causes."""

    items: list[CauseValue]
    as_of: Microseconds
