"""What somebody typed for a task, a review or a change and has not sent. Operational: a lost draft is typed again.

`sealed` is base64url of the content, encrypted under a data key of the instance's data subject (`ledger.sealed_rows`):
erasing the data subject makes it unreadable in every copy. It goes when its task or change request is over.
"""

from typing import NamedTuple

import sqlalchemy as sa

from ledger.rows import Table, TableClass


class DraftRow(NamedTuple):
    """One draft. `about` is the id of the task or change request, or `writing.` and what is written; `owner` and
    `number` are its parts, empty for a change that is not proposed yet. `version` grows with every save and is never
    used again, so that two windows do not write over each other."""

    person: str
    about: str
    owner: str
    number: int
    version: int
    sealed: str
    saved_at: int
    ends_at: int


_OVER = (
    "(ends_at < ?"
    " OR EXISTS (SELECT 1 FROM task WHERE task.log_id = draft.log_id AND task.instance = draft.owner"
    " AND task.number = draft.number AND task.state NOT IN ('offered', 'claimed'))"
    " OR EXISTS (SELECT 1 FROM change_request WHERE change_request.log_id = draft.log_id"
    " AND change_request.id = draft.owner"
    " AND change_request.status IN ('released', 'refused', 'withdrawn', 'expired')))"
)
DRAFT = Table("draft", DraftRow, key=2, table_class=TableClass.OPERATIONAL, expired=_OVER)

TABLES = (DRAFT,)

metadata = sa.MetaData()

_KEYS = frozenset(("person", "about"))

# Ground for being operational: what was typed and not sent binds nobody, and is typed again.
sa.Table(
    "draft",
    metadata,
    sa.Column("log_id", sa.BigInteger, primary_key=True, autoincrement=False),
    *[
        sa.Column(
            name,
            sa.Text if kind is str else sa.BigInteger,
            primary_key=name in _KEYS,
            nullable=False,
            autoincrement=False,
        )
        for name, kind in DraftRow.__annotations__.items()
    ],
    info={"class": "operational"},
)
