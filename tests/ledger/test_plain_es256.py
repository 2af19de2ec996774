"""Plain ES256 verification: the published vectors, and agreement with the library the service uses."""

import time
from functools import lru_cache

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.verify import plain_es256
from ledger.verify.plain_es256 import N, P, decode_point, verify_es256
from tests.ledger.published import case_json

PER_SIGNATURE_MAX = 0.020  # seconds of processor time
X_OF_5 = 0xD7325D7646CD60D80A92738CEB345F844CFFAF35841022CAB176F692DE8DE1D7  # of a point whose y is 5


def library(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)
        key.verify(signature, message, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_of(key: EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@lru_cache(maxsize=1)
def made() -> tuple[bytes, bytes]:
    """A public key and its signature on `m`."""
    key = derive_private_key(0xA11CE, SECP256R1())
    return public_of(key), key.sign(b"m", ECDSA(SHA256()))


def flipped(data: bytes, bit: int) -> bytes:
    edited = bytearray(data)
    edited[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(edited)


@pytest.mark.cases
def test_published_vectors() -> None:
    """Wycheproof: every vector as it is marked, and as the library has it."""
    counted = {"valid": 0, "invalid": 0}
    value = case_json("signatures/ecdsa_secp256r1_sha256_test.json")
    for group in value["testGroups"]:
        public_key = bytes.fromhex(group["publicKey"]["uncompressed"])
        for test in group["tests"]:
            message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
            result = verify_es256(public_key, message, signature)
            assert result is (test["result"] == "valid"), (test["tcId"], test["comment"])
            assert result is library(public_key, message, signature)
            counted[test["result"]] += 1
    assert sum(counted.values()) == value["numberOfTests"] == 484
    assert all(counted.values())


@given(st.integers(1, N - 1), st.binary(max_size=300), st.integers(0, 1023))
def test_agreement_on_signatures(secret: int, message: bytes, bit: int) -> None:
    """Whole ones verify in both; with one bit changed anywhere in neither."""
    key = derive_private_key(secret, SECP256R1())
    public_key, signature = public_of(key), key.sign(message, ECDSA(SHA256()))
    assert verify_es256(public_key, message, signature)
    assert library(public_key, message, signature)
    changed = flipped(signature, bit)
    assert not verify_es256(public_key, message, changed)
    assert not library(public_key, message, changed)
    assert not verify_es256(flipped(public_key, bit), message, signature)
    assert not verify_es256(public_key, message + b"\x00", signature)


@given(st.sampled_from([1, 2, 3, 15, 16, 17, N // 2, N // 2 + 1, N - 17, N - 2, N - 1]), st.binary(max_size=20))
def test_keys_that_are_in_the_tables_of_the_base(secret: int, message: bytes) -> None:
    """Multiples of G and of Q then meet, cancel and double in the one pass."""
    key = derive_private_key(secret, SECP256R1())
    assert verify_es256(public_of(key), message, key.sign(message, ECDSA(SHA256())))


@given(st.integers(1, N - 1), st.integers(1, N - 1), st.binary(max_size=20))
def test_agreement_on_any_numbers(r: int, s: int, message: bytes) -> None:
    public_key, _ = made()
    signature = encode_dss_signature(r, s)
    assert verify_es256(public_key, message, signature) is library(public_key, message, signature)


@settings(max_examples=50)
@given(st.integers(1, N - 1), st.integers(0, N - 1), st.integers(1, N - 1))
def test_every_sum_is_the_librarys(secret: int, of_base: int, of_key: int) -> None:
    """[a]G + [b]Q against the multiple a + b d of G, as the library makes it."""
    table = plain_es256._key_table(public_of(derive_private_key(secret, SECP256R1())))
    assert table is not None
    found = plain_es256._combine(of_base, of_key, table)
    total = (of_base + of_key * secret) % N
    if total == 0:
        assert found[2] == 0
        return
    numbers = derive_private_key(total, SECP256R1()).public_key().public_numbers()
    assert plain_es256._affine(found) == (numbers.x, numbers.y)


@pytest.mark.parametrize("secret", [1, 2, 3, N - 1, N - 2])
def test_sums_that_meet_cancel_or_are_nothing(secret: int) -> None:
    table = plain_es256._key_table(public_of(derive_private_key(secret, SECP256R1())))
    assert table is not None
    for of_base in (0, 1, 2, 3, N - 1, N - 2, N - 3):
        for of_key in (0, 1, 2, 3, N - 1):
            found = plain_es256._combine(of_base, of_key, table)
            total = (of_base + of_key * secret) % N
            if total == 0:
                assert found[2] == 0
            else:
                numbers = derive_private_key(total, SECP256R1()).public_key().public_numbers()
                assert plain_es256._affine(found) == (numbers.x, numbers.y)


def test_the_second_signature_is_accepted_as_elsewhere() -> None:
    public_key, signature = made()
    r, s = decode_dss_signature(signature)
    second = encode_dss_signature(r, N - s)
    assert verify_es256(public_key, b"m", second)
    assert library(public_key, b"m", second)


@pytest.mark.parametrize(
    ("r_more", "s_more"), [(N, 0), (0, N), (-N, 0), (0, -N)], ids=["r + n", "s + n", "r - n", "s - n"]
)
def test_numbers_out_of_range_are_refused(r_more: int, s_more: int) -> None:
    public_key, signature = made()
    r, s = decode_dss_signature(signature)
    changed = _der(r + r_more, s + s_more)
    assert not verify_es256(public_key, b"m", changed)


@pytest.mark.parametrize("zero", [(0, 1), (1, 0), (0, 0), (N, N), (N, 1), (1, N), (0, N)])
def test_nothing_signs_everything(zero: tuple[int, int]) -> None:
    assert not verify_es256(made()[0], b"m", _der(*zero))


def test_second_spellings_are_refused() -> None:
    """The same numbers in other bytes: whoever read them would let a signature be changed by anybody."""
    public_key, signature = made()
    body = signature[2:]
    length = signature[1]
    r_end = 2 + body[1]
    spellings = {
        "long length": b"\x30\x81" + bytes((length,)) + body,
        "longer length": b"\x30\x82\x00" + bytes((length,)) + body,
        "no length": b"\x30\x80" + body + b"\x00\x00",
        "more after it": signature + b"\x00",
        "more inside": b"\x30" + bytes((length + 2,)) + body + b"\x05\x00",
        "a third number": b"\x30" + bytes((length + 3,)) + body + b"\x02\x01\x01",
        "one number": b"\x30" + bytes((r_end,)) + body[:r_end],
        "no number": b"\x30\x00",
        "a zero before r": b"\x30" + bytes((length + 1, 2, body[1] + 1)) + b"\x00" + body[2:],
        "a set": b"\x31" + signature[1:],
        "as octets": signature[:2] + b"\x04" + body[1:],
        "cut short": signature[:-1],
        "nothing": b"",
    }
    assert verify_es256(public_key, b"m", signature)
    for what, spelling in spellings.items():
        assert not verify_es256(public_key, b"m", spelling), what


def test_points_that_are_none() -> None:
    x, y = made()[0][1:33], made()[0][33:]
    second_y = (P - int.from_bytes(y, "big")).to_bytes(32, "big")
    assert decode_point(b"\x04" + x + second_y) is not None
    refused = {
        "nothing": b"",
        "the neutral point": b"\x00",
        "compressed": bytes((2 + (y[-1] & 1),)) + x,
        "hybrid": bytes((6 + (y[-1] & 1),)) + x + y,
        "off the curve": b"\x04" + x + flipped(y, 0),
        "zeros": b"\x04" + bytes(64),
        "x + p": b"\x04" + (5 + P).to_bytes(32, "big") + _y_of(5).to_bytes(32, "big"),
        "y of p": b"\x04" + x + P.to_bytes(32, "big"),
        "y + p": b"\x04" + X_OF_5.to_bytes(32, "big") + (5 + P).to_bytes(32, "big"),
        "a byte more": made()[0] + b"\x00",
    }
    assert decode_point(b"\x04" + (5).to_bytes(32, "big") + _y_of(5).to_bytes(32, "big")) is not None
    assert decode_point(b"\x04" + X_OF_5.to_bytes(32, "big") + (5).to_bytes(32, "big")) is not None
    for what, point in refused.items():
        assert decode_point(point) is None, what
        assert not verify_es256(point, b"m", made()[1]), what


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_any_bytes_are_a_plain_no(public_key: bytes, signature: bytes) -> None:
    assert not verify_es256(public_key, b"m", signature)
    assert not verify_es256(made()[0], b"m", signature)


def test_a_signature_costs_milliseconds() -> None:
    """Each by a key that was not met before; the least of some runs, as others use the machine."""
    keys = [derive_private_key(0xBEE + number, SECP256R1()) for number in range(8)]
    made_ready = [(public_of(key), key.sign(b"m", ECDSA(SHA256()))) for key in keys]
    spent = []
    for public_key, signature in made_ready:
        begun = time.process_time()
        assert verify_es256(public_key, b"m", signature)
        spent.append(time.process_time() - begun)
    assert min(spent) < PER_SIGNATURE_MAX


def _y_of(x: int) -> int:
    """A y of the curve for x."""
    return pow(x**3 - 3 * x + plain_es256.B, (P + 1) // 4, P)


def _der(*numbers: int) -> bytes:
    body = b""
    for number in numbers:
        size = number.bit_length() // 8 + 1
        body += bytes((2, size)) + number.to_bytes(size, "big", signed=True)
    return bytes((0x30, len(body))) + body
