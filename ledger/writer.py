"""The writer of a log: takes commands from many callers, puts those that wait into one batch, answers after commit.

Which commands share a batch is decided in `ledger.gathering`. A database error aborts the batch
as a whole; its commands are then run one by one, so that one bad command costs no other its answer.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Literal

from ledger.actor import SYSTEM
from ledger.batch import Batch, Result
from ledger.clock import SECOND, Instant
from ledger.commands import REPEATS_MAX, RecordJump, WriteRepeats
from ledger.connection import Connection, DatabaseFault, Load, Write
from ledger.errors import LostRace, MunimentError, Unavailable
from ledger.gathering import Gathering
from ledger.refusal import Refusal
from ledger.refusal_texts import why
from ledger.rows import Table
from ledger.sweeping import sweep
from ledger.tables import CHECKPOINT, ENTRY, CheckpointRow, HeadRow
from ledger.warm import WarmRows
from ledger.work import Answer, Request
from ledger.workings import Workings, watch_of

BATCH_MAX = 1_000  # commands in one transaction: a commit is shared well long before, and a rollback stays cheap
TRIES_MAX = 5  # lost races or connections in a row: the head is locked first, so even one race is strange
TEND_EVERY = 60 * SECOND  # a minute of repeats is over, and what has expired since is not much
REST_SECONDS = 1.0  # a log at rest for this long keeps its newest checkpoint


class Desk:
    """Runs batches on one connection and recovers from database faults. Not shared between threads."""

    def __init__(self, workings: Workings, connect: Callable[[], Connection]) -> None:
        self._workings = workings
        self._connect = connect
        self._connection: Connection | None = None
        self._watch = watch_of(workings.log, workings.marks)
        self._warm = WarmRows()
        self._unkept: HeadRow | None = None
        self._now = Instant(0)  # of the newest batch
        self._tended_at = 0
        self._has_more = False  # the last tending did as much as one may

    def run(self, requests: Sequence[Request]) -> list[Result]:
        """Every request's result, in order. Never raises for what a request did."""
        results = self._run(requests)
        self._record_jump()
        if self._is_due():  # a log that is never at rest is tended all the same
            self._tend()
        return results

    def _run(self, requests: Sequence[Request]) -> list[Result]:
        fault: DatabaseFault | LostRace
        for _ in range(TRIES_MAX):
            try:
                batch = Batch(self._workings, self._open(), self._watch, self._warm)
            except MunimentError as error:
                return [error for _ in requests]
            try:
                results = batch.run(requests)
            except (DatabaseFault, LostRace) as error:
                fault = error
                if isinstance(error, LostRace):
                    continue
                if error.lost:
                    self._drop()
                    try:
                        landed = self._landed(batch)
                    except MunimentError as unreachable:  # whoever has a command id asks again and is told
                        self._drop()
                        return [unreachable for _ in requests]
                    if landed is not None:
                        return landed
                    continue
                if len(requests) > 1:
                    return [self._run([request])[0] for request in requests]
                self._drop()  # what refuses one command may be the connection's own state
                break
            except MunimentError as error:  # clock, missing head, an older copy: the same answer for all
                return [error for _ in requests]
            self._watch.saw(batch.head)
            self._unkept = batch.head if batch.head.size else None  # a log without entries has no checkpoint
            self._now = batch.now
            return results
        return [fault for _ in requests]

    def _record_jump(self) -> None:
        """Put on record that the clock has jumped, once for each jump; tried again where that does not succeed."""
        clock = self._workings.clock
        jump, clock.unrecorded = clock.unrecorded, None
        if jump is not None:
            self._run([Request(SYSTEM, RecordJump(self._workings.log.name, jump))])

    def rest(self) -> bool:
        """Called when nothing waits: keeps the newest checkpoint and writes repeated refusals that are due.

        Whether all is done: repeats of the running minute, rows that are over and still there, or a database that
        stays away want another call later.
        """
        left = self._write_repeats()
        if left is None:
            return False
        if self._is_due():
            self._sweep()
        if self._unkept is not None:
            try:
                keep_checkpoint(self._open(), self._workings.log.log_id, self._unkept)
            except MunimentError:
                self._drop()
                raise
            self._watch.keep(self._unkept)
            self._unkept = None
        return left == 0 and not self._has_more

    def _is_due(self) -> bool:
        return self._has_more or self._now - self._tended_at >= TEND_EVERY

    def _tend(self) -> None:
        """Write repeated refusals that are due, and take away operational rows that are over."""
        left = self._write_repeats()
        self._sweep()
        self._has_more = self._has_more or (left or 0) >= REPEATS_MAX
        if self._unkept is not None:
            self._watch.keep(self._unkept)

    def _write_repeats(self) -> int | None:
        """How many are left, of this minute or too many for one command; None when the database stays away."""
        (written,) = self._run([Request(SYSTEM, WriteRepeats())])
        if isinstance(written, Exception):
            return None
        if isinstance(written.outcome, Refusal):  # of a sealed log: the seal took what was left
            return 0
        left: int = written.outcome.result["left"]
        return left

    def _sweep(self) -> None:
        self._tended_at = self._now
        try:
            self._has_more = sweep(self._open(), self._workings.log.log_id, self._workings.swept, self._now)
        except MunimentError:  # what was answered is durable, and the next minute comes
            self._drop()

    def close(self) -> None:
        """Keep the newest checkpoint and give the connection back."""
        with suppress(MunimentError):
            self.rest()
        self._drop()

    def _landed(self, batch: Batch) -> list[Result] | None:
        """After a connection lost during COMMIT: the batch's results if its entries are in the log, else None.

        The head is taken first, so the lost transaction has ended one way or the other when we look.
        """
        last = batch.last_entry
        if last is None:
            return None
        connection = self._open()
        try:
            _, (found,) = connection.begin(self._workings.log.log_id, [Load(ENTRY, [(last.idx,)])])
        finally:
            connection.rollback()
        return batch.results() if found and found[0].leaf_hash == last.leaf_hash else None

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
            self._connection = None


