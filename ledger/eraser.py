"""Carries out what `ledger.erasure` has on record: files, rows and entries in an order that a crash cannot hurt.

    1  the key of the new epoch is made, durably            before: nothing happened
    2  `BeginEpoch`: new data keys are wrapped under it
    3  the data keys that stay are wrapped anew, in chunks   any of them opens by one of the two keys
    4  they are kept in a file beside the keys               for databases restored from a backup of before
    5  `CarryOutErasures`: data keys and openings of the erased go, the certificate comes, in one transaction
    6  the older keys are destroyed                          before it: an older key opens nothing that is still there,
    7  `EndEpochs`                                           save in a backup; at the next start 6 and 7 are done

One process at a time does this, by a lock in the key folder. It holds the log's head for one chunk at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, cast

from ledger.actor import SYSTEM
from ledger.connection import Connection, Write
from ledger.epochs import EpochFiles
from ledger.erasure import Barriers, BeginEpoch, CarryOutErasures, EndEpochs, Work, data_key_of, epoch_of, is_asked
from ledger.erasure_tables import ErasureRow, VaultEpochRow
from ledger.errors import BrokenState, Misuse, MunimentError
from ledger.reading import Reader, View
from ledger.refusal import Refusal
from ledger.sqlite import SqliteConnection
from ledger.tables import DATA_KEY
from ledger.vault import DataKey
from ledger.work import Answer, Request, UnitOfWork
from ledger.workings import Log

CHUNK = 2_000  # data keys wrapped anew while the head is held: some 20 ms
DUE_MAX = 200  # erasures carried out in one epoch
PASSES_MAX = 10  # a pass that met a change under way is done again; what is left then waits for the next run

Pair = tuple[str, str]

_PAGE = (
    "SELECT data_subject, record_class, wrapped, epoch, made FROM data_key WHERE log_id = {log} "
    "AND (data_subject, record_class) > (?, ?) ORDER BY data_subject, record_class LIMIT ?"
)
_KEYS = (
    "SELECT data_subject, record_class, wrapped, epoch, made FROM data_key WHERE log_id = {log} AND data_subject = ?"
)
_OPENINGS = "SELECT data_subject, idx, part FROM opening WHERE log_id = {log} AND data_subject IN "
_DUE = (
    "SELECT data_subject, id, instance, ground, classes, requested, carried_out, parts, epoch FROM erasure "
    "WHERE log_id = {log} AND carried_out IS NULL ORDER BY requested LIMIT ?"
)


class Due(NamedTuple):
    """What a pass begins with: the epoch in force, erasures nothing stands against, their data keys."""

    state: VaultEpochRow
    rows: list[ErasureRow]
    pairs: dict[Pair, DataKey]


@dataclass(frozen=True, slots=True)
class Eraser:
    """`run` sends one command and waits; `connect` gives a connection that may write; `reader` reads the same log."""

    log: Log
    connect: Callable[[], Connection]
    reader: Reader
    run: Callable[[Request], Answer]
    barriers: Barriers

    def carry_out(self) -> int:
        """Carry out every erasure that nothing stands against, and finish what a crash has left; how many were.

        `Unavailable` while another process is at it, or when the database or writer cannot be reached: nothing is
        lost then, and it is done the next time.
        """
        with self._files.locked():
            self._end()
            done = 0
            for _ in range(PASSES_MAX):
                due = self._due()
                if not due.rows:
                    break
                done += self._pass(due)
            return done

    def is_wanted(self) -> bool:
        """Whether `carry_out` has anything to do: asked often, without the lock."""
        due = self._due()
        return bool(due.rows) or due.state.ended != due.state.settled

    @property
    def _files(self) -> EpochFiles:
        files = self.log.secrets.vault.ring.files
        if not isinstance(files, EpochFiles):
            raise Misuse("expected a log with a key folder")
        return files

    def _due(self) -> Due:
        with self.reader.view() as view:
            rows = [ErasureRow(*row) for row in view.query(_DUE, (DUE_MAX,))]
            free = [row for row in rows if self._is_free(view, row)]
            keys = {key[:2]: key for row in free for key in _keys_of(view, row)}
            return Due(epoch_of(view), free, keys)

    def _is_free(self, view: View, row: ErasureRow) -> bool:
        # The barriers read, and a view reads as a unit of work does.
        return self.barriers.against(cast(UnitOfWork, view), row.data_subject, row.instance) is None

    def _pass(self, due: Due) -> int:
        """One epoch, or the rest of one that was broken off. How many were erased."""
        epoch = due.state.epoch
        if due.state.settled == epoch:
            epoch = max(epoch, *self._files.epochs(), 0) + 1
            self._files.create(epoch)
            self._send(BeginEpoch(epoch))
            self.log.secrets.vault.turn(epoch, 0)
        # A data key that was wrapped in this epoch before its erasure was asked for outlives the older keys in a
        # backup: it waits for the next epoch.
        late = {subject for (subject, _), key in due.pairs.items() if key.wrapped and key.epoch >= epoch}
        rows = [row for row in due.rows if row.data_subject not in late]
        erased = {pair for pair in due.pairs if pair[0] not in late}
        self._rewrap(epoch, erased)
        if not self._files.is_ended_before(epoch):  # else the database is a restored one, and the file of then stands
            self._files.write_survivors(epoch, self._survivors(epoch, erased))
        carried = self.run(Request(SYSTEM, self._command(epoch, rows)))
        if isinstance(carried.outcome, Refusal):  # a hold was placed, or a data key made: the next pass sees it
            return 0
        self._end()
        self._scrub()
        return len(rows)

    def _rewrap(self, epoch: int, erased: set[Pair]) -> None:
        """Wrap every older data key anew, except those that go."""
        vault = self.log.secrets.vault
        connection = self.connect()
        try:
            after: Pair = ("", "")
            while True:
                connection.begin(self.log.log_id, [])
                page = page_of(connection, self.log.log_id, after)
                older = [key for key in page if key.epoch < epoch and key[:2] not in erased]
                wrapped = [vault.rewrap(key) for key in older]
                connection.finish(self.log.log_id, [Write(DATA_KEY, wrapped, older)] if wrapped else [], None)
                if len(page) < CHUNK:
                    return
                after = page[-1][:2]
        except MunimentError:
            connection.rollback()
            raise
        finally:
            connection.close()

    def _survivors(self, epoch: int, erased: set[Pair]) -> Iterator[DataKey]:
        with self.reader.view() as view:
            after: Pair = ("", "")
            while True:
                page = [data_key_of(row) for row in view.query(_PAGE, (*after, CHUNK))]
                for key in page:
                    if key.epoch == epoch and key.wrapped and key[:2] not in erased:
                        yield key
                if len(page) < CHUNK:
                    return
                after = page[-1][:2]

    def _command(self, epoch: int, rows: list[ErasureRow]) -> CarryOutErasures:
        """The command, with the openings there are now; those that come until it is carried out it looks for itself."""
        found: dict[str, list[tuple[int, int]]] = {row.data_subject: [] for row in rows}
        marks = ", ".join("?" * len(found)) or "NULL"
        with self.reader.view() as view:
            for subject, index, part in view.query(_OPENINGS + f"({marks})", tuple(found)):
                found[subject].append((int(index), int(part)))
            scanned = view.head.size
        work = tuple(Work(row.data_subject, row.id, tuple(sorted(found[row.data_subject]))) for row in rows)
        return CarryOutErasures(epoch, work, scanned)

    def _end(self) -> None:
        """Destroy the keys that a settled epoch has left behind, and put that on record."""
        with self.reader.view() as view:
            state = epoch_of(view)
        if not state.settled or (state.ended == state.settled and self._files.is_ended_before(state.settled)):
            return
        self._files.destroy_before(state.settled)
        self.log.secrets.vault.turn(state.epoch, state.settled)
        if state.ended < state.settled:
            self._send(EndEpochs(state.settled))

    def _scrub(self) -> None:
        connection = self.connect()
        try:
            if isinstance(connection, SqliteConnection):
                connection.scrub()
        finally:
            connection.close()

    def _send(self, command: BeginEpoch | EndEpochs) -> None:
        answer = self.run(Request(SYSTEM, command))
        if isinstance(answer.outcome, Refusal):
            raise BrokenState(f"expected {type(command).__name__} carried out, found {answer.outcome.message}")


def page_of(connection: Connection, log_id: int, after: Pair) -> list[DataKey]:
    """The next `CHUNK` data keys after a pair, in key order."""
    return [data_key_of(row) for row in connection.query(log_id, _PAGE, (*after, CHUNK))]


def _keys_of(view: View, row: ErasureRow) -> list[DataKey]:
    found = [data_key_of(key) for key in view.query(_KEYS, (row.data_subject,))]
    return [key for key in found if is_asked(row, key.record_class)]
