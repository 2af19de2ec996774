"""Where high-water marks lie: one small file for each log, in a folder apart from its database.

    <name>-<16 hex digits of SHA-256(origin)>-<id of the first key that the log names>.json     see `ledger.high_water`

The first key tells logs apart that were founded one after the other under one origin: a mark of the one says nothing
about the other. A file is replaced as a whole, and durable before it counts; a mark never goes down by itself.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from ledger.errors import BrokenInput, Unavailable
from ledger.high_water import MARK_BYTES_MAX, HighWater, format_mark, parse_mark

NO_KEY = "none"  # of a log whose first entry names no key


class LogIdentity(NamedTuple):
    """Which log a mark is of. `first_key` is the id of the first key in its first entry, hexadecimal."""

    name: str
    origin: str
    first_key: str


def first_key_of(first_entry: bytes) -> str:
    """The first key that the first entry of a log names; `none` where it names none or cannot be read."""
    try:
        key: Any = json.loads(first_entry)["payload"]["keys"][0]["key_id"]
    except (ValueError, KeyError, TypeError, IndexError):
        return NO_KEY
    is_key = isinstance(key, str) and key.isascii() and key.isalnum() and len(key) <= len(NO_KEY) * 4
    return key if is_key else NO_KEY


@dataclass(frozen=True, slots=True)
class MarkFolder:
    """The folder `MARK_DIR`."""

    folder: Path

    def path(self, log: LogIdentity) -> Path:
        """The file of a log's mark."""
        return self.folder / f"{_stem(log.name, log.origin)}-{log.first_key}.json"

    def knows(self, name: str, origin: str) -> bool:
        """Whether there is a mark of any log of this name and origin."""
        return any(self.folder.glob(f"{_stem(name, origin)}-*.json"))

    def read(self, log: LogIdentity) -> HighWater | None:
        """The mark; None where there is none, `BrokenInput` for a file that is no mark of this log."""
        path = self.path(log)
        try:
            with path.open("rb") as file:
                data = file.read(MARK_BYTES_MAX + 1)
            if len(data) > MARK_BYTES_MAX:
                raise BrokenInput(f"expected a mark of at most {MARK_BYTES_MAX} bytes")
            return parse_mark(data.decode(), log.origin)
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise BrokenInput("expected a mark that can be read", str(path)) from error
        except BrokenInput as error:
            raise BrokenInput(error.message, str(path)) from error

    def keep(self, log: LogIdentity, mark: HighWater) -> None:
        """Keep a mark unless one as large is there; durable on return. `Unavailable` (MARK_DIR) when it cannot be."""
        with self._locked(log) as path:
            present = self.read(log)
            if present is None or present.size < mark.size:
                _replace(path, mark)

    def lower(self, log: LogIdentity, mark: HighWater) -> None:
        """Go on from a smaller or another head, after a declared restore; the former mark is kept beside it."""
        with self._locked(log) as path:
            present = self.read(log)
            if present is not None:
                path.replace(path.with_suffix(f".lost-{present.size}"))
            _replace(path, mark)

    @contextmanager
    def _locked(self, log: LogIdentity) -> Iterator[Path]:
        """One process at a time: two that read and then replace could lower a mark."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield self.path(log)
            finally:
                os.close(descriptor)
        except OSError as error:
            message = f"the high-water mark cannot be kept in {self.folder}: {error.strerror or type(error).__name__}"
            raise Unavailable("MARK_DIR", message) from error


def _stem(name: str, origin: str) -> str:
    return f"{name}-{sha256(origin.encode()).hexdigest()[:16]}"


def _replace(path: Path, mark: HighWater) -> None:
    """Write beside, flush, rename, flush the folder: after a crash the file is the former mark or this one."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(format_mark(mark))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
