"""How far each subject has come: the subject index expected next, and the index of its last entry.

Subjects met lately are kept in memory; when there are many they are put away in a temporary database on disk, so a
verification needs constant memory however many subjects there are.
"""

import sqlite3

IN_MEMORY_MAX = 200_000  # subjects; about 50 MB

Place = tuple[int, int]
"""(the subject index expected next, the index of the last entry)"""


class Places:
    """A growing map from subject to place."""

    def __init__(self, in_memory_max: int = IN_MEMORY_MAX) -> None:
        self._lately: dict[str, Place] = {}
        self._max = in_memory_max
        self._disk: sqlite3.Connection | None = None

    def get(self, subject: str) -> Place | None:
        """Where the subject stands; None before its first entry."""
        place = self._lately.get(subject)
        if place is None and self._disk is not None:
            row = self._disk.execute("SELECT next, last FROM place WHERE subject = ?", (subject,)).fetchone()
            return None if row is None else (row[0], row[1])
        return place

    def put(self, subject: str, place: Place) -> None:
        """Move the subject on."""
        self._lately[subject] = place
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
        rows = [(subject, *self._lately[subject]) for subject in sorted(self._lately)]
        self._disk.execute("BEGIN")
        self._disk.executemany("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", rows)
        self._disk.execute("END")
        self._lately.clear()
