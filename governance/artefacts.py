"""The governed artefacts of the authority register: instrument, authority-grant, authority-revocation, office.

Each kind reads its source, checks it against the register in force, and answers the entry that puts it in force; it
satisfies the protocol of change requests by shape. Nothing of the register changes by any other way. Handles become ids
at the release: `person alice` is asked from the room that owns persons, `office x` is `office:x`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Protocol

from governance import entries, reading
from governance.authority import Register, Released
from governance.chain import Broken, chain, outside
from governance.finding_texts import say
from governance.grant import (
    EVER,
    OFFICE,
    Grant,
    Holding,
    Instrument,
    Office,
    Power,
    Status,
    StatusEvent,
    digest_of,
    limit_of,
)
from governance.quorum import committee_in
from governance.reading import Artefact
from governance.refusal_texts import why
from governance.store import id_named
from governance.tables import GRANT, INSTRUMENT
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.wording import as_it_is
from ledger.work import UnitOfWork

REASON_CLASS = "confidential"  # free text about a person


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found; `severity` is `error` (not released) or `warning`, `location` is `line:column`."""

    rule: str
    severity: str
    message: str
    location: str = ""


class Release(Protocol):
    """What change control says of a version that comes in force."""

    @property
    def change_request(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def value(self) -> Any: ...


class _Values(Protocol):
    """A value of the register, ready to print."""

    def as_value(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Asking:
    """What checks and releases ask of others. `fault_of` says what is wrong with a condition, "" when nothing is."""

    register: Callable[[UnitOfWork], Register]
    resolve: Callable[[UnitOfWork, str], str | None]
    released: Callable[[UnitOfWork], Released]
    fault_of: Callable[[str], str]

    def party(self, uow: UnitOfWork, text: str) -> str | None:
        """The id behind `person x` or `office x`; "" for no party, None for one that does not exist."""
        if not text:
            return ""
        what, _, handle = text.partition(" ")
        if what == "person":
            return self.resolve(uow, handle)
        office = OFFICE + handle
        return office if self.register(uow).office(office, uow.now) is not None else None


class InstrumentKind:
    """`instrument`: the paper grants rest on."""

    kind: ClassVar[str] = "instrument"
    data_class: ClassVar[str] = "internal"

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def read(self, source: str) -> Artefact:
        return reading.read_instrument(source)

    def check(self, _: UnitOfWork, artefact: Artefact) -> tuple[Finding, ...]:
        return _retirement(artefact)

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:
        found = id_named(uow, INSTRUMENT, release.name)
        instrument = Instrument(
            id=found or uow.ids.ordered("in", uow.now),
            version=release.version,
            name=release.name,
            recorded_at=uow.now,
            **release.value,
        )
        register = self._asking.register(uow)
        after = replace(register, instruments=(*register.instruments, instrument))
        return _draft(entries.INSTRUMENT_RELEASED, instrument.id, instrument, (release, after))


class GrantKind:
    """`authority-grant`: a person or office may take decisions of a kind, up to a limit, for a time."""

    kind: ClassVar[str] = "authority-grant"
    data_class: ClassVar[str] = "internal"

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def read(self, source: str) -> Artefact:
        return reading.read_grant(source)

    def check(self, uow: UnitOfWork, artefact: Artefact) -> tuple[Finding, ...]:
        """Every reference is there, the chain holds, conditions compile; amendments keep grantee and domain."""
        if found := _retirement(artefact):
            return found
        grant = self._grant(uow, artefact.name, artefact.value, 0)
        if isinstance(grant, tuple):
            return tuple(_error(artefact, "unknown-reference", message, member) for member, message in grant)
        register = self._asking.register(uow)
        known = register.grant(grant.id, uow.now)
        findings = [] if known is None else _amendment(artefact, grant, known, (register, uow.now))
        at = max(uow.now, grant.valid_from)
        broken = chain(replace(register), grant, at)  # a copy, since what is found of a draft is not kept
        if isinstance(broken, Broken):
            findings.append(
                _error(
                    artefact,
                    "chain",
                    say("chain-broken", grant=as_it_is(broken.grant), why=as_it_is(broken.why)),
                    "parent",
                )
            )
        if grant.valid_to <= uow.now:
            findings.append(_error(artefact, "ended", say("end-in-the-past"), "valid"))
        if grant.valid_from < uow.now:
            findings.append(_warning(artefact, "backdated", say("backdated"), "valid"))
        for source in grant.conditions:
            if fault := self._asking.fault_of(source):
                findings.append(_error(artefact, "condition", fault, "conditions"))
        if not _reaches(grant, self._asking.released(uow)):
            findings.append(_warning(artefact, "no-step", say("no-step"), "powers"))
        return tuple(findings)

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:
        grant = self._grant(uow, release.name, release.value, release.version)
        if isinstance(grant, tuple):
            raise BrokenInput(grant[0][1], grant[0][0])  # the check before the release has refused this already
        register = self._asking.register(uow)
        after = replace(register, grants=(*register.grants, grant))
        return _draft(entries.AUTHORITY_GRANTED, grant.id, grant, (release, after))

    def _grant(
        self, uow: UnitOfWork, name: str, value: dict[str, Any], version: int
    ) -> Grant | tuple[tuple[str, str], ...]:
        """The grant with every handle resolved, or (member, message) for each that does not resolve."""
        instrument = id_named(uow, INSTRUMENT, value["instrument"])
        parent = None if value["parent"] is None else id_named(uow, GRANT, value["parent"])
        grantee = self._asking.party(uow, value["grantee"])
        grantor = self._asking.party(uow, value["grantor"])
        missing = {
            "instrument": instrument is None,
            "parent": parent is None and value["parent"] is not None,
            "grantee": not grantee,
            "grantor": grantor is None,
        }
        if any(missing.values()):
            return tuple(
                (member, f"expected a known {member}, found `{value[member]}`") for member in missing if missing[member]
            )
        own = id_named(uow, GRANT, name)
        return Grant(
            id=own or uow.ids.ordered("ag", uow.now),
            version=version,
            name=name,
            instrument=instrument or "",
            grantee=grantee or "",
            grantor=grantor or "",
            parent=parent,
            domain=value["domain"],
            powers=tuple(_power(power) for power in value["powers"]),
            limits=tuple(limit_of(limit) for limit in value["limits"]),
            conditions=tuple(value["conditions"]),
            valid_from=value["valid_from"],
            valid_to=value["valid_to"],
            recorded_at=uow.now,
        )


class RevocationKind:
    """`authority-revocation`: a grant is revoked or suspended, from its release on and never before."""

    kind: ClassVar[str] = "authority-revocation"
    data_class: ClassVar[str] = REASON_CLASS

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def read(self, source: str) -> Artefact:
        return reading.read_revocation(source)

    def check(self, uow: UnitOfWork, artefact: Artefact) -> tuple[Finding, ...]:
        """The grant is there and not revoked for good; an earlier beginning than the release is not honoured."""
        if found := _retirement(artefact):
            return found
        register, value = self._asking.register(uow), artefact.value
        grant_id = id_named(uow, GRANT, value["grant"])
        if grant_id is None:
            message = say("no-such-grant", grant=as_it_is(value["grant"]))
            return (_error(artefact, "unknown-reference", message, "grant"),)
        findings = []
        if register.has_status(grant_id, Status.REVOKED, EVER - 1):
            findings.append(_error(artefact, "revoked", say("revoked-before"), "grant"))
        earlier = [event for event in register.statuses if event.name == artefact.name]
        if any(event.grant != grant_id for event in earlier):
            findings.append(_error(artefact, "other-grant", say("other-grant"), "grant"))
        if 0 < value["effective_at"] < uow.now:
            findings.append(_warning(artefact, "retroactive", say("retroactive"), "from"))
        if value["ends_at"] <= uow.now and not earlier:
            findings.append(_error(artefact, "ended", say("end-in-the-past"), "to"))
        return tuple(findings)

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:
        grant_id = id_named(uow, GRANT, release.value["grant"])
        if grant_id is None:
            raise BrokenInput(why("no-such-grant", found=as_it_is(release.value["grant"])), "grant")
        status = Status.REVOKED if release.value["action"] == "revoke" else Status.SUSPENDED
        effective_at = max(release.value["effective_at"], uow.now)
        event = StatusEvent(
            grant=grant_id,
            name=release.name,
            version=release.version,
            status=status,
            effective_at=effective_at,
            ends_at=max(release.value["ends_at"], effective_at),
            recorded_at=uow.now,
        )
        register = self._asking.register(uow)
        after = replace(register, statuses=(*register.statuses, event))
        kind = entries.AUTHORITY_REVOKED if status is Status.REVOKED else entries.AUTHORITY_SUSPENDED
        draft = _draft(kind, grant_id, event, (release, after))
        path = f"reason/{release.name}/{release.version}"
        reason = uow.seal(grant_id, path, release.value["reason"], data_class=REASON_CLASS)
        return draft._replace(payload={**draft.payload, "reason": reason})


class OfficeKind:
    """`office`: a post and who holds it when."""

    kind: ClassVar[str] = "office"
    data_class: ClassVar[str] = "internal"

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def read(self, source: str) -> Artefact:
        return reading.read_office(source)

    def check(self, uow: UnitOfWork, artefact: Artefact) -> tuple[Finding, ...]:
        """Every holder is a known person; two holders at once are pointed out."""
        if found := _retirement(artefact):
            return found
        holdings = sorted(artefact.value["holdings"], key=lambda holding: int(holding["held_from"]))
        findings = [
            _error(artefact, "unknown-reference", say("no-such-person", person=as_it_is(holding["person"])), "holders")
            for holding in holdings
            if self._asking.party(uow, holding["person"]) is None
        ]
        is_committee = committee_in(OFFICE + artefact.name) is not None
        if not is_committee and any(later["held_from"] < one["held_to"] for one, later in pairwise(holdings)):
            findings.append(_warning(artefact, "two-holders", say("two-holders"), "holders"))
        return tuple(findings)

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:
        holdings = []
        for holding in release.value["holdings"]:
            person = self._asking.party(uow, holding["person"])
            if person is None:
                raise BrokenInput(why("no-such-holder-of-office", found=as_it_is(holding["person"])), "holders")
            holdings.append(Holding(person, holding["held_from"], holding["held_to"]))
        office_id = OFFICE + release.name
        office = Office(office_id, release.version, release.value["title"], tuple(holdings), uow.now)
        register = self._asking.register(uow)
        after = replace(register, offices=(*register.offices, office))
        return _draft(entries.OFFICE_RELEASED, office_id, office, (release, after))


def _amendment(artefact: Artefact, grant: Grant, known: Grant, seen: tuple[Register, int]) -> list[Finding]:
    """What a new version of a grant must keep, and which children it leaves outside."""
    register, now = seen
    findings = []
    if (grant.grantee, grant.domain) != (known.grantee, known.domain):
        message = say("grantee-and-domain-stay")
        findings.append(_error(artefact, "amended", message, "grantee"))
    if register.has_status(grant.id, Status.REVOKED, EVER - 1):
        findings.append(_error(artefact, "revoked", say("grant-revoked"), "authority_grant"))
    for child in register.newest_grants():
        if child.parent == grant.id and register.in_force(child, now) and (fault := outside(child, grant)):
            findings.append(
                _warning(
                    artefact, "child-outside", say("breaks", name=as_it_is(child.name), fault=fault), "authority_grant"
                )
            )
    return findings


def _reaches(grant: Grant, released: Released) -> bool:
    return any(
        power.covers(decision_kind, blueprint, step, outcome)
        for blueprint, steps in released.items()
        for step, (decision_kind, outcomes) in steps.items()
        for outcome in outcomes
        for power in grant.powers
    )


def _power(value: dict[str, Any]) -> Power:
    outcomes = value["outcomes"]
    return Power(**{**value, "outcomes": None if outcomes is None else tuple(outcomes)})


def _draft(kind: str, subject: str, made: _Values, released: tuple[Release, Register]) -> EntryDraft:
    """The entry that puts a value in force; it states the digest of the register with it."""
    release, after = released
    value = made.as_value()
    payload = {
        "value": value,
        "digest": digest_of(value),
        "release": {
            "change_request": release.change_request,
            "name": release.name,
            "version": release.version,
            "digest": release.digest,
        },
        "register_digest": after.digest,
    }
    return EntryDraft(kind, 1, subject, payload)


def _retirement(artefact: Artefact) -> tuple[Finding, ...]:
    """Nothing of the register is retired: grants are revoked, offices and instruments get another version."""
    if artefact.value == {"retired": True}:
        return (Finding("not-retirable", "error", say("not-retired")),)
    return ()


def _error(artefact: Artefact, rule: str, message: str, member: str) -> Finding:
    return Finding(rule, "error", message, _location(artefact, member))


def _warning(artefact: Artefact, rule: str, message: str, member: str) -> Finding:
    return Finding(rule, "warning", message, _location(artefact, member))


def _location(artefact: Artefact, member: str) -> str:
    places = getattr(artefact, "places", {})
    return str(places.get(member, ""))
