"""Receipts for others: an entry with its proof, against the newest checkpoint that was published, in three formats.

    json         {log, index, leaf_hash, size, checkpoint[, proof][, bytes]}     ours: `muniment verify --receipt`
    tlog-proof   c2sp.org/tlog-proof@v1                                          any tool of that family
    cose         RFC 9942                                                        any SCITT verifier

A receipt holds for good: it is fixed to one checkpoint and one key of the log, whatever comes after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.canonical import b64url
from ledger.checkpoint import parse_checkpoint
from ledger.cose import CONSISTENCY, INCLUSION, Proved, SignBytes, write_receipt
from ledger.note import parse_note, parse_vkey
from ledger.proof import prove_inclusion
from ledger.publication import PUBLISHED_SIZE, shown_note
from ledger.reading import View
from ledger.tables import PUBLISHED, PUBLISHED_LINE, REACHED
from ledger.tlog_proof import TlogProof, format_proof

JSON, TLOG_PROOF, COSE = "json", "tlog-proof", "cose"
FORMATS = (JSON, TLOG_PROOF, COSE)


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


def prove_entry(view: View, index: int) -> EntryProof | None:
    """The entry with its proof, for others: against the published checkpoint when it covers the entry, with the lines
    of witnesses, else against the newest one. None for an entry that is not there."""
    row = view.entry(index)
    if row is None:
        return None
    note = _published(view, index) or view.head.checkpoint
    size = parse_checkpoint(parse_note(note).text).size
    path = prove_inclusion(index, size, view.leaf_hashes)
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


def as_cose(proof: EntryProof, vkey: str, sign: SignBytes) -> bytes:
    """The COSE receipt, signed anew over the root of the checkpoint by the key of `vkey`; `BrokenInput` for the only
    entry of a log."""
    root = parse_checkpoint(parse_note(proof.note).text).root
    return write_receipt(parse_vkey(vkey), Proved(INCLUSION, (proof.size, proof.index), proof.path), root, sign)


def consistency_as_cose(note: str, old: int, path: Sequence[bytes], signer: tuple[str, SignBytes]) -> bytes:
    """The COSE receipt that the tree of `old` leaves is a prefix of the one `note` states; `signer` is (vkey, sign).

    `BrokenInput` between equal sizes, for which the standard has no receipt.
    """
    checkpoint = parse_checkpoint(parse_note(note).text)
    vkey, sign = signer
    return write_receipt(
        parse_vkey(vkey), Proved(CONSISTENCY, (old, checkpoint.size), tuple(path)), checkpoint.root, sign
    )


def _published(view: View, index: int) -> str | None:
    reached = view.get(REACHED, PUBLISHED_SIZE)
    row = None if reached is None or reached.size <= index else view.get(PUBLISHED, reached.size)
    return None if row is None else shown_note(row.note, view.group(PUBLISHED_LINE, row.size))
