"""Tables of the versioning room, and the descriptors its folds write by. All but one are folded."""

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Index, MetaData, Text
from sqlalchemy import Table as SqlTable

from ledger.rows import Table, TableClass

metadata = MetaData()


class ChangeRequestRow(NamedTuple):
    """`reason` is the sealed value as canonical JSON, `authors` a sorted JSON list; `version` once released."""

    id: str
    kind: str
    name: str
    title: str
    reason: str
    base_version: int
    digest: str
    edit: int
    authors: str
    risk: str
    approvals_needed: int
    status: str
    revision: int
    retires: int
    not_before: int | None
    expires_at: int
    proposed_at: int
    changed_at: int
    version: int | None


class ChangeEditRow(NamedTuple):
    """One edit. `source` is canonical JSON: a text, or a commitment; `value` is kept only as a commitment."""

    change_request: str
    number: int
    digest: str
    source: str
    value: str | None
    base_version: int
    author: str
    on_behalf_of: str
    written_at: int


class ChangeReviewRow(NamedTuple):
    """One verdict, bound to digest and edit. `reason` is the sealed value as canonical JSON."""

    change_request: str
    number: int
    verdict: str
    digest: str
    edit: int
    person: str
    on_behalf_of: str
    reason: str
    recorded_at: int


class ReviewStatementRow(NamedTuple):
    """Operational: a statement put before a reviewer; losing it means to state it again.

    `salt` (base64url) is that of the reason's commitment, which the statement names; it goes when it is signed.
    """

    nonce: str
    change_request: str
    statement: str
    salt: str
    signed: int
    expires_at: int


class ArtefactRow(NamedTuple):
    """The version in force of one artefact."""

    kind: str
    name: str
    version: int
    digest: str
    retired: int
    change_request: str
    released_at: int


class ArtefactVersionRow(NamedTuple):
    """A released version. `value` and `source` are canonical JSON, or commitments; `edit` names their edit."""

    kind: str
    name: str
    version: int
    digest: str
    value: str
    source: str
    authors: str
    approvers: str
    change_request: str
    edit: int
    released_at: int


class ListingRow(NamedTuple):
    """What lists and menus show of a blueprint, rule table or connector, without its text."""

    kind: str
    name: str
    version: int
    digest: str
    title: str
    owner: str
    retired: int
    released_at: int


class DecisionPointRow(NamedTuple):
    """A decision step of a released blueprint version; `outcomes` is a JSON list."""

    blueprint: str
    version: int
    step: str
    decision_kind: str
    outcomes: str


CHANGE_REQUEST = Table("change_request", ChangeRequestRow, key=1)
CHANGE_EDIT = Table("change_edit", ChangeEditRow, key=2)
CHANGE_REVIEW = Table("change_review", ChangeReviewRow, key=2, group=1)
REVIEW_STATEMENT = Table(
    "review_statement", ReviewStatementRow, key=1, table_class=TableClass.OPERATIONAL, expired="expires_at < ?"
)
ARTEFACT = Table("artefact", ArtefactRow, key=2, register=True)
ARTEFACT_VERSION = Table("artefact_version", ArtefactVersionRow, key=3, register=True)
LISTING = Table("artefact_listing", ListingRow, key=2, register=True)
DECISION_POINT = Table("decision_point", DecisionPointRow, key=3, register=True)

TABLES: tuple[Table[Any], ...] = (
    CHANGE_REQUEST,
    CHANGE_EDIT,
    CHANGE_REVIEW,
    ARTEFACT,
    ARTEFACT_VERSION,
    LISTING,
    DECISION_POINT,
)
OPERATIONAL = (REVIEW_STATEMENT,)


def _column(name: str, kind: type, *, key: bool = False, null: bool = False) -> Column[Any]:
    types = {int: BigInteger, str: Text}
    return Column(name, types[kind](), primary_key=key, nullable=null, autoincrement=False)


change_request = SqlTable(
    "change_request",
    metadata,
    _column("log_id", int, key=True),
    _column("id", str, key=True),
    _column("kind", str),
    _column("name", str),
    _column("title", str),
    _column("reason", str),
    _column("base_version", int),
    _column("digest", str),
    _column("edit", int),
    _column("authors", str),
    _column("risk", str),
    _column("approvals_needed", int),
    _column("status", str),
    _column("revision", int),
    _column("retires", int),
    _column("not_before", int, null=True),
    _column("expires_at", int),
    _column("proposed_at", int),
    _column("changed_at", int),
    _column("version", int, null=True),
    Index("change_request_by_status", "log_id", "status", "id"),
    Index("change_request_by_artefact", "log_id", "kind", "name", "id"),
    info={"class": "folded"},
    sqlite_with_rowid=False,
)

change_edit = SqlTable(
    "change_edit",
    metadata,
    _column("log_id", int, key=True),
    _column("change_request", str, key=True),
    _column("number", int, key=True),
    _column("digest", str),
    _column("source", str),
    _column("value", str, null=True),
    _column("base_version", int),
    _column("author", str),
    _column("on_behalf_of", str),
    _column("written_at", int),
    info={"class": "folded"},
)

change_review = SqlTable(
    "change_review",
    metadata,
    _column("log_id", int, key=True),
    _column("change_request", str, key=True),
    _column("number", int, key=True),
    _column("verdict", str),
    _column("digest", str),
    _column("edit", int),
    _column("person", str),
    _column("on_behalf_of", str),
    _column("reason", str),
    _column("recorded_at", int),
    info={"class": "folded"},
    sqlite_with_rowid=False,
)

review_statement = SqlTable(
    "review_statement",
    metadata,
    _column("log_id", int, key=True),
    _column("nonce", str, key=True),
    _column("change_request", str),
    _column("statement", str),
    _column("salt", str),
    _column("signed", int),
    _column("expires_at", int),
    info={"class": "operational"},
    sqlite_with_rowid=False,
)

artefact = SqlTable(
    "artefact",
    metadata,
    _column("log_id", int, key=True),
    _column("kind", str, key=True),
    _column("name", str, key=True),
    _column("version", int),
    _column("digest", str),
    _column("retired", int),
    _column("change_request", str),
    _column("released_at", int),
    info={"class": "folded"},
    sqlite_with_rowid=False,
)

artefact_version = SqlTable(
    "artefact_version",
    metadata,
    _column("log_id", int, key=True),
    _column("kind", str, key=True),
    _column("name", str, key=True),
    _column("version", int, key=True),
    _column("digest", str),
    _column("value", str),
    _column("source", str),
    _column("authors", str),
    _column("approvers", str),
    _column("change_request", str),
    _column("edit", int),
    _column("released_at", int),
    Index("artefact_version_by_digest", "log_id", "digest"),
    info={"class": "folded"},
)

artefact_listing = SqlTable(
    "artefact_listing",
    metadata,
    _column("log_id", int, key=True),
    _column("kind", str, key=True),
    _column("name", str, key=True),
    _column("version", int),
    _column("digest", str),
    _column("title", str),
    _column("owner", str),
    _column("retired", int),
    _column("released_at", int),
    info={"class": "folded"},
    sqlite_with_rowid=False,
)

decision_point = SqlTable(
    "decision_point",
    metadata,
    _column("log_id", int, key=True),
    _column("blueprint", str, key=True),
    _column("version", int, key=True),
    _column("step", str, key=True),
    _column("decision_kind", str),
    _column("outcomes", str),
    info={"class": "folded"},
    sqlite_with_rowid=False,
)
