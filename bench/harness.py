"""How benchmarks measure: ours and the limit in turn, in one run, on one disk; medians with least and most.

The JSON is fixed in docs/reference/performance.md: one object, one result for each id, `ratio` = ours / limit.
"""

import gc
import os
import platform
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

ROUNDS = 5
PACKAGES = ("cryptography", "orjson", "sqlalchemy", "psycopg", "fastapi", "pycasbin", "uvicorn")
DURABILITY = {
    "sqlite": "journal_mode=WAL, synchronous=FULL",
    "postgresql": "fsync=on, synchronous_commit=on",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One round: how many things in how many seconds, and how long each waited where that was measured (seconds)."""

    count: int
    seconds: float
    waits: Sequence[float] = ()

    @property
    def rate(self) -> float:
        """Things a second."""
        return self.count / self.seconds


Round = Callable[[], Sample]


@dataclass(frozen=True, slots=True)
class Peer:
    """Another engine beside ours. `share` of our count is what is compared; `target` is ours / theirs to reach.

    `said` tells its `version` and `durability`.
    """

    id: str
    round: Round
    n: int
    target: float
    share: float
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Further:
    """A further limit beside ours in the same run: told with its ratio, and nothing is to be reached by it."""

    id: str
    round: Round


@dataclass(frozen=True, slots=True)
class Contest:
    """Ours against a limit. `n` says how much one round does; `target` is the ratio to reach, None for none."""

    id: str
    limit_id: str
    target: float | None
    n: int
    ours: Round
    limit: Round
    unit: str = "1/s"
    note: str = ""
    p99_ms: float | None = None  # what the 99th percentile of our waits may be
    peak_mb: Callable[[], float] | None = None  # ours once more in a process that does nothing else; its peak memory
    further: tuple[Further, ...] = ()
    peers: tuple[Peer, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure without a limit beside it, smaller is better: `value` of each round is to stay within `most`."""

    id: str
    unit: str
    most: float
    n: int
    ours: Callable[[], float]
    note: str = ""


@dataclass(slots=True)
class Board:
    """The results of one bench."""

    bench: str
    rounds: int = ROUNDS
    results: list[dict[str, Any]] = field(default_factory=list)
    tell: Callable[[str], None] = lambda _: None

    def run(self, contest: Contest) -> None:
        """Measure one contest, the limit first and peers last in each round; one round of all is thrown away."""
        ours: list[Sample] = []
        limits: list[Sample] = []
        furthers: list[list[Sample]] = [[] for _ in contest.further]
        theirs: list[list[Sample]] = [[] for _ in contest.peers]
        besides: tuple[Further | Peer, ...] = (*contest.further, *contest.peers)
        for number in range(self.rounds + 1):
            limit, own = _settled(contest.limit), _settled(contest.ours)
            self.tell(f"{contest.id}: {own.rate:,.0f}, limit {limit.rate:,.0f}")
            beside = [_settled(one.round) for one in besides]
            for peer, other in zip(besides, beside, strict=True):
                self.tell(f"{peer.id}: {other.rate:,.0f}")
            if number:
                ours.append(own)
                limits.append(limit)
                for kept, other in zip((*furthers, *theirs), beside, strict=True):
                    kept.append(other)
        result = _result(contest, ours, limits)
        if contest.further:
            pairs = zip(contest.further, furthers, strict=True)
            result["further"] = [_beside_further(one, ours, rounds) for one, rounds in pairs]
        if contest.peak_mb is not None:
            result["peak_mb"] = round(contest.peak_mb(), 1)
        if contest.peers:
            compared = list(zip(contest.peers, theirs, strict=True))
            result["peers"] = [_beside_peer(peer, (ours, limits), rounds) for peer, rounds in compared]
            self.results.append(result)
            self.results.extend(_peer_result(peer, rounds) for peer, rounds in compared)
        else:
            self.results.append(result)

    def is_met(self) -> bool:
        """Whether every target was reached, against limits and peers."""
        beside = (peer for result in self.results for peer in result.get("peers", ()))
        return all(one["met"] for one in (*self.results, *beside))

    def measure(self, measure: Measure) -> None:
        """Measure a figure that has no limit; one round is thrown away."""
        values = []
        for number in range(self.rounds + 1):
            value = measure.ours()
            self.tell(f"{measure.id}: {value:,.4g} {measure.unit}")
            if number:
                values.append(value)
        median = statistics.median(values)
        result = {
            "id": measure.id,
            "unit": measure.unit,
            "n": measure.n,
            "median": _digits(median),
            "min": _digits(min(values)),
            "max": _digits(max(values)),
            "target": measure.most,
            "met": median <= measure.most,
        }
        self.results.append({**result, "note": measure.note} if measure.note else result)

    def as_json(self) -> dict[str, Any]:
        """The object that is printed."""
        return {
            "bench": self.bench,
            "rounds": self.rounds,
            "machine": machine(),
            "versions": versions(),
            "durability": DURABILITY,
            "results": self.results,
        }


def timed(count: int, work: Callable[[], Any]) -> Sample:
    """The sample of doing `count` things by one call."""
    start = time.perf_counter()
    work()
    return Sample(count, time.perf_counter() - start)


def machine() -> dict[str, Any]:
    """What was measured on, as far as it matters to a ratio."""
    return {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()}


def versions() -> dict[str, str]:
    """Versions of what the figures depend on."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def percentile(values: Iterable[float], part: float) -> float:
    """The value that `part` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def note(text: str) -> None:
    """Progress, on the error stream."""
    sys.stderr.write(f"{text}\n")


def _digits(value: float) -> float:
    return float(f"{value:.4g}")


def _settled(work: Round) -> Sample:
    gc.collect()
    return work()


def _result(contest: Contest, ours: Sequence[Sample], limits: Sequence[Sample]) -> dict[str, Any]:
    rates = [sample.rate for sample in ours]
    # The ratio of each round, not of the medians: both sides of a round met the same machine.
    ratio = statistics.median(own.rate / limit.rate for own, limit in zip(ours, limits, strict=True))
    result: dict[str, Any] = {
        "id": contest.id,
        "unit": contest.unit,
        "n": contest.n,
        "median": round(statistics.median(rates), 1),
        "min": round(min(rates), 1),
        "max": round(max(rates), 1),
        "beside": {
            "id": contest.limit_id,
            "median": round(statistics.median([sample.rate for sample in limits]), 1),
        },
        "ratio": round(ratio, 3),
        "target": contest.target,
        "met": contest.target is None or ratio >= contest.target,
    }
    if all(sample.waits for sample in ours):
        result["p50_ms"] = round(statistics.median(percentile(sample.waits, 0.50) for sample in ours) * 1000, 2)
        result["p99_ms"] = round(statistics.median(percentile(sample.waits, 0.99) for sample in ours) * 1000, 2)
        if contest.p99_ms is not None:
            result["target_p99_ms"] = contest.p99_ms
            result["met"] = result["met"] and result["p99_ms"] <= contest.p99_ms
    if all(sample.waits for sample in limits):
        waits = [percentile(sample.waits, 0.99) for sample in limits]
        result["beside"]["p99_ms"] = round(statistics.median(waits) * 1000, 2)
    if contest.note:
        result["note"] = contest.note
    return result


def _beside_further(one: Further, ours: Sequence[Sample], rounds: Sequence[Sample]) -> dict[str, Any]:
    ratio = statistics.median(own.rate / other.rate for own, other in zip(ours, rounds, strict=True))
    median = statistics.median(other.rate for other in rounds)
    return {"id": one.id, "median": round(median, 1), "ratio": round(ratio, 3)}


def _beside_peer(
    peer: Peer, sides: tuple[Sequence[Sample], Sequence[Sample]], theirs: Sequence[Sample]
) -> dict[str, Any]:
    """Ours beside a peer, and how far the limit itself is from it: no target of ours is reached beyond that."""
    ratio, limit_ratio = (
        statistics.median(one.rate * peer.share / other.rate for one, other in zip(side, theirs, strict=True))
        for side in sides
    )
    return {
        "id": peer.id,
        "ours": round(statistics.median(own.rate * peer.share for own in sides[0]), 1),
        "median": round(statistics.median(other.rate for other in theirs), 1),
        "ratio": round(ratio, 3),
        "ratio_by_commands": round(ratio / peer.share, 3),
        "limit_ratio": round(limit_ratio, 3),
        "target": peer.target,
        "met": ratio >= peer.target,
    }


def _peer_result(peer: Peer, theirs: Sequence[Sample]) -> dict[str, Any]:
    rates = [sample.rate for sample in theirs]
    return {
        "id": peer.id,
        "unit": "1/s",
        "n": peer.n,
        "median": round(statistics.median(rates), 1),
        "min": round(min(rates), 1),
        "max": round(max(rates), 1),
        "target": None,
        "met": True,
        "version": peer.said["version"],
        "durability": peer.said["durability"],
    }
