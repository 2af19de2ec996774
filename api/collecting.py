"""Collects the entries that tell one or more instances: their own, and those of everything they refer to.

Whole histories are taken of the instances, their children, the change requests of the blueprint versions they were
under and every part of the authority register, so that the ledger's counts prove them complete; of persons only the
entries that register them and their passkeys, and where a duty compares units those of units, since the rest of their
history is nobody's business here.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import orjson

from api.problem_texts import tell
from governance.evidence import register_entries, substitutions_at
from governance.questions.facts import Record, Records
from governance.questions.under_version import Under, stretches
from ledger.canonical import b64url
from ledger.errors import BrokenInput
from ledger.evidence import Sealed, key_entries
from ledger.reading import View
from ledger.verify.openings import COMMITMENT, commitments_in
from ledger.wording import as_it_is

CEREMONY = "ceremony:bootstrap"
PERSON_KINDS = ("person.registered", "person.changed")
PASSKEY_KINDS = ("passkey.enrolled", "passkey.removed")  # of who signed by one
ATTRIBUTE_KINDS = ("person_attribute.given", "person_attribute.ended")
ENTRIES_MAX = 200_000  # of one pack; a longer period is split
_COMMITMENT = f'"{COMMITMENT}"'.encode()


class Stored(Protocol):
    """An entry as the ledger stores it: see `ledger.reading.View.entry`."""

    @property
    def idx(self) -> int: ...

    @property
    def previous(self) -> int | None: ...

    @property
    def leaf_hash(self) -> bytes: ...

    @property
    def bytes(self) -> bytes: ...


class Collected(NamedTuple):
    """Entries with their bytes; `complete` are the subjects of which all entries before `before` are here."""

    records: Records
    data: dict[int, bytes]
    complete: tuple[str, ...]


def collect(view: View, instances: Sequence[str], before: int, extra: Iterable[int] = ()) -> Collected:
    """Everything the questions and records of these instances read; `BrokenInput` for an instance that is unknown."""
    return _Collecting(view, before).run(instances, extra)


class _Collecting:
    def __init__(self, view: View, before: int) -> None:
        self._view = view
        self._before = before
        self._rows: dict[int, Stored] = {}
        self._records: dict[int, Record] = {}
        self._complete: set[str] = set()

    def run(self, instances: Sequence[str], extra: Iterable[int]) -> Collected:
        pending, started, migrated = list(instances), set[Under](), set[Under]()
        while pending:
            instance = pending.pop()
            if instance in self._complete:
                continue
            found = self._whole(instance)
            if not found:
                raise BrokenInput(tell("no-instance-with-id", id=as_it_is(instance[:40])))
            pending += [str(one["instance"]) for record in found for one in record.transitions("child.started")]
            was_under = [stretch.under for stretch in stretches(found)]
            started.update(was_under[:1])
            migrated.update(was_under[1:])
        for under in sorted(started):
            self._blueprint(under)
        for under in sorted(migrated):
            self._migrated_to(under)
        keys = [index for index in key_entries(self._view) if index < self._before]
        for index in (*keys, *register_entries(self._view, self._before), *extra):
            self._add(index)
        for record in list(self._records.values()):
            if record.kind in ("instrument.released", "office.released", "authority.granted"):
                self._whole(record.subject)
        for record in list(self._records.values()):
            for person in deciders(record):
                for substitution in substitutions_at(self._view, person, record.instant):
                    self._whole(substitution)
        self._persons()
        records = Records(self._records.values())
        data = {index: row.bytes for index, row in self._rows.items()}
        return Collected(records, data, tuple(sorted(self._complete)))

    def _take(self, row: Stored) -> Record:
        known = self._records.get(row.idx)
        if known is None:
            if len(self._rows) >= ENTRIES_MAX:
                raise BrokenInput(tell("entries-of-pack", most=ENTRIES_MAX))
            known = Record(row.idx, b64url(row.leaf_hash), orjson.loads(row.bytes))
            self._rows[row.idx] = row
            self._records[row.idx] = known
        return known

    def _add(self, index: int) -> None:
        row = self._view.entry(index)
        if row is not None:
            self._take(row)

    def _whole(self, subject: str) -> list[Record]:
        """All entries of a subject before the border, oldest first."""
        found = [self._take(row) for row in self._history(subject) if row.idx < self._before]
        if found:
            self._complete.add(subject)
        return found[::-1]

    def _history(self, subject: str) -> Iterator[Stored]:
        before: int | None = None
        while True:
            page = self._view.history(subject, before)
            yield from page
            if not page or page[-1].previous is None:
                return
            before = page[-1].idx

    def _blueprint(self, under: Under) -> None:
        """The change request of a version and of the one before it, which it is compared with."""
        released = self._released(under.blueprint)
        numbers = [int(one.payload["version"]) for one in released if one.payload.get("digest") == under.digest]
        self._changes(released, {numbers[0], numbers[0] - 1} if numbers else set())

    def _migrated_to(self, under: Under) -> None:
        """The change requests of a version, of each that retired its blueprint and of what took that back: nothing is
        migrated while it is retired."""
        released = self._released(under.blueprint)
        ended = [int(one.payload["version"]) for one in released if one.payload.get("retired")]
        self._changes(released, {under.number, *ended, *[number + 1 for number in ended]})

    def _released(self, name: str) -> list[Record]:
        return [Record(row.idx, "", orjson.loads(row.bytes)) for row in self._history(f"blueprint:{name}")]

    def _changes(self, released: Iterable[Record], numbers: Container[int]) -> None:
        for one in released:
            if one.payload.get("version") in numbers:
                self._whole(str(one.entry["refs"]["change_request"]))

    def _persons(self) -> None:
        """The entries that register the persons named so far, in the ceremony or later."""
        persons = {person for record in self._records.values() for person in persons_in(record.entry)}
        for row in self._history(CEREMONY):
            if row.idx < self._before:
                self._take(row)
        signers = {person for record in self._records.values() for person in passkey_signers(record)}
        for person in sorted({person for record in self._records.values() for person in compared_in(record)}):
            self._units(person)
        for person in sorted(persons):
            kinds = (*PERSON_KINDS, *PASSKEY_KINDS) if person in signers else PERSON_KINDS
            for row in self._history(person):
                if row.idx < self._before and orjson.loads(row.bytes)["kind"] in kinds:
                    self._take(row)

    def _units(self, person: str) -> None:
        """What was given to a person as a unit, and its end; of skills nothing."""
        of_units: set[str] = set()
        for row in sorted(self._history(person), key=lambda one: one.idx):
            entry = orjson.loads(row.bytes)
            if row.idx < self._before and entry["kind"] in ATTRIBUTE_KINDS:
                if entry["payload"].get("attribute") == "unit":
                    of_units.add(entry["payload"]["name"])
                if entry["payload"]["name"] in of_units:
                    self._take(row)


def passkey_signers(record: Record) -> Iterator[str]:
    """The person who signed by a passkey in this entry."""
    signature = record.payload.get("signature")
    if type(signature) is dict and "passkey" in signature:
        yield str(signature["person"])


def deciders(record: Record) -> Iterator[str]:
    """The person who decided under duties in this entry."""
    decision = record.payload.get("decision")
    if type(decision) is dict and decision.get("duties"):
        yield str(decision["person"])


def compared_in(record: Record) -> Iterator[str]:
    """The persons whose units a duty has compared in this entry."""
    decision = record.payload.get("decision")
    if type(decision) is dict:
        yield from decision.get("units", {})


def persons_in(value: Any) -> set[str]:
    """Every person's id in a value."""
    found, waiting = set(), [value]
    while waiting:
        item = waiting.pop()
        if type(item) is str:
            if item.startswith("person:"):
                found.add(item)
        elif type(item) is dict:
            waiting.extend(item.values())
        elif type(item) is list:
            waiting.extend(item)
    return found


def sealed_in(collected: Collected) -> Iterator[Sealed]:
    """Every commitment in the entries, at the first place where it stands under its own subject."""
    for record in collected.records:
        if _COMMITMENT not in collected.data[record.index]:  # in canonical bytes a name stands as it is
            continue
        for opened_at, commitment in commitments_in(record.entry):
            yield Sealed(record.index, record.subject, commitment, int(opened_at))
