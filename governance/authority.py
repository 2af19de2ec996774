"""The authority register as one frozen value, and its compilation to rows for the enforcer. Pure, standard library.

The register keeps every version of everything for ever, so it can be asked about any instant. Two times are kept
apart: `at` (was it in force then) and `known_at` (did the ledger know it then); a version speaks from the moment it is
known, and a decision asks with both equal to `now`. Design: governance, "Authority" and "Casbin enforces twice".
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, Protocol, TypeVar

from governance.grant import OFFICE, Grant, Instrument, Office, Status, StatusEvent, digest_of
from ledger.wording import Wording

Released = Mapping[str, Mapping[str, tuple[str, tuple[str, ...]]]]
"""Blueprint -> decision step -> (decision kind, outcomes), of every released blueprint version that may still run."""


class _Recorded(Protocol):
    @property
    def recorded_at(self) -> int: ...


class _Versioned(_Recorded, Protocol):
    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=_Versioned)


class PolicyRow(NamedTuple):
    """One exact thing a grant names: no wildcard, no limit, no date."""

    grant: str
    subject: str  # person:... or office:...
    domain: str
    decision_kind: str
    blueprint: str
    step: str
    outcome: str


class GroupingRow(NamedTuple):
    """A person who holds, held or will hold an office; `decide` asks when."""

    member: str
    holder: str  # the office


class Compiled(NamedTuple):
    """The frozen table handed to the enforcement point; `digest` is over both lists of rows."""

    policy: tuple[PolicyRow, ...]
    grouping: tuple[GroupingRow, ...]
    digest: str


@dataclass(frozen=True)
class Register:
    """Everything of authority that was ever released. Without slots: the look-ups below are made once and kept."""

    instruments: tuple[Instrument, ...] = ()
    grants: tuple[Grant, ...] = ()
    statuses: tuple[StatusEvent, ...] = ()
    offices: tuple[Office, ...] = ()

    def as_value(self) -> dict[str, Any]:
        """Canonical JSON, independent of the order in which the parts were given."""
        return {
            "instruments": [part.as_value() for part in sorted(self.instruments, key=_place)],
            "grants": [part.as_value() for part in sorted(self.grants, key=_place)],
            "statuses": sorted(
                (part.as_value() for part in self.statuses),
                key=lambda value: (value["grant"], value["name"], value["version"]),
            ),
            "offices": [part.as_value() for part in sorted(self.offices, key=_place)],
        }

    @cached_property
    def digest(self) -> str:
        """What entries cite as the register a decision was judged by."""
        return digest_of(self.as_value())

    @cached_property
    def _grants(self) -> dict[str, tuple[Grant, ...]]:
        return _by_id(self.grants)

    @cached_property
    def _offices(self) -> dict[str, tuple[Office, ...]]:
        return _by_id(self.offices)

    @cached_property
    def _instruments(self) -> dict[str, tuple[Instrument, ...]]:
        return _by_id(self.instruments)

    @cached_property
    def _statuses(self) -> dict[str, tuple[StatusEvent, ...]]:
        ordered = sorted(self.statuses, key=lambda event: (event.grant, event.version))
        return {grant: tuple(events) for grant, events in groupby(ordered, key=lambda event: event.grant)}

    @cached_property
    def memo(self) -> dict[tuple[str, int, str, int], Wording]:
        """What `governance.chain` found of (child, version, parent, version): it depends on the register alone."""
        return {}

    @cached_property
    def _digests(self) -> dict[tuple[str, int], str]:
        return {(grant.id, grant.version): grant.digest for grant in self.grants}

    def grant_digest(self, grant: Grant) -> str:
        """The digest of a grant of this register, worked out once."""
        return self._digests[grant.id, grant.version]

    def grant(self, grant_id: str, known_at: int) -> Grant | None:
        """The version of a grant that speaks at `known_at`; None when the ledger did not know of it yet."""
        return _speaking(self._grants.get(grant_id, ()), known_at)

    def office(self, office_id: str, known_at: int) -> Office | None:
        """As `grant`."""
        return _speaking(self._offices.get(office_id, ()), known_at)

    def instrument(self, instrument_id: str, known_at: int) -> Instrument | None:
        """As `grant`."""
        return _speaking(self._instruments.get(instrument_id, ()), known_at)

    def first_start(self, grant: Grant) -> int:
        """`valid_from` of the grant's first version: period windows keep their borders over amendments."""
        versions = self._grants.get(grant.id)
        return versions[0].valid_from if versions else grant.valid_from

    def has_status(self, grant_id: str, status: Status, at: int) -> bool:
        """Whether the grant is suspended, or revoked, at an instant, as was known then."""
        speaking = {event.name: event for event in self._statuses.get(grant_id, ()) if event.recorded_at <= at}
        return any(event.status is status and event.effective_at <= at < event.ends_at for event in speaking.values())

    def in_force(self, grant: Grant, at: int) -> bool:
        """Within its interval, neither suspended nor revoked; says nothing of its parents."""
        return (
            grant.valid_from <= at < grant.valid_to
            and not self.has_status(grant.id, Status.SUSPENDED, at)
            and not self.has_status(grant.id, Status.REVOKED, at)
        )

    def holds(self, person: str, party: str, at: int, known_at: int | None = None) -> bool:
        """Whether the person is the party, or holds the office that it is."""
        return person in self.persons(party, at, known_at)

    def persons(self, party: str, at: int, known_at: int | None = None) -> frozenset[str]:
        """The natural persons behind a party at an instant; `known_at` is `at` unless given."""
        if not party.startswith(OFFICE):
            return frozenset((party,)) if party else frozenset()
        office = self.office(party, at if known_at is None else known_at)
        return frozenset(holding.person for holding in office.holdings if holding.at(at)) if office else frozenset()

    def holds_later(self, person: str, party: str, now: int) -> bool:
        """Whether the person's time in the office has yet to begin, as far as is known now."""
        office = self.office(party, now)
        return office is not None and any(
            holding.person == person and now < holding.held_from for holding in office.holdings
        )

    def ever_held(self, person: str, party: str, known_at: int) -> bool:
        """Whether the person is the party, or stands in any known version of the office that it is."""
        return party == person or any(
            holding.person == person
            for office in self._offices.get(party, ())
            if office.recorded_at <= known_at
            for holding in office.holdings
        )

    def ever_granted(self, person: str, domain: str, known_at: int) -> bool:
        """Whether the person was ever given an authority in this domain, in person or through an office."""
        return any(
            grant.domain == domain and grant.recorded_at <= known_at and self.ever_held(person, grant.grantee, known_at)
            for grant in self.grants
        )

    def known(self, known_at: int) -> "Register":
        """The register as the ledger knew it at an instant."""
        return Register(
            tuple(part for part in self.instruments if part.recorded_at <= known_at),
            tuple(part for part in self.grants if part.recorded_at <= known_at),
            tuple(part for part in self.statuses if part.recorded_at <= known_at),
            tuple(part for part in self.offices if part.recorded_at <= known_at),
        )

    def newest_grants(self) -> tuple[Grant, ...]:
        """The newest version of every grant, by id; suspended, revoked and expired ones too."""
        return tuple(versions[-1] for _, versions in sorted(self._grants.items()))

    @cached_property
    def _ever_named(self) -> dict[str, tuple[Grant, ...]]:
        members: dict[str, set[str]] = {}
        for office in self.offices:
            members.setdefault(office.id, set()).update(holding.person for holding in office.holdings)
        found: dict[str, list[Grant]] = {}
        for grant in self.newest_grants():
            persons = members.get(grant.grantee, ()) if grant.grantee.startswith(OFFICE) else (grant.grantee,)
            for person in persons:
                found.setdefault(person, []).append(grant)
        return {person: tuple(grants) for person, grants in found.items()}

    def ever_named(self, person: str) -> tuple[Grant, ...]:
        """The newest version of every grant that names a person, whether it stands or not, as the compiled rows do: in
        person, or through an office of which they are in some version."""
        return self._ever_named.get(person, ())

    @cached_property
    def standing(self) -> dict[tuple[Any, ...], Any]:
        """What `governance.stand` found of the grants that name a person, by all that it depends on but this register
        itself: of an instant, that is its `place`."""
        return {}

    def place(self, now: int) -> int:
        """Between which two turns of the register an instant lies. Of instants with one place the register says the
        same, whatever it is asked of who and what stands at an instant, as it is known then."""
        return bisect_right(self._turns, now)

    @cached_property
    def _turns(self) -> tuple[int, ...]:
        """Its borders, and the instants at which a part of it became known, in order."""
        parts: tuple[_Recorded, ...] = (*self.instruments, *self.grants, *self.statuses, *self.offices)
        return tuple(sorted({*self.borders, *[part.recorded_at for part in parts]}))

    @cached_property
    def borders(self) -> tuple[int, ...]:
        """The instants at which something of it begins or ends, in order."""
        found = {instant for one in self.grants for instant in (one.valid_from, one.valid_to)}
        found.update(instant for one in self.statuses for instant in (one.effective_at, one.ends_at))
        found.update(at for office in self.offices for held in office.holdings for at in (held.held_from, held.held_to))
        return tuple(sorted(found))


