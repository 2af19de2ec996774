"""What leaves the service for tools of others: receipts in three formats and signed statements, verified off-line."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from api import cli_verify
from api.acting import TOKEN, open_acting
from api.cli_receipt import run as receipt_command
from ledger.canonical import from_b64url
from ledger.chain import leaf_hash
from ledger.checking import check_signature
from ledger.cose import check_consistency_receipt
from ledger.dsse import DECISION, IN_TOTO, MEDIA_TYPE, Wanted, verified_payload
from ledger.errors import BrokenInput
from ledger.note import parse_vkey
from ledger.publication import AddLines, Line
from ledger.publisher import Publisher
from ledger.tlog_proof import parse_proof
from ledger.tree import root_of
from ledger.work import Done
from tests.api.organisation import House
from tests.api.work import decide, start, task_of

READER = "auditor"


def vkey(house: House) -> str:
    return str(house.service.log.secrets.signer.vkey)


def verify(*arguments: Any) -> int:
    parser = argparse.ArgumentParser(prog="muniment verify")
    return cli_verify.run("verify", parser, [str(argument) for argument in arguments])


def entry_of(house: House, index: int) -> bytes:
    answer = house.get(f"/v1/ledger/entries/{index}", READER)
    assert answer.status_code == 200, answer.text
    return from_b64url(answer.json()["bytes"])


def test_a_whole_receipt(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = house.get("/v1/ledger/receipts/7?proof=1&entry=1", READER).json()
    assert leaf_hash(from_b64url(answer["bytes"])) == from_b64url(answer["leaf_hash"])
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(answer))
    assert verify("--receipt", file, "--vkey", vkey(house), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sound"], told["inclusion"], told["entry"], told["index"]) == (True, "passed", "passed", 7)


def test_a_tlog_proof(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = house.get("/v1/ledger/receipts/7?format=tlog-proof", READER)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert 'filename="entry-7.tlog-proof"' in answer.headers["content-disposition"]
    assert answer.text.startswith("c2sp.org/tlog-proof@v1\nindex 7\n")
    proof, entry = tmp_path / "entry-7.tlog-proof", tmp_path / "entry"
    proof.write_bytes(answer.content)
    entry.write_bytes(entry_of(house, 7))
    asked = ("--proof", proof, "--entry", entry, "--vkey", vkey(house))
    assert verify(*asked, "--json") == 0
    assert json.loads(capsys.readouterr().out)["sound"] is True
    assert verify(*asked) == 0
    assert "inclusion: passed" in capsys.readouterr().out
    entry.write_bytes(entry_of(house, 8))
    assert verify(*asked) == 1
    assert "FAULT" in capsys.readouterr().out
    entry.write_bytes(entry_of(house, 7))
    proof.write_bytes(answer.content.replace(b"index 7", b"index 6"))
    assert verify(*asked) == 1


def test_a_cose_receipt(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = house.get("/v1/ledger/receipts/7?format=cose", READER)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/cose")
    receipt, entry = tmp_path / "receipt.cose", tmp_path / "entry"
    receipt.write_bytes(answer.content)
    entry.write_bytes(entry_of(house, 7))
    assert verify("--cose", receipt, "--entry", entry, "--index", 7, "--vkey", vkey(house)) == 0
    assert verify("--cose", receipt, "--entry", entry, "--index", 6, "--vkey", vkey(house), "--json") == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["sound"] is False


def test_a_cose_receipt_of_consistency(house: House) -> None:
    with house.service.reader.view() as view:
        leaves = view.leaf_hashes(0, view.head.size)
    size, key = len(leaves), parse_vkey(vkey(house))
    receipt = house.get("/v1/ledger/proofs/consistency?old=9&format=cose", READER)
    assert (receipt.status_code, receipt.headers["content-type"]) == (200, "application/cose")
    old, new = (9, root_of(leaves[:9])), (size, root_of(leaves))
    assert check_consistency_receipt(receipt.content, old, new, key, check_signature)
    assert not check_consistency_receipt(receipt.content, (8, root_of(leaves[:8])), new, key, check_signature)
    for wrong in (f"old={size}&format=cose", "old=8&new=9&format=cose", "old=8&format=tlog-proof"):
        house.refused(house.get(f"/v1/ledger/proofs/consistency?{wrong}", READER), 400, "MALFORMED")


def test_proofs_for_others_are_against_what_was_published(house: House) -> None:
    """With the lines of witnesses, where the published checkpoint covers the entry; else against the newest."""
    with house.service.reader.view() as view:
        size, note = view.head.size, view.head.checkpoint
        at = view.now
    submit = lambda requests: [house.run(request.command) for request in requests]  # noqa: E731
    Publisher("test", submit, house.service.reader).round()
    line = "\u2014 witness.example AAAAAAAAAAAA\n"
    lines = (Line(size, "00000000", "cosignature", line.encode(), at), Line(size, "aa", "timestamp", b"token", at))
    assert house.run(AddLines(lines)).outcome == Done("kept", {"lines": 2})
    start(house)
    proof = parse_proof(house.get("/v1/ledger/receipts/7?format=tlog-proof", READER).text)
    assert proof.note == note + line
    newer = parse_proof(house.get(f"/v1/ledger/receipts/{size}?format=tlog-proof", READER).text)
    assert newer.note.split("\n")[1] != str(size)


def test_formats_and_entries_that_are_none(house: House) -> None:
    house.refused(house.get("/v1/ledger/receipts/7?format=pdf", READER), 400, "MALFORMED")
    for form in ("json", "cose", "tlog-proof"):
        house.refused(house.get(f"/v1/ledger/receipts/9999999?format={form}", READER), 404, "NOT_FOUND")


def body_of(house: House, envelope: bytes, payload_type: str) -> Any:
    key = frozenset((parse_vkey(vkey(house)).public_key,))
    found, payload = verified_payload(envelope, Wanted(key, (payload_type,), check_signature))
    assert found == payload_type
    return json.loads(payload)


def test_a_signed_decision(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instance = start(house)
    task = task_of(house, instance)
    assert decide(house, task).status_code == 200
    answer = house.get(f"/v1/decisions/{task['id']}/statement", READER)
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    body = body_of(house, answer.content, DECISION)
    listed = house.get(f"/v1/decisions/{task['id']}", READER).json()
    assert body["said"]["decision"]["outcome"] == listed["outcome"] == "approve"
    assert (body["subject"], body["entry"]["index"]) == (instance, listed["entry_index"])
    assert body["said"]["statement"] == listed["statement"]
    assert body["said"]["signature"]["person"] == house.person("budget-owner-1")
    assert "within budget" not in json.dumps(body)  # a reason is classed, and stays a commitment
    entry = entry_of(house, body["entry"]["index"])
    assert from_b64url(body["entry"]["leaf_hash"]) == leaf_hash(entry)
    file = tmp_path / "statement.json"
    file.write_bytes(answer.content)
    assert verify("--statement", file, "--vkey", vkey(house)) == 0
    file.write_bytes(answer.content.replace(b'"application/vnd.muniment', b'"application/xnd.muniment'))
    assert verify("--statement", file, "--vkey", vkey(house)) == 1
    assert "FAULT" in capsys.readouterr().out
    house.refused(house.get("/v1/decisions/none/statement", READER), 404, "NOT_FOUND")


def test_where_a_blueprint_comes_from(house: House) -> None:
    answer = house.get("/v1/blueprints/invoice-approval/versions/1/statement", READER)
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    statement = body_of(house, answer.content, IN_TOTO)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    (listed,) = house.get("/v1/blueprints/invoice-approval/versions", READER).json()["items"]
    (subject,) = statement["subject"]
    assert subject["name"] == "blueprint/invoice-approval@1"
    assert bytes.fromhex(subject["digest"]["sha256"]) == from_b64url(listed["digest"])
    predicate = statement["predicate"]
    assert predicate["approvers"] == listed["approvers"]
    assert not set(predicate["approvers"]) & set(predicate["authors"])
    kinds = [place["kind"] for place in predicate["trail"]]
    assert kinds[0] == "change.proposed"
    assert "change.reviewed" in kinds
    for place in predicate["trail"]:
        assert leaf_hash(entry_of(house, place["index"])) == from_b64url(place["leaf_hash"])
    for wrong in ("invoice-approval/versions/2", "invoice-approval/versions/0", "nothing/versions/1"):
        house.refused(house.get(f"/v1/blueprints/{wrong}/statement", READER), 404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/v1/decisions/x/statement", "/v1/blueprints/invoice-approval/versions/1/statement"])
def test_nobody_reads_statements_without_leave(house: House, path: str) -> None:
    house.refused(house.get(path), 401, "NO_CREDENTIAL")


def command(house: House, *arguments: Any) -> int:
    token = house.token(READER)
    parser = argparse.ArgumentParser(prog="muniment receipt")
    return receipt_command(
        "receipt", parser, [str(one) for one in arguments], lambda: open_acting(house.settings, {TOKEN: token})
    )


@pytest.mark.parametrize(
    ("name", "option", "more"),
    [("r.json", "--receipt", ()), ("r.tlog-proof", "--proof", ()), ("r.cose", "--cose", ("--index", 9))],
)
def test_receipts_at_the_command_line(
    house: House, tmp_path: Path, name: str, option: str, more: tuple[Any, ...]
) -> None:
    out, entry = tmp_path / name, tmp_path / "entry"
    assert command(house, "--index", 9, "--out", out, "--entry-out", entry) == 0
    assert entry.read_bytes() == entry_of(house, 9)
    assert verify(option, out, "--entry", entry, "--vkey", vkey(house), *more) == 0
    with pytest.raises(BrokenInput, match="--index"):
        command(house, "--index", 10**9, "--out", out)
    with pytest.raises(BrokenInput, match="--vkey"):
        verify(option, out, "--entry", entry, *more)
