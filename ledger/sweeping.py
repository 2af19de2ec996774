"""Takes away operational rows that nobody needs any more, so that a long-lived log does not grow by them.

A table of that class says by `Table.expired` when a row of it is over. Nothing is evidence there and nothing may be
needed: a lease that ran out, a statement that can be signed no longer, a repeated refusal that its entry tells of.
Published checkpoints are thinned the same way (`ledger.publication`). Tables of every other class are never touched; on
PostgreSQL the service role could not, and triggers guard the ledger.

A pass takes a bounded number of rows of each table, under the head lock like every other write.
"""

from collections.abc import Sequence
from typing import Any

from ledger.clock import Instant
from ledger.connection import Connection
from ledger.errors import Misuse, MunimentError
from ledger.rows import PUT_BY_COMMANDS, Table

ROWS_MAX = 2_000  # of one table in one pass: more than a batch of the writer leaves behind, a few milliseconds of work


def sweep(connection: Connection, log_id: int, tables: Sequence[Table[Any]], now: Instant) -> bool:
    """Remove what has expired at `now`. Whether there may be more: some table gave as many rows as a pass takes."""
    is_full = False
    try:
        connection.begin(log_id, [])
        for table in tables:
            if table.follows:
                continue
            removed = connection.query(log_id, _statement(table), (now, ROWS_MAX))
            is_full = is_full or len(removed) == ROWS_MAX
            for follower in tables:
                if removed and follower.follows == table.name:
                    connection.query(log_id, _follow(follower, len(removed)), [key for (key,) in removed])
        connection.finish(log_id, [], None)
    except MunimentError:
        connection.rollback()
        raise
    return is_full


def _statement(table: Table[Any]) -> str:
    if table.table_class not in PUT_BY_COMMANDS or not table.expired:
        raise Misuse(f"table {table.name} is not swept")
    key = ", ".join(table.columns[: table.key])
    over = f"SELECT {key} FROM {table.name} WHERE log_id = {{log}} AND {table.expired} LIMIT ?"
    return f"DELETE FROM {table.name} WHERE log_id = {{log}} AND ({key}) IN ({over}) RETURNING {table.columns[0]}"


def _follow(table: Table[Any], count: int) -> str:
    marks = ", ".join("?" * count)
    return f"DELETE FROM {table.name} WHERE log_id = {{log}} AND {table.columns[0]} IN ({marks}) RETURNING 1"
