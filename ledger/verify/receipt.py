"""A receipt: an entry's leaf hash in a tree that a signed checkpoint states.

    {"log", "index", "leaf_hash", "size", "checkpoint", "proof"?: [base64url, ...]}

Log, size and checkpoint of the receipt are hints; index and leaf hash are what is claimed. What counts is read from
the checkpoint, after its signature held.

The commit key that signed it may be one of many by now. A verifier that pinned the identity key hands in the signed
lists of the log's keys (`muniment key list --export FILE`): the receipt must then be signed by the commit key whose
sizes hold the checkpoint's, and none that was compromised before. Without a list the pinned keys themselves count.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.checkpoint import open_checkpoint, parse_checkpoint
from ledger.errors import BrokenInput
from ledger.key_rules import id_of
from ledger.key_statements import COMMIT_KEY, KeyList, key_of, signing
from ledger.note import ED25519, CheckSignature, Ed25519Verifier, VerifierKey, parse_note, parse_vkey
from ledger.proof import check_inclusion
from ledger.verify.key_trust import believed


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """What a receipt shows. `is_included` is None without a proof: then the log only stated a size above the index."""

    origin: str
    index: int
    size: int
    is_included: bool | None

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain data."""
        included = "not run" if self.is_included is None else "passed" if self.is_included else "failed"
        return {
            "origin": self.origin,
            "index": self.index,
            "size": self.size,
            "signature": "passed",
            "inclusion": included,
        }


def check_receipt(
    receipt: Any, vkeys: Sequence[str], check: CheckSignature, key_lists: Sequence[str] = ()
) -> ReceiptVerdict:
    """The verdict on a receipt; `BrokenInput` when it is none or no key that counts signed it."""
    if not isinstance(receipt, Mapping):
        raise BrokenInput("expected a receipt, an object")
    index, note, proof = receipt.get("index"), receipt.get("checkpoint"), receipt.get("proof")
    if type(index) is not int or not isinstance(note, str):
        raise BrokenInput("expected index and checkpoint in the receipt")
    keys = [parse_vkey(vkey) for vkey in vkeys]
    origin = note.partition("\n")[0]
    if keys and not any(key.name == origin for key in keys):
        raise BrokenInput(f"expected a receipt of {', '.join(key.name for key in keys)}, found one of `{origin}`")
    listed = believed(key_lists, keys, check)
    if listed is not None:
        keys = _counting(listed, note)
    opened = open_checkpoint(note, origin, [Ed25519Verifier(key, check) for key in keys if key.type == ED25519])
    checkpoint = opened.checkpoint
    leaf = _hash(receipt.get("leaf_hash"))
    if not 0 <= index < checkpoint.size:
        raise BrokenInput(f"expected an index below size {checkpoint.size}, found {index}")
    if proof is None:
        is_included = None if checkpoint.size > 1 else leaf == checkpoint.root
    else:
        if not isinstance(proof, list):
            raise BrokenInput("expected a list of hashes in proof")
        is_included = check_inclusion(index, checkpoint.size, leaf, [_hash(item) for item in proof], checkpoint.root)
    return ReceiptVerdict(origin, index, checkpoint.size, is_included)


def _counting(listed: KeyList, note: str) -> list[VerifierKey]:
    """The commit key that signs a checkpoint of the note's size; `BrokenInput` when its signature proves nothing."""
    size = parse_checkpoint(parse_note(note).text).size
    found = signing(listed.keys, size, COMMIT_KEY)
    for key in found:
        if not key.proves(size):
            raise BrokenInput(
                f"key {id_of(key)} was compromised: its signatures on sizes above {key.void_from} prove nothing, "
                f"and this checkpoint has size {size}; ask for a new receipt of this entry"
            )
    return [key_of(key) for key in found]


def _hash(text: Any) -> bytes:
    try:
        data = urlsafe_b64decode(f"{text}=") if isinstance(text, str) else b""
    except ValueError:
        data = b""
    if len(data) != 32:
        raise BrokenInput("expected a hash of 32 bytes in base64url")
    return data
