"""Other engines with many live instances beside ours, each in a process of its own: what they reach is told and decides
nothing.

They are compared where the same is kept: an instance that waits and is durable before its start is answered. Ours are
started in batches of which each shares a commit, beside 100,000 that are live; the peers have no such batch, and begin
with none.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.harness import Board, percentile
from bench.peers import REQUIREMENTS, Missing, PeerProcess

SCRIPT = Path(__file__).parent / "peer_live.py"
NAMES = ("dbos", "spiffworkflow")
STARTED = 1_000  # in each round
STARTED_QUICK = 100
TIMERS_QUICK = 100


@contextmanager
def opened(python: str | None, folder: Path, tell: Callable[[str], None]) -> Iterator[tuple[PeerProcess, ...]]:
    """The peers installed for this Python, stopped again afterwards; what is missing is told by name and left out."""
    found: list[PeerProcess] = []
    try:
        for name in NAMES if python is not None else ():
            try:
                found.append(PeerProcess.open(str(python), name, folder / name, SCRIPT))
            except Missing as missing:
                tell(f"{missing} is not installed for {python}: peer {name} is left out ({REQUIREMENTS})")
        yield tuple(found)
    finally:
        for one in found:
            one.close()


def starts(board: Board, peers: Sequence[PeerProcess], ours: Callable[[], float], quick: bool) -> None:
    """Instances started a second, ours and theirs in turn; what each live one costs them in memory and on disk."""
    if not peers:
        return
    count = STARTED_QUICK if quick else STARTED
    answers: dict[str, list[dict[str, Any]]] = {one.name: [] for one in peers}
    own: list[float] = []
    for number in range(board.rounds + 1):
        rate = ours()
        for one in peers:
            answers[one.name].append(one.ask({"act": "start", "count": count}))
        if number:
            own.append(rate)
    for one in peers:
        first, *kept = answers[one.name]
        rates = [answer["count"] / answer["seconds"] for answer in kept]
        more = count * len(kept)
        result = _result(one, "live", ("1/s", more), rates)
        result["beside"] = {"id": "scale.start", "median": round(statistics.median(own), 1)}
        result["ratio"] = round(statistics.median(a / b for a, b in zip(own, rates, strict=True)), 3)
        result["rss_kb_each"] = round((kept[-1]["rss_mb"] - first["rss_mb"]) * 1_000 / more, 2)
        result["file_kb_each"] = round((kept[-1]["file_mb"] - first["file_mb"]) * 1_000 / more, 2)
        result["note"] = "starts a second, each durable; `ratio` is ours / theirs, ours in batches of 500"
        board.results.append(result)
        board.tell(f"{result['id']}: {result['median']:,.0f}, ours {result['beside']['median']:,.0f}")


def timers(board: Board, peers: Sequence[PeerProcess], count: int) -> None:
    """Timers due at one instant, of the peers that have any: how long after it the last of a hundred had fired."""
    for one in peers:
        if not one.said["has_timers"]:
            continue
        waits = one.ask({"act": "timers", "count": count})["waits"]  # once: to set them takes it most of a minute
        if len(waits) != count:
            raise AssertionError(f"expected {count} timers of {one.name} to have fired, found {len(waits)}")
        result = _result(one, "timers", ("s", count), [percentile(waits, 0.99)])
        result["note"] = "99th percentile from due to awake, each a sleeping thread that writes nothing when it wakes"
        board.results.append(result)
        board.tell(f"{result['id']}: {result['median']:,.4g} s")


def _result(one: PeerProcess, what: str, counted: tuple[str, int], values: Sequence[float]) -> dict[str, Any]:
    unit, count = counted
    digits = [float(f"{value:.4g}") for value in (statistics.median(values), min(values), max(values))]
    told = dict(zip(("median", "min", "max"), digits, strict=True))
    result: dict[str, Any] = {"id": f"peer.{one.name}.{what}", "unit": unit, "n": count, **told}
    said = {"version": one.said["version"], "durability": one.said["durability"]}
    return {**result, "target": None, "met": True, **said}
