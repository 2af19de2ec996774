"""Timestamped cosignatures on checkpoints (c2sp.org/tlog-cosignature v1.1.0-rc.1), Ed25519 and ML-DSA-44.

    signature       = u64 big-endian POSIX seconds || raw signature           64 bytes (type 0x04), 2,420 (type 0x06)
    message of 0x04 = "cosignature/v1\\n" || "time " decimal seconds "\\n" || checkpoint text with its final newline
    message of 0x06 = "subtree/v1\\n\\0" || u8 length || cosigner name || u64 seconds || u8 length || origin
                      || u64 0 || u64 size || root hash[32]

It says: as of that time this is the largest consistent tree the cosigner has seen of that origin. A witness signs so,
and a log may sign so itself; then it is one more signature of the log. Messages and forms alone: who signs, and what
checks a signature, are handed in.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.errors import BrokenInput, Misuse
from ledger.note import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, CheckSignature, VerifierKey

TIME_BYTES = 8
SECONDS_MAX = 2**63 - 1
RAW_SIGNATURE_BYTES = {ED25519_COSIGNATURE: 64, ML_DSA_44_COSIGNATURE: 2420}

Sign = Callable[[bytes], bytes]
"""Message -> raw signature, by the private key that belongs to a verifier key."""


def cosigned_message(key: VerifierKey, text: str, seconds: int) -> bytes:
    """What a cosigner signs for the checkpoint of this text; `BrokenInput` when the text is no checkpoint."""
    if not 0 <= seconds <= SECONDS_MAX:
        raise Misuse(f"expected seconds from 0 to 2^63 - 1, found {seconds}")
    checkpoint = parse_checkpoint(text)
    if key.type == ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {seconds}\n{text}".encode()
    if key.type == ML_DSA_44_COSIGNATURE:
        return _subtree_message(key.name, checkpoint, seconds)
    raise Misuse(f"expected a cosigner's key, type 0x04 or 0x06, found 0x{key.type:02x}")


def _subtree_message(name: str, checkpoint: Checkpoint, seconds: int) -> bytes:
    parts = [b"subtree/v1\n\0", _short(name), seconds.to_bytes(TIME_BYTES, "big"), _short(checkpoint.origin)]
    span = (0).to_bytes(8, "big") + checkpoint.size.to_bytes(8, "big")
    return b"".join(parts) + span + checkpoint.root


def _short(text: str) -> bytes:
    data = text.encode()
    if not 1 <= len(data) <= 255:
        raise BrokenInput(f"expected a name of 1 to 255 bytes, found {len(data)}")
    return bytes((len(data),)) + data


def cosign(key: VerifierKey, sign: Sign, text: str, seconds: int) -> str:
    """The signature line, with its final newline, to put under the note of this text."""
    raw = sign(cosigned_message(key, text, seconds))
    if len(raw) != RAW_SIGNATURE_BYTES[key.type]:
        raise Misuse(f"expected a signature of {RAW_SIGNATURE_BYTES[key.type]} bytes, found {len(raw)}")
    signature = seconds.to_bytes(TIME_BYTES, "big") + raw
    return f"\u2014 {key.name} {b64encode(key.key_id + signature).decode()}\n"


def cosigned_at(signature: bytes) -> int | None:
    """The POSIX seconds that a cosignature states; None when it is none."""
    if len(signature) - TIME_BYTES not in RAW_SIGNATURE_BYTES.values():
        return None
    seconds = int.from_bytes(signature[:TIME_BYTES], "big")
    return seconds if seconds <= SECONDS_MAX else None


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """A `ledger.note.Verifier` of type 0x04 or 0x06; `check` verifies the raw signature of that type."""

    key: VerifierKey
    check: CheckSignature

    def __post_init__(self) -> None:
        if self.key.type not in RAW_SIGNATURE_BYTES:
            raise Misuse(f"expected a cosigner's key, type 0x04 or 0x06, found 0x{self.key.type:02x}")

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def key_id(self) -> bytes:
        return self.key.key_id

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the line signs the checkpoint that is the note's text; never raises for what it is given."""
        seconds = cosigned_at(signature)
        if seconds is None or len(signature) != TIME_BYTES + RAW_SIGNATURE_BYTES[self.key.type]:
            return False
        try:
            signed = cosigned_message(self.key, message.decode(), seconds)
        except (BrokenInput, UnicodeError):
            return False
        return self.check(self.key.public_key, signed, signature[TIME_BYTES:])
