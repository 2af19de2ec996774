"""Plain ML-DSA-44 verification: the published vectors, and agreement with the library the service uses."""

import json
import lzma
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.verify import plain_ml_dsa
from ledger.verify.plain_ml_dsa import GAMMA1, OMEGA, SIGNATURE_BYTES, verify_ml_dsa_44
from ledger.verify.plain_signatures import verify_ed25519, verify_signature

VECTORS = Path(__file__).parent / "vectors"
HINT = SIGNATURE_BYTES - OMEGA - 4
Z = slice(32, HINT)


@lru_cache(maxsize=1)
def key() -> MLDSA44PrivateKey:
    return MLDSA44PrivateKey.from_seed_bytes(bytes(range(32)))


def public() -> bytes:
    return key().public_key().public_bytes_raw()


def library(public_key: bytes, message: bytes, signature: bytes, context: bytes = b"") -> bool:
    try:
        MLDSA44PublicKey.from_public_bytes(public_key).verify(signature, message, context or None)
    except (InvalidSignature, ValueError):
        return False
    return True


def vectors(name: str, digest: str) -> Any:
    data = lzma.decompress((VECTORS / name).read_bytes())
    assert sha256(data).hexdigest().startswith(digest)
    return json.loads(data)["testGroups"]


def test_wycheproof_vectors() -> None:
    """Every vector as it is marked: lengths, hints in a second spelling, norms on either side of the limit."""
    counted = {"valid": 0, "invalid": 0}
    for group in vectors("mldsa_44_verify_test.json.xz", "0ca1b5df4575263e"):
        public_key = bytes.fromhex(group["publicKey"])
        for test in group["tests"]:
            said = [bytes.fromhex(test.get(name, "")) for name in ("msg", "sig", "ctx")]
            assert verify_ml_dsa_44(public_key, *said) is (test["result"] == "valid"), (test["tcId"], test["comment"])
            counted[test["result"]] += 1
    assert counted == {"valid": 77, "invalid": 103}


def test_acvp_vectors() -> None:
    """NIST's own: messages with a context, and messages given as mu."""
    counted = {True: 0, False: 0}
    for group in vectors("acvp_ml_dsa_44_sigver.json.xz", ""):
        for test in group["tests"]:
            public_key, signature = bytes.fromhex(test["pk"]), bytes.fromhex(test["signature"])
            if "mu" in test:
                matrix, t1, _ = plain_ml_dsa._key(public_key)
                found = plain_ml_dsa._verify_mu(matrix, t1, bytes.fromhex(test["mu"]), signature)
            else:
                found = verify_ml_dsa_44(
                    public_key, bytes.fromhex(test["message"]), signature, bytes.fromhex(test["context"])
                )
            assert found is test["testPassed"], test["tcId"]
            counted[found] += 1
    assert sum(counted.values()) == 30
    assert all(counted.values())


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.binary(max_size=20))
@settings(max_examples=15)
def test_signatures_of_the_library_verify(seed: bytes, message: bytes, context: bytes) -> None:
    made = MLDSA44PrivateKey.from_seed_bytes(seed)
    public_key, signature = made.public_key().public_bytes_raw(), made.sign(message, context or None)
    assert verify_ml_dsa_44(public_key, message, signature, context)
    assert not verify_ml_dsa_44(public_key, message + b"\x00", signature, context)
    assert not verify_ml_dsa_44(public_key, message, signature, context + b"\x00")