def keep_checkpoint(connection: Connection, log_id: int, head: HeadRow) -> None:
    """Keep a row of this head's checkpoint unless there is one; another process may have been first."""
    table: Table[CheckpointRow] = CHECKPOINT
    try:
        current, (kept,) = connection.begin(log_id, [Load(table, [(head.size,)])])
        if current.size >= head.size and not kept:
            connection.finish(log_id, [Write(table, [CheckpointRow(head.size, head.checkpoint)])], None)
        else:
            connection.rollback()
    except MunimentError:
        connection.rollback()
        raise


class Writer:
    """A thread with a queue before it. `submit` and `run` may be called from any thread.

    Who waits with `run` while nothing else does carries the command out itself, at the same desk: handing it to the
    thread and being woken again is a seventh of what a single command takes (measured). Commands of callers that do
    not wait for each other have no order among them.
    """

    def __init__(self, workings: Workings, connect: Callable[[], Connection]) -> None:
        self._queue: Gathering[tuple[Request, Future[Answer]] | Literal["wake", "close"]] = Gathering(BATCH_MAX)
        self._desk = Desk(workings, connect)
        self._at_desk = threading.Lock()
        self._is_at_rest = False  # a process before this one may have left something to do
        self._closed = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.name = f"writer-{workings.log.name}"
        self._thread.start()

    def submit(self, request: Request) -> "Future[Answer]":
        """The answer, once it is durable. Exceptions: broken input, `Unavailable`, or a bug."""
        future: Future[Answer] = Future()
        if self._closed:
            future.set_exception(Unavailable("CLOSED", why("stopping")))
        else:
            self._queue.put((request, future))
        return future

    def run(self, request: Request) -> Answer:
        """`submit` and wait: for the command line and tests."""
        if not self._queue.is_empty() or not self._at_desk.acquire(blocking=False):
            return self.submit(request).result()
        try:
            if self._closed:  # the thread leaves the desk, and nobody would close it again
                return self.submit(request).result()
            (result,) = self._desk.run([request])
            if self._is_at_rest:
                self._is_at_rest = False
                self._queue.put("wake")
        finally:
            self._at_desk.release()
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None:
        """Answer what waits, then stop."""
        self._closed = True
        self._queue.put("close")
        self._thread.join()

    def _work(self) -> None:
        is_open = True
        while is_open:
            items = self._queue.take(None if self._is_at_rest else REST_SECONDS)
            waiting = [item for item in items if isinstance(item, tuple)]
            is_open, is_awake = "close" not in items, "wake" in items
            with self._at_desk:
                if waiting:
                    self._is_at_rest = False
                    self._answer(waiting)
                elif is_open and not is_awake:
                    with suppress(MunimentError):
                        self._is_at_rest = self._desk.rest()
        with self._at_desk:
            self._desk.close()

    def _answer(self, waiting: list[tuple[Request, "Future[Answer]"]]) -> None:
        try:
            results = self._desk.run([request for request, _ in waiting])
        except Exception as error:  # a bug in the batch itself: every caller learns of it, the writer lives on
            results = [error for _ in waiting]
        self._queue.over(len(waiting))
        for (_, future), result in zip(waiting, results, strict=True):
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
