"""`muniment bench ledger`: appending in bulk, 32 waiting writers, publication beside it, and a long log."""

import os
from collections.abc import Callable
from dataclasses import replace
from itertools import count as count_up
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bench import limits, logs, toy
from bench.harness import Board, Contest, Peer, Sample, timed
from bench.ledger_peers import opened
from bench.peers import told
from ledger.clock import SystemClock
from ledger.collector import relax
from ledger.connection import Connection
from ledger.proving import Prover
from ledger.publisher import Publisher, PublisherThread
from ledger.reading import Reader
from ledger.work import Request
from ledger.writer import Writer

CALLERS = 32
LONG = 1_000_000
SHORT = 1_000
STARTS = 20
PROOFS = 5_000


def run(board: Board, folder: Path, quick: bool, peers: str | None = None) -> None:
    """All results of this bench; quick leaves out the log of 1,000,000 entries.

    Beside those on SQLite stand the peers installed for the Python `peers`.
    """
    relax()  # as the service's writer process does
    with opened(peers, folder / "peers", told) as found:
        _bulk(board, folder, 10 if quick else 20, found.batches(logs.BULK))
        _callers(board, folder, 2_000 if quick else 8_000, found.appending(200 if quick else 1_000))
    _callers_postgresql(board, folder, 2_000 if quick else 8_000)
    _publishing(board, folder, 4_000 if quick else 24_000)
    if not quick:
        board.tell(f"filling a log with {LONG:,} entries")
        long = logs.filled(folder / "long", LONG)
        _startup(board, folder, long)
        _proofs(board, long)


def _bulk(board: Board, folder: Path, batches: int, peers: tuple[Peer, ...]) -> None:
    log = logs.sqlite_log(folder / "bulk")
    connection = log.database.connect()
    bare = limits.open_sqlite(folder / "bulk-limit.sqlite")
    written: list[int] = [1]

    def write() -> None:
        for _ in range(batches):
            log.append(connection, [toy.RecordMany(logs.BULK)])

    def ours() -> Sample:
        written[0] = connection.query(1, "SELECT size FROM head", ())[0][0]
        return timed(batches * logs.BULK, write)

    def limit() -> Sample:
        # What ours wrote in the round before: the same bytes, read before the clock runs.
        commits = _commits(connection, written[0], batches)
        return timed(batches * logs.BULK, lambda: limits.insert_commits(bare, commits))

    ours()
    contest = Contest(
        "ledger.append.batch1000.sqlite",
        "limit.append.batch1000.sqlite",
        0.40,
        batches * logs.BULK,
        ours,
        limit,
        note="limit: executemany of the same entry, subject, command and state rows, one commit per 1,000",
        peers=peers,
    )
    board.run(contest)
    connection.close()
    bare.close()


def _commits(connection: Connection, start: int, batches: int) -> list[limits.Rows]:
    """The rows that the product wrote from entry `start`, by commit."""
    commits: list[limits.Rows] = []
    for number in range(batches):
        low = start + number * logs.BULK
        bounds = (low, low + logs.BULK)
        entries = connection.query(
            1, "SELECT * FROM entry WHERE log_id = 1 AND idx >= ? AND idx < ? ORDER BY idx", bounds
        )
        subjects = connection.query(
            1, "SELECT * FROM subject WHERE log_id = 1 AND last >= ? AND last < ? ORDER BY subject", bounds
        )
        commands = connection.query(1, "SELECT * FROM command WHERE log_id = 1 AND idx >= ? AND idx < ?", bounds)
        records = [(1, row[1], 0, "completed") for row in subjects]
        commits.append({"entry": entries, "subject": subjects, "command": commands, "bench_record": records})
    return commits


def _callers(board: Board, folder: Path, count: int, peers: tuple[Peer, ...]) -> None:
    log = logs.sqlite_log(folder / "callers")
    writer = Writer(log.workings, log.database.connect)
    bare = limits.open_sqlite(folder / "callers-limit.sqlite")
    sequencer = limits.Sequencer(limits.sqlite_commit(bare))
    board.run(_contest("sqlite", count, (writer, sequencer), peers))
    writer.close()
    sequencer.close()
    bare.close()


def _callers_postgresql(board: Board, folder: Path, count: int) -> None:
    found = logs.postgresql()
    if found is None:
        board.tell("no PostgreSQL server: ledger.append.writers32.postgresql is left out")
        return
    database, server = found
    log = logs.open_log(database, folder / "postgresql")
    writer = Writer(log.workings, database.connect)
    bare = limits.open_postgresql(database.dsn)
    sequencer = limits.Sequencer(limits.postgresql_commit(bare))
    board.run(_contest("postgresql", count, (writer, sequencer)))
    writer.close()
    sequencer.close()
    bare.close()
    if server is not None:
        server.close()


