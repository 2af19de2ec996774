"""Registers read back from entries: the authority register, and released blueprint versions. Standard library only."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.authority import Register
from governance.grant import (
    Grant,
    Instrument,
    Office,
    StatusEvent,
    digest_of,
    grant_of,
    instrument_of,
    office_of,
    status_of,
)
from governance.questions.facts import Record, Records, Remembering

INSTRUMENT_RELEASED = "instrument.released"
OFFICE_RELEASED = "office.released"
AUTHORITY_GRANTED = "authority.granted"
AUTHORITY_SUSPENDED = "authority.suspended"
AUTHORITY_REVOKED = "authority.revoked"
AUTHORITY_KINDS = (
    INSTRUMENT_RELEASED,
    OFFICE_RELEASED,
    AUTHORITY_GRANTED,
    AUTHORITY_SUSPENDED,
    AUTHORITY_REVOKED,
)


class RegisterSoFar:
    """The authority register as the entries so far make it. `stated`: the digest that the newest of them states."""

    def __init__(self) -> None:
        self._instruments: list[Instrument] = []
        self._grants: list[Grant] = []
        self._statuses: list[StatusEvent] = []
        self._offices: list[Office] = []
        self._known: Register | None = Register()
        self.stated = ""

    def take(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Go on by an entry of one of `AUTHORITY_KINDS`; `BrokenState` for a value that is none."""
        value = payload["value"]
        if kind == INSTRUMENT_RELEASED:
            self._instruments.append(instrument_of(value))
        elif kind == OFFICE_RELEASED:
            self._offices.append(office_of(value))
        elif kind == AUTHORITY_GRANTED:
            self._grants.append(grant_of(value))
        else:
            self._statuses.append(status_of(value))
        self._known, self.stated = None, str(payload.get("register_digest", ""))

    @property
    def register(self) -> Register:
        """The register as it stands."""
        if self._known is None:
            parts = tuple(self._instruments), tuple(self._grants), tuple(self._statuses), tuple(self._offices)
            self._known = Register(*parts)
        return self._known


def register_of(records: Records, before: int) -> Register:
    """The authority register as these entries before an index make it; `BrokenState` for a value that is none."""
    acts = records.kind(*AUTHORITY_KINDS)
    first = bisect_left(acts, before, key=lambda record: record.index)
    return records.once((register_of, first), lambda: _register(acts[:first]))


def _register(acts: Sequence[Record]) -> Register:
    found = RegisterSoFar()
    for record in acts:
        found.take(record.kind, record.payload)
    return found.register


def grant_records(records: Records, grant: str, before: int) -> tuple[Record, ...]:
    """The entries before this index that gave, changed or took away a grant."""
    given = records.of(grant)
    return tuple([record for record in given if record.kind in AUTHORITY_KINDS and record.index < before])


@dataclass(frozen=True, slots=True)
class Edit:
    """One text of a change request, with the entry that holds it."""

    record: Record
    number: int
    digest: str

    @property
    def author(self) -> str:
        return str(self.record.payload["author"])


@dataclass(frozen=True)
class ReleasedBlueprint(Remembering):
    """A blueprint version as its change request tells it."""

    record: Record  # change.released
    edits: tuple[Edit, ...]
    reviews: tuple[Record, ...]

    @property
    def name(self) -> str:
        return str(self.record.payload["name"])

    @property
    def version(self) -> int:
        return int(self.record.payload["version"])

    @property
    def digest(self) -> str:
        return str(self.record.payload["digest"])

    @property
    def value(self) -> Mapping[str, Any]:
        value: Mapping[str, Any] = self.record.payload.get("value", {})
        return value

    @property
    def authors(self) -> tuple[str, ...]:
        return tuple(self.record.payload["authors"])

    @property
    def approvers(self) -> tuple[str, ...]:
        return tuple(self.record.payload["approvers"])

    @property
    def approvals(self) -> tuple[Record, ...]:
        """Approvals given for this very edit and digest, by no author, and not taken back by the same person."""
        latest: dict[str, Record] = {}
        for review in self.reviews:
            payload = review.payload
            if (payload["edit"], payload["digest"]) == (self.record.payload["edit"], self.digest):
                latest[payload["person"]] = review
        given = [review for review in latest.values() if review.payload["verdict"] == "approve"]
        return tuple(
            review
            for review in given
            if review.payload["person"] not in self.authors and review.payload["on_behalf_of"] not in self.authors
        )

    @property
    def edit(self) -> Edit | None:
        """The edit that was released."""
        return next((edit for edit in self.edits if edit.number == self.record.payload["edit"]), None)

    @property
    def content_digest(self) -> str | None:
        """The digest computed again from source and value; None when the text is not among the entries."""
        return self.once("content_digest", self._content_digest)

    def _content_digest(self) -> str | None:
        edit = self.edit
        if edit is None:
            return None
        source = edit.record.payload["source"]
        return digest_of({"kind": "blueprint", "name": self.name, "source": source, "value": self.value})

    def steps(self) -> Mapping[str, Mapping[str, Any]]:
        """Its steps by id."""
        return self.once("steps", lambda: {step["id"]: step for step in self.value.get("steps", ())})


def blueprints(records: Records) -> tuple[ReleasedBlueprint, ...]:
    """Every released blueprint version among the entries, in order."""
    return records.once(blueprints, lambda: tuple(_blueprints(records)))


def _blueprints(records: Records) -> Iterator[ReleasedBlueprint]:
    for record in records.kind("change.released"):
        if record.payload["kind"] != "blueprint" or record.payload.get("retires"):
            continue
        of_request = records.of(record.subject)
        edits = tuple(
            Edit(one, int(one.payload["edit"]), str(one.payload["digest"]))
            for one in of_request
            if one.kind in ("change.proposed", "change.edited")
        )
        yield ReleasedBlueprint(record, edits, tuple(one for one in of_request if one.kind == "change.reviewed"))


def blueprint(records: Records, digest: str) -> ReleasedBlueprint | None:
    """The released version with this digest."""
    return next((found for found in blueprints(records) if found.digest == digest), None)


def started(records: Records, instance: str) -> tuple[Record, Mapping[str, Any]] | None:
    """The entry that started an instance and its `instance.started` transition."""
    for record in records.of(instance):
        for one in record.transitions("instance.started"):
            return record, one
    return None
