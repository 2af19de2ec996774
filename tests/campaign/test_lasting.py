"""What must last, and what must end: receipts across new keys (18) and erasures (20), the seal (22), and checkpoints
that outlive an algorithm (24)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from ledger.canonical import b64url
from ledger.checking import CHECKS, check_signature
from ledger.database import Database, PostgresqlDatabase
from ledger.errors import BrokenInput
from ledger.exporting import export
from ledger.key_statements import COMMIT_KEY, IDENTITY_KEY, POST_QUANTUM_KEY
from ledger.log_lines import OwnLines
from ledger.note import Note, format_note, parse_note, parse_vkey
from ledger.proof import prove_inclusion
from ledger.publication import AddLines, Publication
from ledger.publisher import Publisher
from ledger.refusal import Reason, Refusal
from ledger.signers import signed_by
from ledger.verify.plain_signatures import verify_signature
from ledger.verify.receipt import check_receipt
from ledger.verify.report import Fault, Status
from ledger.verify.tiles import open_with
from ledger.work import Answer, Done, Request
from tests.erasure.house import SECRETS, Keep, Process
from tests.erasure.test_residue import found_in, known, opens
from tests.ledger.foreign import verdict
from tests.ledger.keeping import Keeper
from tests.ledger.marked import Log
from tests.ledger.tampering import Copy
from tests.ledger.test_lifecycle import sealed
from tests.ledger.toy import PERSON

PLAIN = dict.fromkeys(CHECKS, verify_signature)


def test_attack_18_a_receipt_of_before_three_rotations_verifies_with_the_signed_list_of_keys(keeper: Keeper) -> None:
    """Off-line: the receipt as it was given then, the identity key pinned then, and the newest list alone."""
    (given,) = keeper.bump()
    receipt = keeper.with_proof(given)
    pinned = [keeper.vkeys[IDENTITY_KEY]]
    signers = [keeper.current()]
    for _ in range(3):
        keeper.rotate()
        keeper.bump(2)
        signers.append(keeper.current())
    assert len(set(signers)) == 4
    assert signed_by(receipt["checkpoint"]) == signers[0]
    assert keeper.with_proof(given) == receipt, "whoever asks for it again is given the same"
    newest = keeper.lists()[-1:]
    for check in (check_signature, verify_signature):
        assert check_receipt(receipt, pinned, check, newest).is_included is True
    with pytest.raises(BrokenInput, match="signature of"):
        check_receipt(receipt, pinned, check_signature)
    with pytest.raises(BrokenInput, match="list 1 of the keys"):
        check_receipt(receipt, pinned, check_signature, [newest[0].replace(signers[0], signers[1])])


def receipts_of(house: Process) -> list[dict[str, Any]]:
    """A receipt with its proof for every entry there is, as somebody holds it."""
    receipts = []
    with house.reader.view() as view:
        for index in range(view.head.size):
            proof = prove_inclusion(index, view.head.size, view.leaf_hashes)
            (row,) = view.entries(index, index + 1)
            receipts.append(
                {
                    "index": index,
                    "size": view.head.size,
                    "leaf_hash": b64url(row.leaf_hash),
                    "checkpoint": view.head.checkpoint,
                    "proof": [b64url(one) for one in proof],
                }
            )
    return receipts


def test_attack_20_after_an_erasure_all_proofs_verify_and_the_value_is_nowhere(house: Process, tmp_path: Path) -> None:
    """In files of a PostgreSQL server, and in backups: `tests/erasure/test_residue.py`."""
    given = house.run(Request(PERSON, Keep("toy_9", "ds_1", (("secret", "one more"),)), "k9")).receipt
    assert given is not None
    held, before = receipts_of(house), known(house)
    with house.reader.view() as view:
        old = [row.bytes for row in view.entries(0, len(held))]
    assert opens(house, before)
    assert isinstance(house.erase("ds_1"), Done)
    pinned = [house.log.secrets.signer.vkey]
    for receipt, data in zip(held, old, strict=True):
        shown = check_receipt(receipt, pinned, check_signature, entry=data)
        assert (shown.is_included, shown.has_entry) == (True, True)
    with house.reader.view() as view:
        assert [row.bytes for row in view.entries(0, len(held))] == old
        again = [prove_inclusion(one["index"], one["size"], view.leaf_hashes) for one in held]
    assert [[b64url(one) for one in proof] for proof in again] == [one["proof"] for one in held]
    assert held[given.index]["leaf_hash"] == given.leaf_hash
    report = house.verify()
    assert report.is_sound, report.words()
    assert {check.number: check.status for check in report.checks}[10] is Status.PASSED
    kept = {subject: None if subject == "toy_1" else value for subject, value in SECRETS.items()}
    assert house.opened({**SECRETS, "toy_9": ""}) == {**kept, "toy_9": None}
    assert not opens(house, before)
    house.close()
    usable = [*before.usable(), ("the other value", b"one more")]
    assert found_in(tmp_path, iter(usable)) == set()
    if not isinstance(house.database, PostgresqlDatabase):
        assert found_in(tmp_path, before.locked()) == set()


@pytest.fixture
def marked(database: Database, tmp_path: Path) -> Iterator[Log]:
    made = Log(database, tmp_path, None)
    yield made
    made.disconnect()


def test_attack_22_an_append_after_the_seal_is_inserted(marked: Log) -> None:
    """By hand, chained and signed as it should be. By the service itself: `tests/ledger/test_lifecycle.py`."""
    marked.written(2)
    size = sealed(marked)
    desk = marked.desk()
    late = marked.bump(desk)
    desk.close()
    assert isinstance(late, Answer)
    assert isinstance(late.outcome, Refusal)
    assert late.outcome.reason is Reason.LEDGER_SEALED
    assert marked.verify().is_sound
    marked.disconnect()
    copy = Copy(marked.database, marked.workings)
    values = [orjson.loads(entry.data) for entry in copy.entries()]
    bump = next(value for value in reversed(values) if value["kind"] == "toy.bumped")
    late_value = {**bump, "command_id": "late", "recorded_at": values[-1]["recorded_at"]}
    late_value["subject_index"] += 1
    copy.rewrite([*values, late_value], copy.signer)
    finding = marked.verify().finding
    assert finding is not None
    assert (finding.fault, finding.index) == (Fault.INSERTED, size)
    assert finding.expected == f"no entry after the seal, entry {size - 1}"


def publish(keeper: Keeper, folder: Path) -> None:
    """Publish what there is with all lines of the log's own keys, and write it out."""

    def submit(requests: list[Request]) -> list[Answer]:
        return keeper.send(*[request.command for request in requests])

    assert Publisher("p", submit, keeper.reader).round()
    with keeper.reader.view() as view:
        size, note = view.head.size, view.head.checkpoint
    made = Publication(size, parse_note(note).text, note)
    lines = OwnLines(keeper.ring, keeper.on_record, keeper.clock).contribute(made)
    keeper.send(AddLines(tuple(lines), "keys", size))
    export(keeper.reader, folder, hashes_only=False)


