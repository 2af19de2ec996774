"""`muniment verify`: exit status, words, JSON, the rest since a checkpoint, and receipts."""

import argparse
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from api import cli_verify
from ledger.batch import Batch
from ledger.canonical import b64url, encode
from ledger.proof import prove_inclusion
from ledger.timestamp import imprint_of, read_response, request
from ledger.verification import Subject
from ledger.work import Answer, Request
from tests.conftest import SetClock
from tests.ledger.authority import Authority
from tests.ledger.tampering import LOG, ORIGIN, Copy, write_log
from tests.ledger.toy import COUNTER, PERSON, Bump, folds
from tests.migrated import migrated_sqlite


@pytest.fixture
def log(tmp_path: Path) -> Copy:
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    return Copy(database, write_log(database, tmp_path / "keys", SetClock()))


def run(log: Copy, *arguments: Any) -> int:
    subject = Subject(log.database, LOG, ORIGIN, (COUNTER,), folds(), log.workings.log.secrets.vault)
    parser = argparse.ArgumentParser(prog="muniment verify")
    return cli_verify.run("verify", parser, [str(argument) for argument in arguments], lambda: subject)


def test_a_sound_log(log: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(log, "--json", "--vkey", log.signer.vkey) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["sound"], report["size"], report["finding"]) == (True, 24, None)
    assert run(log) == 0
    words = capsys.readouterr().out
    assert "not determinable  checkpoint signatures" in words
    assert "no fault found" in words


