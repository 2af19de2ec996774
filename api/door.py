"""The sign-in door of one log: what routes need to verify passwords, beside the rooms.

An argon2 evaluation takes tens of milliseconds, so it runs on a small pool of threads and never on the event loop.
Tries are limited by account and by address in memory; the delay of an account after failures in a row is on record
(`api.identity`) and outlasts us. What is limited here is the account as it was typed, whether there is one or not: so
a caller may be told how long to wait, and learns nothing from it.
"""

import asyncio
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from api.identity.delays import password_delay
from api.identity.passwords import AT_ONCE
from api.identity.service import Authenticator, Door, Passwords
from ledger.clock import SECOND
from ledger.service import Log, Reader, View

WINDOW = 60 * SECOND
TRIES_MAX = 20  # by account in a window: people mistype, scripts guess
ADDRESS_TRIES_MAX = 120  # by address: an office behind one address signs in at nine
KEYS_MAX = 20_000  # windows remembered at once; beyond it the oldest is forgotten

BEAT = 0.1  # seconds: well above what a try takes, so that nearly all refusals are given on the first

T = TypeVar("T")


def door_of(log: Log) -> Door:
    """The door's key is derived from the log's secret: it stands in no database, and a restart keeps sessions."""
    return Door(log.name, hmac.digest(log.secrets.mac_key, b"muniment/sign-in door/v1\n", "sha256"))


@dataclass(slots=True)
class Tries:
    """How often a key was tried in the running window, and failed in a row. One event loop; no lock."""

    _windows: dict[str, tuple[int, int]] = field(default_factory=dict)
    _failed: dict[str, tuple[int, int]] = field(default_factory=dict)  # in a row, and until when the next one waits

    def wait_seconds(self, key: str, now: int, limit: int = TRIES_MAX) -> int:
        """0 when this try may go on (it is counted), else the seconds until the next window or the end of a delay."""
        until = self._failed.get(key, (0, 0))[1]
        if now < until:
            return 1 + (until - now) // SECOND
        window = now - now % WINDOW
        at, count = self._windows.get(key, (window, 0))
        if at != window:
            at, count = window, 0
        if count >= limit:
            return 1 + (at + WINDOW - now) // SECOND
        if key not in self._windows and len(self._windows) >= KEYS_MAX:
            self._windows.pop(next(iter(self._windows)))
        self._windows[key] = (window, count + 1)
        return 0

    def failed(self, key: str, now: int) -> None:
        """A try of this key failed: from the fifth in a row on, the next one waits, longer each time."""
        failures = self._failed.pop(key, (0, 0))[0] + 1
        if len(self._failed) >= KEYS_MAX:
            self._failed.pop(next(iter(self._failed)))
        self._failed[key] = (failures, now + password_delay(failures))

    def succeeded(self, key: str) -> None:
        """Nothing is held against this key any more."""
        self._failed.pop(key, None)


@dataclass(slots=True)
class SignInDoor:
    """One log's door in this process."""

    door: Door
    authenticator: Authenticator
    passwords: Passwords = field(default_factory=Passwords)
    tries: Tries = field(default_factory=Tries)
    beat: float = BEAT
    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="password")
    )

    async def slowly(self, reader: Reader, work: Callable[[View], T]) -> T:
        """Run `work` on the pool with a view of its own."""

        def run() -> T:
            with reader.view() as view:
                return work(view)

        result: T = await asyncio.get_running_loop().run_in_executor(self.pool, run)
        return result

    async def in_step(self, begun: float) -> None:
        """Wait for the next beat since `begun` (of the loop's clock), so that a refusal's time tells nothing."""
        if self.beat:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(self.beat - (loop.time() - begun) % self.beat)

    def close(self, *_: Any) -> None:
        """Take no more work."""
        self.pool.shutdown(wait=False, cancel_futures=True)