def compile_rows(register: Register, released: Released) -> Compiled:
    """The register as exact rows: a grant that names no blueprint, step or outcome gets one for each released one.

    Suspended, revoked and expired grants and former office holders keep their rows, so that `decide` can name the
    reason; removing a row takes the decision away by every path.
    """
    policy = sorted({row for grant in register.newest_grants() for row in _rows_of(grant, released)})
    grouping = sorted({GroupingRow(held.person, office.id) for office in register.offices for held in office.holdings})
    rows = {"rows": [list(row) for row in policy], "links": [list(row) for row in grouping]}
    return Compiled(tuple(policy), tuple(grouping), digest_of(rows))


def _rows_of(grant: Grant, released: Released) -> Iterable[PolicyRow]:
    for blueprint, steps in released.items():
        for step, (decision_kind, outcomes) in steps.items():
            for outcome in outcomes:
                if any(power.covers(decision_kind, blueprint, step, outcome) for power in grant.powers):
                    yield PolicyRow(grant.id, grant.grantee, grant.domain, decision_kind, blueprint, step, outcome)


def _place(part: _Versioned) -> tuple[str, int]:
    return (part.id, part.version)


def _by_id(parts: Iterable[V]) -> dict[str, tuple[V, ...]]:
    ordered = sorted(parts, key=_place)
    return {part_id: tuple(versions) for part_id, versions in groupby(ordered, key=lambda part: part.id)}


def _speaking(versions: tuple[V, ...], known_at: int) -> V | None:
    for version in reversed(versions):
        if version.recorded_at <= known_at:
            return version
    return None
