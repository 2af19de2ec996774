"""Receipts for others: an entry with its proof, against the newest checkpoint that was published, in three formats.

    json         {log, index, leaf_hash, size, checkpoint[, proof][, bytes]}     ours: `muniment verify --receipt`
    tlog-proof   c2sp.org/tlog-proof@v1                                          any tool of that family
    cose         RFC 9942                                                        any SCITT verifier

A receipt holds for good: it is fixed to one checkpoint and one key of the log, whatever comes after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ledger.canonical import b64url
from ledger.checking import check_signature
from ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ledger.cose import CONSISTENCY, INCLUSION, Proved, write_receipt
from ledger.errors import BrokenInput, BrokenState
from ledger.note import Ed25519Verifier, VerifierKey, parse_note, parse_vkey
from ledger.proof import check_inclusion
from ledger.proving import Prover
from ledger.publication import PUBLISHED_SIZE, shown_note
from ledger.publication_tables import PUBLISHED, PUBLISHED_LINE, REACHED
from ledger.reading import View
from ledger.tlog_proof import TlogProof, format_proof

JSON, TLOG_PROOF, COSE = "json", "tlog-proof", "cose"
FORMATS = (JSON, TLOG_PROOF, COSE)


class LogSigner(Protocol):
    """The log's key, as far as receipts need it."""

    @property
    def vkey(self) -> str:
        """Its verifier key."""
        ...

    def sign_bytes(self, message: bytes) -> tuple[str, bytes]:
        """(key id, signature)."""
        ...


@dataclass(frozen=True, slots=True)
class EntryProof:
    """An entry, and its inclusion proof in the tree of `size` that `note` states; `path` empty where none was asked."""

    log: str
    index: int
    data: bytes
    leaf: bytes
    size: int
    note: str
    path: tuple[bytes, ...]


def prove_entry(view: View, index: int, form: str = JSON) -> EntryProof | None:
    """The entry with its proof, for others: against the published checkpoint when it covers the entry, with the lines
    of witnesses, else against the newest one. None for an entry that is not there.

    COSE carries no other lines and is signed anew, so it is always against the newest.
    """
    row = view.entry(index)
    if row is None:
        return None
    note = (None if form == COSE else _published(view, index)) or view.head.checkpoint
    size = parse_checkpoint(parse_note(note).text).size
    _, path = Prover(view).inclusion(index, size)
    return EntryProof(view.log.name, index, row.bytes, row.leaf_hash, size, note, path)


def as_json(proof: EntryProof, with_path: bool = True, with_bytes: bool = True) -> dict[str, Any]:
    """The receipt as plain data, whole unless parts are left out."""
    value: dict[str, Any] = {
        "log": proof.log,
        "index": proof.index,
        "leaf_hash": b64url(proof.leaf),
        "size": proof.size,
        "checkpoint": proof.note,
    }
    if with_path:
        value["proof"] = [b64url(one) for one in proof.path]
    if with_bytes:
        value["bytes"] = b64url(proof.data)
    return value


def as_tlog_proof(proof: EntryProof) -> str:
    """The text of the `.tlog-proof` file; the entry's bytes go beside it."""
    return format_proof(TlogProof(proof.index, proof.path, proof.note))


def as_cose(proof: EntryProof, signer: LogSigner) -> bytes:
    """The COSE receipt, signed anew over the root of the checkpoint; `BrokenInput` for the only entry of a log."""
    key = parse_vkey(signer.vkey)
    own = _vouched(proof, key)
    return write_receipt(key, Proved(INCLUSION, (own.size, proof.index), proof.path), own.root, signer.sign_bytes)


def consistency_as_cose(note: str, old: int, path: Sequence[bytes], signer: LogSigner) -> bytes:
    """The COSE receipt that the tree of `old` leaves is a prefix of the one `note` states.

    `BrokenInput` between equal sizes, for which the standard has no receipt.
    """
    key = parse_vkey(signer.vkey)
    own = _signed_before(note, key)
    return write_receipt(key, Proved(CONSISTENCY, (old, own.size), tuple(path)), own.root, signer.sign_bytes)


def vouched_bytes(view: View, index: int, vkey: str) -> bytes:
    """An entry's bytes, for a statement that the key of `vkey` is to sign about them: proved to be in the log that this
    key signed before, so that an edited row is never signed. `BrokenState` otherwise."""
    proof = prove_entry(view, index, COSE)
    if proof is None:
        raise BrokenState(f"expected entry {index}, found none")
    _vouched(proof, parse_vkey(vkey))
    return proof.data


def _vouched(proof: EntryProof, key: VerifierKey) -> Checkpoint:
    own = _signed_before(proof.note, key)
    if proof.size != own.size or not check_inclusion(proof.index, own.size, proof.leaf, proof.path, own.root):
        raise BrokenState("expected the stored leaf hashes to lead to the signed root")
    return own


def _signed_before(note: str, key: VerifierKey) -> Checkpoint:
    """A checkpoint that this very key signed at the commit: whoever edits a row has nothing signed."""
    try:
        return open_checkpoint(note, key.name, [Ed25519Verifier(key, check_signature)]).checkpoint
    except BrokenInput as error:
        raise BrokenState("expected a checkpoint that our key signed") from error


def _published(view: View, index: int) -> str | None:
    reached = view.get(REACHED, PUBLISHED_SIZE)
    row = None if reached is None or reached.size <= index else view.get(PUBLISHED, reached.size)
    return None if row is None else shown_note(row.note, view.group(PUBLISHED_LINE, row.size))
