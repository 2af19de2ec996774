"""How far each feed got, and which letters it holds. Operational: losing any of it sends entries again, never skips.

A lost cursor begins where the feed begins. The cursor counts the letters and names the lowest, so lost letters are
noticed when the feed is next leased, and the cursor goes back to before them (`api.feeds.commands`).
"""

from typing import NamedTuple

import sqlalchemy as sa

from ledger.rows import Table, TableClass

NEVER = 1 << 62  # `over_at` of a row that is needed
KEPT_DAYS = 30  # of the cursor of a feed that was retired: put in force again meanwhile, it goes on where it was


class CursorRow(NamedTuple):
    """One feed. `next_idx` is the index it has yet to send; `low` that of its lowest letter, else `next_idx`.

    `trying` is the first index of the message under way, `attempts` its tries; `fault` the class of the last failure
    and `failing_since` when the failures in a row began (0: none). `sent` counts entries accepted. The lease is
    `holder`, `token` and `until`.
    """

    feed: str
    version: int
    next_idx: int
    letters: int
    held: int
    low: int
    trying: int
    attempts: int
    dead_in_a_row: int
    next_try_at: int
    failing_since: int
    fault: str
    state: str
    sent: int
    holder: str
    token: str
    until: int
    moved_at: int
    over_at: int


class LetterRow(NamedTuple):
    """A group that waits: entries idx..upto-1. `subjects` is JSON; `fault` of a dead letter why it is one."""

    feed: str
    idx: int
    upto: int
    subjects: str
    state: str
    fault: str
    held_at: int
    over_at: int


_OPERATIONAL = TableClass.OPERATIONAL
CURSOR = Table("feed_cursor", CursorRow, key=1, table_class=_OPERATIONAL, expired="over_at < ?")
LETTER = Table("feed_letter", LetterRow, key=2, table_class=_OPERATIONAL, expired="over_at < ?")

TABLES = (CURSOR, LETTER)

metadata = sa.MetaData()


def _columns(row: type[NamedTuple], keys: int) -> "list[sa.Column[object]]":
    columns: list[sa.Column[object]] = [sa.Column("log_id", sa.BigInteger, primary_key=True, autoincrement=False)]
    for place, (name, kind) in enumerate(row.__annotations__.items()):
        of = sa.Text if kind is str else sa.BigInteger
        is_key = place < keys
        columns.append(sa.Column(name, of, primary_key=is_key, nullable=False, autoincrement=False))
    return columns


# Ground for being operational: a lost cursor or letter makes entries go out again, and receivers know them by their id.
sa.Table("feed_cursor", metadata, *_columns(CursorRow, 1), info={"class": "operational"}, sqlite_with_rowid=False)
sa.Table("feed_letter", metadata, *_columns(LetterRow, 2), info={"class": "operational"}, sqlite_with_rowid=False)