@given(st.integers(0, SIGNATURE_BYTES * 8 - 1), st.binary(max_size=20))
@settings(max_examples=60)
def test_one_changed_bit_is_refused_by_both(bit: int, message: bytes) -> None:
    changed = bytearray(key().sign(message))
    changed[bit // 8] ^= 1 << bit % 8
    assert not verify_ml_dsa_44(public(), message, bytes(changed))
    assert not library(public(), message, bytes(changed))


@given(st.integers(0, 1312 * 8 - 1))
@settings(max_examples=10)
def test_another_key_is_refused(bit: int) -> None:
    other = bytearray(public())
    other[bit // 8] ^= 1 << bit % 8
    assert not verify_ml_dsa_44(bytes(other), b"m", key().sign(b"m"))


@given(st.binary(max_size=1400), st.binary(max_size=2500))
@settings(max_examples=50)
def test_other_lengths_are_no(public_key: bytes, signature: bytes) -> None:
    good = key().sign(b"m")
    if len(signature) != SIGNATURE_BYTES:
        assert not verify_ml_dsa_44(public(), b"m", signature)
    if len(public_key) != 1312:
        assert not verify_ml_dsa_44(public_key, b"m", good)
    assert not verify_ml_dsa_44(public(), b"m", good + b"\x00")
    assert not verify_ml_dsa_44(public(), b"m", good[:-1])
    assert not verify_ml_dsa_44(public(), b"m", good, bytes(256))


def respelt(places: list[list[int]], ends: list[int] | None = None, tail: bytes = b"") -> bytes:
    """A hint as these places spell it, whether or not that is allowed."""
    listed = bytes(place for of_one in places for place in of_one) + tail
    counted = [sum(map(len, places[: n + 1])) for n in range(4)] if ends is None else ends
    return listed.ljust(OMEGA, b"\x00")[:OMEGA] + bytes(counted)


def test_a_hint_has_one_spelling() -> None:
    """Any order but the rising one, any place twice, any end that goes back, any number behind the last place."""
    for number in range(40):  # a signature with two places in its first polynomial
        signature = key().sign(b"%d" % number)
        hint = signature[HINT:]
        ends = list(hint[OMEGA:])
        starts = [0, *ends[:3]]
        places = [list(hint[start:end]) for start, end in zip(starts, ends, strict=True)]
        if len(places[0]) >= 2 and ends[3] < OMEGA:
            break
    assert respelt(places) == hint
    message = b"%d" % number
    assert verify_ml_dsa_44(public(), message, signature)
    swapped = [[places[0][1], places[0][0], *places[0][2:]], *places[1:]]
    twice = [[places[0][0], *places[0]], *places[1:]]
    back = [ends[0], ends[0] - 1, *ends[2:]]
    wrong = {
        "order": respelt(swapped),
        "twice": respelt(twice),
        "goes back": respelt(places, back),
        "too many": respelt(places, [*ends[:3], OMEGA + 1]),
        "behind the last": respelt(places, ends, b"\x01"),
    }
    for what, spelling in wrong.items():
        forged = signature[:HINT] + spelling
        assert not verify_ml_dsa_44(public(), message, forged), what
        assert not library(public(), message, forged), what
        assert plain_ml_dsa._hint(spelling) is None, what


@pytest.mark.parametrize("value", [0, 1, 77, 78, 2**18 - 1, 2**18 - 78])
def test_z_out_of_range_is_refused(value: int) -> None:
    """A first coefficient of gamma1 - `value`: beyond the limit on either side."""
    signature = key().sign(b"m")
    first = int.from_bytes(signature[32:41], "little") & ~((1 << 18) - 1) | value
    forged = signature[:32] + first.to_bytes(9, "little") + signature[41:]
    assert (abs(GAMMA1 - value) >= GAMMA1 - 78) is (value <= 78 or value >= 2**18 - 78)
    assert not verify_ml_dsa_44(public(), b"m", forged)
    assert not library(public(), b"m", forged)


def test_the_length_of_a_key_says_which_it_is() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    other_key = other.public_key().public_bytes_raw()
    assert verify_signature(public(), b"m", key().sign(b"m"))
    assert verify_signature(other_key, b"m", other.sign(b"m"))
    assert verify_ed25519(other_key, b"m", other.sign(b"m"))
    assert not verify_signature(other_key, b"m", key().sign(b"m"))
    assert not verify_signature(public(), b"m", other.sign(b"m"))
