"""Cases of the engine, recorded from the product: the rows of each step as its connection is given them."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from api.founding import done
from api.wiring import build_writer
from bench import office
from bench.office import CommandIds, Office, Said
from ledger.connection import Write
from ledger.database import SqliteDatabase
from ledger.rows import Table
from ledger.sqlite import SqliteConnection
from ledger.tables import CHECKPOINT, COMMAND, ENTRY, EntryRow, HeadRow
from ledger.writer import Desk
from orchestrator.tables import BUSINESS_KEY

Values = tuple[Any, ...]
Key = tuple[Table[Any], Values]
Written = tuple[Table[Any], Values]


class Step(NamedTuple):
    """A step: `rows` are its own, `found` those that something else than a step wrote since the one before it."""

    entry: EntryRow
    command_id: str
    rows: Sequence[Written]
    found: Sequence[Written]


class Case(NamedTuple):
    """A case from its start to its end, and what names it."""

    instance: str
    number: str
    key_mark: str
    steps: Sequence[Step]


class Recorded(NamedTuple):
    """Two cases of an office; `shared` has the rows that cases share, as the second one left them."""

    path: Path  # of the product's file, whose tables and indexes a limit has
    log_id: int
    origin: str
    head: HeadRow
    shared: Mapping[Key, Values]
    cases: tuple[Case, Case]


class _Recording(SqliteConnection):
    """A connection of the product that keeps what it is given to write."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._written: list[Written] = []

    def write(self, log_id: int, writes: Sequence[Write]) -> None:
        self._written += [(write.table, tuple(row)) for write in writes for row in write.rows]
        super().write(log_id, writes)

    def taken(self) -> list[Written]:
        """What was written since the last time, but for what is kept by the clock and by no step."""
        written, self._written = self._written, []
        return [one for one in written if one[0] is not CHECKPOINT]


def keyed(rows: Sequence[Written]) -> list[tuple[Key, Values]]:
    """Rows with their keys."""
    return [((table, row[: table.key]), row) for table, row in rows]


def record(opened: Office) -> Recorded:
    """Carry out three cases in this office, on SQLite; the first one makes the rows that cases share."""
    database = opened.settings.database()
    if not isinstance(database, SqliteDatabase):
        raise TypeError("expected an office on SQLite, found another")
    workings, _ = build_writer(opened.settings)
    connection = _Recording(database.path)
    with closing(Desk(workings, lambda: connection)) as desk:
        ids = CommandIds()
        _, first, second = (_carried_out(desk, connection, (opened, number), ids) for number in range(3))
        log = workings.log
        keys = {key for step in first.steps for key, _ in keyed(step.rows)}
        left = [key for step in second.steps for key, _ in keyed(step.rows)]
        shared = {key: _stored(connection, log.log_id, key) for key in left if key in keys or key[0].sums}
        head = connection.begin_read(log.log_id)
        connection.rollback()
    return Recorded(database.path, log.log_id, log.origin, head, shared, (first, second))


def _carried_out(desk: Desk, connection: _Recording, case: tuple[Office, int], ids: CommandIds) -> Case:
    opened, serial = case
    number = f"rec-{serial:05}"
    steps: list[Step] = []
    found: list[Written] = []
    following = office.case(opened, number)
    actor, command = next(following)
    while True:
        request = ids.request(actor, office.activate(1) if command is None else command)
        [result] = desk.run([request])
        if isinstance(result, Exception):
            raise result
        said: Said = dict(done(result).result)
        rows = connection.taken()
        if command is None:  # a lease is a transaction of its own, and no step
            said, found = said["jobs"][0], [*found, *rows]
        else:
            entry = EntryRow(*next(row for table, row in rows if table is ENTRY))
            command_id = next(row for table, row in rows if table is COMMAND)[0]
            steps.append(Step(entry, command_id, rows, found))
            found = []
        try:
            actor, command = following.send(said)
        except StopIteration:
            break
    _, key_mark, instance = next(row for table, row in steps[0].rows if table is BUSINESS_KEY)
    return Case(instance, number, key_mark, steps)


def _stored(connection: SqliteConnection, log_id: int, key: Key) -> Values:
    table, values = key
    group = connection.load(log_id, table, [values[: table.group_width]])
    return next(tuple(row) for row in group if row[: table.key] == values)
