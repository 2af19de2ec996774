"""DSSE: published vectors, thresholds of distinct keys, and that a payload is read after it is verified."""

import json
from base64 import b64encode, urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.checking import check_signature
from ledger.dsse import (
    IN_TOTO,
    SIGNATURES_MAX,
    SignBytes,
    Wanted,
    pae,
    read_envelope,
    verified_payload,
    write_envelope,
)
from ledger.errors import BrokenInput
from ledger.verify.plain_signatures import verify_ed25519
from tests.ledger.published import case_json

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes((number,)) * 32) for number in (1, 2, 3)]
PUBLIC = [key.public_key().public_bytes_raw() for key in KEYS]
TYPE = "application/vnd.example+json"


def signer(number: int) -> SignBytes:
    return lambda message: (f"key {number}", KEYS[number].sign(message))


def wanted(*numbers: int, threshold: int = 1) -> Wanted:
    return Wanted(frozenset(PUBLIC[number] for number in numbers), (TYPE,), check_signature, threshold)


@pytest.mark.cases
def test_published_vectors() -> None:
    cases = case_json("attestations/dsse-vectors.json")
    public = {name: bytes.fromhex(key["public"]) for name, key in cases["keys"].items()}
    ran = 0
    for vector in cases["vectors"]:
        envelope = json.dumps(vector["envelope"]).encode()
        asked = Wanted(
            frozenset(public[name] for name in vector["trustedKeys"]),
            tuple(vector["supportedPayloadTypes"]),
            verify_ed25519,
            vector["threshold"],
        )
        try:
            payload_type, payload = verified_payload(envelope, asked)
        except BrokenInput:
            assert vector["expect"] == "reject", vector["id"]
        else:
            assert vector["expect"] == "accept", vector["id"]
            assert pae(payload_type, payload).hex() == vector["pae"]
        if "pae" in vector:
            signed = next(one for one in cases["vectors"] if one["pae"] == vector["pae"])
            assert pae(signed["supportedPayloadTypes"][0], read_envelope(envelope).payload).hex() == vector["pae"]
        ran += 1
    assert ran == len(cases["vectors"]) >= 4
    assert {vector["expect"] for vector in cases["vectors"]} == {"accept", "reject"}


@given(st.binary(max_size=300), st.sets(st.integers(0, 2), min_size=1))
def test_what_is_written_is_read_and_verified(payload: bytes, numbers: set[int]) -> None:
    envelope = write_envelope(TYPE, payload, [signer(number) for number in sorted(numbers)])
    assert verified_payload(envelope, wanted(0, 1, 2, threshold=len(numbers))) == (TYPE, payload)
    for number in range(3):
        if number in numbers:
            assert verified_payload(envelope, wanted(number)) == (TYPE, payload)
        else:
            with pytest.raises(BrokenInput, match="found 0"):
                verified_payload(envelope, wanted(number))


def test_a_key_counts_once_however_often_it_signs() -> None:
    envelope = write_envelope(TYPE, b"body", [signer(0), signer(0), signer(0)])
    assert verified_payload(envelope, wanted(0, 1)) == (TYPE, b"body")
    with pytest.raises(BrokenInput, match="found 1"):
        verified_payload(envelope, wanted(0, 1, threshold=2))
    for threshold in (0, -1, 3):
        with pytest.raises(BrokenInput, match="as many keys"):
            verified_payload(envelope, wanted(0, 1, threshold=threshold))


def test_the_key_id_is_a_hint() -> None:
    value = json.loads(write_envelope(TYPE, b"body", [signer(0)]))
    for keyid in ("key 1", "", None):
        changed = {**value["signatures"][0], "keyid": keyid}
        if keyid is None:
            del changed["keyid"]
        envelope = json.dumps({**value, "signatures": [changed], "unknown": 1}).encode()
        assert verified_payload(envelope, wanted(0))[1] == b"body"
        with pytest.raises(BrokenInput):
            verified_payload(envelope, wanted(1))


def test_both_alphabets() -> None:
    """A body whose base64 holds characters that the two alphabets spell differently."""
    body = b"\xfb\xff\xfe" * 5
    value = json.loads(write_envelope(TYPE, body, [signer(0)]))
    signature = KEYS[0].sign(pae(TYPE, body))
    for encode in (b64encode, urlsafe_b64encode):
        changed = {**value, "payload": encode(body).decode()}
        changed["signatures"] = [{"sig": encode(signature).decode()}]
        assert verified_payload(json.dumps(changed).encode(), wanted(0))[1] == body


@pytest.mark.parametrize(
    "change",
    [
        {"payload": "-_+/"},
        {"payload": "Zg"},
        {"payload": "Zh=="},
        {"payload": "Zg==\n"},
        {"payload": "\u00e9"},
        {"payload": 7},
        {"payloadType": None},
        {"payloadType": "x" * 256},
        {"signatures": []},
        {"signatures": {}},
        {"signatures": [7]},
        {"signatures": [{"keyid": "a"}]},
        {"signatures": [{"keyid": 7, "sig": "Zg=="}]},
        {"signatures": [{"sig": "Zg=="}] * (SIGNATURES_MAX + 1)},
    ],
)
def test_what_is_no_envelope(change: dict[str, Any]) -> None:
    value = json.loads(write_envelope(TYPE, b"body", [signer(0)]))
    with pytest.raises(BrokenInput):
        read_envelope(json.dumps({**value, **change}).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b'{"payload":"","payload":""}', b"\xff", b"[" * 100_000])
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(BrokenInput):
        read_envelope(data)


def test_a_member_twice_is_no_envelope() -> None:
    written = write_envelope(TYPE, b"body", [signer(0)]).decode()
    with pytest.raises(BrokenInput):
        read_envelope(written.replace('"payload":', '"payload":"Zg==","payload":', 1).encode())


def test_no_changed_bit_of_what_is_signed_verifies() -> None:
    envelope = write_envelope(TYPE, b"the body", [signer(0)])
    for at in range(len(envelope)):
        changed = envelope[:at] + bytes((envelope[at] ^ 1,)) + envelope[at + 1 :]
        try:
            assert verified_payload(changed, wanted(0)) == (TYPE, b"the body")  # a hint, or white space
        except BrokenInput:
            continue


def test_another_type_is_not_read() -> None:
    with pytest.raises(BrokenInput, match="type"):
        verified_payload(write_envelope(IN_TOTO, b"{}", [signer(0)]), wanted(0))
