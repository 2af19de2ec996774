"""What a witness answers, decided from the request, the logs it knows, and what it cosigned last. Pure.

The order is the specification's: broken (400), unknown origin (404), no signature of the log (403), old above the size
(400), old is not what was cosigned last (409), not consistent (422). Checkpoints with extension lines are broken here:
a cosignature of type 0x06 would not cover them.
"""

from base64 import b64decode
from dataclasses import dataclass
from typing import NamedTuple

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.errors import BrokenInput
from ledger.note import Note, SignatureLine, open_note, parse_note
from ledger.policy import Checks, Policy, log_verifiers
from ledger.proof import check_consistency
from ledger.tree import EMPTY_ROOT, HASH_BYTES
from ledger.witnessing import Asked

OTHER_ROOT = "other root"  # the log signed two roots for one size: proof against it, by itself
NOT_EXTENDED = "not extended"  # the log signed a larger tree and did not show that it extends the one cosigned


class Kept(NamedTuple):
    """The latest checkpoint cosigned for an origin: `note` with the log's and our lines, `at` in POSIX seconds."""

    size: int
    root: bytes
    note: str
    at: int


@dataclass(frozen=True, slots=True)
class Identified:
    """A request whose checkpoint the log signed. `lines` are the log's own, verified."""

    asked: Asked
    checkpoint: Checkpoint
    text: str
    lines: tuple[SignatureLine, ...]

    def as_note(self, ours: tuple[SignatureLine, ...] = ()) -> Note:
        """The note of verified lines alone."""
        return Note(self.text, (*self.lines, *ours))


@dataclass(frozen=True, slots=True)
class Turned:
    """Turned down. `size` goes with 409; `contradiction` says that both notes are to be kept, and why."""

    status: int
    reason: str
    size: int | None = None
    contradiction: str = ""


def identify(asked: Asked, policy: Policy, checks: Checks) -> Identified | Turned:
    """Whether a log that is watched signed this checkpoint."""
    try:
        note = parse_note(asked.note)
        checkpoint = _read(note.text)
    except BrokenInput as error:
        return Turned(400, f"expected a checkpoint: {error}")
    verifiers = log_verifiers(policy, checkpoint.origin, checks)
    if not verifiers:
        return Turned(404, "this log is not watched here")
    try:
        opened = open_note(asked.note, verifiers)
    except BrokenInput as error:
        return Turned(403, str(error))
    return Identified(asked, checkpoint, note.text, opened.verified)


def judge(identified: Identified, kept: Kept | None) -> Turned | None:
    """None: cosign. The rest is turned down with its status."""
    asked, new = identified.asked, identified.checkpoint
    if asked.old > new.size:
        return Turned(400, f"expected an old size of at most {new.size}, found {asked.old}")
    last = 0 if kept is None else kept.size
    is_other = kept is not None and new.size == kept.size and new.root != kept.root
    against = OTHER_ROOT if is_other else ""
    if asked.old != last:
        return Turned(409, f"the latest cosigned size is {last}", last, against)
    if new.size == 0 and new.root != EMPTY_ROOT:
        return Turned(422, "expected the root hash of the empty tree at size 0")
    if kept is None or last == 0:
        return Turned(422, "expected no proof from the empty tree") if asked.proof else None
    if is_other:
        return Turned(422, f"expected the root hash cosigned at size {last}, found another", None, against)
    if not check_consistency(last, new.size, kept.root, new.root, asked.proof):
        return Turned(422, f"expected a proof from size {last} to {new.size}, found none", None, NOT_EXTENDED)
    return None


def _read(text: str) -> Checkpoint:
    """As `parse_checkpoint`, but size 0 with another root than the empty tree's can be read: it gets its own status."""
    lines = text.split("\n")
    if len(lines) == 4 and lines[1] == "0" and lines[2] != _EMPTY_LINE:
        empty = parse_checkpoint(f"{lines[0]}\n0\n{_EMPTY_LINE}\n{lines[3]}")
        try:
            root = b64decode(lines[2], validate=True)
        except ValueError as error:
            raise BrokenInput("expected a root hash in base64", "line 3") from error
        if len(root) != HASH_BYTES or root == EMPTY_ROOT:  # the second: another spelling of it
            raise BrokenInput(f"expected a root hash of {HASH_BYTES} bytes, canonically spelled", "line 3")
        return Checkpoint(empty.origin, 0, root)
    return parse_checkpoint(text)


_EMPTY_LINE = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="  # base64 of SHA-256 of nothing
