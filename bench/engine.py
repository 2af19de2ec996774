"""What a step of an instance costs: one at a time, 64 instances at once, and as an instance grows.

A step is one recorded command: started, claimed, completed, decided, job done. Each is carried out with its access
check, a decision with named authority and two limits, and is durable with its entry before it is answered. The lease
a worker takes is one more transaction per job and counts as no step.
"""

import time
from collections.abc import Iterator

from api.founding import done
from api.wiring import build_writer
from bench.harness import Sample
from bench.office import STEPS, CommandIds, Office, Said, activate, case
from ledger.service import Writer

WIDTH = 64
LONG = 1_000  # steps after which an instance is old
YOUNG = 10
LEASED_MAX = 64  # jobs a worker takes at once


class Sequential:
    """One case after the other through the writer thread."""

    def __init__(self, office: Office) -> None:
        self._office = office
        workings, connect = build_writer(office.settings)
        self.writer = Writer(workings, connect)
        self.ids = CommandIds()
        self._begun = 0

    def run(self, cases: int) -> Sample:
        """`cases` cases; the lease of a job counts as time and not as a step."""
        latencies: list[float] = []
        started = time.perf_counter()
        for _ in range(cases):
            self._begun += 1
            self._case(case(self._office, f"one-{self._begun}"), latencies)
        return Sample(cases * STEPS / (time.perf_counter() - started), cases * STEPS, latencies)

    def _case(self, steps: Iterator[tuple[object, object]], latencies: list[float]) -> None:
        said: Said | None = None
        while True:
            try:
                actor, command = steps.send(said)  # type: ignore[attr-defined]  # a generator
            except StopIteration:
                return
            begun = time.perf_counter()
            if command is None:
                said = self.send(actor, activate(1))["jobs"][0]
                continue
            said = self.send(actor, command)
            latencies.append(time.perf_counter() - begun)

    def send(self, actor: object, command: object) -> Said:
        """Run one command and wait."""
        return dict(done(self.writer.run(self.ids.request(actor, command))).result)  # type: ignore[arg-type]

    def close(self) -> None:
        """Stop the writer."""
        self.writer.close()
