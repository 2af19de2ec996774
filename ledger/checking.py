"""Checks of raw signatures by `cryptography`, by the type of the key: what pure modules are handed."""

from collections.abc import Mapping
from contextlib import suppress

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from ledger.note import ED25519, ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, CheckSignature


def check_ed25519(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Ed25519 (RFC 8032)."""
    with suppress(InvalidSignature, ValueError):
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        return True
    return False


def check_ml_dsa_44(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """ML-DSA-44 (FIPS 204), empty context."""
    with suppress(InvalidSignature, ValueError):
        MLDSA44PublicKey.from_public_bytes(public_key).verify(signature, message)
        return True
    return False


CHECKS: Mapping[int, CheckSignature] = {
    ED25519: check_ed25519,
    ED25519_COSIGNATURE: check_ed25519,
    ML_DSA_44_COSIGNATURE: check_ml_dsa_44,
}
"""Key type -> check."""
