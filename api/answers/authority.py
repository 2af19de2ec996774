"""The authority register, checks against it, and decisions on record."""

from typing import Literal

from pydantic import Field, JsonValue

from api.answers.values import Answer, Microseconds, MoneyValue, Text, Value, Worded


class InstrumentValue(Answer):
    """The paper authority rests on; `document` is a hex SHA-256 or empty."""

    id: str
    version: int
    name: str
    kind: str
    title: str
    number: str
    issued_by: str
    issued_on: str
    document: str
    recorded_at: Microseconds


class HoldingValue(Answer):
    """Who holds an office, from and to."""

    person: str
    held_from: Microseconds
    held_to: Microseconds


class OfficeValue(Answer):
    """An office with its holders."""

    id: str
    version: int
    title: str
    holdings: list[HoldingValue]
    recorded_at: Microseconds


class RegisterAnswer(Answer):
    """The register in force; `grants` is how many there are."""

    digest: str
    instruments: list[InstrumentValue]
    offices: list[OfficeValue]
    grants: int


class PowerValue(Answer):
    """A decision kind and where it may be used; null is any."""

    decision_kind: str
    blueprint: str | None
    step: str | None
    outcomes: list[str] | None


class LimitValue(Answer):
    """At most (`inclusive`) or less than `max`, per case or in total within windows of `days`."""

    per: Literal["case", "period"]
    currency: str
    max: str
    inclusive: bool
    days: int
    outcomes: list[str] | None


class GrantValue(Answer):
    """One version of a grant; `limits` empty is: without a limit."""

    id: str
    version: int
    name: str
    instrument: str
    grantee: str
    grantor: str
    parent: str | None
    domain: str
    powers: list[PowerValue]
    limits: list[LimitValue]
    conditions: list[str]
    valid_from: Microseconds
    valid_to: Microseconds
    recorded_at: Microseconds


class GrantListed(GrantValue):
    """A grant, and whether it was in force at the instant asked for."""

    digest: str
    in_force: bool


class GrantsAnswer(Answer):
    """A page of grants by id."""

    items: list[GrantListed]
    cursor: str | None


class GrantStatusValue(Answer):
    """A grant suspended or revoked."""

    grant: str
    name: str
    version: int
    status: Literal["suspended", "revoked"]
    effective_at: Microseconds
    ends_at: Microseconds | None
    recorded_at: Microseconds


class GrantAnswer(GrantListed):
    """One grant with its versions, its instrument, who holds it now and what became of it."""

    holders: list[str]
    instrument_value: InstrumentValue | None
    versions: list[GrantValue]
    statuses: list[GrantStatusValue]


class AuthorityCheckAnswer(Answer):
    """Whether a person may take a decision of this size now. Where they may, by which grant, in which capacity and
    within which limit; else why not."""

    permitted: bool
    person: str
    asked_at: Microseconds
    reason: str | None
    detail: str | None = None
    wording: Worded = None
    details: dict[str, str] | None = None
    grant: str | None = None
    capacity: str | None = None
    chain: list[str] | None = None
    limit: LimitValue | None = None
    headroom: str | None = None
    conditions: list[str] | None = None
    register_: str | None = Field(default=None, alias="register")


class VoidSince(Answer):
    """The entry by which a step before a decision was entered again: since then it stays on record and counts no
    more."""

    entry: int
    at: str
    step: str


class ChangedSince(Answer):
    """A path of what was shown, corrected by a later entry; `by` is who corrected it."""

    path: str
    entry: int
    at: str
    by: str


class DecisionListed(Answer):
    """A decision, named by its task. `amount` is null without a measure. `void_since` and `changed_since` say what has
    come over it: rework, and corrections of the data that were shown; without `is_since_told` that was not looked at,
    since a page reads so much and no more, and the decision by itself tells it."""

    id: str
    person: str
    on_behalf_of: str | None
    grant_id: str
    grant_version: int
    domain: str
    decision_kind: str
    outcome: str
    amount: str | None
    currency: str
    recorded_at: Microseconds
    entry_index: int
    void_since: VoidSince | None
    changed_since: list[ChangedSince]
    is_since_told: bool


class DecisionsAnswer(Answer):
    """A page of decisions, newest first."""

    items: list[DecisionListed]
    cursor: str | None


class UsageValue(Answer):
    """What was decided under a grant within one window."""

    grant: str
    currency: str
    days: int
    window_start: Microseconds
    total: str


class DecidedValue(Answer):
    """What a decision says of its authority, as its entry has it."""

    person: str
    on_behalf_of: str | None
    capacity: str
    domain: str
    decision_kind: str
    outcome: str
    grant: str
    grant_version: int
    measure: MoneyValue | None
    limit: LimitValue | None
    headroom: str | None
    conditions: list[str]
    duties: list[str]
    usage: list[UsageValue]


class DecisionAnswer(DecisionListed):
    """One decision with everything its entry says it rests on; members that do not apply are absent."""

    decision: DecidedValue
    shown: dict[str, Value] | None = None
    shown_digest: str | None = None
    statement: dict[str, JsonValue] | None = None
    signature: dict[str, JsonValue] | None = None
    reason: Text | None = None
    reason_code: str | None = None
    reason_words: str | None = None
    reason_list: JsonValue = None
    recorded: str
    basis: dict[str, JsonValue]
