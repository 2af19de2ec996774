"""What persons can do and where they belong: skills and units, given for a time by governed artefacts.

A skill or unit narrows whom work is offered to and permits nothing: access, roles and authority are asked all the same.
"""

from collections.abc import Mapping
from typing import Any

from ledger.entry import Entry, EntryDraft
from ledger.errors import BrokenInput
from ledger.rows import FoldView
from ledger.work import UnitOfWork
from rbac import store
from rbac.artefacts import Artefact, Finding, Release, instant_at, released, slug_at
from rbac.entries import PERSON_ATTRIBUTE_ENDED, PERSON_ATTRIBUTE_GIVEN
from rbac.finding_texts import say
from rbac.refusal_texts import why
from rbac.source import read_source
from rbac.source_texts import tell
from rbac.tables import ATTRIBUTE, AttributeRow

SKILL, UNIT = "skill", "unit"
_OF_NAME = "SELECT person FROM person_attribute WHERE log_id = {log} AND name = ?"
_HAVING = (
    "SELECT DISTINCT person FROM person_attribute WHERE log_id = {log} AND attribute = ? AND value = ?"
    " AND valid_from <= ? AND (valid_until IS NULL OR valid_until > ?) ORDER BY person"
)


class PersonAttributeKind:
    """`person attribute: NAME`, `of`, one of `skill` and `unit`, `from`, `until`: half-open, as role assignments are.

    A later version may only bring the end forward or set it. Nothing counts before its release.
    """

    kind = "person-attribute"
    data_class = "internal"

    def read(self, source: str) -> Artefact:
        members = read_source(source).record(("person attribute", "of"), (SKILL, UNIT, "from", "until"))
        name = slug_at(members["person attribute"], tell("a-name"))
        stated = [attribute for attribute in (SKILL, UNIT) if attribute in members]
        if len(stated) != 1:
            members["person attribute"].fail(tell("skill-or-unit"))
        attribute = stated[0]
        start, until = instant_at(members.get("from")), instant_at(members.get("until"))
        if start is not None and until is not None and until <= start:
            members["until"].fail(tell("end-after-beginning"))
        value = {
            "name": name,
            "of": slug_at(members["of"], tell("reference-of-person")),
            "attribute": attribute,
            "value": slug_at(members[attribute], tell("a-skill") if attribute == "skill" else tell("a-unit")),
            "from": start,
            "until": until,
        }
        return Artefact(name, value)

    def check(self, uow: UnitOfWork, artefact: Artefact) -> tuple[Finding, ...]:
        value = artefact.value
        person = store.person_by_ref(uow, value["of"])
        if person is None:
            return (Finding("unknown-person", "error", say("person-unknown"), "of"),)
        present = _present(uow, artefact.name)
        if present is not None:
            return _change_findings(present, value, person.id)
        if value["until"] is not None and value["until"] <= uow.now:
            return (Finding("already-over", "error", say("end-in-the-past"), "until"),)
        return ()

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:
        value = release.value
        person = store.person_by_ref(uow, value["of"])
        if person is None:
            raise BrokenInput(why("no-such-person"), "of")
        told = {"release": released(release), "result": {"attribute": release.name, "person": person.id}}
        until = value["until"]
        present = _present(uow, release.name)
        if present is not None:
            if faults := _change_findings(present, value, person.id):
                raise BrokenInput(faults[0].message, faults[0].location)
            end = {"person": person.id, "name": release.name, "valid_until": max(until, uow.now)}
            return EntryDraft(PERSON_ATTRIBUTE_ENDED, 1, person.id, {**end, **told})
        start = max(value["from"] or 0, uow.now)
        if until is not None and until <= start:
            raise BrokenInput(why("end-in-future"), "until")
        body = {"person": person.id, "name": release.name, "attribute": value["attribute"], "value": value["value"]}
        given = {**body, "valid_from": start, "valid_until": until}
        return EntryDraft(PERSON_ATTRIBUTE_GIVEN, 1, person.id, {**given, **told})


def _present(uow: UnitOfWork, name: str) -> AttributeRow | None:
    """What the artefact of this name has given; a name stays one person's for good."""
    found = uow.query(_OF_NAME, (name,))
    return uow.get(ATTRIBUTE, found[0][0], name) if found else None


def _change_findings(present: AttributeRow, value: Mapping[str, Any], person: str) -> tuple[Finding, ...]:
    findings = []
    if (present.person, present.attribute, present.value) != (person, value["attribute"], value["value"]):
        message = say("attribute-fixed")
        findings.append(Finding("attribute-fixed", "error", message, "person attribute"))
    if value["until"] is None:
        findings.append(Finding("nothing-to-end", "error", say("no-end-given"), "until"))
    elif present.valid_until is not None and value["until"] > present.valid_until:
        message = say("end-moved-back")
        findings.append(Finding("end-moved-back", "error", message, "until"))
    return tuple(findings)


class Attributes:
    """Who has which skill and is of which unit, as the rows of a log tell it."""

    def having(self, rows: store.Rows, now: int, attribute: str, value: str) -> tuple[str, ...]:
        """The persons who have it at this instant, by id."""
        return tuple([person for (person,) in rows.query(_HAVING, (attribute, value, now, now))])

    def of(self, rows: store.Rows, now: int, person: str) -> tuple[tuple[str, str], ...]:
        """What a person has at this instant, as (attribute, value)."""
        return tuple([(row.attribute, row.value) for row in rows.group(ATTRIBUTE, person) if in_force(row, now)])


def in_force(row: AttributeRow, now: int) -> bool:
    """Whether it counts at this instant."""
    return row.valid_from <= now and (row.valid_until is None or now < row.valid_until)


def fold_given(view: FoldView, entry: Entry) -> None:
    """A person has a skill, or is of a unit, from now on or later."""
    body = entry.payload
    row = AttributeRow(
        body["person"],
        body["name"],
        body["attribute"],
        body["value"],
        body["valid_from"],
        body["valid_until"],
        entry.index,
        None,
    )
    view.put(ATTRIBUTE, row)


def fold_ended(view: FoldView, entry: Entry) -> None:
    """The end of what was given is set."""
    row = view.get(ATTRIBUTE, entry.payload["person"], entry.payload["name"])
    assert row is not None
    view.put(ATTRIBUTE, row._replace(valid_until=entry.payload["valid_until"], ended_index=entry.index))


person_attribute_kind = PersonAttributeKind()
