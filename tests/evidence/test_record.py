"""Compliance records: seven sections, every statement cited, names only for those who may see them."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from api.cli_evidence import run
from api.evidence import compliance_record
from api.evidence_access import EvidenceAccess
from api.packs import BuiltPack, build_pack
from api.record_html import REPORT_CSS, report_html
from api.record_html import words as set_words
from api.showing import visible
from ledger.canonical import b64url
from ledger.chain import leaf_hash
from ledger.pack import read_bag
from ledger.reading import View
from ledger.refusal import Reason, Refusal
from tests.evidence.bank import Bank, actor_of
from tests.evidence.conftest import INSTANCE, ask_for

SECTIONS = ["who", "authority", "when", "shown", "rules", "alternatives", "followed"]


def nobody(record_class: str, data_subject: str) -> bool:
    return False


def everybody(record_class: str, data_subject: str) -> bool:
    return True


def told(view: View, about: str, allowed: object = everybody) -> dict[str, Any]:
    record = compliance_record(view, about, allowed)  # type: ignore[arg-type]
    assert record is not None
    return record.as_value()


@pytest.mark.parametrize("about", [INSTANCE, f"{INSTANCE}.2"])
def test_every_statement_is_cited_by_entry_and_leaf(bank: Bank, about: str) -> None:
    with bank.reader.view() as view:
        value = told(view, about)
        assert [section["id"] for section in value["sections"]] == SECTIONS
        for section in value["sections"]:
            assert section["statements"], section["id"]
            for said in section["statements"]:
                assert said["evidence"], said
                for one in said["evidence"]:
                    row = view.entry(one["index"])
                    assert row is not None
                    assert one["leaf_hash"] == b64url(leaf_hash(row.bytes))


def words(value: dict[str, Any]) -> str:
    return "\n".join(said["text"] for section in value["sections"] for said in section["statements"])


def test_told_in_words(bank: Bank) -> None:
    with bank.reader.view() as view:
        text = words(told(view, INSTANCE))
    for expected in (
        "Intake Clerk (person:e) started the instance in lending",
        "Credit Officer 1 (person:c) completed `officer`",
        'signed "I decide this credit within my authority" (attested by the service, factor password)',
        "measured 60000.00 GBP, at most 100000.00 GBP per case, 40000.00 left",
        "Lending authorities (2026/3, board, 2026-03-01)",
        "in time, due",
        "`amount`: 60000.00 GBP",
        "`applicant`: classed, commitment",
        "written by Process Owner (person:a) in change request cr_1",
        "approved by Change Reviewer (person:b)",
        "rule table credit-grade (t) was evaluated; matching rows: 2",
        "the decider could also have chosen `decline`",
        "the instance ended `approved`",
    ):
        assert expected in text, expected


def test_a_reader_who_may_not_sees_the_commitment_and_why(bank: Bank) -> None:
    with bank.reader.view() as view:
        value = told(view, INSTANCE, nobody)
    assert "Credit Officer 1" not in json.dumps(value)
    (officer,) = [one for one in value["persons"] if one["person"] == "person:c"]
    assert officer["name"] is None
    assert officer["reason"] == "this reader may not see it, or it was erased"
    assert len(officer["commitment"].partition(".")[2]) == 43
    assert "Applicant 1" not in json.dumps(value)


def test_a_decision_that_is_none(bank: Bank) -> None:
    with bank.reader.view() as view:
        assert compliance_record(view, f"{INSTANCE}.9", everybody) is None


class Page(HTMLParser):
    """Collects tags, ids and the targets of links."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: set[str] = set()
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        if tag == "a":
            self.targets.add((found.get("href") or "").removeprefix("#"))
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)


def test_the_page_needs_no_script_and_every_link_leads_somewhere(pack: BuiltPack) -> None:
    payload = read_bag(pack.data).payload
    page = Page()
    page.feed(payload["report.html"].decode())
    assert "script" not in page.tags
    assert page.targets
    assert page.targets <= page.ids
    assert page.tags.count("h1") >= 5
    assert payload["report.css"] == REPORT_CSS.read_bytes()
    assert re.search(r"@media print", payload["report.css"].decode())


