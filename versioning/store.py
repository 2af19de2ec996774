"""Questions of the versioning room; rows in, frozen values out."""

from dataclasses import dataclass
from typing import Any

from ledger import canonical
from ledger.errors import BrokenInput, BrokenState
from ledger.work import Rows
from versioning import tables
from versioning.artefact import ArtefactVersion, content_digest
from versioning.change import ChangeRequest, Review, Status, Verdict
from versioning.tables import (
    ArtefactRow,
    ArtefactVersionRow,
    ChangeEditRow,
    ChangeRequestRow,
    ChangeReviewRow,
    DecisionPointRow,
)


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit as stored: `source` and `value` as they stand in the entry, `value` None where it is in clear."""

    number: int
    digest: str
    source: Any
    value: Any | None


def change_request(uow: Rows, change_id: str) -> ChangeRequest | None:
    """The change request with its reviews."""
    row = uow.get(tables.CHANGE_REQUEST, change_id)
    return None if row is None else change_of(row, uow.group(tables.CHANGE_REVIEW, change_id))


def change_of(row: ChangeRequestRow, reviews: tuple[ChangeReviewRow, ...]) -> ChangeRequest:
    """The frozen value of the rows."""
    return ChangeRequest(
        id=row.id,
        kind=row.kind,
        name=row.name,
        title=str(value_of(row.title)),
        base_version=row.base_version,
        digest=row.digest,
        edit=row.edit,
        authors=tuple(value_of(row.authors)),
        approvals_needed=row.approvals_needed,
        status=Status(row.status),
        revision=row.revision,
        retires=bool(row.retires),
        not_before=row.not_before,
        expires_at=row.expires_at,
        reviews=tuple(_review_of(review) for review in reviews),
    )


def _review_of(row: ChangeReviewRow) -> Review:
    return Review(row.number, Verdict(row.verdict), row.digest, row.edit, row.person, row.on_behalf_of, row.recorded_at)


def edit(uow: Rows, change: ChangeRequest) -> Edit:
    """The newest edit of the change request; its digest is the request's or the rows were altered."""
    row: ChangeEditRow | None = uow.get(tables.CHANGE_EDIT, change.id, change.edit)
    if row is None or row.digest != change.digest:
        raise BrokenState("the change request and its edit state different digests")
    return Edit(row.number, row.digest, value_of(row.source), None if row.value is None else value_of(row.value))


def current_number(uow: Rows, kind: str, name: str) -> tuple[int, bool]:
    """Number of the version in force and whether it is retired; (0, False) when there never was one."""
    row = uow.get(tables.ARTEFACT, kind, name)
    return (0, False) if row is None else (row.version, bool(row.retired))


def current(uow: Rows, kind: str, name: str) -> ArtefactRow | None:
    """Number and digest of the newest version."""
    return uow.get(tables.ARTEFACT, kind, name)


def version_row(uow: Rows, kind: str, name: str, number: int) -> ArtefactVersionRow | None:
    """The row of one version."""
    return uow.get(tables.ARTEFACT_VERSION, kind, name, number)


_BY_DIGEST = """
SELECT kind, name, version FROM artefact_version WHERE log_id = {log} AND digest = ? ORDER BY version DESC LIMIT 1
"""


def place_of_digest(uow: Rows, digest: str) -> tuple[str, str, int] | None:
    """Kind, name and number of the newest version with this digest (a later version may restore an earlier one)."""
    rows = uow.query(_BY_DIGEST, (digest,))
    return None if not rows else (str(rows[0][0]), str(rows[0][1]), int(rows[0][2]))


def artefact_version(uow: Rows, row: ArtefactVersionRow) -> ArtefactVersion:
    """The version behind the row, re-hashed: a row edited behind our back is `BrokenState`."""
    value, source = value_of(row.value), value_of(row.source)
    if content_digest(row.kind, row.name, value, source) != row.digest:
        raise BrokenState("the stored artefact version does not hash to its digest")
    return ArtefactVersion(
        kind=row.kind,
        name=row.name,
        number=row.version,
        digest=row.digest,
        value=uow.unseal(row.change_request, "value", value),
        source=uow.unseal(row.change_request, "source", source),
        authors=tuple(value_of(row.authors)),
        approvers=tuple(value_of(row.approvers)),
        change_request=row.change_request,
        released_at=row.released_at,
        sealed=not isinstance(source, str),
    )


_NAMES = "SELECT name FROM artefact WHERE log_id = {log} AND kind = ? AND retired = 0 ORDER BY name"


def names(uow: Rows, kind: str) -> tuple[str, ...]:
    """Names of the artefacts of a kind that are in force."""
    return tuple(str(row[0]) for row in uow.query(_NAMES, (kind,)))


_DECISION_POINTS = """
SELECT blueprint, version, step, decision_kind, outcomes FROM decision_point
WHERE log_id = {log} ORDER BY blueprint, version, step
"""


def decision_points(uow: Rows) -> tuple[DecisionPointRow, ...]:
    """Every decision step of every released blueprint version."""
    return tuple(DecisionPointRow(*row) for row in uow.query(_DECISION_POINTS))


_LAPSED = """
SELECT id FROM change_request WHERE log_id = {log}
AND status IN ('proposed', 'in review', 'changes requested', 'approved', 'scheduled') AND expires_at <= ?
ORDER BY id LIMIT ?
"""

_DUE = """
SELECT id FROM change_request WHERE log_id = {log} AND status = 'scheduled' AND not_before <= ? ORDER BY id LIMIT ?
"""


def lapsed(uow: Rows, limit: int) -> tuple[str, ...]:
    """Open change requests past their expiry."""
    return tuple(str(row[0]) for row in uow.query(_LAPSED, (uow.now, limit)))


def due(uow: Rows, limit: int) -> tuple[str, ...]:
    """Scheduled change requests whose instant has come."""
    return tuple(str(row[0]) for row in uow.query(_DUE, (uow.now, limit)))


_OPEN = """
SELECT id FROM change_request WHERE log_id = {log} AND kind = ? AND name = ?
AND status IN ('proposed', 'in review', 'changes requested', 'approved', 'scheduled') AND expires_at > ? ORDER BY id
"""


def open_changes(uow: Rows, kind: str, name: str) -> tuple[str, ...]:
    """Open change requests about an artefact that did not lapse."""
    return tuple(str(row[0]) for row in uow.query(_OPEN, (kind, name, uow.now)))


def value_of(text: str) -> Any:
    """The value behind a canonical JSON column."""
    try:
        return canonical.decode(text.encode("utf-8"))
    except BrokenInput as error:
        raise BrokenState("expected a column of canonical JSON") from error
