"""What the log shows of itself: the newest publication with the lines of others, and the bytes of tiles and bundles.

Everything comes from rows that were written when it was published; nothing is hashed here but the entries of a bundle,
which are never handed out altered.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.clock import SECOND
from ledger.publication import PUBLISHED_SIZE, TIMESTAMP, WITNESSED_SIZE, shown_note
from ledger.publication_tables import PUBLISHED_LINE, REACHED, TILE, PublishedLineRow, PublishedRow
from ledger.reading import View
from ledger.tiles import ENTRIES, WIDTH, TileName, width_at, write_bundle
from ledger.tree import HASH_BYTES

LINES_WAIT = 10 * SECOND  # so long a publication with more lines is preferred to a newer one
CANDIDATES = 20  # publications of that time, about one a second

_NEWEST = (
    "SELECT size, note, published_at, kept FROM published WHERE log_id = {log} AND size <= ? ORDER BY size DESC LIMIT ?"
)


class Shown(NamedTuple):
    """A published checkpoint with everybody's lines."""

    size: int
    note: str


def published_size(view: View) -> int:
    """How many entries are published."""
    reached = view.get(REACHED, PUBLISHED_SIZE)
    return 0 if reached is None else reached.size


def reached(view: View) -> dict[str, int]:
    """How far publication and each contributor got; publication is named even before it began."""
    rows = view.query("SELECT what, size FROM reached WHERE log_id = {log}")
    return {PUBLISHED_SIZE: 0, **{str(what): int(size) for what, size in rows if what != WITNESSED_SIZE}}


def newest(view: View) -> Shown | None:
    """The publication to show: of the last seconds the one that most have signed, of those the newest.

    A witness takes a moment, and clients want its line; one that is down holds nothing up for longer than that.
    """
    rows = [PublishedRow(*row) for row in view.query(_NEWEST, (published_size(view), CANDIDATES))]
    if not rows:
        return None
    lately = [row for row in rows if row.published_at + LINES_WAIT >= rows[0].published_at]
    lines = {row.size: view.group(PUBLISHED_LINE, row.size) for row in lately}
    best = max(lately, key=lambda row: (_signed(lines[row.size]), row.size))
    return Shown(best.size, shown_note(best.note, lines[best.size]))


def tile(view: View, name: TileName) -> bytes | None:
    """The bytes of a hash tile or an entry bundle; None for what is not published."""
    if width_at(name.level, name.number, published_size(view)) < name.width:
        return None
    if name.level == ENTRIES:
        start = name.number * WIDTH
        rows = view.entries(start, start + name.width)
        return None if len(rows) != name.width else write_bundle([row.bytes for row in rows])
    row = view.get(TILE, name.level, name.number)
    length = name.width * HASH_BYTES
    return None if row is None or len(row.hashes) < length else bytes(row.hashes[:length])


def _signed(lines: Sequence[PublishedLineRow]) -> int:
    return sum(line.kind != TIMESTAMP for line in lines)
