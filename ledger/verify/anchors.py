"""Check 6: a log held against what is known of it outside its database, its anchors.

    a checkpoint kept elsewhere     the walk begins there; the tree before it must be the one that was kept
    the high-water mark             the leaves since must lead from its tree to the one that was walked

A checkpoint that the log does not continue is *rolled back* or *forked*, with the entry in which the operator declared
that, if any. Standard library only.
"""

from base64 import urlsafe_b64decode
from contextlib import suppress
from dataclasses import replace

from ledger.chain import GENESIS, chain_hash
from ledger.checkpoint import Checkpoint
from ledger.errors import BrokenInput, BrokenState, Misuse
from ledger.note import Note
from ledger.tree import CompactRange
from ledger.verify.acts import covering, gaps_in
from ledger.verify.report import Fault, Finding, Mark, Place
from ledger.verify.signing import LogKeys, read_checkpoint
from ledger.verify.source import Decode, Kept, Source, StoredHead

LEAVES_AT_ONCE = 65_536  # stored leaf hashes read at once when a kept checkpoint comes without its tree

KEPT = "the checkpoint kept elsewhere"
MARK = "the high-water mark"


class Anchors:
    """The anchors of one verification. `names` are those that were used, `notes` say why one was not."""

    def __init__(self, source: Source, decode: Decode, keys: LogKeys) -> None:
        self._source = source
        self._decode = decode
        self._keys = keys
        self.names: list[str] = []
        self.notes: list[str] = []

    def read(self, kept: Kept) -> tuple[Checkpoint, Note]:
        """The checkpoint kept elsewhere, its signature not looked at yet; `BrokenInput` for what is none."""
        read = read_checkpoint(kept.note, self._source.origin, Place("kept"))
        if isinstance(read, Finding):
            raise BrokenInput(f"{KEPT}: expected {read.expected}, found {read.found}")
        self.names.append(KEPT)
        return read

    def smaller(self, checkpoint: Checkpoint, head: StoredHead) -> Finding | None:
        """That the log is smaller than the checkpoint kept elsewhere."""
        if checkpoint.size <= head.size:
            return None
        told = f"at least the {checkpoint.size} entries of {KEPT}", f"{head.size}"
        return self._lost(Finding(6, Fault.ROLLED_BACK, *told, head.size), checkpoint, head.size)

    def beginning(
        self, kept: Kept, read: tuple[Checkpoint, Note], head: StoredHead
    ) -> tuple[CompactRange, bytes] | Finding:
        """Tree and chain to begin with, or that the log is another history. `BrokenInput` when no key of the log that
        the caller trusts signed the checkpoint."""
        checkpoint = read[0]
        if (wrong := self._keys.judge(*read, Place("kept"))) is not None:
            raise BrokenInput(f"{KEPT}: expected {wrong.expected}, found {wrong.found}")
        tree, chain = kept.frontier, kept.chain
        if tree is None or chain is None or self._chain_stated(checkpoint.size, head) != chain:
            tree, chain = self._rebuilt(checkpoint.size)
        if tree.size == checkpoint.size and tree.root() == checkpoint.root:
            return tree, chain
        told = f"root {checkpoint.root.hex()} as kept elsewhere", f"root {tree.root().hex()}"
        forked = Finding(6, Fault.FORKED, *told, None, None, None, Mark(checkpoint.size, None))
        return self._lost(forked, checkpoint, head.size)

    def judge_mark(self, mark: Kept, walked: CompactRange) -> Finding | None:
        """The walked tree against the high-water mark; a mark that nobody can trust is told and not used."""
        place = Place("mark")
        read = read_checkpoint(mark.note, self._source.origin, place)
        if isinstance(read, Finding):
            self.notes.append(f"{MARK} was not used: {read.found}")
            return None
        checkpoint = read[0]
        is_smaller = checkpoint.size > walked.size
        wrong = self._keys.judge(*read, place)
        # An older copy does not know the keys that came after it: it must not pass because the mark is by one of them.
        if wrong is not None and not (is_smaller and wrong.fault is Fault.WRONG_KEY):
            self.notes.append(f"{MARK} was not used: {wrong.found}")
            return None
        self.names.append(MARK)
        if is_smaller:
            told = f"at least the {checkpoint.size} entries of {MARK}", f"{walked.size}"
            return self._lost(Finding(6, Fault.ROLLED_BACK, *told, walked.size), checkpoint, walked.size)
        tree = mark.frontier or self._rebuilt(checkpoint.size)[0]
        for start in range(checkpoint.size, walked.size, LEAVES_AT_ONCE):
            tree = tree.extend(self._source.leaf_hashes(start, min(walked.size, start + LEAVES_AT_ONCE)))
        if tree.root() == walked.root():
            return None
        told = f"a log that goes on from {MARK}, size {checkpoint.size}", "another history"
        return self._lost(Finding(6, Fault.FORKED, *told), checkpoint, walked.size)

    def _lost(self, finding: Finding, checkpoint: Checkpoint, size: int) -> Finding:
        """The finding with the entry in which the operator declared it."""
        gap = covering(gaps_in(self._source, size, self._decode), checkpoint.size, checkpoint.root)
        return replace(finding, declared_by=None if gap is None else gap.index)

    def _rebuilt(self, size: int) -> tuple[CompactRange, bytes]:
        """Tree and chain from the stored leaf hashes: the root then shows whether they are the ones that were kept."""
        tree, chain = CompactRange(), GENESIS
        for start in range(0, size, LEAVES_AT_ONCE):
            leaves = self._source.leaf_hashes(start, min(size, start + LEAVES_AT_ONCE))
            try:
                tree = tree.extend(leaves)
            except Misuse as error:
                raise BrokenState("expected leaf hashes of 32 bytes") from error
            for leaf in leaves:
                chain = chain_hash(chain, leaf)
        return tree, chain

    def _chain_stated(self, size: int, head: StoredHead) -> bytes | None:
        """The chain hash before `size` as the entry there states it, or the head: another than was kept means that
        what was kept is looked at from the start."""
        if size == head.size:
            return head.chain_hash
        for _, _, _, data in self._source.entries(size, size + 1):
            with suppress(BrokenInput, KeyError, TypeError, ValueError):
                return urlsafe_b64decode(self._decode(data)["prev"] + "=")
        return None
