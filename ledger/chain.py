"""The hash chain: every entry is bound to all entries before it.

    leaf hash(entry)  = SHA-256(0x00 || entry bytes)                                  RFC 6962 section 2.1
    chain hash(0)     = SHA-256("muniment/chain/v1\\n" || GENESIS || leaf hash(0))
    chain hash(i)     = SHA-256("muniment/chain/v1\\n" || chain hash(i - 1) || leaf hash(i))

GENESIS, 32 zero bytes, stands as the chain hash before entry 0. The tag ends in a newline and both hashes have 32
bytes, so no two pairs share an input; no leaf or node of the tree begins with the tag's first byte.
"""

from hashlib import sha256

from ledger.errors import Misuse

HASH_BYTES = 32
GENESIS = bytes(HASH_BYTES)

_LEAF = b"\x00"
_CHAIN = b"muniment/chain/v1\n"


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data): the hash of an entry's exact bytes as a leaf of the tree."""
    return sha256(_LEAF + data).digest()


def chain_hash(prev: bytes, leaf: bytes) -> bytes:
    """The chain hash of an entry from the chain hash before it and its own leaf hash; both have 32 bytes."""
    if len(prev) != HASH_BYTES or len(leaf) != HASH_BYTES:
        raise Misuse(f"expected two hashes of {HASH_BYTES} bytes, found {len(prev)} and {len(leaf)}")
    return sha256(_CHAIN + prev + leaf).digest()
