"""Plain Ed25519 verification: the published vectors, and agreement with the library the service uses."""

from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.verify.plain_signatures import L, P, decode_point, verify_ed25519
from tests.ledger.published import case_json


def library(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def flipped(data: bytes, bit: int) -> bytes:
    edited = bytearray(data)
    edited[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(edited)


SEEDS = st.binary(min_size=32, max_size=32)


@given(SEEDS, st.binary(max_size=300), st.integers(0, 1023))
def test_agreement_on_signatures(seed: bytes, message: bytes, bit: int) -> None:
    """Whole ones verify in both; with one bit changed anywhere in neither."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public_key, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify_ed25519(public_key, message, signature)
    assert library(public_key, message, signature)
    changed = flipped(signature, bit)
    assert not verify_ed25519(public_key, message, changed)
    assert not library(public_key, message, changed)
    assert not verify_ed25519(flipped(public_key, bit), message, signature)
    assert not verify_ed25519(public_key, message + b"\x00", signature)


@given(SEEDS, st.integers(1, 15))
def test_second_spelling_of_s_is_refused(seed: bytes, times: int) -> None:
    """S + L is the same scalar: whoever accepted it would let a signature be changed by anybody."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public_key, signature = key.public_key().public_bytes_raw(), key.sign(b"m")
    second = int.from_bytes(signature[32:], "little") + times * L
    assert not verify_ed25519(public_key, b"m", signature[:32] + second.to_bytes(32, "little"))


def edge_encodings() -> Iterator[bytes]:
    """Points of small order, the smallest y, the largest, and those of p and more, with either sign."""
    order_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    negative = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
    ys = [*range(8), *range(P - 4, 2**255)]
    ys += [int.from_bytes(bytes.fromhex(text), "little") for text in (order_8, negative)]
    for y in ys:
        for sign in (0, 1):
            yield (y | sign << 255).to_bytes(32, "little")


def canonical(data: bytes) -> bool:
    y = int.from_bytes(data, "little") % 2**255
    sign = data[31] >> 7
    return y < P and not (y in (1, P - 1) and sign)


def test_agreement_on_edge_points() -> None:
    """Every edge encoding as key and as R: the same answer as the library for every canonical key, and a plain no
    for those keys the library reads although they are written wrongly."""
    accepted = 0
    for public_key in edge_encodings():
        for start in edge_encodings():
            for message in (b"", b"a", b"b"):
                signature = start + bytes(32)
                ours = verify_ed25519(public_key, message, signature)
                assert ours == (canonical(public_key) and library(public_key, message, signature))
                accepted += ours
    assert accepted > 10


@pytest.mark.parametrize("scalar", [0, 1, 2, 3, 255, 2**251, 2**252, L - 1])
def test_agreement_on_edge_scalars(scalar: int) -> None:
    """With the neutral point as key the equation is [S]B = R, so every S has one R; B itself for S = 1."""
    neutral = (1).to_bytes(32, "little")
    base = (4 * pow(5, -1, P) % P).to_bytes(32, "little")
    for start in (neutral, base):
        signature = start + scalar.to_bytes(32, "little")
        expected = (start == neutral and scalar == 0) or (start == base and scalar == 1)
        assert verify_ed25519(neutral, b"m", signature) is library(neutral, b"m", signature) is expected


@given(st.binary(max_size=40), st.binary(max_size=70))
def test_other_lengths_are_no(public_key: bytes, signature: bytes) -> None:
    if len(public_key) != 32 or len(signature) != 64:
        assert not verify_ed25519(public_key, b"", signature)


@given(st.binary(min_size=32, max_size=32))
def test_decoded_points_lie_on_the_curve(data: bytes) -> None:
    point = decode_point(data)
    if point is not None:
        x, y = point
        assert (y * y - x * x - 1 - -121665 * pow(121666, -1, P) * x * x * y * y) % P == 0
        assert (y | (x & 1) << 255).to_bytes(32, "little") == data


@pytest.mark.cases
def test_published_vectors() -> None:
    """Wycheproof: every vector as it is marked."""
    counted = {"valid": 0, "invalid": 0}
    for group in case_json("signatures/ed25519_test.json")["testGroups"]:
        public_key = bytes.fromhex(group["publicKey"]["pk"])
        for test in group["tests"]:
            result = verify_ed25519(public_key, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
            assert result is (test["result"] == "valid"), (test["tcId"], test["comment"])
            assert result is library(public_key, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
            counted[test["result"]] += 1
    assert sum(counted.values()) == 151
    assert all(counted.values())
