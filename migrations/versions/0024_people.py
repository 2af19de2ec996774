"""What people do about tasks: who has one from its holder, and what they propose."""

import sqlalchemy as sa
from alembic import op

revision = "0024_people"
down_revision = "0023_steering"


def _text(name: str, **more: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False, **more)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _table(name: str, key: tuple[str, ...], *columns: sa.Column[object]) -> None:
    op.create_table(name, _number("log_id"), *columns, sa.PrimaryKeyConstraint("log_id", *key))


def upgrade() -> None:
    op.add_column("task", _text("delegate", server_default=""))
    out = sa.text("delegate <> ''")
    columns = ["log_id", "delegate", "instance", "number"]
    op.create_index("task_delegated", "task", columns, sqlite_where=out, postgresql_where=out)
    _table(
        "task_proposal",
        ("instance", "number"),
        _text("instance"),
        _number("number"),
        *map(_text, ("by", "outcome", "data", "reason")),
        _number("revision"),
        _number("proposed_at"),
    )
    _table(
        "notification",
        ("person", "cause"),
        _text("person"),
        _number("cause"),
        *map(_text, ("kind", "about", "domain")),
        _number("made_at"),
        *map(_text, ("mail", "hook")),
    )
    for channel in ("mail", "hook"):
        due = sa.text(f"{channel} = 'due'")
        columns = ["log_id", "cause", "person"]
        op.create_index(f"notification_{channel}_due", "notification", columns, sqlite_where=due, postgresql_where=due)
    _table(
        "notification_preference",
        ("person",),
        _text("person"),
        *map(_number, ("mail", "hook", "group_work")),
        *map(_text, ("language", "address")),
    )
    _table(
        "notification_watch",
        ("person", "about"),
        *map(_text, ("person", "about", "instance")),
        *map(_number, ("since", "over_at")),
    )
    op.create_index("notification_watched", "notification_watch", ["log_id", "instance", "person"])
    _table("notification_read", ("person",), _text("person"), *map(_number, ("upto", "over_at")))
    _table("notification_scanned", ("name",), _text("name"), *map(_number, ("upto", "over_at")))
    _table(
        "notification_try",
        ("person", "cause", "channel"),
        _text("person"),
        _number("cause"),
        *map(_text, ("channel", "token")),
        *map(_number, ("until", "tries")),
        _text("fault"),
        _number("over_at"),
    )
    _table(
        "instance_comment",
        ("instance", "id"),
        *map(_text, ("instance", "id")),
        _number("number"),
        *map(_text, ("by", "text", "data_class", "mentions", "replaces", "replaced_by", "data_subject")),
        _number("added_at"),
    )
    _table(
        "instance_attachment",
        ("instance", "id"),
        *map(_text, ("instance", "id")),
        _number("number"),
        *map(_text, ("by", "name", "media_type")),
        _number("size_bytes"),
        *map(_text, ("content", "data_class", "comment", "data_subject")),
        _number("added_at"),
    )
