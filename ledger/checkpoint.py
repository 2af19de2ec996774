"""Checkpoints: what a log says about itself at one size (c2sp.org/tlog-checkpoint v1.0.0).

    text = origin "\\n" size in decimal without leading zeros "\\n" base64( root hash[32] ) "\\n"

The text is signed as a note (ledger.note); the key of the log carries the origin as its name. Extension lines, which
the specification allows and advises against, are refused: no cosignature need cover them and no tree audits them. A
checkpoint holds no time: entries, cosignatures and timestamp tokens do.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import BrokenInput, Misuse
from ledger.note import OpenedNote, Verifier, open_note
from ledger.tree import EMPTY_ROOT, HASH_BYTES, SIZE_MAX

ORIGIN_BYTES_MAX = 255  # a cosignature (c2sp.org/tlog-cosignature, type 0x06) states its length in one byte

_SIZE_DIGITS_MAX = len(str(SIZE_MAX))
_ORIGIN = re.compile(r"[^\x00-\x1f\ud800-\udfff]+").fullmatch


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Log `origin` holds `size` entries under the root hash `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint that the log itself signed, and the note it stood in."""

    checkpoint: Checkpoint
    note: OpenedNote


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text to sign. A checkpoint that could not be read back raises `Misuse`."""
    if fault := _fault(checkpoint):
        raise Misuse(fault)
    return f"{checkpoint.origin}\n{checkpoint.size}\n{b64encode(checkpoint.root).decode('ascii')}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The one inverse of `format_checkpoint`; any other text is `BrokenInput`."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise BrokenInput(f"expected three lines that end in a newline, found {len(lines) - 1}")
    origin, size, root = lines[:3]
    if not (size.isascii() and size.isdigit() and len(size) <= _SIZE_DIGITS_MAX):
        raise BrokenInput("expected a size in decimal", "line 2")
    try:
        checkpoint = Checkpoint(origin, int(size), b64decode(root, validate=True))
    except ValueError as error:
        raise BrokenInput("expected a root hash in base64", "line 3") from error
    if fault := _fault(checkpoint):
        raise BrokenInput(fault)
    if format_checkpoint(checkpoint) != text:
        raise BrokenInput("expected a checkpoint in its canonical spelling")
    return checkpoint


def open_checkpoint(
    note: str | bytes, origin: str, log_verifiers: Sequence[Verifier], others: Sequence[Verifier] = ()
) -> OpenedCheckpoint:
    """The checkpoint of a signed note, signed by a key of the log and about `origin`; else `BrokenInput`.

    `others` are witnesses. Their lines must verify where they stand, and alone they open nothing.
    """
    opened = open_note(note, (*log_verifiers, *others))
    of_log = {(verifier.name, verifier.key_id) for verifier in log_verifiers}
    if not any((line.name, line.key_id) in of_log for line in opened.verified):
        raise BrokenInput("expected a signature of the log, found only those of others")
    checkpoint = parse_checkpoint(opened.text)
    if checkpoint.origin != origin:
        raise BrokenInput(f"expected a checkpoint of `{origin}`, found one of `{checkpoint.origin}`")
    return OpenedCheckpoint(checkpoint, opened)


def _fault(checkpoint: Checkpoint) -> str | None:
    origin, size, root = checkpoint.origin, checkpoint.size, checkpoint.root
    if not _ORIGIN(origin):
        return "expected an origin, not empty and without control characters"
    if len(origin.encode()) > ORIGIN_BYTES_MAX:
        return f"expected an origin of at most {ORIGIN_BYTES_MAX} bytes"
    if not 0 <= size <= SIZE_MAX:
        return f"expected a size from 0 to 2^63 - 1, found {size}"
    if len(root) != HASH_BYTES:
        return f"expected a root hash of {HASH_BYTES} bytes, found {len(root)}"
    if size == 0 and root != EMPTY_ROOT:
        return "expected the root hash of the empty tree at size 0"
    return None
