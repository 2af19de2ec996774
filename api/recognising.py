"""Callers that were authenticated a short while ago, known again without a view of the log.

What a caller may rely on stays: a key revoked or a person suspended before a request was sent is known to it. Both
raise the register epoch, and the epoch that is compared was read after the request had arrived.
"""

import asyncio

from api.identity.service import Authenticator
from ledger.actor import Actor
from ledger.clock import Clock
from ledger.service import Reader


class Recogniser:
    """Belongs to one event loop. Reads the register epoch once in a turn of it, for all requests of the turn.

    A request that arrives after the reading is begun by a later turn: its task is queued behind `_forget`.
    """

    def __init__(self, authenticator: Authenticator, reader: Reader, clock: Clock) -> None:
        self._authenticator = authenticator
        self._reader = reader
        self._clock = clock
        self._epoch: int | None = None

    def recognise(self, token: str) -> Actor | None:
        """The actor of a token found good in this register epoch; None says nothing, and a view must be asked."""
        epoch = self._epoch
        if epoch is None:
            epoch = self._epoch = self._reader.register_epoch()
            asyncio.get_running_loop().call_soon(self._forget)
        return self._authenticator.recognised(token, epoch, self._clock.wall())

    def _forget(self) -> None:
        self._epoch = None
