"""Attacks on what is hashed, proved and handed out, by their numbers in the table of attacks: 11 to 16."""

import random
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import b64url, encode
from ledger.chain import leaf_hash
from ledger.checking import check_signature
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.commitment import preimage
from ledger.database import Database
from ledger.errors import BrokenInput, BrokenState
from ledger.proof import check_consistency, check_inclusion, prove_consistency, prove_inclusion
from ledger.reading import Reader
from ledger.tree import node_hash, root_of
from ledger.verify.receipt import check_receipt
from ledger.work import Answer, Request
from ledger.writer import Desk
from tests.campaign.test_attacks import MIDDLE, thief, values_of
from tests.conftest import SetClock
from tests.ledger import oracle
from tests.ledger.tampering import ORIGIN, Copy, chained, sign
from tests.ledger.toy import PERSON, Bump, open_workings

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


def part_of(leaves: list[bytes], start: int, end: int) -> list[bytes]:
    return leaves[start:end]


@given(st.lists(texts, min_size=4, max_size=4), st.lists(texts, min_size=4, max_size=4))
def test_attack_11_no_two_records_share_what_is_hashed(one: list[str], other: list[str]) -> None:
    salt = bytes(32)
    made = [preimage(salt, log, of, at, encode(value)) for log, of, at, value in (one, other)]
    assert (made[0] == made[1]) == (one == other)
    # A border moved: the joined text is the same.
    assert preimage(salt, one[0] + one[1], "", one[2], encode(one[3])) != made[0]
    members = [encode({"a": parts[0], "b": parts[1]}) for parts in (one, other)]
    assert (members[0] == members[1]) == (one[:2] == other[:2])


def test_attack_12_a_node_is_no_leaf_a_root_no_leaf_and_sides_are_not_exchanged() -> None:
    """All published vectors: `tests/ledger/test_proof.py`."""
    leaves = [leaf_hash(b"%d" % n) for n in range(8)]
    root = root_of(leaves)
    inner = node_hash(leaves[0], leaves[1])
    assert leaf_hash(b"\x01" + leaves[0] + leaves[1]) != inner, "an entry that spells a node is not that node"
    assert leaf_hash(leaves[0] + leaves[1]) != inner
    proof = prove_inclusion(0, 8, lambda start, end: leaves[start:end])
    assert not check_inclusion(0, 8, inner, proof[1:], root), "a node in the place of a leaf, at the signed size"
    assert not check_inclusion(0, 8, root, (), root)
    assert not check_inclusion(1, 8, leaves[0], proof, root), "the other side"
    assert not check_inclusion(0, 8, leaves[0], (), root)
    assert not check_inclusion(0, 8, leaves[0], (*proof, root), root)
    assert not check_inclusion(0, 8, leaves[0][:31], proof, root)
    assert not check_consistency(0, 8, root_of([]), root, ()), "the empty tree is outside of what is proved"


def test_attack_13_a_proof_is_built_at_the_size_of_the_checkpoint(
    database: Database, tmp_path: Path, clock: SetClock
) -> None:
    workings = open_workings(database, tmp_path / "keys", clock)
    desk = Desk(workings, database.connect)
    (answer,) = desk.run([Request(PERSON, Bump("toy_1"), f"c{n}") for n in range(5)][:1])
    assert isinstance(answer, Answer)
    assert answer.receipt is not None
    desk.run([Request(PERSON, Bump("toy_1"), f"d{n}") for n in range(7)])
    desk.close()
    reader = Reader(workings.log, clock, lambda: database.connect(read_only=True))
    with reader.view() as view:
        at_its_size = prove_inclusion(0, answer.receipt.size, view.leaf_hashes)
        newer = prove_inclusion(0, view.head.size, view.leaf_hashes)
    reader.close()
    receipt = {**vars_of(answer.receipt), "proof": [b64url(one) for one in at_its_size]}
    vkey = workings.log.secrets.signer.vkey
    assert check_receipt(receipt, [vkey], check_signature).is_included
    mixed = {**receipt, "proof": [b64url(one) for one in newer]}
    assert check_receipt(mixed, [vkey], check_signature).is_included is False


