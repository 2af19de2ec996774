"""`muniment bench verify`: the whole of a log on one and two processes, a log of single commits, state = fold."""

import sqlite3
from pathlib import Path

from bench import limits, logs, toy
from bench.harness import Board, Contest, Sample, timed
from ledger.checking import check_signature
from ledger.collector import relax
from ledger.database import SqliteDatabase
from ledger.refold import Refold
from ledger.skeleton import decode
from ledger.stored import DatabaseSource, Processes
from ledger.verify.log import Terms, Verified, verify

LONG = 1_000_000
SINGLE = 100_000
FOLDED = 50_000
FOLDED_QUICK = 10_000
TRANSITIONS_A_SECOND = 50_000  # the absolute target of state = fold


def run(board: Board, folder: Path, quick: bool) -> None:
    """All results of this bench; quick leaves out the long logs."""
    relax()  # as the command does
    _fold(board, folder, FOLDED_QUICK if quick else FOLDED)
    if quick:
        return
    board.tell(f"filling a log with {SINGLE:,} commits")
    single = logs.filled(folder / "single", SINGLE, single=True)
    board.run(_whole("verify.single.100k", 0.28, single))
    board.tell(f"filling a log with {LONG:,} entries")
    long = logs.filled(folder / "long", LONG)
    board.run(_whole("verify.full.1m.p1", 0.28, long))
    pool = Processes(_source(long), 2)
    board.run(_two(long, pool))
    pool.close()


def _whole(name: str, target: float, log: logs.BenchLog) -> Contest:
    source = _source(log)
    size = source.head().size
    bare = _bare(log)
    return Contest(
        name,
        "limit.read_and_hash",
        target,
        size,
        lambda: timed(size, lambda: _sound(log, source)),
        lambda: timed(size, lambda: limits.read_and_hash(bare, size)),
        note="limit: read every entry back and compare the hash of its bytes with the stored one",
    )


def _two(log: logs.BenchLog, pool: Processes) -> Contest:
    """Two processes beside one; starting them is not counted, a service keeps them."""
    source = _source(log)
    size = source.head().size
    return Contest(
        "verify.full.1m.p2",
        "verify.full.1m.p1",
        1.7,
        size,
        lambda: timed(size, lambda: _sound(log, source, pool)),
        lambda: timed(size, lambda: _sound(log, source)),
    )


def _fold(board: Board, folder: Path, count: int) -> None:
    log = logs.filled(folder / "fold", count)
    source = _source(log)
    verified = _sound(log, source)
    transitions = count * toy.TRANSITIONS

    def fold() -> None:
        finding = Refold(source, toy.TABLES, toy.folds())(verified)
        if finding is not None:
            raise AssertionError(str(finding))

    contest = Contest(
        "verify.fold",
        "target.fold",
        1.0,
        transitions,
        lambda: timed(transitions, fold),
        lambda: Sample(TRANSITIONS_A_SECOND, 1.0),
        unit="transitions/s",
        note="beside it the absolute target; folding, writing the scratch database and comparing every column",
    )
    board.run(contest)


def _sound(log: logs.BenchLog, source: DatabaseSource, pool: Processes | None = None) -> Verified:
    vkey = log.workings.log.secrets.signer.vkey
    report, verified = verify(source, Terms((vkey,), check_signature, decode, inspect_all=pool))
    if verified is None:
        raise AssertionError(report.words())
    return verified


def _source(log: logs.BenchLog) -> DatabaseSource:
    return DatabaseSource(log.database, log.workings.log.log_id, logs.ORIGIN)


def _bare(log: logs.BenchLog) -> sqlite3.Connection:
    assert isinstance(log.database, SqliteDatabase)
    connection = sqlite3.connect(log.database.path)
    connection.execute("PRAGMA cache_size=-65536")
    return connection
