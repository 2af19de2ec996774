"""A zoo of broken packs, each named after its lie: every lie moves exactly the verdicts it must, and no other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from api.packs import BuiltPack
from governance.questions.verdicts import semantics
from ledger.errors import BrokenInput
from ledger.pack import json_bytes, read_bag, read_json
from ledger.verify.pack_parts import PackParts
from tests.conftest import SetClock
from tests.evidence.bank import Bank, Change
from tests.evidence.conftest import live, open_bank, pack_of
from tests.evidence.forging import (
    by_recipient,
    lines_of,
    outsider,
    replace_in,
    resealed,
    retold,
    values_of,
    verdicts,
)

ENTRIES = "records/entries.jsonl"
INCLUSION = "proofs/inclusion.jsonl"
COMPLETENESS = "proofs/completeness.json"

Files = dict[str, bytes]


def test_the_honest_pack(bank: Bank, pack: BuiltPack) -> None:
    assert verdicts(pack.data, bank.vkey) == list("PPPPP")
    assert verdicts(pack.data, None) == list("PPNNP")
    expected = read_json(read_bag(pack.data).payload["verify/EXPECTED.json"])
    assert expected["with_key"] == ["passed"] * 5
    assert expected["without_key"] == ["passed", "passed", "not determinable", "not determinable", "passed"]


def entry_byte_flipped(files: Files) -> None:
    """In the first entry of the instance, where no count pins it."""
    lines = lines_of(files, ENTRIES)
    (place,) = [n for n, line in enumerate(lines) if b'"kind":"instance.started"' in line]
    lines[place] = lines[place].replace(b'"method":"password"', b'"method":"passwort"')
    files[ENTRIES] = b"".join(lines)


def entry_removed(files: Files) -> None:
    """The approval of the blueprint, and its proof."""
    entries, paths = lines_of(files, ENTRIES), lines_of(files, INCLUSION)
    (place,) = [n for n, line in enumerate(entries) if b'"kind":"change.reviewed"' in line]
    files[ENTRIES] = b"".join(entries[:place] + entries[place + 1 :])
    files[INCLUSION] = b"".join(paths[:place] + paths[place + 1 :])


def entries_swapped(files: Files) -> None:
    lines = lines_of(files, ENTRIES)
    lines[3], lines[4] = lines[4], lines[3]
    files[ENTRIES] = b"".join(lines)


def opening_altered(files: Files) -> None:
    replace_in("records/openings.jsonl", b"Credit Officer 1", b"Credit Officer 9")(files)


def opening_moved(files: Files) -> None:
    """The name of one person is given to another."""
    lines = values_of(files, "records/openings.jsonl")
    lines[0]["path"], lines[1]["path"] = lines[1]["path"], lines[0]["path"]
    files["records/openings.jsonl"] = b"".join(map(json_bytes, lines))


def proofs_swapped(files: Files) -> None:
    values = values_of(files, INCLUSION)
    values[1]["path"], values[2]["path"] = values[2]["path"], values[1]["path"]
    files[INCLUSION] = b"".join(map(json_bytes, values))


def count_lowered(files: Files) -> None:
    value = read_json(files[COMPLETENESS])
    (one,) = [one for one in value["subjects"] if one["subject"] == "pi_1"]
    one["entries"] -= 1
    files[COMPLETENESS] = json_bytes(value)


def root_altered(files: Files) -> None:
    replace_in("proofs/checkpoints.jsonl", b"ledger.example.com/bank\\n", b"ledger.example.com/bonk\\n")(files)


@pytest.mark.parametrize(
    ("lie", "expected"),
    [
        (entry_byte_flipped, "PFPPP"),
        (entry_removed, "PPPFP"),
        (entries_swapped, "PFPPP"),
        (opening_altered, "PFPPP"),
        (opening_moved, "PFPPP"),
        (proofs_swapped, "PFPPP"),
        (count_lowered, "PPPFP"),
        (root_altered, "PFFNP"),
    ],
)
def test_lies_the_operator_tells_with_their_own_key(
    bank: Bank, pack: BuiltPack, lie: Callable[[Files], None], expected: str
) -> None:
    forged = retold(pack.data, bank.log.secrets.signer.sign_bytes, lie)
    assert verdicts(forged, bank.vkey) == list(expected)


@pytest.mark.parametrize(
    "edit",
    [
        replace_in("answers/Q01.json", b'"verdict":"satisfied"', b'"verdict":"violated"'),
        replace_in("answers/csv/Q16.csv", b"pi_1", b"pi_9"),
        replace_in("registers/authority/register.json", b'"max":"100000.00"', b'"max":"900000.00"'),
        replace_in("registers/blueprints/loan/1.json", b'"approve"', b'"consent"'),
        replace_in("registers/questions/Q01@1.json", b"for each decision", b"for no decision"),
        replace_in("record.json", b"person:c", b"person:d"),
        lambda files: files.pop("answers/Q30.json"),
    ],
    ids=["answer", "rows", "register", "blueprint", "question", "record", "answer-left-out"],
)
def test_derived_files_edited_by_the_operator(bank: Bank, pack: BuiltPack, edit: Callable[[Files], None]) -> None:
    forged = resealed(pack.data, bank.log.secrets.signer.sign_bytes, edit)
    assert verdicts(forged, bank.vkey) == list("PPPPF")


@pytest.mark.parametrize(
    "edit",
    [
        lambda files: files.update({"data/extra.txt": b"see also"}),
        lambda files: files.update({"notes.txt": b"see also"}),
        lambda files: files.pop("data/00_README.txt"),
        replace_in("manifest-sha256.txt", b"a", b"b"),
        replace_in("bag-info.txt", b"Regulator", b"Somebody"),
        replace_in("data/report.html", b"in time", b"late"),
        replace_in("data/verify/verify.py", b"import sys", b"import os"),
        replace_in("tagmanifest-sha256.txt", b"0", b"1"),
    ],
    ids=["file-added", "tag-added", "file-removed", "manifest", "bag-info", "report", "verify.py", "tagmanifest"],
)
def test_files_touched_by_a_recipient(bank: Bank, pack: BuiltPack, edit: Callable[[Files], None]) -> None:
    assert verdicts(by_recipient(pack.data, edit), bank.vkey) == list("FPPPP")


def test_a_new_verifier_sealed_by_an_outsider(bank: Bank, pack: BuiltPack) -> None:
    def edit(files: Files) -> None:
        files["verify/verify.py"] = b"print('all five passed')\n"

    assert verdicts(resealed(pack.data, outsider().sign_bytes, edit), bank.vkey) == list("PPFPP")


def test_another_recipient_written_in_by_an_outsider(bank: Bank, pack: BuiltPack) -> None:
    forged = resealed(pack.data, outsider().sign_bytes, lambda files: None, {"recipient": "Press"})
    assert verdicts(forged, bank.vkey) == list("PPFPP")


def test_an_instance_left_out_of_what_is_complete(bank: Bank, pack: BuiltPack) -> None:
    sign = bank.log.secrets.signer.sign_bytes
    forged = resealed(pack.data, sign, lambda files: None, {"subjects": ["cr_1"]})
    assert verdicts(forged, bank.vkey) == list("PPPFP")


def test_a_checkpoint_signed_by_another_key(bank: Bank, pack: BuiltPack) -> None:
    def edit(files: Files) -> None:
        (value,) = values_of(files, "proofs/checkpoints.jsonl")
        text = value["note"].partition("\n\n")[0] + "\n"
        files["proofs/checkpoints.jsonl"] = json_bytes({"note": outsider().sign_note(text)})

    forged = retold(pack.data, bank.log.secrets.signer.sign_bytes, edit)
    assert verdicts(forged, bank.vkey) == list("PPFNP")
    assert verdicts(forged, None) == list("PPFNP")


def test_a_whole_other_log_under_the_same_name(bank: Bank, tmp_path: Path) -> None:
    """Everything fits together, with keys of the forger's own: only a key from outside tells."""
    other = open_bank(tmp_path, SetClock())
    live(other)
    forged = pack_of(other).data
    other.close()
    assert verdicts(forged, None) == list("PPNNP")
    assert verdicts(forged, bank.vkey) == list("PPFNP")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (Change("task.completed", ("payload", "decision", "person"), "person:d"), "authority"),
        (Change("task.completed", ("payload", "decision", "headroom"), "99999.00"), "authority"),
        (Change("task.completed", ("payload", "decision", "measure", "amount"), "6000.00"), "authority"),
        (Change("task.completed", ("payload", "statement", "outcome"), "decline"), "signature"),
        (Change("task.completed", ("payload", "reason_code"), "within-policy"), "signature"),
        (Change("task.completed", ("payload", "transitions", 1, "to"), "declined"), "sequence"),
        (Change("instance.started", ("payload", "transitions", 0, "initiator"), "person:c"), "authority"),
        (Change("instance.started", ("payload", "transitions", 5, "value"), 9), "authority"),
        (Change("instance.started", ("payload", "transitions", 6, "to"), "approved"), "sequence"),
    ],
)
def test_lies_told_to_the_ledger_itself(tmp_path: Path, change: Change, part: str) -> None:
    """Proved, signed and complete, and still not what the register and the blueprint allow."""
    liar = open_bank(tmp_path, SetClock(), changes=(change,))
    live(liar)
    data = pack_of(liar).data
    liar.close()
    assert verdicts(data, liar.vkey) == list("PPPPF")
    failed = [one for one in semantics(PackParts(read_bag(data))).parts if one.status.value == "failed"]
    assert part in failed[0].name, failed


@pytest.mark.parametrize("at", [0, 3, 30, 500, -1, -30])
def test_bytes_of_the_container_flipped(pack: BuiltPack, at: int) -> None:
    data = bytearray(pack.data)
    data[at] ^= 0x41
    with pytest.raises(BrokenInput):
        read_bag(bytes(data))