def _contest(engine: str, count: int, pair: tuple[Writer, limits.Sequencer], peers: tuple[Peer, ...] = ()) -> Contest:
    writer, sequencer = pair
    sample = _entry_bytes()
    serial = count_up(1)

    def ours() -> Sample:
        requests = [Request(toy.PERSON, toy.RecordOne(), os.urandom(12).hex()) for _ in range(count)]
        return limits.many_callers(writer.submit, requests, CALLERS)

    def limit() -> Sample:
        items = [(f"rec_{next(serial):026}", sample) for _ in range(count)]  # in time order, as the product's ids
        return limits.many_callers(sequencer.submit, items, CALLERS)

    return Contest(
        f"ledger.append.writers{CALLERS}.{engine}",
        f"limit.append.writers{CALLERS}.{engine}",
        0.5,
        count,
        ours,
        limit,
        note="limit: one sequencer thread, group commit, chain, one signature a commit, the same rows",
        peers=peers,
    )


def _entry_bytes() -> bytes:
    """Bytes as long as the entry that the toy room writes."""
    with TemporaryDirectory() as folder:
        log = logs.sqlite_log(Path(folder))
        connection = log.database.connect()
        log.append(connection, [toy.RecordOne()])
        ((data,),) = connection.query(1, "SELECT bytes FROM entry WHERE log_id = 1 AND idx = 1", ())
        connection.close()
    return bytes(data)


def _publishing(board: Board, folder: Path, count: int) -> None:
    """The same appends with a publisher beside them; what it still has to publish at the end counts as well."""
    one, other = logs.sqlite_log(folder / "published"), logs.sqlite_log(folder / "unpublished")
    writer, alone = Writer(one.workings, one.database.connect), Writer(other.workings, other.database.connect)
    reader = Reader(one.workings.log, SystemClock(), lambda: one.database.connect(read_only=True))

    def requests() -> list[Request]:
        return [Request(toy.PERSON, toy.RecordOne(), os.urandom(12).hex()) for _ in range(count)]

    def ours() -> Sample:
        publisher = PublisherThread(_publisher(reader, writer))
        publisher.start()
        sample = limits.many_callers(writer.submit, requests(), CALLERS)
        return replace(sample, seconds=sample.seconds + timed(1, publisher.stop).seconds)

    contest = Contest(
        "ledger.publish.overhead",
        f"ledger.append.writers{CALLERS}.alone",
        0.8,
        count,
        ours,
        lambda: limits.many_callers(alone.submit, requests(), CALLERS),
        note="appends with a publisher on a thread of the same process, once a second and at the end; beside it none",
    )
    board.run(contest)
    for open_writer in (writer, alone):
        open_writer.close()
    reader.close()


def _publisher(reader: Reader, writer: Writer) -> Publisher:
    return Publisher("bench", lambda asked: [writer.submit(request).result() for request in asked], reader)


def _proofs(board: Board, log: logs.BenchLog) -> None:
    """Inclusion proofs of random entries at the head, each checked; beside it one row and the hashes a proof needs."""
    writer = Writer(log.workings, log.database.connect)
    reader = Reader(log.workings.log, SystemClock(), lambda: log.database.connect(read_only=True))
    _publisher(reader, writer).stop()
    bare = log.database.connect(read_only=True)
    random = Random(20261127)
    tiles = bare.query(1, "SELECT count(*) FROM tile WHERE log_id = 1 AND level = 0", ())[0][0]

    def ours() -> Sample:
        with reader.view() as view:
            prover, size = Prover(view), view.head.size
            indexes = [random.randrange(size) for _ in range(PROOFS)]
            return timed(PROOFS, lambda: [prover.inclusion(index, size) for index in indexes])

    def limit() -> Sample:
        numbers = [random.randrange(tiles) for _ in range(PROOFS)]
        return timed(PROOFS, lambda: [limits.bare_proof(bare.query, number) for number in numbers])

    contest = Contest(
        "ledger.proof.inclusion.1m",
        "limit.proof.inclusion.1m",
        0.4,
        PROOFS,
        ours,
        limit,
        note=f"random entries of {LONG:,} in one view, each proof checked against the signed root, 5,000/s wanted; "
        "cache: 64 MB of SQLite's and the upper tiles",
    )
    board.run(contest)
    bare.close()
    reader.close()
    writer.close()


def _startup(board: Board, folder: Path, long: logs.BenchLog) -> None:
    short = logs.filled(folder / "short", SHORT)
    contest = Contest(
        "ledger.startup.1m",
        "ledger.startup.1k",
        0.8,
        LONG,
        _start(long),
        _start(short),
        note="connect, first durable append, close; beside it the same on a log of 1,000 entries",
    )
    board.run(contest)


def _start(log: logs.BenchLog) -> Callable[[], Sample]:
    def starts() -> None:
        for _ in range(STARTS):
            connection = log.database.connect()
            log.append(connection, [toy.RecordOne()])
            connection.close()

    def start() -> Sample:
        return timed(STARTS, starts)

    return start
