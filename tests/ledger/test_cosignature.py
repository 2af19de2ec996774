"""Cosignatures of types 0x04 and 0x06: the published example, both directions, and every way to be no cosignature."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.cosignature import CosignatureVerifier, cosign, cosigned_at, cosigned_message
from ledger.errors import BrokenInput, Misuse
from ledger.note import (
    ED25519,
    ED25519_COSIGNATURE,
    ML_DSA_44_COSIGNATURE,
    CheckSignature,
    VerifierKey,
    open_note,
    parse_note,
    verifier_key,
)

TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
EXAMPLE = (  # c2sp.org/tlog-cosignature, the example's witness line
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0"
    "xUe+mbIUBkBIfZ+qnA==\n"
)
ED = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ML = MLDSA44PrivateKey.generate()


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def ml_dsa_44(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def key_of(kind: int) -> tuple[VerifierKey, CheckSignature, object]:
    if kind == ED25519_COSIGNATURE:
        return verifier_key("w.example/1", kind, ED.public_key().public_bytes_raw()), ed25519, ED.sign
    return verifier_key("w.example/1", kind, ML.public_key().public_bytes_raw()), ml_dsa_44, ML.sign


def test_the_published_example_has_the_form_and_time_it_states() -> None:
    line = parse_note(f"{TEXT}\n{EXAMPLE}").signatures[0]
    assert len(line.signature) == 72
    assert cosigned_at(line.signature) == 1679315147


def test_the_message_of_type_4_is_the_one_the_specification_prints() -> None:
    key, _, _ = key_of(ED25519_COSIGNATURE)
    assert cosigned_message(key, TEXT, 1679315147) == f"cosignature/v1\ntime 1679315147\n{TEXT}".encode()


def test_the_message_of_type_6_is_the_struct_the_specification_defines() -> None:
    key, _, _ = key_of(ML_DSA_44_COSIGNATURE)
    message = cosigned_message(key, TEXT, 5)
    assert message[:12] == b"subtree/v1\n\0"
    assert message[12:24] == b"\x0bw.example/1"
    assert message[24:32] == (5).to_bytes(8, "big")
    assert message[32] == 27
    assert message[33:60] == b"example.com/behind-the-sofa"
    assert message[60:68] == bytes(8)
    assert message[68:76] == (20852163).to_bytes(8, "big")
    assert len(message) == 76 + 32


@pytest.mark.parametrize("kind", [ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE])
def test_what_was_cosigned_opens_the_note_and_nothing_else_does(kind: int) -> None:
    key, check, sign = key_of(kind)
    verifier = CosignatureVerifier(key, check)
    line = cosign(key, sign, TEXT, 1_700_000_000)  # type: ignore[arg-type]
    opened = open_note(f"{TEXT}\n{line}", [verifier])
    assert cosigned_at(opened.verified[0].signature) == 1_700_000_000
    other = TEXT.replace("20852163", "20852164")
    with pytest.raises(BrokenInput):
        open_note(f"{other}\n{line}", [verifier])


@pytest.mark.parametrize("kind", [ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE])
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_changed_bit_anywhere_is_no_cosignature(kind: int, place: int, bit: int) -> None:
    key, check, sign = key_of(kind)
    line = cosign(key, sign, TEXT, 1_700_000_000)  # type: ignore[arg-type]
    signature = bytearray(parse_note(f"{TEXT}\n{line}").signatures[0].signature)
    signature[place % len(signature)] ^= 1 << bit
    assert not CosignatureVerifier(key, check).verify(TEXT.encode(), bytes(signature))


def test_a_signature_of_another_length_or_over_no_checkpoint_is_refused_without_raising() -> None:
    key, check, _ = key_of(ED25519_COSIGNATURE)
    verifier = CosignatureVerifier(key, check)
    for signature in (b"", bytes(71), bytes(73), bytes(8 + 2420), b"\xff" * 72):
        assert not verifier.verify(TEXT.encode(), signature)
    assert not verifier.verify(b"no checkpoint\n", bytes(72))
    assert not verifier.verify(b"\xff\n1\n", bytes(72))


def test_a_log_key_is_no_cosigner() -> None:
    key = verifier_key("w.example/1", ED25519, bytes(32))
    with pytest.raises(Misuse):
        CosignatureVerifier(key, ed25519)
    with pytest.raises(Misuse):
        cosigned_message(key, TEXT, 1)
