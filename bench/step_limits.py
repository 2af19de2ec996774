"""Bare steps of a process: how the limits of the engine are measured, whatever their store writes for a step."""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from bench.harness import Sample
from bench.office import STEPS


class Store(Protocol):
    """Makes steps durable."""

    def prepare(self, width: int, cases: int) -> None:
        """Before the clock runs: `cases` cases one after the other are to come for each of `width` callers."""
        ...

    def commit(self, steps: Sequence[tuple[str, int]]) -> None:
        """(instance, step) of each, chained in order, signed once."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class Steps:
    """Instances that go through their steps on a store, one at a time or many at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._begun = 0

    def one_at_a_time(self, cases: int) -> Sample:
        """Every step its own transaction."""
        waits = []
        instances = self._new(cases)
        self._store.prepare(1, cases)
        started = time.perf_counter()
        for instance in instances:
            for step in range(STEPS):
                begun = time.perf_counter()
                self._store.commit([(instance, step)])
                waits.append(time.perf_counter() - begun)
        return Sample(len(waits), time.perf_counter() - started, waits)

    def at_once(self, width: int, cases: int) -> Sample:
        """`width` instances wait for each of their steps; what waits goes in one transaction."""
        return asyncio.run(self._at_once(width, cases))

    async def _at_once(self, width: int, cases: int) -> Sample:
        loop = asyncio.get_running_loop()
        waiting: list[tuple[tuple[str, int], asyncio.Future[None]]] = []
        waits: list[float] = []

        def commit() -> None:
            taken = waiting.copy()
            waiting.clear()
            self._store.commit([step for step, _ in taken])
            for _, future in taken:
                future.set_result(None)

        async def go() -> None:
            for instance in self._new(cases):
                for step in range(STEPS):
                    begun = time.perf_counter()
                    if not waiting:
                        loop.call_soon(commit)
                    future = loop.create_future()
                    waiting.append(((instance, step), future))
                    await future
                    waits.append(time.perf_counter() - begun)

        self._store.prepare(width, cases)
        started = time.perf_counter()
        await asyncio.gather(*[go() for _ in range(width)])
        return Sample(len(waits), time.perf_counter() - started, waits)

    def _new(self, cases: int) -> list[str]:
        self._begun += cases
        return [f"pi_{self._begun - number:026d}" for number in range(cases)]
