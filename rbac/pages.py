"""What others may read of persons and policies: keyset pages, with names left sealed. For doors."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ledger import canonical
from rbac.store import Rows
from rbac.tables import PERSON, PersonRow


class PersonRead(NamedTuple):
    """A person. `name` is sealed under `place` = (subject, path)."""

    id: str
    ref: str
    status: str
    registered_at: int
    name: Any
    place: tuple[str, str]


class PolicyListed(NamedTuple):
    """One released access policy."""

    number: int
    name: str
    digest: str
    released_at: int
    entry_index: int


class Called(NamedTuple):
    """An actor as the organisation calls it: a person by reference, never by name; a service or agent by title."""

    id: str
    kind: str
    called: str
    status: str


_PERSONS = """
SELECT id, ref, name, sealed_subject, sealed_path, status, registered_at, entry_index FROM person
WHERE log_id = {log} AND ref > ? ORDER BY ref LIMIT ?
"""
_EVERYBODY = """
SELECT id, 'person' AS kind, ref AS called, status FROM person WHERE log_id = {log}
UNION ALL SELECT id, kind, title, status FROM actor WHERE log_id = {log} AND kind <> 'person'
"""
_NAMED = """
SELECT id, ref, name, sealed_subject, sealed_path, status, registered_at, entry_index FROM person
WHERE log_id = {log} AND id IN ({marks}) ORDER BY ref
"""
_POLICIES = """
SELECT number, name, digest, released_at, entry_index FROM access_policy_version
WHERE log_id = {log} AND (? = 0 OR number < ?) ORDER BY number DESC LIMIT ?
"""
_ACTORS = """
SELECT id, kind, title, status FROM actor WHERE log_id = {log} AND kind <> 'person' AND id > ? ORDER BY id LIMIT ?
"""


def persons(rows: Rows, after: str, limit: int) -> list[PersonRead]:
    """By the organisation's own reference."""
    return [_read(PersonRow(*row)) for row in rows.query(_PERSONS, (after, limit))]


def person(rows: Rows, person_id: str) -> PersonRead | None:
    """One person by id."""
    row = rows.get(PERSON, person_id)
    return None if row is None else _read(row)


def persons_of(rows: Rows, ids: Iterable[str]) -> list[PersonRead]:
    """Those of these ids that are persons, by reference: one question however many there are."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    statement = _NAMED.format(log="{log}", marks=", ".join("?" * len(wanted)))
    return [_read(PersonRow(*row)) for row in rows.query(statement, wanted)]


def machines(rows: Rows, after: str, limit: int) -> list[tuple[str, str, str, str]]:
    """(id, kind, title, status) of services and agents, by id."""
    return [(row[0], row[1], row[2], row[3]) for row in rows.query(_ACTORS, (after, limit))]


def everybody(rows: Rows) -> list[Called]:
    """Every person, service and agent, by what they are called."""
    found = [Called(*row) for row in rows.query(_EVERYBODY)]
    return sorted(found, key=lambda one: (one.called, one.id))


def called(rows: Rows, ids: Sequence[str]) -> list[Called]:
    """Those of these ids that name an actor; one question however many there are."""
    marks = ", ".join("?" * len(ids))
    statement = f"SELECT id, kind, called, status FROM ({_EVERYBODY}) AS everybody WHERE id IN ({marks}) ORDER BY id"
    return [Called(*row) for row in rows.query(statement, tuple(ids))] if ids else []


def policies(rows: Rows, before: int, limit: int) -> list[PolicyListed]:
    """Access policies, newest first; `before` 0 is from the newest."""
    return [PolicyListed(*row) for row in rows.query(_POLICIES, (before, before, limit))]


def _read(row: PersonRow) -> PersonRead:
    name = canonical.decode(row.name.encode("utf-8"))
    return PersonRead(row.id, row.ref, row.status, row.registered_at, name, (row.sealed_subject, row.sealed_path))