def test_a_fault(log: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    value = orjson.loads(log.entries()[5].data)
    log.set_entry(5, encode({**value, "correlation_id": "someone"}))
    assert run(log, "--json") == 1
    finding = json.loads(capsys.readouterr().out)["finding"]
    assert (finding["class"], finding["index"], finding["check"]) == ("altered", 5, 3)
    assert run(log) == 1
    assert "FAULT altered: entry 5" in capsys.readouterr().out


def test_the_rest_since_what_was_kept(log: Copy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "kept"
    assert run(log, "--vkey", log.signer.vkey, "--keep", kept) == 0
    connection = log.database.connect()
    Batch(log.workings, connection).run([Request(PERSON, Bump("toy_0"), "later")])
    connection.close()
    capsys.readouterr()
    assert run(log, "--vkey", log.signer.vkey, "--since", kept, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["since"], report["size"]) == (24, 25)
    note = tmp_path / "note"
    note.write_text(json.loads(kept.read_text())["checkpoint"])
    assert run(log, "--vkey", log.signer.vkey, "--since", note, "--json") == 0


def receipt(log: Copy, proof: bool) -> dict[str, Any]:
    connection = log.database.connect()
    (answer,) = Batch(log.workings, connection).run([Request(PERSON, Bump("toy_0"), "receipted")])
    connection.close()
    assert isinstance(answer, Answer)
    assert answer.receipt is not None
    given = answer.receipt
    value = {name: getattr(given, name) for name in ("log", "index", "leaf_hash", "size", "checkpoint")}
    if proof:
        leaves = [entry.leaf_hash for entry in log.entries()]
        path = prove_inclusion(given.index, given.size, lambda start, end: leaves[start:end])
        value["proof"] = [b64url(item) for item in path]
    return value


def test_a_receipt(log: Copy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "receipt.json"
    value = receipt(log, proof=True)
    file.write_text(json.dumps(value))
    assert run(log, "--receipt", file, "--vkey", log.signer.vkey, "--json") == 0
    assert json.loads(capsys.readouterr().out)["inclusion"] == "passed"
    for wrong in (
        {"leaf_hash": b64url(bytes(32))},
        {"index": value["index"] - 1},
        {"proof": value["proof"][1:]},
        {"checkpoint": value["checkpoint"].replace("\n25\n", "\n24\n")},
    ):
        file.write_text(json.dumps({**value, **wrong}))
        assert run(log, "--receipt", file, "--vkey", log.signer.vkey) == 1, wrong


def test_a_receipt_without_a_proof_is_a_promise_and_says_so(
    log: Copy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt(log, proof=False)))
    assert run(log, "--receipt", file, "--vkey", log.signer.vkey) == 1
    assert "inclusion: not run" in capsys.readouterr().out
    assert run(log, "--receipt", file, "--vkey", log.signer.vkey, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["sound"], told["signature"], told["inclusion"]) == (False, "passed", "not run")


def test_a_receipt_cannot_vouch_for_its_own_key(log: Copy, tmp_path: Path) -> None:
    from ledger.errors import BrokenInput

    with pytest.raises(BrokenInput, match="--vkey"):
        run(log, "--receipt", tmp_path / "receipt.json")


def test_one_file_at_a_time_and_files_that_are_none(
    log: Copy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from ledger.errors import BrokenInput

    file = tmp_path / "file"
    file.write_bytes(b"rubbish")
    vkey = ("--vkey", log.signer.vkey)
    for option, more in (("--receipt", ()), ("--proof", ("--entry", file)), ("--statement", ())):
        assert run(log, option, file, *vkey, *more) == 1
        assert "FAULT" in capsys.readouterr().out
        with pytest.raises(BrokenInput, match="can be read"):
            run(log, option, tmp_path / "absent", *vkey, *more)
    assert run(log, "--cose", file, "--entry", file, "--index", 0, *vkey) == 1
    with pytest.raises(BrokenInput, match="expected --index with --cose"):
        run(log, "--cose", file, "--entry", file, *vkey)
    with pytest.raises(BrokenInput, match="expected --roots with --timestamp"):
        run(log, "--timestamp", file, "--note", file)
    with pytest.raises(SystemExit):
        run(log, "--receipt", file, "--proof", file, *vkey)


def test_a_quorum_is_judged_or_refused_and_never_passed_over(
    log: Copy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from ledger.errors import BrokenInput
    from ledger.note import verifier_key
    from ledger.policy import Policy, TrustedWitness, format_policy

    file, policy = tmp_path / "receipt.json", tmp_path / "policy"
    file.write_text(json.dumps(receipt(log, proof=True)))
    witness = TrustedWitness("other", verifier_key("w.example", 4, bytes(32)))
    policy.write_bytes(format_policy(Policy((), (witness,), (), "other")))
    asked = ("--vkey", log.signer.vkey, "--policy", policy)
    assert run(log, "--receipt", file, "--vkey", log.signer.vkey) == 0
    assert run(log, "--receipt", file, *asked) == 1
    assert "FAULT quorum" in capsys.readouterr().out
    policy.write_bytes(format_policy(Policy((), (witness,), (), "none")))
    assert run(log, "--receipt", file, *asked, "--json") == 0
    assert json.loads(capsys.readouterr().out)["witnessed_by"] == []
    for option in (("--cose", file, "--entry", file, "--index", 0), ("--statement", file)):
        with pytest.raises(BrokenInput, match="expected no --policy"):
            run(log, *option, *asked)
        with pytest.raises(BrokenInput, match="expected no --keys"):
            run(log, *option, "--vkey", log.signer.vkey, "--keys", file)


def test_a_timestamp(log: Copy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    authority = Authority(tmp_path / "authority")
    note, token = tmp_path / "note", tmp_path / "token"
    note.write_text("the note\n")
    token.write_bytes(read_response(authority.answer(request(imprint_of(note.read_bytes()), 1))))
    asked = ("--timestamp", token, "--note", note, "--roots", authority.folder / "roots.pem")
    assert run(log, *asked, "--json") == 0
    assert json.loads(capsys.readouterr().out)["sound"] is True
    assert run(log, *asked) == 0
    assert "existed at" in capsys.readouterr().out
    note.write_text("another note\n")
    assert run(log, *asked) == 1
    assert "FAULT" in capsys.readouterr().out
