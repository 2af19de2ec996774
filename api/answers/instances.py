"""Process instances: lists, one instance, its history, and what commands about instances answer."""

from typing import Literal

from pydantic import Field

from api.answers.tasks import TaskValue
from api.answers.values import ActorValue, Answer, Microseconds, ReceiptValue, Text, Value

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


class InstanceListed(InstanceValue):
    """An instance in a list; a classed business key is never opened there. `updated_index` is its newest entry."""

    business_key: Text
    title: str = Field(description="the title of its blueprint")
    steps: list[str] = Field(description="the steps it is at")
    updated_at: Microseconds
    updated_index: int


class InstancesAnswer(Answer):
    """A page of instances."""

    items: list[InstanceListed]
    cursor: str | None
    as_of: Microseconds


class TimerValue(Answer):
    """A timer that runs: a deadline, a retry or a delay."""

    name: Literal["deadline", "retry", "delay"]
    due_at: Microseconds


class LiveStep(Answer):
    """A step the instance is at. `state` says what it waits for; `incident` is the open one that holds it."""

    number: int
    step: str
    state: Literal[
        "entered", "offered", "claimed", "created", "requested", "backing off", "waiting", "running", "joining", "held"
    ]
    entered_at: Microseconds
    timers: list[TimerValue]
    incident: str | None


class InstanceAnswer(InstanceValue):
    """One instance: its data as far as this reader may see them, the steps it is at, its open tasks."""

    business_key: Value
    title: str
    data: dict[str, Value]
    steps: list[LiveStep]
    tasks: list[TaskValue]


class HistoryItem(Answer):
    """An entry of the instance in words; `index` and `leaf_hash` find and prove it."""

    index: int
    leaf_hash: str
    kind: str
    recorded_at: str
    actor: ActorValue
    words: list[str]


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


class CancelledAnswer(Answer):
    """An instance that was cancelled."""

    outcome: Literal["cancelled"]
    instance: str
    status: InstanceStatus
    revision: int
    receipt: ReceiptValue


class IncidentListed(Answer):
    """An incident. `activation` is what it holds, `place` where in the step; `how` it was resolved may be empty."""

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
    business_key: Text


class IncidentsAnswer(Answer):
    """A page of incidents."""

    items: list[IncidentListed]
    cursor: str | None
