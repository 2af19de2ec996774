"""Receipts off-line: what stands beside the signed checkpoint is believed in nothing (attack 16)."""

import json
from base64 import b64encode
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import b64url, encode, from_b64url
from ledger.chain import leaf_hash
from ledger.checking import check_signature
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.clock import SystemClock
from ledger.database import Database
from ledger.errors import BrokenInput, BrokenState, MunimentError
from ledger.keys import Ed25519Signer
from ledger.proof import prove_inclusion
from ledger.reading import Reader
from ledger.receipts import EntryProof, as_cose, consistency_as_cose, vouched_bytes
from ledger.tree import root_of
from ledger.verify.receipt import ReceiptVerdict, check_receipt
from tests.conftest import SetClock
from tests.ledger.tampering import Copy, write_log

ORIGIN = "ledger.example.com/acme"
SIGNER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Ed25519Signer("other.example/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))
ENTRIES = [encode({"index": index, "origin": ORIGIN, "payload": {"n": index}}) for index in range(20)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def receipt(index: int = 5, size: int = 11, signer: Ed25519Signer = SIGNER) -> dict[str, Any]:
    path = prove_inclusion(index, size, lambda start, end: LEAVES[start:end])
    return {
        "log": "acme",
        "index": index,
        "leaf_hash": b64url(LEAVES[index]),
        "size": size,
        "checkpoint": signer.sign_note(format_checkpoint(Checkpoint(ORIGIN, size, root_of(LEAVES[:size])))),
        "proof": [b64url(one) for one in path],
        "bytes": b64url(ENTRIES[index]),
    }


def judged(value: Any, *vkeys: str) -> ReceiptVerdict | None:
    """The verdict; None when it is refused."""
    try:
        return check_receipt(value, vkeys or (SIGNER.vkey,), check_signature)
    except MunimentError:
        return None


def test_a_whole_receipt() -> None:
    verdict = judged(receipt())
    assert verdict == ReceiptVerdict(ORIGIN, 5, 11, True, True)
    assert verdict is not None
    assert verdict.is_sound
    bare = {name: value for name, value in receipt().items() if name not in ("bytes", "proof")}
    promise = judged(bare)
    assert promise is not None
    assert (promise.is_included, promise.is_sound, promise.has_entry) == (None, False, False)


@pytest.mark.parametrize("index", range(20))
def test_every_entry_of_every_size(index: int) -> None:
    for size in range(index + 1, 21):
        verdict = judged(receipt(index, size))
        assert verdict is not None
        assert verdict.is_sound


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 30) | st.floats(allow_nan=False) | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
HASHES = st.sampled_from([b64url(leaf) for leaf in LEAVES] + [b64url(bytes(32)), b64url(bytes(31)), ""])


@given(st.sampled_from(sorted(receipt())), VALUES | HASHES | st.lists(HASHES, max_size=6))
def test_no_other_sibling_makes_a_verdict_better(name: str, value: Any) -> None:
    """Whatever one member is changed to: the same entry of the same log, or no proof of anything."""
    good = receipt()
    verdict = judged({**good, name: value})
    if verdict is None or not verdict.is_sound:
        return
    assert name in ("log", "bytes") or value == good[name]
    assert (verdict.origin, verdict.index, verdict.size) == (ORIGIN, 5, 11)
    assert name != "bytes" or value is None  # then the entry is not vouched for
    assert verdict.has_entry is (name != "bytes")


@given(st.sampled_from(sorted(receipt())), VALUES | HASHES | st.lists(HASHES, max_size=6))
def test_no_sibling_mends_a_bad_receipt(name: str, value: Any) -> None:
    """A receipt of an entry that is not in the log stays none, with any one member changed but the leaf itself."""
    forged = encode({"index": 5, "origin": ORIGIN, "payload": {"n": 6}})
    bad = {**receipt(), "leaf_hash": b64url(leaf_hash(forged)), "bytes": b64url(forged)}
    verdict = judged({**bad, name: value})
    assert verdict is None or not verdict.is_sound or name in ("leaf_hash", "bytes")
    without = {member: one for member, one in bad.items() if member != name}
    verdict = judged(without)
    assert verdict is None or not verdict.is_sound


@pytest.mark.parametrize("member", sorted(receipt()))
def test_a_member_left_out_never_makes_more(member: str) -> None:
    verdict = judged({name: value for name, value in receipt().items() if name != member})
    if member in ("log", "size", "bytes"):
        assert verdict is not None
        assert verdict.is_sound
        assert verdict.has_entry is (member != "bytes")
    else:
        assert verdict is None or not verdict.is_sound


@pytest.mark.parametrize(
    "change",
    [
        {"size": 10},
        {"size": 12},
        {"size": "11"},
        {"size": True},
        {"size": None},
        {"index": 6},
        {"bytes": b64url(ENTRIES[6])},
        {"bytes": b64url(encode({"index": 5, "origin": ORIGIN, "payload": {"n": 6}}))},
        {"bytes": b64url(ENTRIES[5] + b" ")},
        {"bytes": b64encode(ENTRIES[5]).decode()},
        {"bytes": 7},
        {"proof": receipt()["proof"][1:]},
        {"proof": [*receipt()["proof"], b64url(bytes(32))]},
        {"proof": [*receipt()["proof"][:-1], b64url(bytes(31))]},
        {"proof": [one + "=" for one in receipt()["proof"]]},
        {"proof": []},
        {"leaf_hash": receipt()["leaf_hash"] + "="},
    ],
)
def test_a_receipt_that_contradicts_itself(change: dict[str, Any]) -> None:
    verdict = judged({**receipt(), **change})
    assert verdict is None or verdict.is_included is False


def _part_of(leaves: list[bytes], start: int, end: int) -> list[bytes]:
    return leaves[start:end]


def test_an_entry_that_says_otherwise() -> None:
    """In the log at another place, or of another log: hashed right, and still not the entry the receipt is about."""
    value: Any
    for value in ({"index": 4, "origin": ORIGIN}, {"index": 5, "origin": "other"}, [], {"index": 5}):
        data = encode(value)
        leaves = [*LEAVES[:5], leaf_hash(data), *LEAVES[6:11]]
        path = prove_inclusion(5, 11, partial(_part_of, leaves))
        made = {
            **receipt(),
            "leaf_hash": b64url(leaf_hash(data)),
            "bytes": b64url(data),
            "checkpoint": SIGNER.sign_note(format_checkpoint(Checkpoint(ORIGIN, 11, root_of(leaves)))),
            "proof": [b64url(one) for one in path],
        }
        assert judged(made) is None
        assert judged({name: one for name, one in made.items() if name != "bytes"}) is not None


def test_the_entry_from_beside_the_receipt() -> None:
    bare = {name: value for name, value in receipt().items() if name != "bytes"}
    assert check_receipt(bare, [SIGNER.vkey], check_signature, entry=ENTRIES[5]).has_entry
    for data in (ENTRIES[6], b"", ENTRIES[5] + b"\n"):
        with pytest.raises(BrokenInput):
            check_receipt(receipt(), [SIGNER.vkey], check_signature, entry=data)


def test_nothing_is_signed_that_our_key_did_not_sign_before() -> None:
    """A row of the database that says another root, size or path gets no second signature from us."""
    value = receipt()
    path = tuple(from_b64url(one) for one in value["proof"])
    proof = EntryProof("acme", 5, ENTRIES[5], LEAVES[5], 11, value["checkpoint"], path)
    assert as_cose(proof, SIGNER)
    other_root = format_checkpoint(Checkpoint(ORIGIN, 11, bytes(32)))
    for changed in (
        replace(proof, note=Ed25519Signer(ORIGIN, OTHER._key).sign_note(other_root)),
        replace(proof, note=value["checkpoint"].replace("\n11\n", "\n12\n"), size=12),
        replace(proof, note=value["checkpoint"].replace(ORIGIN, "ledger.example.com/other")),
        replace(proof, path=path[1:]),
        replace(proof, leaf=LEAVES[6]),
        replace(proof, index=6),
        replace(proof, size=12),
    ):
        with pytest.raises(BrokenState):
            as_cose(changed, SIGNER)
    with pytest.raises(BrokenState):
        consistency_as_cose(SIGNER.sign_note(other_root).replace("\n11\n", "\n12\n"), 5, path, SIGNER)


def test_a_key_speaks_for_its_own_log() -> None:
    """Pinned for another log, it signs nothing of this one, whatever else is pinned."""
    made = receipt(signer=Ed25519Signer(ORIGIN, OTHER._key))
    assert judged(made, SIGNER.vkey, OTHER.vkey) is None
    by_other = receipt(signer=OTHER)
    assert judged(by_other, SIGNER.vkey, OTHER.vkey) is None
    both = {**receipt(), "checkpoint": receipt()["checkpoint"] + by_other["checkpoint"].partition("\n\n")[2]}
    verdict = judged(both, SIGNER.vkey, OTHER.vkey)
    assert verdict is not None
    assert verdict.is_sound
    assert judged(json.loads(json.dumps(receipt())), OTHER.vkey) is None


def test_an_edited_entry_is_not_vouched_for(database: Database, tmp_path: Path) -> None:
    """Bytes and leaf hash changed together behind the service's back: it hashes right and is in no tree we signed."""
    log = Copy(database, write_log(database, tmp_path / "keys", SetClock()))
    reader = Reader(log.workings.log, SystemClock(), database.connect)
    whole = log.entries()[5].data
    with reader.view() as view:
        assert vouched_bytes(view, 5, log.signer.vkey) == whole
        for index, vkey in ((5, SIGNER.vkey), (10_000, log.signer.vkey)):
            with pytest.raises(BrokenState):
                vouched_bytes(view, index, vkey)
    log.set_entry(5, encode({**json.loads(whole), "correlation_id": "someone"}))
    with reader.view() as view, pytest.raises(BrokenState):
        vouched_bytes(view, 5, log.signer.vkey)
    reader.close()
