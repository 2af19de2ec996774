"""Where a run of the tests keeps its files: one folder, which ends with the run.

    folder = OwnFolder.take()

It lies in memory where there is room, so that what is made durable waits for no disk, and it is `TMPDIR` for this
process and all that it starts: whatever any of them leaves behind, killed or not, goes with it. A process that is
killed itself leaves its folder to the next run, which finds that nobody holds it any more.
"""

import fcntl
import os
import pickle
import shutil
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

PREFIX = "muniment-tests-"
MEMORY = Path("/dev/shm")
DISK = Path("/tmp")  # not what TMPDIR says: a socket's path may have a hundred characters, no more
ROOM_BYTES_MIN = 4 << 30
_HELD = "held"
Made = TypeVar("Made")


def place() -> Path:
    """Memory where it has room."""
    with suppress(OSError):
        if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM_BYTES_MIN:
            return MEMORY
    return DISK


@dataclass(frozen=True)
class OwnFolder:
    """A folder that this process holds for as long as it lives."""

    path: Path
    _lock: int

    @classmethod
    def take(cls, where: Path | None = None) -> "OwnFolder":
        """A new folder, after what ended runs left has been removed."""
        where = place() if where is None else where
        remove_left(where)
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
        path.chmod(0o711)  # PostgreSQL runs as somebody else when the tests run as root, and must get through
        lock = os.open(path / _HELD, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return cls(path, lock)

    def remove(self) -> None:
        """With all that is in it."""
        _remove(self.path)
        os.close(self._lock)


def remove_left(where: Path) -> None:
    """Remove the folders that no living process holds."""
    for path in where.glob(f"{PREFIX}*"):
        try:
            lock = os.open(path / _HELD, os.O_RDWR)
        except OSError:
            continue  # of another account, or being made
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        else:
            _remove(path)
        finally:
            os.close(lock)


def _remove(path: Path) -> None:
    """End the database servers in it, which outlive whoever started them, and remove it."""
    for file in path.glob("muniment-pg-*/data/postmaster.pid"):
        with suppress(OSError, ValueError):
            os.kill(int(file.read_text().splitlines()[0]), signal.SIGQUIT)  # PostgreSQL's immediate shutdown
    shutil.rmtree(path, ignore_errors=True)


def made_once(name: str, make: Callable[[Path], Made]) -> Made:
    """What `make` says of the folder that it fills, which it does in the first process of the run that asks.

    The folder is as it was made: whoever opens what lies in it copies it first.
    """
    folder = Path(tempfile.gettempdir()) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = folder.with_suffix(".told")
        if not told.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of one that failed on the way
            folder.mkdir()
            told.write_bytes(pickle.dumps(make(folder)))
        made: Made = pickle.loads(told.read_bytes())
    return made
