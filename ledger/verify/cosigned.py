"""Check 7: the cosignatures under published checkpoints, against a policy given from outside. Standard library only.

    each line    a signature line of the key its row names; one of a witness of the policy verifies
    each size    what a witness of the policy cosigned is the tree that the entries make
    the quorum   stands under at least one checkpoint; the greatest such size is how far the log is witnessed

Whoever stole the log's keys can write another history and sign it, and cannot make the witnesses' lines for it: that
history has no quorum, or contradicts what they cosigned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ledger.checkpoint import Checkpoint
from ledger.errors import BrokenInput, BrokenState
from ledger.note import Note, SignatureLine, parse_note
from ledger.policy import NONE, Checks, Policy, cosigned_by, quorum_of
from ledger.tree import CompactRange
from ledger.verify.log import Verified
from ledger.verify.report import Fault, Finding, Mark, Place, Witnessed
from ledger.verify.signing import read_checkpoint

LEAVES_AT_ONCE = 65_536
SIZES_AT_ONCE = 1_000


class StoredLine(NamedTuple):
    """A row of a cosignature as it lies there: its key id, and the signature line."""

    key_id: str
    value: bytes


class StoredPublication(NamedTuple):
    """A published checkpoint as it lies there, with its cosignatures."""

    size: int
    note: str
    lines: Sequence[StoredLine]


class CosignedSource(Protocol):
    """Where published checkpoints are read from."""

    @property
    def origin(self) -> str:
        """The origin the log goes by."""
        ...

    def newest_cosigned(self) -> int:
        """The greatest size with a cosignature; 0 for none."""
        ...

    def cosigned(self, after: int, upto: int, limit: int) -> Sequence[StoredPublication]:
        """Publications with a cosignature, after < size <= upto, by size."""
        ...

    def leaf_hashes(self, start: int, end: int) -> Sequence[bytes]:
        """The stored leaf hashes of entries start..end-1, found to be right before."""
        ...


@dataclass(slots=True)
class Cosignatures:
    """The check. `begin` is asked before the log's head is read: what was published by then, the log must hold."""

    source: CosignedSource
    policy: Policy
    checks: Checks
    witnessed: Witnessed | None = None
    progress: Callable[[int, int], None] | None = None
    _upto: int = 0
    _each: dict[str, int] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """See `ledger.verify.log.More`."""
        return ""

    def begin(self) -> Finding | None:
        """Take note of how far there are cosignatures; never a fault."""
        self._upto = self.source.newest_cosigned()
        return None

    def __call__(self, verified: Verified) -> Finding | None:
        """Run over everything that was there at the beginning."""
        tree, after = CompactRange(), 0
        while found := self.source.cosigned(after, self._upto, SIZES_AT_ONCE):
            for published in found:
                read = self._names(published)
                if isinstance(read, Finding):
                    return read
                checkpoint, names = read
                after = published.size
                if not names:
                    continue
                if checkpoint.size > verified.size:
                    by = ", ".join(sorted(names))
                    told = f"at least the {checkpoint.size} entries that {by} cosigned", f"{verified.size}"
                    return Finding(7, Fault.ROLLED_BACK, *told, verified.size, self._place(published))
                tree = self._grown(tree, checkpoint.size)
                if tree.root() != checkpoint.root:
                    return self._contradicted(checkpoint, names, tree)
                self._take(checkpoint.size, names)
            if self.progress is not None:
                self.progress(after, self._upto)
        return self._uncovered()

    @property
    def notes(self) -> tuple[str, ...]:
        """How far each witness of the policy went, for the report."""
        return tuple(
            f"witness {one.name}: cosigned up to size {self._each[one.name]}"
            if one.name in self._each
            else f"witness {one.name}: cosigned nothing that is kept"
            for one in self.policy.witnesses
        )

    def _names(self, published: StoredPublication) -> tuple[Checkpoint, frozenset[str]] | Finding:
        """What the checkpoint states, and which witnesses of the policy cosigned it."""
        place = Place("published", (published.size,), "note")
        read = read_checkpoint(published.note, self.source.origin, place)
        if isinstance(read, Finding):
            return Finding(7, read.fault, read.expected, read.found, None, place)
        checkpoint, note = read
        if checkpoint.size != published.size:
            place = Place("published", (published.size,), "size")
            told = f"the size the checkpoint states, {checkpoint.size}", f"{published.size}"
            return Finding(7, Fault.ALTERED, *told, None, place)
        lines = []
        for stored in published.lines:
            line = _line(note.text, stored)
            if isinstance(line, str):
                return Finding(7, Fault.ALTERED, line, "another", None, self._place(published, stored))
            lines.append(line)
        judged = cosigned_by(self.policy, Note(note.text, tuple(lines)), self.checks)
        for wrong in judged.wrong:
            stored = StoredLine(wrong.key_id.hex(), b"")
            expected = f"a cosignature of `{wrong.name}` on this checkpoint"
            return Finding(7, Fault.ALTERED, expected, "one that does not verify", None, self._place(published, stored))
        return checkpoint, judged.names

    def _place(self, published: StoredPublication, line: StoredLine | None = None) -> Place:
        if line is None:
            return Place("published", (published.size,))
        return Place("published_line", (published.size, line.key_id), "value")

    def _grown(self, tree: CompactRange, size: int) -> CompactRange:
        while tree.size < size:
            leaves = self.source.leaf_hashes(tree.size, min(size, tree.size + LEAVES_AT_ONCE))
            if not leaves:
                raise BrokenState(f"expected leaf hashes up to size {size}, found {tree.size} of them")
            tree = tree.extend(leaves)
        return tree

    def _contradicted(self, checkpoint: Checkpoint, names: frozenset[str], tree: CompactRange) -> Finding:
        expected = f"root {checkpoint.root.hex()}, cosigned at size {checkpoint.size} by {', '.join(sorted(names))}"
        since = None if self.witnessed is None else Mark(self.witnessed.size, None)
        place = Place("published", (checkpoint.size,), "note")
        return Finding(
            7, Fault.FORKED, expected, f"root {tree.root().hex()}", None, place, since, Mark(checkpoint.size, None)
        )

    def _take(self, size: int, names: frozenset[str]) -> None:
        self._each.update(dict.fromkeys(names, size))
        if quorum_of(self.policy, names):
            self.witnessed = Witnessed(tuple(sorted(names)), size)

    def _uncovered(self) -> Finding | None:
        if self.witnessed is not None or self.policy.quorum == NONE:
            return None
        expected = "a checkpoint that the quorum of the policy cosigned"
        return Finding(7, Fault.RE_SIGNED, expected, "none: whoever holds the log's keys could have made all of it")


def _line(text: str, stored: StoredLine) -> SignatureLine | str:
    """The signature line of a row; else what was expected of it."""
    try:
        (line,) = parse_note(f"{text}\n{stored.value.decode()}").signatures
    except (BrokenInput, UnicodeDecodeError, ValueError):
        return "one signature line"
    return line if line.key_id.hex() == stored.key_id else f"a line of key {stored.key_id}"
