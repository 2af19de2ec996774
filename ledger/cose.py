"""COSE receipts (RFC 9942) over the log's tree: a proof and a signature on the root hash in one COSE_Sign1. Pure.

    receipt        = 18([ protected, { 396: { kind: [ proof ] } }, nil, signature ])        RFC 9052, tag 18, detached
    protected      = bytes of { 1: -8, 4: key id, 15: { 1: origin, 2: subject }, 395: 1 }   EdDSA, RFC9162_SHA256
    inclusion      kind -1, proof = bytes of [ size, index, [ hash, ... ] ],   subject "inclusion/<index>/<size>"
    consistency    kind -2, proof = bytes of [ old size, new size, [ hash, ... ] ],  subject "consistency/<old>/<new>"
    signed         = [ "Signature1", protected, h'', root hash[32] ]                  EdDSA by the log's Ed25519 key

All in deterministic CBOR (ledger.cbor). The standard's signature covers the root alone, and several sizes may come to
one root by one path: issuer and subject (CWT claims, RFC 9597) bind origin, sizes and index, and a receipt without them
is none of ours. The standard wants a path of one hash at least: there is no receipt for the only leaf of a tree, and
none between equal sizes or from the only leaf on to nothing. Nothing a caller can read says more than yes or no.

The first byte of what is signed, 0x84, begins no text in UTF-8: it can never be taken for a checkpoint or a statement.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ledger import cbor
from ledger.cbor import Tag
from ledger.errors import BrokenInput
from ledger.note import ED25519, CheckSignature, VerifierKey
from ledger.proof import check_consistency, inclusion_root
from ledger.tree import HASH_BYTES

MEDIA_TYPE = "application/cose"
SIGN1 = 18
EDDSA = -8
RFC9162_SHA256 = 1
ALGORITHM, KEY_ID, CLAIMS, STRUCTURE, PROOFS = 1, 4, 15, 395, 396
ISSUER, SUBJECT = 1, 2
INCLUSION, CONSISTENCY = -1, -2
HASHES_MAX = 64

SignBytes = Callable[[bytes], tuple[str, bytes]]
"""Message -> (key id in hexadecimal, signature), by the log's key."""


@dataclass(frozen=True, slots=True)
class Proved:
    """What a receipt proves: by `INCLUSION` (size, index), by `CONSISTENCY` (old size, new size), and the path."""

    kind: int
    numbers: tuple[int, int]
    path: tuple[bytes, ...]

    @property
    def subject(self) -> str:
        """The signed claim that binds the numbers."""
        first, second = self.numbers
        return f"inclusion/{second}/{first}" if self.kind == INCLUSION else f"consistency/{first}/{second}"


def write_receipt(key: VerifierKey, proved: Proved, root: bytes, sign: SignBytes) -> bytes:
    """The receipt; `root` is that of the size (the new size) named, `key` belongs to `sign`.

    `BrokenInput` where the standard has none.
    """
    if not proved.path:
        raise BrokenInput("expected a proof with a path: the standard has no receipt for the only entry of a log")
    protected = cbor.encode(_header(key, proved))
    proof = cbor.encode([*proved.numbers, list(proved.path)])
    _, signature = sign(_signed(protected, root))
    return cbor.encode(Tag(SIGN1, [protected, {PROOFS: {proved.kind: [proof]}}, None, signature]))


def check_inclusion_receipt(receipt: bytes, leaf: bytes, index: int, key: VerifierKey, check: CheckSignature) -> bool:
    """Whether the receipt shows this leaf hash at `index` of the log of `key`; never raises for what it is given."""
    read = _read(receipt, INCLUSION, key)
    if read is None:
        return False
    proved, protected, signature = read
    size, at = proved.numbers
    root = inclusion_root(at, size, leaf, proved.path) if at == index else None
    return root is not None and check(key.public_key, _signed(protected, root), signature)


def check_consistency_receipt(
    receipt: bytes, old: tuple[int, bytes], new: tuple[int, bytes], key: VerifierKey, check: CheckSignature
) -> bool:
    """Whether the receipt shows that tree `old` (size, root hash) is a prefix of tree `new` of the log of `key`."""
    read = _read(receipt, CONSISTENCY, key)
    if read is None:
        return False
    proved, protected, signature = read
    is_prefix = proved.numbers == (old[0], new[0]) and check_consistency(old[0], new[0], old[1], new[1], proved.path)
    return is_prefix and check(key.public_key, _signed(protected, new[1]), signature)


def _signed(protected: bytes, root: bytes) -> bytes:
    return cbor.encode(["Signature1", protected, b"", root])


def _read(receipt: bytes, kind: int, key: VerifierKey) -> tuple[Proved, bytes, bytes] | None:
    """The proof, the protected bytes and the signature of a receipt of this kind by this key; else None."""
    try:
        value = cbor.decode(receipt)
        if not isinstance(value, Tag) or value.number != SIGN1 or key.type != ED25519:
            return None
        protected, unprotected, payload, signature = value.value
        (proof,) = unprotected[PROOFS][kind]
        first, second, path = cbor.decode(proof)
        proved = Proved(kind, (first, second), tuple(path))
        is_ours = (
            payload is None
            and unprotected == {PROOFS: {kind: [proof]}}
            and protected == cbor.encode(_header(key, proved))
            and all(type(number) is int for number in proved.numbers)
            and _are_hashes(proved.path)
            and type(signature) is bytes
        )
    except (BrokenInput, LookupError, TypeError, ValueError):
        return None
    return (proved, protected, signature) if is_ours else None


def _header(key: VerifierKey, proved: Proved) -> dict[int, Any]:
    claims = {ISSUER: key.name, SUBJECT: proved.subject}
    return {ALGORITHM: EDDSA, KEY_ID: key.key_id, CLAIMS: claims, STRUCTURE: RFC9162_SHA256}


def _are_hashes(path: Sequence[Any]) -> bool:
    return 1 <= len(path) <= HASHES_MAX and all(type(one) is bytes and len(one) == HASH_BYTES for one in path)
