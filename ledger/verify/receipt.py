"""A receipt: an entry's leaf hash in a tree that a signed checkpoint states.

    {"log", "index", "leaf_hash", "size", "checkpoint", "proof"?: [base64url, ...], "bytes"?: base64url}

What counts is read from the checkpoint, after its signature held: the size beside it may not say otherwise, and the
log's short name is a hint. With `bytes`, the entry itself, the receipt is whole: the bytes hash to the leaf, and say
the same index and origin. Without a proof a receipt shows that the log made a promise, and not that it kept it.

The commit key that signed it may be one of many by now. A verifier that pinned the identity key hands in the signed
lists of the log's keys (`muniment key list --export FILE`): the receipt must then be signed by the commit key whose
sizes hold the checkpoint's, and none that was compromised before. Without a list the pinned keys themselves count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.chain import leaf_hash
from ledger.checkpoint import open_checkpoint, parse_checkpoint
from ledger.errors import BrokenInput
from ledger.key_rules import id_of
from ledger.key_statements import COMMIT_KEY, KeyList, key_of, signing
from ledger.note import ED25519, CheckSignature, Ed25519Verifier, VerifierKey, parse_note, parse_vkey
from ledger.proof import check_inclusion
from ledger.verify.bytes import from_b64url
from ledger.verify.canonical import decode
from ledger.verify.key_trust import believed


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """What a receipt shows. `is_included` is None without a proof: then the log only stated a size above the index.

    `has_entry` says whether the entry's bytes were at hand and are those of the leaf; else its content is not vouched.
    """

    origin: str
    index: int
    size: int
    is_included: bool | None
    has_entry: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether the entry is shown to be in the log; a promise is no proof."""
        return self.is_included is True

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain data."""
        included = "not run" if self.is_included is None else "passed" if self.is_included else "failed"
        return {
            "origin": self.origin,
            "index": self.index,
            "size": self.size,
            "signature": "passed",
            "inclusion": included,
            "entry": "passed" if self.has_entry else "not run",
        }


def counting(
    note: str, vkeys: Sequence[str], check: CheckSignature, key_lists: Sequence[str] = ()
) -> list[Ed25519Verifier]:
    """The keys that may have signed this note, by what was pinned; a key speaks for the log of its name alone."""
    keys = [parse_vkey(vkey) for vkey in vkeys]
    origin = note.partition("\n")[0]
    own = [key for key in keys if key.name == origin]
    if not own:
        names = ", ".join(sorted({key.name for key in keys})) or "no log"
        raise BrokenInput(f"expected a checkpoint of {names}, found one of `{origin[:255]}`")
    listed = believed(key_lists, own, check)
    found = own if listed is None else _signing(listed, note)
    return [Ed25519Verifier(key, check) for key in found if key.type == ED25519]


def check_receipt(
    receipt: Any,
    vkeys: Sequence[str],
    check: CheckSignature,
    key_lists: Sequence[str] = (),
    entry: bytes | None = None,
) -> ReceiptVerdict:
    """The verdict on a receipt, and on the entry's bytes when they are given or the receipt holds them.

    `BrokenInput` when it is none, contradicts itself or no key of its log that counts signed it.
    """
    if not isinstance(receipt, Mapping):
        raise BrokenInput("expected a receipt, an object")
    index, note, proof = receipt.get("index"), receipt.get("checkpoint"), receipt.get("proof")
    if type(index) is not int or not isinstance(note, str):
        raise BrokenInput("expected index and checkpoint in the receipt")
    verifiers = counting(note, vkeys, check, key_lists)
    checkpoint = open_checkpoint(note, note.partition("\n")[0], verifiers).checkpoint
    leaf = _hash(receipt.get("leaf_hash"))
    if not 0 <= index < checkpoint.size:
        raise BrokenInput(f"expected an index below size {checkpoint.size}, found {index}")
    stated = receipt.get("size", checkpoint.size)
    if type(stated) is not int or stated != checkpoint.size:
        raise BrokenInput(f"expected the size {checkpoint.size} of the signed checkpoint beside it, found another")
    given = [one for one in (entry, _carried(receipt)) if one is not None]
    for data in given:
        _check_entry(data, index, checkpoint.origin, leaf)
    if proof is None:
        is_included = None if checkpoint.size > 1 else leaf == checkpoint.root
    else:
        if not isinstance(proof, list):
            raise BrokenInput("expected a list of hashes in proof")
        is_included = check_inclusion(index, checkpoint.size, leaf, [_hash(item) for item in proof], checkpoint.root)
    return ReceiptVerdict(checkpoint.origin, index, checkpoint.size, is_included, bool(given))


def _carried(receipt: Mapping[str, Any]) -> bytes | None:
    """The entry's bytes in a receipt, None without them."""
    text = receipt.get("bytes")
    if text is None:
        return None
    if not isinstance(text, str):
        raise BrokenInput("expected the entry's bytes in base64url")
    return from_b64url(text)


def _check_entry(data: bytes, index: int, origin: str, leaf: bytes) -> None:
    if leaf_hash(data) != leaf:
        raise BrokenInput("expected the bytes of the entry, found others: they do not hash to the leaf")
    value = decode(data)
    if not isinstance(value, dict) or (value.get("index"), value.get("origin")) != (index, origin):
        raise BrokenInput(f"expected entry {index} of {origin}, found one that says otherwise")


def _signing(listed: KeyList, note: str) -> list[VerifierKey]:
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
        data = from_b64url(text) if isinstance(text, str) else b""
    except BrokenInput:
        data = b""
    if len(data) != 32:
        raise BrokenInput("expected a hash of 32 bytes in base64url")
    return data
