"""Who waits for the next batch: group commit without a timer of its own.

While one batch is being flushed the next one gathers. But whoever has just been answered comes back a moment later,
and a batch that began at once would leave them to the next: two halves that take turns, with a flush each. So a batch
waits for as many callers as there were, while they keep coming. With 32 callers that wait for each answer 31 commands
share a commit instead of 16, a fifth more are written in the same time, and one caller alone never waits (measured).
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

LOOK_SECONDS = 0.0001  # between two looks at whether more have come: some callers do in it
LOOKS_MAX = 10  # a millisecond, less than the flush that is shared


class Gathering(Generic[T]):
    """Items of any thread for the one that takes them in batches of `most`. `sleep` passes seconds."""

    def __init__(self, most: int, sleep: Callable[[float], object] | None = None) -> None:
        self._most = most
        self._sleep = sleep or threading.Event().wait  # an event that nobody sets
        self._queue: SimpleQueue[T] = SimpleQueue()
        self._expected = 0  # callers at work: those of the newest batch, and who had come when it was over

    def put(self, item: T) -> None:
        """One more; never waits."""
        self._queue.put(item)

    def is_empty(self) -> bool:
        """Whether nothing waits now."""
        return self._queue.empty()

    def take(self, seconds: float | None) -> list[T]:
        """What waits, a batch at most. Nothing when nothing came within so many seconds; None waits without end."""
        try:
            taken = [self._queue.get(timeout=seconds)]
        except Empty:
            return []
        self._drain(taken)
        self._let_come(len(taken))
        self._drain(taken)
        return taken

    def over(self, answered: int) -> None:
        """A batch is over, and so many are about to be answered: they are expected again."""
        self._expected = self._queue.qsize() + answered

    def _drain(self, taken: list[T]) -> None:
        with suppress(Empty):
            while len(taken) < self._most:
                taken.append(self._queue.get_nowait())

    def _let_come(self, taken: int) -> None:
        """Wait until as many are here as are expected, or nobody has come since the last look."""
        came = 0
        for _ in range(LOOKS_MAX):
            if taken + came >= self._expected:
                return
            self._sleep(LOOK_SECONDS)
            before, came = came, self._queue.qsize()
            if came == before:
                return
