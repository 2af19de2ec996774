"""Plain RS256 verification: published vectors, agreement with the library, and paddings a lenient reader would take."""

import json
import lzma
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicNumbers, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.verify.plain_rs256 import is_sound_key, verify_rs256

VECTORS = Path(__file__).parent / "vectors" / "nist_sigver15_sha256.json.xz"
TOLD = bytes.fromhex("3031300d060960864801650304020105000420")
E = 65537


@lru_cache(maxsize=3)
def key_of(bits: int) -> RSAPrivateKey:
    return generate_private_key(E, bits)


def library(modulus: int, exponent: int, message: bytes, signature: bytes) -> bool:
    try:
        RSAPublicNumbers(exponent, modulus).public_key().verify(signature, message, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def raw(encoded: bytes) -> bytes:
    """The signature that opens to these very bytes: what only the owner of the key can make."""
    numbers = key_of(2048).private_numbers()
    modulus = numbers.public_numbers.n
    return pow(int.from_bytes(encoded, "big"), numbers.d, modulus).to_bytes(256, "big")


def test_published_vectors() -> None:
    """Of NIST, 2,048 to 4,096 bits with SHA-256: changed messages, keys, signatures; moved and cut paddings."""
    data = lzma.decompress(VECTORS.read_bytes())
    assert sha256(data).hexdigest().startswith("0c9ae82857beabc5")
    counted = {"P": 0, "F": 0}
    for test in json.loads(data):
        modulus, exponent = int(test["n"], 16), int(test["e"], 16)
        message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
        result = verify_rs256(modulus, exponent, message, signature)
        assert result is (test["result"][0] == "P"), test["result"]
        counted[test["result"][0]] += 1
    assert counted == {"P": 9, "F": 63}


@settings(max_examples=50)
@given(st.sampled_from([2048, 3072]), st.binary(max_size=300), st.integers(0, 4095))
def test_agreement_on_signatures(bits: int, message: bytes, bit: int) -> None:
    """Whole ones verify in both; with one bit changed anywhere in neither."""
    key = key_of(bits)
    modulus = key.public_key().public_numbers().n
    signature = key.sign(message, PKCS1v15(), SHA256())
    assert verify_rs256(modulus, E, message, signature)
    assert library(modulus, E, message, signature)
    changed = bytearray(signature)
    changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    assert not verify_rs256(modulus, E, message, bytes(changed))
    assert not library(modulus, E, message, bytes(changed))
    assert not verify_rs256(modulus, E, message + b"\x00", signature)
    assert not verify_rs256(modulus, E + 2, message, signature)
    assert not verify_rs256(modulus ^ 1 << 1 + bit % 2000, E, message, signature)


def test_other_lengths_and_the_second_spelling() -> None:
    """Zeros before s are the same number."""
    key = key_of(2048)
    modulus = key.public_key().public_numbers().n
    signature = key.sign(b"m", PKCS1v15(), SHA256())
    number = int.from_bytes(signature, "big")
    for second in (
        b"\x00" + signature,
        signature[1:],
        signature + b"\x00",
        b"",
        (number + modulus).to_bytes(257, "big"),
        bytes(256),
        (1).to_bytes(256, "big"),
        (modulus - number).to_bytes(256, "big"),
        b"\xff" * 256,
    ):
        assert not verify_rs256(modulus, E, b"m", second)


def test_a_number_of_the_modulus_or_more_is_refused() -> None:
    """s + n opens to the same bytes. This modulus of two Mersenne primes leaves six bits above it: s + n fits."""
    p, q = 2**1279 - 1, 2**2203 - 1
    secret = pow(E, -1, (p - 1) * (q - 1))
    number = pow(int.from_bytes(_padded(TOLD + sha256(b"m").digest(), 436), "big"), secret, p * q)
    assert verify_rs256(p * q, E, b"m", number.to_bytes(436, "big"))
    assert not verify_rs256(p * q, E, b"m", (number + p * q).to_bytes(436, "big"))


def test_paddings_a_parser_might_take() -> None:
    """Signed by the owner's own key, so only the comparison of the padding stands between them and a yes."""
    modulus = key_of(2048).public_key().public_numbers().n
    digest = sha256(b"m").digest()
    whole = TOLD + digest
    no_parameters = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + digest
    long_length = b"\x30\x81\x31" + TOLD[2:] + digest
    of_sha512 = bytes.fromhex("3051300d060960864801650304020305000440") + bytes(32) + digest
    forms = {
        "short padding, rest behind": b"\x00\x01" + b"\xff" * 8 + b"\x00" + whole + bytes(256 - 11 - len(whole)),
        "one byte behind": b"\x00\x01" + b"\xff" * 201 + b"\x00" + whole + b"\x00",
        "no parameters": _padded(no_parameters),
        "length in another form": _padded(long_length),
        "another digest's name": _padded(of_sha512),
        "the digest alone": _padded(digest),
        "type 2": b"\x00\x02" + _padded(whole)[2:],
        "type 0": b"\x00\x00" + _padded(whole)[2:],
        "a hole in the padding": _padded(whole)[:100] + b"\xfe" + _padded(whole)[101:],
        "no zero after the padding": _padded(whole).replace(b"\xff\x00\x30", b"\xff\xff\x30"),
        "another digest": _padded(TOLD + sha256(b"n").digest()),
    }
    assert verify_rs256(modulus, E, b"m", raw(_padded(whole)))
    for what, encoded in forms.items():
        assert len(encoded) == 256, what
        assert not verify_rs256(modulus, E, b"m", raw(encoded)), what


def test_a_cube_is_no_signature() -> None:
    """With exponent 3 a number whose cube begins as it should can be made without the key."""
    size = 256
    wanted = b"\x00\x01" + b"\xff" * 8 + b"\x00" + TOLD + sha256(b"m").digest()
    number = int.from_bytes(wanted + b"\xff" * (size - len(wanted)), "big")
    root = _cube_root(number)
    assert (root**3).to_bytes(size, "big").startswith(wanted)
    modulus = key_of(2048).public_key().public_numbers().n
    assert not verify_rs256(modulus, 3, b"m", root.to_bytes(size, "big"))


@pytest.mark.parametrize(
    ("modulus", "exponent", "is_sound"),
    [
        (2**2047 + 1, E, True), (2**2047 - 1, E, False), (2**2048, E, False), (2**8191 + 1, E, True),
        (2**8192 + 1, E, False), (0, E, False), (-(2**2048) - 1, E, False), (2**2047 + 1, 1, False),
        (2**2047 + 1, 2, False), (2**2047 + 1, 3, True), (2**2047 + 1, 65536, False), (2**2047 + 1, 0, False),
        (2**2047 + 1, -3, False), (2**2047 + 1, 2**32 - 1, True), (2**2047 + 1, 2**32 + 1, False),
    ],
)  # fmt: skip
def test_limits_of_a_key(modulus: int, exponent: int, is_sound: bool) -> None:
    assert is_sound_key(modulus, exponent) is is_sound
    assert not verify_rs256(modulus, exponent, b"m", b"\x00" * 256)


@pytest.mark.parametrize("exponent", [1, E + 1])
def test_a_key_out_of_its_limits_signs_nothing(exponent: int) -> None:
    """With the exponent 1 the padded message is its own signature."""
    modulus = key_of(2048).public_key().public_numbers().n
    assert not verify_rs256(modulus, exponent, b"m", _padded(TOLD + sha256(b"m").digest()))


def _padded(told: bytes, size: int = 256) -> bytes:
    return b"\x00\x01" + b"\xff" * (size - 3 - len(told)) + b"\x00" + told


def _cube_root(number: int) -> int:
    low, high = 0, 1 << number.bit_length() // 3 + 2
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle - 1)
    return low