def vars_of(receipt: Any) -> dict[str, Any]:
    return {name: getattr(receipt, name) for name in ("log", "index", "leaf_hash", "size", "checkpoint")}


def test_attack_14_a_bit_that_flipped_on_disk_is_not_read_and_not_vouched_for(log: Copy) -> None:
    entry = log.entries()[MIDDLE]
    log.set_entry(MIDDLE, entry.data[:50] + bytes([entry.data[50] ^ 16]) + entry.data[51:], entry.leaf_hash)
    reader = Reader(log.workings.log, SetClock(), lambda: log.database.connect(read_only=True))
    with reader.view() as view, pytest.raises(BrokenState, match="altered bytes"):
        view.entry(MIDDLE)
    reader.close()
    assert log.finding().index == MIDDLE


def test_attack_15_proofs_are_those_of_an_independent_implementation() -> None:
    """The recursion of RFC 6962 for every size to 64, every index and every older size; larger ones drawn."""
    pool = random.Random(15)
    leaves = [sha256(b"%d" % n).digest() for n in range(300)]
    for size in (*range(1, 65), *pool.sample(range(65, 300), 8)):
        some = leaves[:size]
        root = oracle.mth(some)
        assert root == root_of(some)
        for index in range(size) if size < 40 else pool.sample(range(size), 8):
            proof = prove_inclusion(index, size, partial(part_of, some))
            assert list(proof) == oracle.path(index, some)
            assert check_inclusion(index, size, some[index], proof, root)
        for old in range(1, size + 1) if size < 40 else pool.sample(range(1, size), 8):
            proof = prove_consistency(old, size, partial(part_of, some))
            assert list(proof) == oracle.subproof(old, some)
            assert check_consistency(old, size, oracle.mth(some[:old]), root, proof)


SIBLINGS: list[tuple[str, Any]] = [("log", "another"), ("size", 10_000), ("size", None), ("comment", "trust me")]


@pytest.mark.parametrize(("name", "value"), SIBLINGS)
def test_attack_16_what_stands_unsigned_beside_a_checkpoint_changes_no_verdict(
    log: Copy, name: str, value: Any
) -> None:
    receipt = receipt_of(log, 3)
    expected = check_receipt(receipt, [log.signer.vkey], check_signature)
    assert expected.is_included
    try:
        found = check_receipt({**receipt, name: value}, [log.signer.vkey], check_signature)
    except BrokenInput:  # what contradicts the signed checkpoint is refused
        assert name == "size"
    else:
        assert found == expected


def test_attack_16_what_is_signed_is_looked_at(log: Copy) -> None:
    receipt = receipt_of(log, 3)
    forged = receipt["checkpoint"].replace("\n24\n", "\n25\n")
    with pytest.raises(BrokenInput):
        check_receipt({**receipt, "checkpoint": forged}, [log.signer.vkey], check_signature)
    other = thief().sign_note(format_checkpoint(Checkpoint(ORIGIN, 24, bytes(32))))
    with pytest.raises(BrokenInput):
        check_receipt({**receipt, "checkpoint": other}, [log.signer.vkey], check_signature)
    assert check_receipt({**receipt, "index": 4}, [log.signer.vkey], check_signature).is_included is False


def receipt_of(log: Copy, index: int) -> dict[str, Any]:
    entries = log.entries()
    leaves = [entry.leaf_hash for entry in entries]
    proof = prove_inclusion(index, len(leaves), lambda start, end: leaves[start:end])
    checkpoint = sign(log.signer, chained(values_of(log))[1][-1])
    return {
        "log": "acme",
        "index": index,
        "leaf_hash": b64url(leaves[index]),
        "size": len(leaves),
        "checkpoint": checkpoint,
        "proof": [b64url(one) for one in proof],
    }
