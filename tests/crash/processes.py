"""The processes that are killed: a log's writer and a runner, under a clock that the campaign moves for all at once.

They are the product's own, wired by `api.wiring`; only the clock, and a connection that may end its process, differ.
"""

import mmap
import os
import signal
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from api.egress import Egress
from api.running import Connectors, make_runner, run_until
from api.settings import Settings
from api.wiring import build_writer, open_log, open_rooms
from ledger.clock import Instant, LedgerClock
from ledger.connection import Connection, Load, Write
from ledger.reading import Reader
from ledger.rows import Table
from ledger.tables import HeadRow
from ledger.workings import Workings
from ledger.writer import Writer
from tests.forked import forkserver

_OFFSET = struct.Struct("<q")
IDLE_SECONDS = 0.02  # pause of the runner when nothing is due


class SharedClock:
    """The machine's monotonic clock plus an offset that lies in a file, so that time passes for all processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._now = 0
        if not path.exists():
            path.write_bytes(_OFFSET.pack(time.time_ns() // 1000 - time.monotonic_ns() // 1000))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _OFFSET.size)

    def __reduce__(self) -> tuple[type["SharedClock"], tuple[Path]]:
        return SharedClock, (self._path,)

    def wall(self) -> Instant:
        self._now = time.monotonic_ns() // 1000 + _OFFSET.unpack_from(self._memory)[0]
        return Instant(self._now)

    def monotonic(self) -> int:
        return self._now or self.wall()  # the reading of `wall`: moving this clock is no jump

    def pass_time(self, microseconds: int) -> None:
        """Let time pass for every process."""
        _OFFSET.pack_into(self._memory, 0, _OFFSET.unpack_from(self._memory)[0] + microseconds)


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a process. It ends itself at the `dies_at`th call of its database connections: odd, before the call
    is made; even, after it returned and before anybody learns of it."""

    settings: Settings
    clock: SharedClock
    dies_at: int = 0


class DyingConnection:
    """A connection whose calls are counted, over all connections of the process; at one of them the process ends."""

    _calls = 0

    def __init__(self, inner: Connection, dies_at: int) -> None:
        self._inner = inner
        self._dies_at = dies_at

    def _call(self, name: str, *arguments: Any) -> Any:
        DyingConnection._calls += 1
        at = DyingConnection._calls == self._dies_at
        if at and self._dies_at % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        result = getattr(self._inner, name)(*arguments)
        if at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def begin(self, log_id: int, loads: Sequence[Load]) -> tuple[HeadRow, list[list[Any]]]:
        found: tuple[HeadRow, list[list[Any]]] = self._call("begin", log_id, loads)
        return found

    def begin_read(self, log_id: int) -> HeadRow:
        return self._inner.begin_read(log_id)

    def load(self, log_id: int, table: Table[Any], keys: Sequence[tuple[Any, ...]]) -> list[Any]:
        return self._inner.load(log_id, table, keys)

    def load_all(self, log_id: int, loads: Sequence[Load]) -> list[list[Any]]:
        return self._inner.load_all(log_id, loads)

    def query(self, log_id: int, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._inner.query(log_id, statement, parameters)

    def write(self, log_id: int, writes: Sequence[Write]) -> None:
        self._call("write", log_id, writes)

    def finish(self, log_id: int, writes: Sequence[Write], swap: tuple[HeadRow, HeadRow] | None) -> None:
        self._call("finish", log_id, writes, swap)

    def rollback(self) -> None:
        self._inner.rollback()

    def close(self) -> None:
        self._inner.close()


def build(life: Life) -> tuple[Workings, Callable[[], Connection]]:
    """What a writer process works with."""
    workings, connect = build_writer(life.settings)
    workings = replace(workings, clock=LedgerClock(life.clock))
    if not life.dies_at:
        return workings, connect
    return workings, lambda: DyingConnection(connect(), life.dies_at)


class Hurried:
    """Whether to stop, asked by a runner that rests no longer than a campaign has time for."""

    def __init__(self, stopping: Any) -> None:
        self._stopping = stopping

    def is_set(self) -> bool:
        """See `threading.Event`."""
        return bool(self._stopping.is_set())

    def wait(self, seconds: float) -> bool:
        """See `threading.Event`."""
        return bool(self._stopping.wait(min(seconds, IDLE_SECONDS)))


def work(life: Life, stopping: Any) -> None:
    """What `muniment work` does, until `stopping` is set."""
    workings, connect = build(life)
    writer = Writer(workings, connect)
    log, database = open_log(life.settings)
    rooms = open_rooms()
    reader = Reader(log, life.clock, lambda: database.connect(read_only=True))
    egress = Egress(life.settings.egress_allow)
    runner = make_runner(writer.submit, reader, Connectors(reader, rooms.versions, egress), life.clock)
    run_until(runner, Hurried(stopping))  # type: ignore[arg-type]
    writer.close()
    reader.close()
    egress.close()


@dataclass(slots=True)
class RunnerProcess:
    """A runner in a process of its own."""

    life: Life
    process: Any
    stopping: Any

    @classmethod
    def start(cls, life: Life) -> "RunnerProcess":
        """Start one."""
        context = forkserver()
        stopping = context.Event()
        process = context.Process(target=work, args=(life, stopping), daemon=True)
        process.start()
        return cls(life, process, stopping)

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.join()

    def stop(self) -> None:
        """Let it end its round and stop; one that is to die may do so while it stops."""
        self.stopping.set()
        self.process.join(timeout=120)
        ends = (0, -signal.SIGKILL) if self.life.dies_at else (0,)
        assert self.process.exitcode in ends, "the runner ended on its own"
