"""The values of the authority register: instruments, grants, status events, offices. Pure, standard library only.

Chain of meaning: an instrument (why anyone may decide) -> a grant (who may decide what, up to how much, when) -> a
decision. A party is `person:...` or `office:...`; an office stands for whoever holds it at the instant asked about.
Intervals are half-open, [from, to), in microseconds; amounts are decimals with a currency ("" for a plain count).
Every value prints to canonical JSON (`as_value`) and is read back strictly (`grant_of` and its siblings), so that an
entry, a folded row and a verifier hold the same bytes. Design: governance, "Authority"; regulation reference 5.2.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from ledger.errors import BrokenState

PERSON = "person:"
OFFICE = "office:"
DAY = 86_400_000_000
DIGITS_MAX = 30  # before and after the point: far beyond any sum of money, and sums of such stay exact
EVER = 9_007_199_254_740_991  # 2^53 - 1: the largest canonical integer; the end of an interval without one


class _Printable(Protocol):
    def as_value(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=_Printable)


class Per(StrEnum):
    """What a limit is counted over: one decision, or all decisions under the grant within a window."""

    CASE = "case"
    PERIOD = "period"


class Status(StrEnum):
    """What can be done to a grant after it was given."""

    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Instrument:
    """The paper a grant rests on. `issued_by` names a body, never a person; `document` is hex SHA-256 or ""."""

    id: str
    version: int
    name: str
    kind: str
    title: str
    number: str
    issued_by: str
    issued_on: str  # date, YYYY-MM-DD
    document: str
    recorded_at: int

    def as_value(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "version": self.version,
            "name": self.name,
            "kind": self.kind,
            "title": self.title,
            "number": self.number,
            "issued_by": self.issued_by,
            "issued_on": self.issued_on,
            "document": self.document,
            "recorded_at": self.recorded_at,
        }


@dataclass(frozen=True, slots=True)
class Power:
    """A decision kind and where it may be used. None means any: any blueprint, any step of it, any outcome."""

    decision_kind: str
    blueprint: str | None = None
    step: str | None = None
    outcomes: tuple[str, ...] | None = None

    def covers(self, decision_kind: str, blueprint: str, step: str, outcome: str) -> bool:
        """Whether this power is for such a decision."""
        return (
            self.decision_kind == decision_kind
            and self.blueprint in (None, blueprint)
            and self.step in (None, step)
            and (self.outcomes is None or outcome in self.outcomes)
        )

    def inside(self, other: "Power") -> bool:
        """Whether everything this power covers is covered by `other`."""
        return (
            self.decision_kind == other.decision_kind
            and other.blueprint in (None, self.blueprint)
            and other.step in (None, self.step)
            and _among(self.outcomes, other.outcomes)
        )

    def as_value(self) -> dict[str, Any]:
        return {
            "decision_kind": self.decision_kind,
            "blueprint": self.blueprint,
            "step": self.step,
            "outcomes": None if self.outcomes is None else list(self.outcomes),
        }


@dataclass(frozen=True, slots=True)
class Limit:
    """At most (`inclusive`) or less than `max`, per case or in total within a window of `days`.

    `outcomes` are those it counts for, None for all. Windows are laid end to end from the grant's first start.
    """

    per: Per
    currency: str  # ISO 4217, "" when the measure is a plain number
    max: Decimal
    inclusive: bool = True
    days: int = 0  # 0 for a limit per case
    outcomes: tuple[str, ...] | None = None

    @property
    def group(self) -> tuple[Per, int]:
        """Limits of one group differ in their currency only; a measure must fit one limit of every group."""
        return (self.per, self.days)

    def counts(self, outcome: str) -> bool:
        return self.outcomes is None or outcome in self.outcomes

    def allows(self, amount: Decimal) -> bool:
        return amount <= self.max if self.inclusive else amount < self.max

    def as_value(self) -> dict[str, Any]:
        return {
            "per": self.per.value,
            "currency": self.currency,
            "max": decimal_text(self.max),
            "inclusive": self.inclusive,
            "days": self.days,
            "outcomes": None if self.outcomes is None else list(self.outcomes),
        }


@dataclass(frozen=True, slots=True)
class Grant:
    """One version of a grant. `limits` empty: without a limit, which its source had to say in so many words.

    `grantor` is "" when the instrument itself gives the authority (then there is no parent). `recorded_at` is when
    the ledger learnt of it; it may lie after `valid_from`, and that backdating stays visible.
    """

    id: str
    version: int
    name: str
    instrument: str
    grantee: str
    grantor: str
    parent: str | None
    domain: str
    powers: tuple[Power, ...]
    limits: tuple[Limit, ...]
    conditions: tuple[str, ...]  # FEEL, each must be true
    valid_from: int
    valid_to: int
    recorded_at: int

    def covers(self, domain: str, decision_kind: str, place: tuple[str, str], outcome: str) -> bool:
        """Whether a power of this grant is for such a decision; `place` is (blueprint, step)."""
        return self.domain == domain and any(power.covers(decision_kind, *place, outcome) for power in self.powers)

    def as_value(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "version": self.version,
            "name": self.name,
            "instrument": self.instrument,
            "grantee": self.grantee,
            "grantor": self.grantor,
            "parent": self.parent,
            "domain": self.domain,
            "powers": [power.as_value() for power in self.powers],
            "limits": [limit.as_value() for limit in self.limits],
            "conditions": list(self.conditions),
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "recorded_at": self.recorded_at,
        }

    @property
    def digest(self) -> str:
        """What decisions cite: it pins every field of this version."""
        return digest_of(self.as_value())


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """A grant suspended for [effective_at, ends_at) or revoked from `effective_at` on. Never before `recorded_at`.

    A later version of the same name replaces the earlier one from the moment it is known: so a suspension is lifted.
    """

    grant: str
    name: str
    version: int
    status: Status
    effective_at: int
    ends_at: int
    recorded_at: int

    def as_value(self) -> dict[str, Any]:
        return {
            "grant": self.grant,
            "name": self.name,
            "version": self.version,
            "status": self.status.value,
            "effective_at": self.effective_at,
            "ends_at": self.ends_at,
            "recorded_at": self.recorded_at,
        }


@dataclass(frozen=True, slots=True)
class Holding:
    """A person holds an office during [held_from, held_to)."""

    person: str
    held_from: int
    held_to: int

    def at(self, instant: int) -> bool:
        return self.held_from <= instant < self.held_to

    def as_value(self) -> dict[str, Any]:
        return {"person": self.person, "held_from": self.held_from, "held_to": self.held_to}


@dataclass(frozen=True, slots=True)
class Office:
    """One version of an office; a later version speaks for all instants from the moment it is known."""

    id: str  # office:...
    version: int
    title: str
    holdings: tuple[Holding, ...]
    recorded_at: int

    def as_value(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "version": self.version,
            "title": self.title,
            "holdings": [holding.as_value() for holding in self.holdings],
            "recorded_at": self.recorded_at,
        }


def grant_of(value: Mapping[str, Any]) -> Grant:
    """The grant of its canonical value; `BrokenState` when it would not print back to the same."""
    try:
        grant = Grant(
            **{
                **value,
                "powers": tuple(
                    Power(**{**power, "outcomes": _tuple_or_none(power["outcomes"])}) for power in value["powers"]
                ),
                "limits": tuple(limit_of(limit) for limit in value["limits"]),
                "conditions": tuple(value["conditions"]),
            }
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise BrokenState("expected the value of a grant") from error
    return _same(grant, value, "grant")


def limit_of(value: Mapping[str, Any]) -> Limit:
    """The limit of its canonical value (of a grant, or as a decision cites it)."""
    return Limit(
        **{
            **value,
            "per": Per(value["per"]),
            "max": Decimal(value["max"]),
            "outcomes": _tuple_or_none(value["outcomes"]),
        }
    )


def instrument_of(value: Mapping[str, Any]) -> Instrument:
    """The instrument of its canonical value, as `grant_of`."""
    try:
        instrument = Instrument(**value)
    except TypeError as error:
        raise BrokenState("expected the value of an instrument") from error
    return _same(instrument, value, "instrument")


def office_of(value: Mapping[str, Any]) -> Office:
    """The office of its canonical value, as `grant_of`."""
    try:
        office = Office(**{**value, "holdings": tuple(Holding(**holding) for holding in value["holdings"])})
    except (KeyError, TypeError) as error:
        raise BrokenState("expected the value of an office") from error
    return _same(office, value, "office")


def status_of(value: Mapping[str, Any]) -> StatusEvent:
    """The status event of its canonical value, as `grant_of`."""
    try:
        event = StatusEvent(**{**value, "status": Status(value["status"])})
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenState("expected the value of a status event") from error
    return _same(event, value, "status event")


def decimal_text(number: Decimal) -> str:
    """A decimal as entries carry it: plain digits, the scale kept, no exponent."""
    return format(number, "f")


def readable(number: Decimal) -> bool:
    """Whether a decimal is finite and small enough that sums of it are exact."""
    if not number.is_finite():
        return False
    exponent = number.as_tuple().exponent
    return type(exponent) is int and exponent >= -DIGITS_MAX and number.adjusted() < DIGITS_MAX


def canonical_bytes(value: Any) -> bytes:
    """RFC 8785 JSON on the ledger's restricted domain, with the standard library alone.

    Equal to `ledger.canonical.encode` there (a property test says so); written twice because a verifier that stands
    alone carries this file without the ledger's dependencies.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def digest_of(value: Any) -> str:
    """base64url(SHA-256(canonical bytes)) without padding."""
    return urlsafe_b64encode(hashlib.sha256(canonical_bytes(value)).digest()).rstrip(b"=").decode("ascii")


def _same(made: T, value: Mapping[str, Any], what: str) -> T:
    if canonical_bytes(made.as_value()) != canonical_bytes(value):
        raise BrokenState(f"expected the value of a {what} that prints back to the same bytes")
    return made


def _among(few: tuple[str, ...] | None, many: tuple[str, ...] | None) -> bool:
    return many is None or (few is not None and set(few) <= set(many))


def _tuple_or_none(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