def test_attack_24_a_published_checkpoint_stands_on_any_line_alone(keeper: Keeper, tmp_path: Path) -> None:
    """Ed25519 of the commit key alone, of the identity key alone, ML-DSA-44 alone: by both checks, and no other key."""
    keeper.bump(3)
    publish(keeper, tmp_path / "export")
    path = tmp_path / "export" / "checkpoint"
    note = parse_note(path.read_text())
    keys = {purpose: parse_vkey(keeper.vkeys[purpose]) for purpose in (COMMIT_KEY, IDENTITY_KEY, POST_QUANTUM_KEY)}
    assert {line.key_id for line in note.signatures} == {key.key_id for key in keys.values()}
    assert len({key.type for key in keys.values()}) == 2, "of two algorithms"
    for line in note.signatures:
        alone = format_note(Note(note.text, (line,)))
        path.write_text(alone)
        flipped = line._replace(signature=line.signature[:-9] + bytes([line.signature[-9] ^ 1]) + line.signature[-8:])
        for key in keys.values():
            report = verdict(tmp_path / "export", (key,))
            assert report.is_sound is (key.key_id == line.key_id)
            if report.is_sound:
                assert report.signed_by == (key.key_id.hex(),)
                assert open_with(alone, (key,), PLAIN).checkpoint.size == report.size
                for checks in (CHECKS, PLAIN):
                    with pytest.raises(BrokenInput, match="does not verify"):
                        open_with(format_note(Note(note.text, (flipped,))), (key,), checks)
            else:
                assert report.fault is not None
                assert report.fault.fault is Fault.WRONG_KEY
