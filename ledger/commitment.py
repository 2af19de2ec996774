"""Commitments: salted digests that stand in entries for confidential values.

    commitment = SHA-256( "muniment/commitment/v1\\n" || salt[32] || u16 len(origin) || origin
                          || u16 len(subject) || subject || u16 len(path) || path || value )

Names in UTF-8, lengths in bytes, big-endian; `value` is the canonical bytes of the value. Every part but the last has
a fixed or a stated length, so different inputs never share a preimage. The salt has 32 random bytes and is kept with
the value: once both are destroyed nothing about the value can be learned from the commitment, however few values are
likely. Whoever checks takes origin, subject and path from the entry, never from the opening; so a commitment proves
nothing in another place than its own.
"""

import hmac
from hashlib import sha256
from typing import Any, NamedTuple

from ledger.errors import Misuse

SALT_BYTES = 32
NAME_BYTES_MAX = 0xFFFF  # u16

_TAG = b"muniment/commitment/v1\n"


class Salted(NamedTuple):
    """A value to be sealed under a salt that was chosen before, so that its commitment could be named before."""

    salt: bytes
    value: Any


def preimage(salt: bytes, origin: str, subject: str, path: str, value_bytes: bytes) -> bytes:
    """The bytes that are hashed. A salt of another length, or a name over 65,535 bytes, raises `Misuse`."""
    if len(salt) != SALT_BYTES:
        raise Misuse(f"expected a salt of {SALT_BYTES} bytes, found {len(salt)}")
    return b"".join((_TAG, salt, _framed(origin), _framed(subject), _framed(path), value_bytes))


def commit(salt: bytes, origin: str, subject: str, path: str, value_bytes: bytes) -> bytes:
    """The commitment, 32 bytes, to canonical value bytes at `path` of `subject` in the log `origin`."""
    return sha256(preimage(salt, origin, subject, path, value_bytes)).digest()


def check(commitment: bytes, salt: bytes, place: tuple[str, str, str], value_bytes: bytes) -> bool:
    """Whether salt and value open the commitment found at `place`: (origin, subject, path), as the entry has them.

    An opening comes from outside: one that cannot be an opening is simply wrong.
    """
    if len(salt) != SALT_BYTES:
        return False
    try:
        expected = commit(salt, *place, value_bytes)
    except (Misuse, UnicodeEncodeError):
        return False
    return hmac.compare_digest(expected, commitment)


def _framed(name: str) -> bytes:
    data = name.encode()
    if len(data) > NAME_BYTES_MAX:
        raise Misuse(f"expected a name of at most {NAME_BYTES_MAX} bytes, found {len(data)}")
    return len(data).to_bytes(2, "big") + data
