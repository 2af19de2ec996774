"""RS256 verification in plain Python: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.2), as passkeys sign.

    signature  = s, as many bytes as the modulus n, s < n
    accept iff   s^e mod n = 0x00 01 || ff .. ff || 00 || DigestInfo of SHA-256 || SHA-256(message)

What is expected is built and compared as a whole. Nothing of what comes out is parsed: forgeries that hide in what a
parser skips (a short padding, bytes after the digest, absent parameters) have nothing to hide in.

A modulus has 2,048 to 8,192 bits and is odd; an exponent is odd, 3 or more, and of at most 32 bits, which bounds the
time that a made-up key can cost. Whether the modulus is a product of two primes cannot be seen: a key is as good as
its owner made it. Verification only handles public values. There is no signing.
"""

from hashlib import sha256

BITS_MIN, BITS_MAX = 2048, 8192
EXPONENT_MIN, EXPONENT_BITS_MAX = 3, 32

_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017 section 9.2, note 1


def verify_rs256(modulus: int, exponent: int, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is one of the key (modulus, exponent) on `message`. Never raises on numbers and bytes."""
    if not is_sound_key(modulus, exponent):
        return False
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != size or number >= modulus:
        return False
    return pow(number, exponent, modulus).to_bytes(size, "big") == _encoded(message, size)


def is_sound_key(modulus: int, exponent: int) -> bool:
    """Whether modulus and exponent lie within the limits above."""
    is_modulus = BITS_MIN <= modulus.bit_length() <= BITS_MAX and modulus > 0 and modulus % 2 == 1
    return is_modulus and exponent >= EXPONENT_MIN and exponent.bit_length() <= EXPONENT_BITS_MAX and exponent % 2 == 1


def _encoded(message: bytes, size: int) -> bytes:
    """EMSA-PKCS1-v1_5 of a message, `size` bytes long."""
    told = _DIGEST_INFO + sha256(message).digest()
    return b"\x00\x01" + b"\xff" * (size - len(told) - 3) + b"\x00" + told
