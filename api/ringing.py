"""A bell for each log: who waits for work looks at once when this process wrote something.

What another process writes (a second `serve`, `muniment work`) rings no bell here, so a wait always ends by itself.
All of it belongs to one event loop.
"""

import asyncio
from contextlib import suppress


class Bell:
    """Nobody is told what was written: who waits looks."""

    def __init__(self) -> None:
        self._waiting: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Something was written. Costs a comparison where nobody waits."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    async def wait(self, seconds: float) -> None:
        """Return when it rings, at the latest after so long."""
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().create_future()
        with suppress(TimeoutError):
            # Shielded: many wait for one future, and the time of one of them may be over.
            await asyncio.wait_for(asyncio.shield(self._waiting), seconds)
