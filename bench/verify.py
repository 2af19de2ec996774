"""`muniment bench verify`: the whole of a log on one and two processes, a log of single commits, state = fold, and
recorded permits and decisions judged again. Peak memory is that of a process which verifies and does nothing else."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from api.rederivers import rederivers
from api.wiring import build_writer
from bench import cases, limits, logs, office, toy
from bench.harness import Board, Contest, Peer, Sample, timed
from bench.ledger_peers import opened
from bench.peers import told
from ledger.checking import check_signature
from ledger.collector import relax
from ledger.database import Database, SqliteDatabase
from ledger.rederiving import Rederiving
from ledger.refold import Refold
from ledger.skeleton import decode
from ledger.stored import DatabaseSource, Processes
from ledger.verify.log import Terms, Verified, verify
from ledger.writer import Desk

LONG = 1_000_000
SINGLE = 100_000
FOLDED = 50_000
FOLDED_QUICK = 10_000
CASES = 2_000  # of eight entries each
CASES_QUICK = 100
PEERED = 50_000
REDERIVED_A_SECOND = 25_000
TRANSITIONS_A_SECOND = 50_000  # the absolute target of state = fold


def run(board: Board, folder: Path, quick: bool, peers: str | None = None) -> None:
    """All results of this bench; quick leaves out the long logs. With `peers` a log of PEERED entries beside theirs."""
    relax()  # as the command does
    _fold(board, folder, FOLDED_QUICK if quick else FOLDED)
    _rederived(board, folder, CASES_QUICK if quick else CASES)
    if peers is not None:
        with opened(peers, folder / "peers", told) as found:
            log = logs.filled(folder / "peered", PEERED)
            peers_there = found.verifying(PEERED)
            board.run(_whole("verify.full.50k.p1", 0.28, log, peers_there))
            pool = Processes(_source(log), 2)
            board.run(_two("verify.full.50k", log, pool, peers_there))
            pool.close()
    if quick:
        return
    board.tell(f"filling a log with {SINGLE:,} commits")
    single = logs.filled(folder / "single", SINGLE, single=True)
    board.run(_whole("verify.single.100k", 0.28, single))
    board.tell(f"filling a log with {LONG:,} entries")
    long = logs.filled(folder / "long", LONG)
    board.run(_whole("verify.full.1m.p1", 0.28, long))
    pool = Processes(_source(long), 2)
    board.run(_two("verify.full.1m", long, pool))
    pool.close()


def _whole(name: str, target: float, log: logs.BenchLog, peers: tuple[Peer, ...] = ()) -> Contest:
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
        peak_mb=lambda: _peak(_verify_alone, log),
        peers=peers,
    )


def _peak(work: Callable[[Database, str], None], log: logs.BenchLog) -> float:
    """Megabytes at most, of a new process that does this work on the log."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_alone, work, log.database, log.workings.log.secrets.signer.vkey).result()


def _alone(work: Callable[[Database, str], None], database: Database, vkey: str) -> float:
    relax()
    work(database, vkey)
    status = Path("/proc/self/status")
    if status.exists():  # what `getrusage` says includes the process this one was started from
        return float(status.read_text().partition("VmHWM:")[2].split()[0]) / 1_000
    return getrusage(RUSAGE_SELF).ru_maxrss / 1_000_000


def _verify_alone(database: Database, vkey: str) -> None:
    report, _ = verify(DatabaseSource(database, 1, logs.ORIGIN), Terms((vkey,), check_signature, decode))
    if report.finding is not None:
        raise AssertionError(report.words())


def _fold_alone(database: Database, vkey: str) -> None:
    source = DatabaseSource(database, 1, logs.ORIGIN)
    _, verified = verify(source, Terms((vkey,), check_signature, decode))
    assert verified is not None
    if (finding := Refold(source, toy.TABLES, toy.folds())(verified)) is not None:
        raise AssertionError(str(finding))


def _two(name: str, log: logs.BenchLog, pool: Processes, peers: tuple[Peer, ...] = ()) -> Contest:
    """Two processes beside one; starting them is not counted, a service keeps them."""
    source = _source(log)
    size = source.head().size
    return Contest(
        f"{name}.p2",
        f"{name}.p1",
        1.7,
        size,
        lambda: timed(size, lambda: _sound(log, source, pool)),
        lambda: timed(size, lambda: _sound(log, source)),
        peers=peers,
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
        peak_mb=lambda: _peak(_fold_alone, log),
    )
    board.run(contest)


def _rederived(board: Board, folder: Path, count: int) -> None:
    """Check 12 on whole cases: every claim, completion, job and decision of them judged again."""
    opened_office = office.open_office(str(folder / "office"))
    workings, connect = build_writer(opened_office.settings)
    desk = Desk(workings, connect)
    cases.live(opened_office, desk, count)
    desk.close()
    source = DatabaseSource(opened_office.settings.database(), workings.log.log_id, opened_office.settings.origin)
    size = source.head().size

    def judge() -> None:
        again = Rederiving(source, rederivers())
        if (finding := again.run(size)) is not None:
            raise AssertionError(str(finding))

    contest = Contest(
        "verify.rederive",
        "target.rederive",
        None,
        size,
        lambda: timed(size, judge),
        lambda: Sample(REDERIVED_A_SECOND, 1.0),
        unit="entries/s",
        note="each entry a permit, one in eight a decision; beside it what reads 1,000,000 in 40 s",
    )
    board.run(contest)
    source.close()


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
