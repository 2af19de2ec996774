"""Tables of what people do about an instance without moving it on. Keys begin with the instance's id."""

from typing import NamedTuple

import sqlalchemy as sa

from ledger.rows import Table


class ProposalRow(NamedTuple):
    """What a delegate proposed last: `data` is canonical JSON by path, `reason` one commitment or `null`.

    It counts while the task is at this `revision`.
    """

    instance: str
    number: int
    by: str
    outcome: str
    data: str
    reason: str
    revision: int
    proposed_at: int


PROPOSAL = Table("task_proposal", ProposalRow, key=2)

FOLDED = (PROPOSAL,)

metadata = sa.MetaData()


def _schema(table: Table[ProposalRow]) -> sa.Table:
    kinds = table.row.__annotations__
    return sa.Table(
        table.name,
        metadata,
        sa.Column("log_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        *[
            sa.Column(
                name,
                sa.Text() if kinds[name] is str else sa.BigInteger(),
                primary_key=place < table.key,
                nullable=False,
                autoincrement=False,
            )
            for place, name in enumerate(table.columns)
        ],
        info={"class": table.table_class.value},
    )


for _table in FOLDED:
    _schema(_table)
