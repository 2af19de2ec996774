"""The published vectors of algorithms that others compute for us: HMAC by our own keyed state, and what the library
makes of Ed25519 and ECDSA signatures, on which receipts, time-stamping chains and COSE rest."""

from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.canonical import from_b64url
from ledger.checking import check_signature
from ledger.commands import _hmac
from tests.ledger.published import case_json


def vectors_of(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    value = case_json(f"signatures/{name}")
    found = [(group, test) for group in value["testGroups"] for test in group["tests"]]
    assert len(found) == value["numberOfTests"]
    return found


@pytest.mark.cases
def test_hmac_sha256() -> None:
    """Tags of full length are ours to the bit; a shortened tag is the beginning of ours; a changed one neither."""
    counted = {"valid": 0, "invalid": 0}
    for group, test in vectors_of("hmac_sha256_test.json"):
        tag = from_b64url(_hmac(bytes.fromhex(test["key"]), bytes.fromhex(test["msg"])))
        is_same = tag[: group["tagSize"] // 8] == bytes.fromhex(test["tag"])
        assert is_same is (test["result"] == "valid"), (test["tcId"], test["comment"])
        counted[test["result"]] += 1
    assert all(counted.values())


@pytest.mark.cases
def test_ed25519_by_the_library() -> None:
    for group, test in vectors_of("ed25519_test.json"):
        public_key = bytes.fromhex(group["publicKey"]["pk"])
        found = check_signature(public_key, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
        assert found is (test["result"] == "valid"), (test["tcId"], test["comment"])


@pytest.mark.cases
def test_ecdsa_p256_sha256_by_the_library() -> None:
    counted = {"valid": 0, "invalid": 0}
    for group, test in vectors_of("ecdsa_secp256r1_sha256_test.json"):
        point = bytes.fromhex(group["publicKey"]["uncompressed"])
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
        try:
            key.verify(bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]), ECDSA(SHA256()))
            found = True
        except InvalidSignature:
            found = False
        assert test["result"] != "acceptable"
        assert found is (test["result"] == "valid"), (test["tcId"], test["comment"])
        counted[test["result"]] += 1
    assert all(counted.values())
