"""Stretches held against each other: what each took on trust is compared with what the one before it found."""

from ledger.tree import CompactRange, node_hash
from ledger.verify.places import Places
from ledger.verify.source import Decode, Source
from ledger.verify.stretch import Break, Stretch


class Joint:
    """All entries before `size`, verified. `since` > 0: those before it were verified another time."""

    def __init__(self, tree: CompactRange, chain: bytes, source: Source, decode: Decode) -> None:
        self.tree = tree
        self.chain = chain
        self.last_at = ""
        self.open_part: tuple[int, int] | None = None
        self._since = tree.size
        self._source = source
        self._decode = decode
        self._places = Places()

    @property
    def size(self) -> int:
        """How many entries there are, up to here."""
        return self.tree.size

    def fault_of(self, stretch: Stretch) -> Break | None:
        """The first fault in a stretch that begins here: its own, or one in what it took on trust."""
        breaks = [] if stretch.broken is None else [stretch.broken]
        start = stretch.start
        if stretch.end > start:
            if stretch.first_prev != self.chain:
                told = f"chain hash {self.chain.hex()} of the entries before", f"prev {stretch.first_prev.hex()}"
                breaks.append(Break(start, 3, "prev", *told))
            if stretch.first_at < self.last_at:
                breaks.append(Break(start, 9, "recorded_at", f"a time not before {self.last_at}", stretch.first_at))
            if not self._continues(stretch.first_part):
                told = f"part {_next(self.open_part)}", f"part {stretch.first_part or '1'}"
                breaks.append(Break(start, 2, "part", *told))
            # A subject that the stretch saw begin is right unless it was met before.
            suspects = stretch.met.keys() | self._places.among(stretch.subjects)
            breaks += filter(None, [self._turn(name, *stretch.visit(name)) for name in suspects])
        return min(breaks, key=lambda broken: (broken.index, broken.check), default=None)

    def tree_at(self, stretch: Stretch, size: int, roots: tuple[bytes, ...]) -> CompactRange:
        """The whole tree at a size inside the stretch, from the roots the stretch found."""
        if stretch.is_rooted:
            return CompactRange(size, roots)
        return _joined(self.tree, size, roots)

    def append(self, stretch: Stretch) -> None:
        """Move on to the end of the stretch, which has no fault."""
        self.tree = self.tree_at(stretch, stretch.end, stretch.tree)
        self.chain, self.last_at, self.open_part = stretch.chain, stretch.last_at, stretch.open_part
        self._places.update(stretch.subjects)

    def close(self) -> None:
        """Give back what is held outside memory."""
        self._places.close()

    def _continues(self, part: tuple[int, int] | None) -> bool:
        if self.open_part is None:
            return part is None
        k, n = self.open_part
        return part == (k + 1, n)

    def _turn(self, subject: str, index: int, number: int, previous: int | None) -> Break | None:
        place = self._places.get(subject)
        if place is None and self._since and previous is not None:
            place = self._looked_up(subject, previous)
        expected, last = (0, None) if place is None else place
        if number != expected:
            return Break(index, 2, "subject_index", f"subject index {expected}", f"subject index {number}")
        if previous != last:
            return Break(index, 2, "previous", f"previous {last}", f"previous {previous}")
        return None

    def _looked_up(self, subject: str, previous: int) -> tuple[int, int] | None:
        """The place of a subject from its last entry before `since`; that entry was verified another time."""
        rows = self._source.entries(previous, previous + 1) if previous < self._since else ()
        for _, _, _, data in rows:
            value = self._decode(data)
            if value["subject"] == subject:
                return value["subject_index"] + 1, previous
        return None


def _joined(tree: CompactRange, size: int, roots: tuple[bytes, ...]) -> CompactRange:
    """`tree` grown by the complete subtrees of a stretch that begins at a multiple of its own length."""
    edge, at = list(tree.hashes), tree.size
    rest = size - tree.size
    for root in roots:
        level = rest.bit_length() - 1
        node, position = root, at >> level
        while position & 1:
            node = node_hash(edge.pop(), node)
            position >>= 1
        edge.append(node)
        at += 1 << level
        rest -= 1 << level
    return CompactRange(size, tuple(edge))


def _next(part: tuple[int, int] | None) -> str:
    return "1" if part is None else f"{part[0] + 1} of {part[1]}"
