"""`muniment bench scale`: many live instances, many timers in one second, several processes on one log, and kills.

Pages and timers are measured of `muniment serve` as a user runs it, over HTTP, with so many instances live in its log.
What several processes do is measured on PostgreSQL, with writer processes as `serve` starts them.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench import office, scale_peers
from bench.crowd import run_killed, run_side_by_side
from bench.harness import Board, Measure, note, percentile
from bench.peers import told
from bench.served import Service, served
from ledger.clock import SECOND, Instant, instant_text

LIVE = 100_000
LIVE_QUICK = 3_000
AT_ONCE = 500  # starts that share a commit while the log is filled: what a busy door does
TIMERS = 1_000
AHEAD_SECONDS = 5.0  # from the first start of a round of timers to the instant they are due
FIRED_SECONDS = 2.0
PAGE_MS = 150.0
PAGES_ROUND = 5  # times each page is read in a round
RESTARTS = 3
FLAT = 1.5  # what may grow with the number of instances, on a machine that is never quite quiet

PAGES = (  # as the console asks for them
    "/v1/process-instances?limit=50",
    "/v1/process-instances?limit=50&status=active&blueprint=five-steps",
    "/v1/process-instances?limit=50&step=prepare&blueprint=five-steps",
    "/v1/process-instances?limit=50&sort=updated",
    "/v1/tasks?limit=50",
    "/v1/tasks?limit=50&list=team&sort=due&explained=1&counts=1",
    "/v1/tasks?limit=50&list=mine&sort=urgency&explained=1&counts=1",
    "/v1/tasks?limit=50&list=done&counts=1",
    "/v1/tasks?limit=50&list=team&sort=due&explained=1&counts=1&text=prepare",
    "/v1/tasks?limit=50&list=team&sort=due&explained=1&counts=1&text=nowhere",
    "/v1/overview",
    "/v1/overview?blueprint=five-steps",
)


def run(board: Board, folder: Path, quick: bool, peers: str | None = None) -> None:
    """All results of this bench; beside what others have too the peers installed for the Python `peers`."""
    opened = office.open_office(str(folder / "office"))
    live = LIVE_QUICK if quick else LIVE
    name = "100k" if live == LIVE else f"{live // 1000}k"
    with served(opened) as service:
        for page in PAGES:
            service.get(page)
        memory = service.memory_mb()
    young = _restarts(opened)
    _filled(board, opened, live, name)
    with served(opened, is_known=True) as service:  # publishes what was filled in
        _pages(board, service, live, name)
        _timers(board, service, live)
        _grown(board, f"scale.memory.{name}", (memory, service.memory_mb()), "MB in the largest of its processes")
    _grown(board, f"scale.startup.{name}", (young, _restarts(opened)), "s until `/readyz` says 200")
    with scale_peers.opened(peers, folder / "peers", told) as others:
        scale_peers.starts(board, others, _batches(opened, live), quick)
        scale_peers.timers(board, others, scale_peers.TIMERS_QUICK if quick else TIMERS)
    run_side_by_side(board, folder / "side", quick)
    run_killed(board, folder / "killed", quick)


def _restarts(opened: office.Office) -> float:
    """Seconds until the service is ready, the median of a few starts."""
    seconds = []
    for _ in range(RESTARTS):
        with served(opened, is_known=True) as service:
            seconds.append(service.ready_seconds)
    return median(seconds)


def _batches(opened: office.Office, live: int) -> Callable[[], float]:
    """Instances started a second, behind so many: one batch at each call."""
    firsts = iter(range(live, 1_000_000_000, AT_ONCE))
    starting = office.Starting(opened)

    def rate() -> float:
        begun = time.perf_counter()
        starting.cases(next(firsts), AT_ONCE)
        return AT_ONCE / (time.perf_counter() - begun)

    return rate


def _grown(board: Board, name: str, pair: tuple[float, float], unit: str) -> None:
    """What grew with the log, as (before, after): a ratio that is to stay near one."""
    before, after = pair
    ratio = float(f"{after / before:.4g}")
    result = {"id": name, "unit": "cost ratio", "n": 1, "median": ratio, "min": ratio, "max": ratio, "target": FLAT}
    board.results.append({**result, "met": ratio <= FLAT, "note": f"from {before:,.4g} to {after:,.4g} {unit}"})
    board.tell(f"{name}: {before:,.4g} -> {after:,.4g} {unit}")


def _filled(board: Board, opened: office.Office, count: int, name: str) -> None:
    """Start so many instances, as fast as one writer does; the last tenth tells what a start costs at that size."""
    starting = office.Starting(opened)
    begun = time.perf_counter()
    waits = []
    for first in range(0, count, AT_ONCE):
        at = time.perf_counter()
        starting.cases(first, min(AT_ONCE, count - first))
        waits.append(time.perf_counter() - at)
        if board.tell is note and first % (AT_ONCE * 20) == 0:
            board.tell(f"{first:,} instances")
    starting.close()
    seconds = time.perf_counter() - begun
    tenth = max(1, len(waits) // 10)
    tenths = [sum(waits[first : first + tenth]) for first in range(0, len(waits) - tenth + 1, tenth)]
    early, late = tenths[0], tenths[-1]
    rates = [tenth * AT_ONCE / one for one in tenths]
    spread = {"median": round(median(rates), 1), "min": round(min(rates), 1), "max": round(max(rates), 1)}
    words = f"instances started in batches of {AT_ONCE} until so many are live, tenth by tenth; {seconds:,.0f} s in all"
    result = {"id": f"scale.start.{name}", "unit": "1/s", "n": count, **spread}
    board.results.append({**result, "target": None, "met": True, "note": words})
    _grown(board, f"scale.growth.{name}", (early / tenth, late / tenth), f"s for {AT_ONCE} starts")


def _pages(board: Board, service: Service, live: int, name: str) -> None:
    by_page: dict[str, list[float]] = {page: [] for page in PAGES}

    def p95() -> float:
        waits = []
        for _ in range(PAGES_ROUND):
            for page in PAGES:
                begun = time.perf_counter()
                service.get(page)
                waits.append((time.perf_counter() - begun) * 1_000)
                by_page[page].append(waits[-1])
        return percentile(waits, 0.95)

    words = "95th percentile of lists, inbox and overview, one after the other, over HTTP"
    board.measure(Measure(f"scale.pages.{name}", "ms", PAGE_MS, live, p95, note=words))
    board.results[-1]["pages"] = {
        page: {"p50_ms": round(percentile(waits, 0.5), 1), "p95_ms": round(percentile(waits, 0.95), 1)}
        for page, waits in by_page.items()
    }


def _timers(board: Board, service: Service, live: int) -> None:
    """Timers that are due at one instant: how long after it the last of a hundred was recorded as fired."""
    rounds = iter(range(1_000_000))

    def p99() -> float:
        number = next(rounds)
        due = Instant(int((time.time() + AHEAD_SECONDS) * 1_000_000) // SECOND * SECOND)
        for first in range(0, TIMERS, 100):
            said = {"due": instant_text(due)}
            service.start([("timed", f"T-{number}-{first + n}", said) for n in range(min(100, TIMERS - first))])
        assert time.time() * 1_000_000 < due, "expected the timers to be set before they are due"
        fired = service.fired_at(due, TIMERS)
        return percentile([(at - due) / SECOND for at in fired], 0.99)

    words = f"99th percentile from due to recorded, of {TIMERS:,} due at one instant, with {live:,} instances live"
    board.measure(Measure("scale.timers.1000", "s", FIRED_SECONDS, TIMERS, p99, note=words))
