"""What others may read of change requests and released artefacts: keyset pages and single values, for doors.

`rows` is a unit of work or a read-only view. Nothing classed is opened here: what is sealed stays a commitment, and
the caller, who knows who reads, opens it at the place stated.
"""

from typing import Any, NamedTuple

from ledger.work import UnitOfWork
from versioning import store, tables
from versioning.change import ChangeRequest, fresh_approvals, stale_approvals
from versioning.store import change_of, value_of
from versioning.tables import ChangeRequestRow

ListingRow = tables.ListingRow  # the row as those may name it who read it here


class Place(NamedTuple):
    """A sealed value and where it was sealed: `view.unseal(subject, path, sealed)`."""

    subject: str
    path: str
    sealed: Any


class Verdict(NamedTuple):
    """One review as it stands. `standing` is `fresh`, `stale`, or `` where it is no approval or is overtaken."""

    number: int
    verdict: str
    digest: str
    edit: int
    person: str
    on_behalf_of: str
    recorded_at: int
    standing: str
    reason: Place


class ChangeRead(NamedTuple):
    """A change request, its newest edit, and its reviews."""

    row: ChangeRequestRow
    change: ChangeRequest
    reason: Place
    source: Place
    reviews: tuple[Verdict, ...]


class Approval(NamedTuple):
    """One consent a release rests on."""

    person: str
    on_behalf_of: str
    recorded_at: int


class Released(NamedTuple):
    """One released version, without its text. `retired` versions end the artefact.

    `title` is that of its change request; `approvals` are those given for the edit that was released.
    """

    version: int
    digest: str
    authors: tuple[str, ...]
    approvers: tuple[str, ...]
    change_request: str
    released_at: int
    title: str = ""
    proposed_at: int = 0
    approvals: tuple[Approval, ...] = ()


def change_request(rows: UnitOfWork, change_id: str) -> ChangeRead | None:
    """One change request with everything there is to see of it."""
    row = rows.get(tables.CHANGE_REQUEST, change_id)
    if row is None:
        return None
    reviews = rows.group(tables.CHANGE_REVIEW, change_id)
    change = change_of(row, reviews)
    fresh = {one.number for one in fresh_approvals(change)}
    stale = {one.number for one in stale_approvals(change)}
    verdicts = tuple(
        Verdict(
            *review[1:7],
            review.recorded_at,
            "fresh" if review.number in fresh else "stale" if review.number in stale else "",
            Place(change_id, "reason", value_of(review.reason)),
        )
        for review in reviews
    )
    source = Place(change_id, "source", store.edit(rows, change).source)
    return ChangeRead(row, change, Place(change_id, "reason", value_of(row.reason)), source, verdicts)


class EditRead(NamedTuple):
    """One edit: who wrote it and when, and its source."""

    number: int
    author: str
    on_behalf_of: str
    written_at: int
    source: Place


def edits(rows: UnitOfWork, change: ChangeRequest, digest: str) -> tuple[EditRead | None, EditRead]:
    """The newest edit that has this digest, if any, and the newest edit of all."""
    newest, seen = None, None
    for number in range(change.edit, 0, -1):
        row = rows.get(tables.CHANGE_EDIT, change.id, number)
        if row is None:
            continue
        source = Place(change.id, "source", value_of(row.source))
        read = EditRead(row.number, row.author, row.on_behalf_of, row.written_at, source)
        newest = newest or read
        if row.digest == digest:
            seen = read
            break
    assert newest is not None  # no change request is without its first edit
    return seen, newest


def current_version(rows: UnitOfWork, kind: str, name: str) -> int:
    """The number of the newest version; 0 where there never was one."""
    return store.current_number(rows, kind, name)[0]


def version_source(rows: UnitOfWork, kind: str, name: str, number: int) -> Place | None:
    """The source of a released version as it is stored."""
    row = store.version_row(rows, kind, name, number)
    return None if row is None else Place(row.change_request, "source", value_of(row.source))


def version_value(rows: UnitOfWork, kind: str, name: str, number: int) -> Place | None:
    """The value of a released version as it is stored."""
    row = store.version_row(rows, kind, name, number)
    return None if row is None else Place(row.change_request, "value", value_of(row.value))


_LISTED = """
SELECT kind, name, version, digest, title, owner, retired, released_at FROM artefact_listing
WHERE log_id = {log} AND kind = ? AND name > ? ORDER BY name LIMIT ?
"""


def listing(rows: UnitOfWork, kind: str, after: str, limit: int) -> list[ListingRow]:
    """Artefacts of a kind by name, retired ones too."""
    return [ListingRow(*row) for row in rows.query(_LISTED, (kind, after, limit))]


_VERSIONS = """
SELECT made.version, made.digest, made.authors, made.approvers, made.change_request, made.released_at, asked.title,
asked.proposed_at, made.edit FROM artefact_version AS made JOIN change_request AS asked
ON asked.log_id = made.log_id AND asked.id = made.change_request
WHERE made.log_id = {log} AND made.kind = ? AND made.name = ? AND (? = 0 OR made.version < ?)
ORDER BY made.version DESC LIMIT ?
"""
_APPROVALS = """
SELECT change_request, edit, person, on_behalf_of, recorded_at FROM change_review
WHERE log_id = {log} AND verdict = 'approve' AND change_request IN ({marks}) ORDER BY change_request, number
"""


def versions(rows: UnitOfWork, artefact: tuple[str, str], before: int, limit: int) -> list[Released]:
    """Released versions of (kind, name), newest first; `before` 0 is from the newest."""
    found = rows.query(_VERSIONS, (*artefact, before, before, limit))
    approvals = _approvals(rows, [row[4] for row in found])
    return [
        Released(
            version=row[0],
            digest=row[1],
            authors=tuple(value_of(row[2])),
            approvers=tuple(value_of(row[3])),
            change_request=row[4],
            released_at=row[5],
            title=value_of(row[6]),
            proposed_at=row[7],
            approvals=tuple([given for edit, given in approvals.get(row[4], ()) if edit == row[8]]),
        )
        for row in found
    ]


def _approvals(rows: UnitOfWork, changes: list[str]) -> dict[str, list[tuple[int, Approval]]]:
    """(edit, approval) of each of these change requests, in the order they were given."""
    if not changes:
        return {}
    found: dict[str, list[tuple[int, Approval]]] = {}
    given = rows.query(_APPROVALS.format(marks=", ".join("?" * len(changes)), log="{log}"), changes)
    for change, edit, person, on_behalf_of, recorded_at in given:
        found.setdefault(change, []).append((edit, Approval(person, on_behalf_of, recorded_at)))
    return found
