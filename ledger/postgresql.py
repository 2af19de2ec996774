"""PostgreSQL: head first, READ COMMITTED, two round trips per batch.

[BEGIN, lock head, load] and [writes, compare-and-swap, COMMIT] travel as pipelines. The swap raises inside the
server when the head moved, since a COMMIT already in the pipeline would otherwise go through.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from typing import Any, NamedTuple

import psycopg
from psycopg.adapt import Transformer
from psycopg.rows import tuple_row

from ledger.arrays import SQL_NAMES, Unfit, array, scalar
from ledger.connection import DatabaseFault, Load, Write, head_columns
from ledger.errors import BrokenState, LostRace
from ledger.pipeline import Pipeline
from ledger.rows import R, Table, TableClass, column_kinds
from ledger.tables import HeadRow

SWAP_LOST = "MU001"  # our SQLSTATE for a head that moved (class MU is not used by PostgreSQL)
SERVICE_ROLE = "muniment_service"  # owns no table; may append to the ledger and not change it

_BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED"
_BEGIN_READ = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_HEAD = f"SELECT {head_columns()} FROM head WHERE log_id = $1".encode()
_LOCK_HEAD = _HEAD + b" FOR UPDATE"
_SWAP = (
    b"SELECT muniment_swap_head($1::bigint, $2::bigint, $3::bytea, $4::bigint, $5::bytea, $6::bytea, $7::bigint, "
    b"$8::bigint, $9::text)"
)
_READING = {"default_transaction_read_only": "on"}
# A plan is made once and kept while the tables grow, and the planner, seeing an empty table and one log, would read
# the whole log to find a few of its rows. Every statement of a batch names its rows by a key that has an index.
_WRITING = {
    "synchronous_commit": "on",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}


def connect(url: str, *, read_only: bool = False) -> psycopg.Connection[tuple[Any, ...]]:
    """A driver connection in autocommit, acting as the service role where it exists."""
    connection = psycopg.connect(
        url, autocommit=True, row_factory=tuple_row, prepare_threshold=0, client_encoding="UTF8"
    )
    connection.prepared_max = 512
    row = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (SERVICE_ROLE,)).fetchone()
    if row is not None:
        connection.execute(f"SET ROLE {SERVICE_ROLE}")
    for name, value in (_READING if read_only else _WRITING).items():
        connection.execute(f"SET {name} = {value}", prepare=False)
    return connection


class _Statement(NamedTuple):
    """A statement made from a table's descriptor."""

    text: bytes
    kinds: tuple[type, ...]  # of its parameters, each a column


