"""Skills and units of persons, who stands in for whom, and whom work is offered to."""

import sqlalchemy as sa
from alembic import op

revision = "0028_substitutions"
down_revision = "0027_votes"


def _text(name: str, **more: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False, **more)


def _number(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _table(name: str, key: tuple[str, ...], *columns: sa.Column[object]) -> None:
    op.create_table(name, _number("log_id"), *columns, sa.PrimaryKeyConstraint("log_id", *key))


def upgrade() -> None:
    for name in ("skill", "unit", "stands_in_for"):
        op.add_column("task", _text(name, server_default=""))
    _table(
        "person_attribute",
        ("person", "name"),
        *map(_text, ("person", "name", "attribute", "value")),
        _number("valid_from"),
        _number("valid_until", nullable=True),
        _number("entry_index"),
        _number("ended_index", nullable=True),
    )
    op.create_index("ix_person_attribute_value", "person_attribute", ["log_id", "attribute", "value"])
    _table(
        "substitution",
        ("id",),
        *map(_text, ("id", "absent", "substitute")),
        *map(_number, ("valid_from", "valid_until")),
        *map(_text, ("reason", "recorded_by")),
        _number("recorded"),
        _number("lifted", nullable=True),
    )
    op.create_index("substitution_until", "substitution", ["log_id", "valid_until"])
    _table("task_given", ("person",), _text("person"), _number("given_at"), _number("times"))
