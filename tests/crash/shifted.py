"""A process whose wall clock is apart from the machine's, and may be moved while it runs; its steady clock is not.

`FILE` in the environment names a file with the microseconds it is ahead. Who is forked calls `shift`; an interpreter
that starts anew, as a writer's does, finds `PRELOAD` on its path. Nothing of the product opens this door.
"""

import mmap
import os
import struct
import time
from pathlib import Path

from ledger.clock import Instant, SystemClock

FILE = "MUNIMENT_TEST_CLOCK"
PRELOAD = "from tests.crash.shifted import shift\n\nshift()\n"
_AHEAD = struct.Struct("<q")


class Shifted:
    """The clock of one process, with all that it starts, as the test moves it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._path = folder / "ahead"
        self._path.write_bytes(_AHEAD.pack(0))
        (folder / "sitecustomize.py").write_text(PRELOAD)
        with self._path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _AHEAD.size)
        root = Path(__file__).parents[2]
        self.environment = {FILE: str(self._path), "PYTHONPATH": f"{folder}{os.pathsep}{root}"}

    def ahead(self, microseconds: int) -> None:
        """It is now so far ahead of the machine; behind it where that is less than nothing."""
        _AHEAD.pack_into(self._memory, 0, microseconds)


def shift() -> None:
    """From here on this process is told the time by its file."""
    with Path(os.environ[FILE]).open("rb") as file:
        memory = mmap.mmap(file.fileno(), _AHEAD.size, access=mmap.ACCESS_READ)

    def wall(_: SystemClock) -> Instant:
        return Instant(time.time_ns() // 1000 + _AHEAD.unpack_from(memory)[0])

    SystemClock.wall = wall  # type: ignore[method-assign, assignment]