class PostgresqlConnection:
    """`ledger.connection.Connection` on a PostgreSQL database."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        with _FAULTS:
            self._connection = connect(url, read_only=read_only)
        self._pipeline = Pipeline(self._connection)
        self._transformer = Transformer(self._connection)
        self._size = 0  # of the largest log seen
        self._planned_size = 0  # what it was when plans were last dropped

    def begin(self, log_id: int, loads: Sequence[Load]) -> tuple[HeadRow, list[list[Any]]]:
        with _FAULTS:
            self._plan_anew()
            self._pipeline.send(_BEGIN)
            self._pipeline.send(_LOCK_HEAD, (scalar(log_id),))
            for load in loads:
                self._select(log_id, load.table, load.keys)
            _, head, *loaded = self._pipeline.results()
            found = [self._rows(load.table, result) for load, result in zip(loads, loaded, strict=True)]
            return self._head(head), found

    def begin_read(self, log_id: int) -> HeadRow:
        with _FAULTS:
            self._plan_anew()
            self._pipeline.send(_BEGIN_READ)
            self._pipeline.send(_HEAD, (scalar(log_id),))
            _, head = self._pipeline.results()
            return self._head(head)

    def load(self, log_id: int, table: Table[R], keys: Sequence[tuple[Any, ...]]) -> list[R]:
        with _FAULTS:
            self._select(log_id, table, keys)
            (result,) = self._pipeline.results()
            return self._rows(table, result)

    def load_all(self, log_id: int, loads: Sequence[Load]) -> list[list[Any]]:
        with _FAULTS:
            for load in loads:
                self._select(log_id, load.table, load.keys)
            results = self._pipeline.results()
            return [self._rows(load.table, result) for load, result in zip(loads, results, strict=True)]

    def query(self, log_id: int, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        text = statement.replace("%", "%%").replace("{among}", "= ANY(?)").replace("?", "%s")
        text = text.replace("{like}", "ILIKE").replace("{log}", str(log_id))
        with _FAULTS:
            return self._connection.execute(text, parameters).fetchall()

    def write(self, log_id: int, writes: Sequence[Write]) -> None:
        with _FAULTS:
            for write in writes:
                self._insert(log_id, write)
            self._pipeline.results()

    def finish(self, log_id: int, writes: Sequence[Write], swap: tuple[HeadRow, HeadRow] | None) -> None:
        with _FAULTS:
            for write in writes:
                self._insert(log_id, write)
            if swap is not None:
                old, new = swap
                self._pipeline.send(_SWAP, [scalar(value) for value in (log_id, old.size, old.chain_hash, *new)])
            self._pipeline.send(b"COMMIT")
            self._pipeline.results()

    def rollback(self) -> None:
        # Not by the driver's `execute`: it would forget every prepared statement, ours too.
        with suppress(psycopg.Error):
            self._pipeline.results()  # of what was sent before a value was unfit: an error there would skip the next
        with suppress(psycopg.Error):
            self._pipeline.send(b"ROLLBACK")
            self._pipeline.results()

    def close(self) -> None:
        self._connection.close()

    def _select(self, log_id: int, table: Table[Any], keys: Sequence[tuple[Any, ...]]) -> None:
        self._send(_select(log_id, table), keys)

    def _insert(self, log_id: int, write: Write) -> None:
        if write.gone:
            self._send(_delete(log_id, write.table), write.gone)
        if write.rows:
            self._send(_insert(log_id, write.table), write.rows)

    def _send(self, statement: _Statement, rows: Sequence[tuple[Any, ...]]) -> None:
        columns = zip(*rows, strict=True) if rows else [()] * len(statement.kinds)
        parameters = [array(kind, column) for kind, column in zip(statement.kinds, columns, strict=True)]
        self._pipeline.send(statement.text, parameters)

    def _head(self, result: Any) -> HeadRow:
        rows = self._rows_of(HeadRow, result)
        if not rows:
            raise BrokenState("expected a head row for the log, found none")
        self._size = max(self._size, rows[0].size)
        return rows[0]

    def _plan_anew(self) -> None:
        """Drop the plans once the log has doubled: the planner sees sizes, and what was right for a hundred rows
        reads all of a hundred thousand."""
        if self._size >= 2 * self._planned_size:
            if self._planned_size:
                self._pipeline.send(b"DISCARD PLANS")
                self._pipeline.results()
            self._planned_size = self._size

    def _rows(self, table: Table[R], result: Any) -> list[R]:
        return self._rows_of(table.row, result)

    def _rows_of(self, row: type[R], result: Any) -> list[R]:
        if not result.ntuples:
            return []
        make: Callable[[Any], R] = partial(tuple.__new__, row)  # as `_make`, without its frame
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, make)


_CONNECTION_GONE = ("08", "57")  # connection exception; operator intervention, such as a server that stops


@cache
def _select(log_id: int, table: Table[Any]) -> _Statement:
    grouping = table.columns[: table.group_width]
    kinds = column_kinds(table)[: len(grouping)]
    listed = ", ".join(f"t.{column}" for column in table.columns)
    order = ", ".join(f"t.{column}" for column in table.columns[: table.key])
    last = "" if table.group_width == table.key else f" ORDER BY {order}"
    if len(grouping) == 1:
        found = f"{table.name} t WHERE t.log_id = {log_id} AND t.{grouping[0]} = ANY($1::{SQL_NAMES[kinds[0]]}[])"
    else:
        arrays = ", ".join(f"${n + 1}::{SQL_NAMES[kind]}[]" for n, kind in enumerate(kinds))
        names = ", ".join(f"k{n}" for n in range(len(grouping)))
        same = " AND ".join(f"{column} = k.k{n}" for n, column in enumerate(grouping))
        # OFFSET 0 keeps the planner from any other join than keys outside, one index look-up each.
        found = (
            f"unnest({arrays}) AS k({names}) CROSS JOIN LATERAL "
            f"(SELECT * FROM {table.name} WHERE log_id = {log_id} AND {same} OFFSET 0) t"
        )
    return _Statement(f"SELECT {listed} FROM {found}{last}".encode(), kinds)


@cache
def _insert(log_id: int, table: Table[Any]) -> _Statement:
    columns = table.columns
    kinds = column_kinds(table)
    arrays = ", ".join(f"${n + 1}::{SQL_NAMES[kind]}[]" for n, kind in enumerate(kinds))
    names = ", ".join(f"c{n}" for n in range(len(columns)))
    statement = (
        f"INSERT INTO {table.name} (log_id, {', '.join(columns)}) "
        f"SELECT {log_id}, {names} FROM unnest({arrays}) AS u({names})"
    )
    if table.table_class is not TableClass.LEDGER:
        before = f"{table.name}.{columns[-1]} + " if table.sums else ""
        rest = ", ".join(f"{column} = {before}excluded.{column}" for column in columns[table.key :])
        act = f"DO UPDATE SET {rest}" if rest else "DO NOTHING"
        statement += f" ON CONFLICT ({', '.join(('log_id', *columns[: table.key]))}) {act}"
    return _Statement(statement.encode(), kinds)


@cache
def _delete(log_id: int, table: Table[Any]) -> _Statement:
    keys = table.columns[: table.key]
    kinds = column_kinds(table)[: len(keys)]
    arrays = ", ".join(f"${n + 1}::{SQL_NAMES[kind]}[]" for n, kind in enumerate(kinds))
    names = ", ".join(f"k{n}" for n in range(len(keys)))
    same = " AND ".join(f"t.{column} = k.k{n}" for n, column in enumerate(keys))
    found = f"DELETE FROM {table.name} t USING unnest({arrays}) AS k({names}) WHERE t.log_id = {log_id} AND {same}"
    return _Statement(found.encode(), kinds)


class _Faults:
    """Around every statement (`ledger.sqlite` has the like)."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Unfit):
            raise DatabaseFault(str(error)) from error
        if isinstance(error, psycopg.Error):
            if error.sqlstate == SWAP_LOST:
                raise LostRace("expected the head where the batch began, found another") from error
            lost = error.sqlstate is None or error.sqlstate[:2] in _CONNECTION_GONE
            raise DatabaseFault(f"the database refused: {type(error).__name__}", lost=lost) from error


_FAULTS = _Faults()
