"""The table of what becomes of a log as a whole; folded from `ledger.opened` and `ledger.sealed`."""

from typing import NamedTuple

from sqlalchemy import BigInteger, Column, MetaData, Text
from sqlalchemy import Table as SqlTable

from ledger.rows import Table

metadata = MetaData()

SqlTable(
    "log_state",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("forerunner", Text, nullable=False),
    Column("final_size", BigInteger, nullable=True),
    info={"class": "folded"},
)


class LogStateRow(NamedTuple):
    """`forerunner` is the origin of the sealed log that this one continues, else empty; the seal sets `final_size`."""

    name: str
    forerunner: str
    final_size: int | None


# A register: every writer learns of a seal under the head lock.
LOG_STATE = Table("log_state", LogStateRow, key=1, register=True)
