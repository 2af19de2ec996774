"""Verification of what is published: tiles, checkpoints shown, lines of others. Part of checks 4 and 5. Streaming.

Tiles of level 0 are read in order and taken for the leaf hashes; upper tiles, inner roots and the roots that were shown
must follow from them, and in the end the tree that was verified entry by entry. Only when it does not are the entries'
own leaf hashes read again, to name the tile. What thinning took away is not missed.

Not judged, because it proves nothing: instants of the operator's own clock (`published_at`, `made_at`, `at`), which
steer thinning, and where contributors go on. Lines of keys that nobody named are read and not verified.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.checkpoint import Checkpoint
from ledger.clock import SECOND
from ledger.cosignature import CosignatureVerifier
from ledger.errors import BrokenInput
from ledger.note import ED25519, CheckSignature, SignatureLine, VerifierKey, parse_note
from ledger.publication import LINE_KINDS, PUBLISHED_SIZE, REASONS, TIMESTAMP
from ledger.stored import DatabaseSource
from ledger.tiles import TILE_BYTES, WIDTH, Grown, RightEdge, inner_of, levels_of, split, width_at
from ledger.tree import HASH_BYTES
from ledger.verify.log import Verified
from ledger.verify.report import Fault, Finding, Place
from ledger.verify.signing import read_checkpoint

PAGE = 64  # rows read at once
LEAVES_AT_ONCE = 4_096

_NAME = re.compile(r"[!-~]+").fullmatch  # what contributors are called

Row = tuple[Any, ...]


class _Wrong(Exception):
    def __init__(self, finding: Finding) -> None:
        self.finding = finding


class PublishedRows:
    """A `ledger.verify.log.More`. `checks` verify signatures by key type."""

    def __init__(self, source: DatabaseSource, checks: Mapping[int, CheckSignature]) -> None:
        self._source = source
        self._checks = checks

    @property
    def note(self) -> str:
        """See `ledger.verify.log.More`."""
        return ""

    def __call__(self, verified: Verified) -> Finding | None:
        """The first fault among published rows."""
        try:
            _Walk(self._source, self._checks, verified).run()
        except _Wrong as wrong:
            return wrong.finding
        return None


class _Walk:
    def __init__(self, source: DatabaseSource, checks: Mapping[int, CheckSignature], verified: Verified) -> None:
        self._source = source
        self._checks = checks
        self._verified = verified
        self._edge = RightEdge()
        self._hour = -1

    def run(self) -> None:
        """Raises the first fault. What a running log publishes meanwhile is left to the next verification."""
        ((highest,),) = self._ask("SELECT coalesce(max(size), 0) FROM published WHERE log_id = {log}")
        reached = {what: (what, size, at) for what, size, at in self._rows("reached", "what, size, at", "what")}
        published = reached.get(PUBLISHED_SIZE, ("", 0, 0))[1]
        self._judge_reached(reached, highest)
        size = min(published, self._verified.size)
        publications = self._publications(size)
        self._walk(size, publications)
        self._judge_edge(size)
        self._judge_lines(published)
        self._judge_strays(max(published, self._verified.size))

    # How far each part got

    def _judge_reached(self, reached: dict[str, Row], highest: int) -> None:
        if PUBLISHED_SIZE not in reached:
            if highest:
                raise _wrong(Fault.MISSING, (f"how far was published, {highest}", "none"), "reached", (PUBLISHED_SIZE,))
            tiles = self._ask("SELECT level, number FROM tile WHERE log_id = {log} LIMIT 1")
            if tiles and not self._verified.size:
                raise _wrong(Fault.INSERTED, ("no tile of an empty log", "one"), "tile", tiles[0])
            if reached:
                what = min(reached)
                raise _wrong(Fault.INSERTED, ("nothing beyond what is published", what), "reached", (what,))
            return
        published = reached[PUBLISHED_SIZE][1]
        if not self._has(published):
            told = "the size of a publication", str(published)
            raise _wrong(Fault.ALTERED, told, "reached", (PUBLISHED_SIZE,), "size")
        if highest > published:
            told = f"a publication of at most the {published} entries published", str(highest)
            raise _wrong(Fault.INSERTED, told, "published", (highest,), "size")
        for what, size, _ in reached.values():
            if not _NAME(what):
                raise _wrong(Fault.ALTERED, ("the name of a contributor", repr(what)), "reached", (what,), "what")
            if not 0 < size <= published:
                told = f"a size of at most the {published} entries published", str(size)
                raise _wrong(Fault.ALTERED, told, "reached", (what,), "size")

    def _has(self, size: int) -> bool:
        return bool(self._ask("SELECT 1 FROM published WHERE log_id = {log} AND size = ?", size))

    # Tiles, and the checkpoints that were shown

    def _walk(self, size: int, publications: Iterator[Row]) -> None:
        row = next(publications, None)
        for number, hashes, inner in self._level_0(size):
            end = min(self._edge.size + WIDTH, size)
            if inner != inner_of(hashes):
                self._name_lower(end)  # unless its hashes are what was changed
                told = "the roots over each 16 of its hashes", "others"
                raise _wrong(Fault.ALTERED, told, "tile", (0, number), "inner_hashes")
            if end % WIDTH == 0 and (row is None or row[0] > end):
                self._compare(self._edge.take(hashes, inner))
                continue
            leaves = split(hashes[: (end - self._edge.size) * HASH_BYTES])
            while row is not None and row[0] <= end:
                checkpoint = self._stated(row)
                at = row[0] - self._edge.size
                self._compare(self._edge.extend(leaves[:at]))
                leaves = leaves[at:]
                self._judge_publication(checkpoint, row)
                row = next(publications, None)
            self._compare(self._edge.extend(leaves))
        self._judge_tree(size)

    def _level_0(self, size: int) -> Iterator[tuple[int, bytes, bytes]]:
        """Number, hashes and inner roots of the tiles of level 0, each there and wide enough."""
        count = -(-size // WIDTH)
        for start in range(0, count, PAGE):
            end = min(start + PAGE, count)
            statement = (
                "SELECT number, hashes, inner_hashes FROM tile "
                "WHERE log_id = {log} AND level = 0 AND number >= ? AND number < ? ORDER BY number"
            )
            found = {row[0]: row for row in self._ask(statement, start, end)}
            for number in range(start, end):
                if number not in found:
                    raise _wrong(Fault.MISSING, ("this tile", "none"), "tile", (0, number))
                _, hashes, inner = found[number]
                self._judge_width((0, number), hashes, size)
                yield number, bytes(hashes), bytes(inner)

    def _judge_width(self, name: tuple[int, int], hashes: bytes, size: int) -> None:
        least = width_at(*name, size) * HASH_BYTES
        if len(hashes) % HASH_BYTES or not least <= len(hashes) <= TILE_BYTES:
            told = f"{least} bytes or the hashes of more entries", f"{len(hashes)} bytes"
            raise _wrong(Fault.ALTERED, told, "tile", name, "hashes")

    def _compare(self, derived: list[Grown]) -> None:
        """Upper tiles, and what the level below gives."""
        for tile in derived:
            if tile.level:
                self._judge_upper(tile)

    def _judge_upper(self, tile: Grown) -> None:
        level, number, hashes, _ = tile
        rows = self._ask(
            "SELECT hashes, inner_hashes FROM tile WHERE log_id = {log} AND level = ? AND number = ?", level, number
        )
        if not rows:
            raise _wrong(Fault.MISSING, ("this tile", "none"), "tile", (level, number))
        there, inner = map(bytes, rows[0])
        self._judge_width((level, number), there, self._edge.size)
        if there[: len(hashes)] != hashes:
            self._name_lower(self._edge.size)  # unless the tile below is what was changed
            raise _wrong(Fault.ALTERED, ("the roots of the tiles below", "others"), "tile", (level, number), "hashes")
        if inner != inner_of(there):
            told = "the roots over each 16 of its hashes", "others"
            raise _wrong(Fault.ALTERED, told, "tile", (level, number), "inner_hashes")

    def _judge_edge(self, size: int) -> None:
        self._compare(self._edge.partial())
        assert self._edge.size == size

    def _judge_tree(self, size: int) -> None:
        """The leaf hashes of the tiles against the tree that was verified, entries after them added."""
        tree = self._edge.range()
        for start in range(size, self._verified.size, LEAVES_AT_ONCE):
            tree = tree.extend(self._leaves(start, min(start + LEAVES_AT_ONCE, self._verified.size)))
        if tree != self._verified.tree:
            self._name_lower(self._edge.size)
            raise _wrong(Fault.ALTERED, ("tiles of the verified tree", "others"), "tile", (0, 0))

    def _name_lower(self, end: int) -> None:
        """Name the first tile of level 0 whose hashes are not the entries'; nothing when all are."""
        for number, hashes, _ in self._level_0(end):
            start = number * WIDTH
            leaves = self._leaves(start, min(start + WIDTH, end))
            for place, leaf in enumerate(leaves):
                if hashes[place * HASH_BYTES : (place + 1) * HASH_BYTES] != leaf:
                    told = f"leaf hash {leaf.hex()} of entry {start + place}", "another"
                    raise _wrong(Fault.ALTERED, told, "tile", (0, number), "hashes")

    def _leaves(self, start: int, end: int) -> list[bytes]:
        return [bytes(leaf) for leaf in self._source.leaf_hashes(start, end)]

    def _publications(self, size: int) -> Iterator[Row]:
        yield from self._rows("published", "size, note, published_at, kept", "size", f"AND size <= {size}")

    def _stated(self, row: Row) -> Checkpoint:
        """What a publication states: for the size it is filed under, signed by a key valid then."""
        size, note, _, _ = row
        read = read_checkpoint(note, self._source.origin, Place("published", (size,), "note"))
        if isinstance(read, Finding):
            raise _Wrong(read)
        checkpoint, parsed = read
        if checkpoint.size != size:
            told = f"the size the checkpoint states, {checkpoint.size}", str(size)
            raise _wrong(Fault.ALTERED, told, "published", (size,), "size")
        keys = self._verified.keys
        if keys is not None and (wrong := keys.judge(checkpoint, parsed, Place("published", (size,), "note"))):
            raise _Wrong(wrong)
        return checkpoint

    def _judge_publication(self, checkpoint: Checkpoint, row: Row) -> None:
        size, _, at, kept = row
        root = self._edge.root()
        if checkpoint.root != root:
            self._name_lower(self._edge.size)
            told = f"root {root.hex()} of the entries", f"root {checkpoint.root.hex()}"
            raise _wrong(Fault.FORKED, told, "published", (size,), "note")
        self._judge_kept(size, at, kept)

    def _judge_kept(self, size: int, at: int, kept: str) -> None:
        """Whether it is kept as long as it has a reason to be."""
        first_of_hour, self._hour = at // (3600 * SECOND) != self._hour, at // (3600 * SECOND)
        if kept not in REASONS or (first_of_hour and not kept):
            told = "a reason to keep the first of its hour" if first_of_hour else "one of the reasons"
            raise _wrong(Fault.ALTERED, (told, repr(kept)), "published", (size,), "kept")

    # Lines of others

    def _judge_lines(self, published: int) -> None:
        keys = self._keys()
        for size, key_id, kind, value in self._rows("published_line", "size, key_id, kind, value", "size, key_id"):
            if size > published:
                continue  # of a publication made meanwhile, unless it is a stray
            place = ("published_line", (size, key_id))
            if kind not in LINE_KINDS:
                raise _wrong(Fault.ALTERED, ("a kind of line", repr(kind)), *place, "kind")
            notes = self._ask("SELECT note FROM published WHERE log_id = {log} AND size = ?", size)
            if not notes:
                raise _wrong(Fault.INSERTED, ("a line of a publication", f"one of size {size}"), *place, "size")
            if kind != TIMESTAMP:
                self._judge_line(notes[0][0], bytes(value), place, keys)

    def _judge_line(self, note: str, value: bytes, place: tuple[str, tuple[int, str]], keys: "_Keys") -> None:
        try:
            parsed = parse_note(note[: note.rindex("\n\n") + 2] + value.decode())
        except (BrokenInput, UnicodeError, ValueError) as error:
            told = "a signature line of a note", f"what is none: {error}"
            raise _wrong(Fault.ALTERED, told, *place, "value") from error
        if len(parsed.signatures) != 1:
            raise _wrong(Fault.ALTERED, ("one signature line", str(len(parsed.signatures))), *place, "value")
        (line,) = parsed.signatures
        if line.key_id.hex() != place[1][1]:
            told = f"key id {line.key_id.hex()} of the line", place[1][1]
            raise _wrong(Fault.ALTERED, told, *place, "key_id")
        key = keys.get((line.name, line.key_id))
        if key is not None and not self._verifies(key, parsed.text, line):
            told = f"a signature by key {place[1][1]}", "one that does not verify"
            raise _wrong(Fault.ALTERED, told, *place, "value")

    def _verifies(self, key: VerifierKey, text: str, line: SignatureLine) -> bool:
        check: CheckSignature | None = self._checks.get(key.type)
        if check is None:
            return True
        if key.type == ED25519:
            return check(key.public_key, text.encode(), line.signature)
        return CosignatureVerifier(key, check).verify(text.encode(), line.signature)

    def _keys(self) -> "_Keys":
        """Keys that are known: those pinned outside, and those the log names."""
        known = self._verified.keys
        if known is None:
            return {}
        return {(key.name, key.key_id): key for key in (*known.trusted, *known.valid_at(self._verified.size + 1))}

    # What no tree has

    def _judge_strays(self, size: int) -> None:
        """Tiles and lines beyond the log. A full tile ahead of its publication is none; it will be derived again."""
        for level, number in self._rows("tile", "level, number", "level, number"):
            if not 0 <= level < max(levels_of(size), 1) or number < 0 or not width_at(level, number, size):
                raise _wrong(Fault.INSERTED, ("a tile of this log", "one beyond it"), "tile", (level, number))
        newest = self._ask("SELECT coalesce(max(size), 0) FROM published WHERE log_id = {log}")[0][0]
        for line_size, key_id in self._ask(
            "SELECT size, key_id FROM published_line WHERE log_id = {log} AND (size > ? OR size < 1) LIMIT 1", newest
        ):
            told = "a line of a publication", f"one of size {line_size}"
            raise _wrong(Fault.INSERTED, told, "published_line", (line_size, key_id), "size")

    def _rows(self, table: str, columns: str, order: str, more: str = "") -> Iterator[Row]:
        """All rows of a table in key order, a page at a time."""
        names = order.split(", ")
        marks = ", ".join("?" * len(names))
        after: tuple[Any, ...] = ()
        while True:
            beyond = f"AND ({order}) > ({marks})" if after else ""
            rows = self._ask(
                f"SELECT {columns} FROM {table} WHERE log_id = {{log}} {more} {beyond} ORDER BY {order} LIMIT {PAGE}",
                *after,
            )
            yield from rows
            if len(rows) < PAGE:
                return
            after = tuple(rows[-1][: len(names)])

    def _ask(self, statement: str, *values: Any) -> list[Row]:
        return self._source.connection.query(self._source.log_id, statement, values)


_Keys = dict[tuple[str, bytes], VerifierKey]


def _wrong(fault: Fault, told: tuple[str, str], table: str, key: tuple[Any, ...], column: str = "") -> _Wrong:
    check = 5 if table == "published_line" else 4
    return _Wrong(Finding(check, fault, *told, None, Place(table, tuple(key), column)))
