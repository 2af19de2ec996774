"""Messages kept until somebody waits for them, in the box of their name and key; what became of senders' ids."""

import sqlalchemy as sa
from alembic import op

revision = "0021_messages"
down_revision = "0020_connectors"


def _table(name: str, key: tuple[str, ...], *columns: sa.Column[object], with_rowid: bool = False) -> None:
    op.create_table(
        name,
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("log_id", *key),
        sqlite_with_rowid=with_rowid,
    )


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    _table(
        "message",
        ("id",),
        *map(_text, ("id", "message", "key", "key_mark", "data", "domain", "state", "id_mark")),
        _number("kept_at"),
        _number("expires_at"),
        *map(_text, ("before", "after", "instance")),
        _number("number"),
        with_rowid=True,
    )
    _table("message_box", ("key_mark", "domain"), *map(_text, ("key_mark", "domain", "oldest", "newest")))
    _table(
        "message_sent",
        ("id_mark",),
        *map(_text, ("id_mark", "subject", "body", "outcome", "instance")),
        _number("until"),
    )
    kept = sa.text("state = 'kept'")
    op.create_index("message_due", "message", ["log_id", "expires_at", "id"], sqlite_where=kept, postgresql_where=kept)