def test_text_from_outside_is_escaped() -> None:
    value = {
        "title": "<script>alert(1)</script>",
        "id": "pi_1",
        "ledger": {"log": "<b>", "size": 1, "root": "r"},
        "sections": [],
    }
    assert "<script>" not in report_html([value])
    assert "<b>" not in report_html([value])
    said = {"id": "who", "title": "Who", "statements": [{"text": "`<i>` <u>", "evidence": []}]}
    assert "<code>&lt;i&gt;</code> &lt;u&gt;" in report_html([{**value, "sections": [said]}])


@given(st.text(alphabet="`ab<&'\u202e\n", max_size=30))
def test_what_stands_between_two_backticks_is_code(text: str) -> None:
    """A last one that nothing closes stands as it is."""
    assert str(set_words(text)) == re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(visible(text))))


def test_nobody_packs_without_the_permission(bank: Bank) -> None:
    bank.access.is_open = False
    try:
        refused = build_pack(bank.room, actor_of("clerk"), "pack-refused", ask_for(bank))
    finally:
        bank.access.is_open = True
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NO_RULE


def test_a_pack_is_on_the_record_before_it_leaves(bank: Bank, pack: BuiltPack) -> None:
    with bank.reader.view() as view:
        (row,) = view.history(pack.pack)
        payload = json.loads(row.bytes)["payload"]
        assert payload["digest"] == pack.digest
        assert view.unseal(pack.pack, "recipient", payload["recipient"]) == "Regulator"
    assert b"Regulator" not in row.bytes


def test_the_commands(bank: Bank, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    access = EvidenceAccess(bank.room, actor_of("reviewer"), everybody, lambda *_: None, lambda: None)

    def do(name: str, *rest: str) -> tuple[int, str]:
        status = run(name, argparse.ArgumentParser(name), list(rest), lambda: access)
        return status, capsys.readouterr().out

    status, out = do("record", "--instance", INSTANCE)
    assert (status, json.loads(out)["id"]) == (0, INSTANCE)
    status, out = do("record", "--decision", f"{INSTANCE}.2", "--format", "html")
    assert (status, out.count("<h1")) == (0, 2)
    status, out = do("ask", "--list")
    assert (status, out.splitlines()[0][:3]) == (0, "Q01")
    status, out = do("ask", "Q16", "--instance", INSTANCE)
    assert (status, json.loads(out)["verdict"]) == (1, "not_determinable")
    status, out = do("ask", "Q16", "--instance", INSTANCE, "--trust", bank.vkey)
    assert (status, json.loads(out)["verdict"]) == (0, "satisfied")
    status, out = do("ask", "Q01", "--instance", INSTANCE, "--format", "csv")
    assert (status, out.splitlines()[0].count("person")) == (0, 1)
    file = tmp_path / "pack.zip"
    asked = ("--purpose", "review", "--recipient", "auditor", "--out", str(file), "--json")
    status, out = do("pack", "--instance", INSTANCE, *asked)
    assert (status, json.loads(out)["file"]) == (0, str(file))
    assert read_bag(file.read_bytes()).name == json.loads(out)["pack"]


def test_a_recipient_holds_an_older_checkpoint(bank: Bank, pack: BuiltPack) -> None:
    """The pack proves that the log has only grown since."""
    from tests.evidence.forging import verdicts

    note = json.loads(read_bag(pack.data).payload["proofs/checkpoints.jsonl"])["note"]
    built = build_pack(bank.room, actor_of("reviewer"), "pack-kept", ask_for(bank, kept=(note,)))
    assert isinstance(built, type(pack))
    payload = read_bag(built.data).payload
    assert payload["proofs/checkpoints.jsonl"].count(b"\n") == 2
    assert verdicts(built.data, bank.vkey) == list("PPPPP")
