"""A bell for each log: who waits for work looks at once when this process wrote something.

What another process writes (a second `serve`, `muniment work`) rings no bell here, so a wait always ends by itself.
Hundreds may wait for the same, and a look is a read in front of everybody's requests: those who ask the same at one
time look once. All of it belongs to one event loop.
"""

import asyncio
from collections.abc import Callable, Hashable
from contextlib import suppress

KINDS_MAX = 1_000  # of looks that are remembered: what nobody asks any more is forgotten with the rest


class Bell:
    """Nobody is told what was written: who waits looks."""

    def __init__(self) -> None:
        self._waiting: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Something was written. Costs a comparison where nobody waits."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    async def wait(self, seconds: float) -> bool:
        """Return when it rings, or at the next of the instants so far apart, which are the same for all who wait;
        whether it rang."""
        loop = asyncio.get_running_loop()
        left = seconds - loop.time() % seconds
        if self._waiting is None:
            self._waiting = loop.create_future()
        with suppress(TimeoutError):
            # Shielded: many wait for one future, and the time of one of them may be over.
            await asyncio.wait_for(asyncio.shield(self._waiting), left)
            return True
        return False


class Looks:
    """What was found when somebody looked, for all who ask the same."""

    def __init__(self) -> None:
        self._found: dict[Hashable, tuple[float, bool]] = {}

    def found(self, asked: Hashable, since: float, look: Callable[[], bool]) -> bool:
        """What a look found that began at this time of the loop or later; one is made where there is none."""
        begun, found = self._found.get(asked, (float("-inf"), False))
        if begun < since:
            if len(self._found) >= KINDS_MAX:
                self._found.clear()
            begun = asyncio.get_running_loop().time()
            found = look()
            self._found[asked] = begun, found
        return found
