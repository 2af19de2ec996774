"""The check of raw signatures by `cryptography`: what pure modules are handed."""

from collections.abc import Mapping
from contextlib import suppress

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from ledger.note import ED25519, ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, PUBLIC_KEY_BYTES, CheckSignature


def check_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Ed25519 (RFC 8032) or ML-DSA-44 (FIPS 204, empty context); the length of the key says which."""
    with suppress(InvalidSignature, ValueError):
        if len(public_key) == PUBLIC_KEY_BYTES[ML_DSA_44_COSIGNATURE]:
            MLDSA44PublicKey.from_public_bytes(public_key).verify(signature, message)
        else:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        return True
    return False


CHECKS: Mapping[int, CheckSignature] = dict.fromkeys(
    (ED25519, ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE), check_signature
)
"""Key type -> check."""
