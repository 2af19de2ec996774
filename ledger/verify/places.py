"""How far each subject has come: the subject index expected next, and the index of its last entry.

Subjects met lately are kept in memory; when there are many they are put away in a temporary database on disk, so a
verification needs constant memory however many subjects there are.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import compress, repeat
from operator import and_

IN_MEMORY_MAX = 200_000  # subjects; about 50 MB
MARKS = 1 << 24  # bytes, once there is a database: one of them is set for each subject in it

Place = tuple[int, int]
"""(the subject index expected next, the index of the last entry)"""


class Places:
    """A growing map from subject to place."""

    def __init__(self, in_memory_max: int = IN_MEMORY_MAX) -> None:
        self._lately: dict[str, Place] = {}
        self._max = in_memory_max
        self._disk: sqlite3.Connection | None = None
        self._marks = bytearray()

    def get(self, subject: str) -> Place | None:
        """Where the subject stands; None before its first entry."""
        place = self._lately.get(subject)
        if place is None and self._disk is not None:
            row = self._disk.execute("SELECT next, last FROM place WHERE subject = ?", (subject,)).fetchone()
            return None if row is None else (row[0], row[1])
        return place

    def among(self, subjects: Mapping[str, Place]) -> Set[str]:
        """Those of the subjects that were met before; on disk perhaps more than those, for `get` to tell."""
        lately = subjects.keys() & self._lately.keys()
        if self._disk is None:
            return lately
        return lately | set(compress(subjects, map(self._marks.__getitem__, _marked(subjects))))

    def update(self, places: Mapping[str, Place]) -> None:
        """Move subjects on."""
        self._lately.update(places)
        if len(self._lately) > self._max:
            self._put_away()

    def close(self) -> None:
        """Give the disk space back."""
        if self._disk is not None:
            self._disk.close()

    def _put_away(self) -> None:
        if self._disk is None:
            self._disk = sqlite3.connect("", isolation_level=None)  # a temporary file that SQLite removes by itself
            self._disk.execute("PRAGMA journal_mode=OFF")
            self._disk.execute("PRAGMA synchronous=OFF")
            self._disk.execute("CREATE TABLE place (subject TEXT PRIMARY KEY, next, last) WITHOUT ROWID")
            self._marks = bytearray(MARKS)
        for at in _marked(self._lately):
            self._marks[at] = 1
        rows = [(subject, *self._lately[subject]) for subject in sorted(self._lately)]
        self._disk.execute("BEGIN")
        self._disk.executemany("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", rows)
        self._disk.execute("END")
        self._lately.clear()


def _marked(subjects: Iterable[str]) -> Iterator[int]:
    return map(and_, map(hash, subjects), repeat(MARKS - 1))
