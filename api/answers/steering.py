"""Acts on running instances: what may be done, what waits for a second person, acts on many."""

from typing import Literal

from pydantic import Field

from api.answers.values import Answer, Microseconds, ReceiptValue, RefusedValue, Text, Value, Worded

Act = Literal["suspend", "resume", "cancel", "modify", "correct", "migrate"]
InstanceStatus = Literal["active", "ended", "cancelled"]


class SteeredAnswer(Answer):
    """An act that was done, with the state it led to; or `proposed`, for a second person to confirm until it expires:
    then with the proposal, and the digest by which it is confirmed."""

    outcome: Literal["suspended", "resumed", "cancelled", "modified", "corrected", "migrated", "resolved", "proposed"]
    instance: str
    status: InstanceStatus | None = None
    revision: int | None = None
    proposal: str | None = None
    digest: str | None = None
    expires_at: Microseconds | None = None
    receipt: ReceiptValue


class ResolvedAnswer(Answer):
    """An incident that was resolved, with the state that led to; or `proposed`, as an act on the instance is, where a
    second person confirms the act that this resolution is. A plain try names no instance."""

    outcome: Literal["resolved", "proposed"]
    instance: str | None = None
    status: InstanceStatus | None = None
    revision: int | None = None
    proposal: str | None = None
    digest: str | None = None
    expires_at: Microseconds | None = None
    receipt: ReceiptValue


class RejectedAnswer(Answer):
    """A proposal of which nothing is done."""

    outcome: Literal["rejected", "withdrawn"]
    instance: str
    proposal: str
    receipt: ReceiptValue


class ActValue(Answer):
    """An act on an instance: whether it needs a reason, the role of a second person (empty: none) and how long they
    have (ISO 8601, empty where the blueprint does not say), and why the caller could not."""

    act: Act
    needs_reason: bool
    second: str
    within: str
    barred: RefusedValue | None


class TargetValue(Answer):
    """A step that can be entered, and what it is called."""

    step: str
    title: str


class PlaceValue(Answer):
    """A step the instance is at, and where it can be moved from there; `may_end` where it may also just end."""

    activation: int
    step: str
    title: str
    to: list[TargetValue]
    may_end: bool


class MigratedPlaceValue(Answer):
    """A step the instance is at, and what becomes of it under another version: it is kept where it stands, or there is
    a reason why not. It can be moved to each of `to`, steps of that version."""

    activation: int
    step: str
    title: str = Field(description="of its step in the version it is under now")
    inside: int | None = Field(description="the activation it runs in, and ends with where that is moved")
    kept: bool
    why: str | None = Field(description="why it cannot be kept; null where it is")
    wording: Worded
    to: list[TargetValue]


class MigrationAnswer(Answer):
    """What it comes to that an instance goes on under another version of its blueprint, with nothing moved. `barred`
    says what stands against all of it, whatever is moved."""

    number: int
    digest: str
    barred: RefusedValue | None
    places: list[MigratedPlaceValue]
    as_of: Microseconds


class EndValue(Answer):
    """An activation that ends. `title` is its step's, empty once it is not live any more."""

    activation: int
    title: str


class MoveValue(EndValue):
    """And the step entered in its place."""

    to: str
    to_title: str


class ValueProposed(Answer):
    """A value by path as it would be and as it is, as far as the caller may read them."""

    path: str
    value: Value
    before: Value


class ResolutionProposed(Answer):
    """An incident that would be resolved, how, and at which step it would go on (empty unless at another one). `title`
    is its step's, empty once it is not open any more."""

    incident: str
    how: Literal["correct", "skip", "other"]
    title: str
    to: str
    to_title: str


class ProposalValue(Answer):
    """An act that somebody proposed. `barred` says why the caller could not confirm it; `is_own` that they proposed it
    and may withdraw it. One whose time is over stays `proposed`."""

    id: str
    instance: str
    business_key: Text
    blueprint_title: str
    version: int = Field(description="the number of the blueprint version")
    act: Literal[Act, "resolve"]
    digest: str
    by: str
    roles: list[str] = Field(description="who confirms it holds all of them")
    state: Literal["proposed", "confirmed", "rejected", "withdrawn", "expired"]
    reason: Text | None
    moves: list[MoveValue]
    ends: list[EndValue]
    number: int | None = Field(description="the version it would go on under; null unless it would be another")
    resolution: ResolutionProposed | None = Field(description="null unless an incident would be resolved")
    values: list[ValueProposed]
    proposed_at: Microseconds
    expires_at: Microseconds
    closed_by: str
    closed_at: Microseconds | None
    is_own: bool
    barred: RefusedValue | None


class ActsAnswer(Answer):
    """What may be done with an instance, where it can be moved, and what was proposed for it, newest first."""

    acts: list[ActValue]
    places: list[PlaceValue]
    proposals: list[ProposalValue]
    as_of: Microseconds


class ProposalsAnswer(Answer):
    """What waits for a second person, what lapses first at the head: 200 at most."""

    items: list[ProposalValue]
    as_of: Microseconds


class BulkStartedAnswer(Answer):
    """An act on many that was asked for; `total` is as many as it will reach."""

    outcome: Literal["started"]
    bulk: str
    total: int
    receipt: ReceiptValue


class BulkItemValue(Answer):
    """One item: what became of it, and the code of a refusal. `waiting` has not been reached."""

    place: int
    item: str
    state: Literal["waiting", "done", "proposed", "refused"]
    code: str


class BulkAnswer(Answer):
    """An act on many: how far it got. `waiting` has not been reached; `finished_at` is null while something is."""

    id: str
    act: Literal["suspend", "resume", "cancel", "resolve"]
    by: str
    total: int
    done: int
    proposed: int
    refused: int
    waiting: int
    started_at: Microseconds
    finished_at: Microseconds | None
    items: list[BulkItemValue] = Field(description="a page of them, in the order in which they were named")
    cursor: str | None


class AssignedAnswer(Answer):
    """Whose an incident is now."""

    outcome: Literal["assigned", "given back"]
    instance: str
    incident: int
    assignee: str
    receipt: ReceiptValue
