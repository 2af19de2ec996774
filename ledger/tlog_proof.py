"""Proofs that others can check, in one text file (c2sp.org/tlog-proof@v1), extension `.tlog-proof`.

    c2sp.org/tlog-proof@v1 "\\n"
    "extra " base64( opaque ) "\\n"                      or no such line; signed by nobody
    "index " decimal "\\n"
    base64( hash[32] ) "\\n"                             the inclusion proof, leaf's sibling first; none for one leaf
    "\\n"
    the checkpoint, a signed note, verbatim, with the cosignatures it came with

Whoever checks brings three things from elsewhere: the entry's bytes, a key of the log, and what it asks of witnesses.
Standard library only; how a signature is checked comes with the verifiers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.checkpoint import OpenedCheckpoint, open_checkpoint, parse_checkpoint
from ledger.errors import BrokenInput, Misuse, TooLarge
from ledger.note import NOTE_BYTES_MAX, Verifier, from_base64, parse_note, to_base64
from ledger.proof import check_inclusion
from ledger.tree import HASH_BYTES, SIZE_MAX

HEADER = "c2sp.org/tlog-proof@v1"
EXTRA_BYTES_MAX = 1 << 16
HASHES_MAX = 63  # a tree of 2^63 leaves is no higher
PROOF_BYTES_MAX = NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX

_HASH_CHARACTERS = 44
_INDEX_DIGITS_MAX = len(str(SIZE_MAX))


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A proof as written; nothing is said about whether it holds. `extra` None: no such line."""

    index: int
    hashes: tuple[bytes, ...]
    note: str
    extra: bytes | None = None


@dataclass(frozen=True, slots=True)
class TlogVerdict:
    """What a proof shows about an entry: whether it is at `index` of the tree that `opened` states.

    The verified lines of `opened` say which log keys and witnesses signed; a quorum is judged from them.
    """

    is_included: bool
    index: int
    opened: OpenedCheckpoint


def format_proof(proof: TlogProof) -> str:
    """The file's text. What `parse_proof` would not give back as it was is a bug of ours and raises `Misuse`."""
    lines = [HEADER]
    if proof.extra is not None:
        lines.append(f"extra {to_base64(proof.extra)}")
    lines += [f"index {proof.index}", *map(to_base64, proof.hashes)]
    written = "\n".join([*lines, "", proof.note])
    try:
        if parse_proof(written) == proof:
            return written
    except BrokenInput as error:
        raise Misuse(f"expected a proof that can be read back: {error}") from error
    raise Misuse("expected a proof that reads back as it was")


def parse_proof(data: str | bytes) -> TlogProof:
    """The proof of its text. Strict and total: a whole proof, or `BrokenInput` (`TooLarge` over a limit)."""
    if len(data) > PROOF_BYTES_MAX:
        raise TooLarge(f"expected a proof of at most {PROOF_BYTES_MAX} bytes, found {len(data)}")
    try:
        written = data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError as error:
        raise BrokenInput("expected a proof in UTF-8") from error
    head, cut, note = written.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != HEADER:
        raise BrokenInput(f"expected `{HEADER}`", "line 1")
    if not cut:
        raise BrokenInput("expected an empty line and a checkpoint after the hashes")
    at, extra = 1, None
    if len(lines) > 1 and lines[1].startswith("extra "):
        at, extra = 2, from_base64(lines[1].removeprefix("extra "), "line 2")
        if len(extra) > EXTRA_BYTES_MAX:
            raise TooLarge(f"expected at most {EXTRA_BYTES_MAX} bytes of extra data", "line 2")
    index = _index(lines[at] if at < len(lines) else "", f"line {at + 1}")
    hashes = lines[at + 1 :]
    if len(hashes) > HASHES_MAX:
        raise TooLarge(f"expected at most {HASHES_MAX} hashes, found {len(hashes)}")
    numbered = enumerate(hashes, at + 2)
    proof = TlogProof(index, tuple([_hash(line, f"line {number}") for number, line in numbered]), note, extra)
    parse_checkpoint(parse_note(note).text)
    return proof


def check_proof(
    proof: TlogProof, leaf: bytes, log_verifiers: Sequence[Verifier], others: Sequence[Verifier] = ()
) -> TlogVerdict:
    """Whether the proof shows this leaf hash; `BrokenInput` unless a given key of the log it names signed its
    checkpoint, and every signature of a given key is right.

    A key speaks for the log of its name and no other; `others` are witnesses.
    """
    origin = proof.note.partition("\n")[0]
    own = [verifier for verifier in log_verifiers if verifier.name == origin]
    if not own:
        names = ", ".join(sorted({verifier.name for verifier in log_verifiers})) or "no log"
        raise BrokenInput(f"expected a proof of {names}, found one of `{origin[:255]}`")
    opened = open_checkpoint(proof.note, origin, own, others)
    size, root = opened.checkpoint.size, opened.checkpoint.root
    return TlogVerdict(check_inclusion(proof.index, size, leaf, proof.hashes, root), proof.index, opened)


def _index(line: str, location: str) -> int:
    digits = line.removeprefix("index ")
    is_decimal = digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0")
    if not line.startswith("index ") or not is_decimal or len(digits) > _INDEX_DIGITS_MAX:
        raise BrokenInput("expected `index` and a number in decimal", location)
    index = int(digits)
    if index > SIZE_MAX:
        raise BrokenInput("expected an index below 2^63", location)
    return index


def _hash(line: str, location: str) -> bytes:
    data = from_base64(line, location) if len(line) == _HASH_CHARACTERS else b""
    if len(data) != HASH_BYTES:
        raise BrokenInput(f"expected a hash of {HASH_BYTES} bytes in base64", location)
    return data
