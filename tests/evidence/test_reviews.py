"""Reviews signed by a passkey: in a pack, judged by `verify.py` where nothing is installed; and told wrongly."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.verifier import assembled
from governance.passkeys import challenge_of, passkey_signature
from governance.questions.facts import Record, Records
from governance.questions.reviews import judge_review, reviews
from governance.signature import ReviewStatement, Signature, signature_of
from ledger.entry import EntryDraft
from ledger.refusal import Refusal
from ledger.verify.report import Status
from tests.conftest import SetClock
from tests.evidence.bank import PERSONS, Bank
from tests.evidence.conftest import live, open_bank, pack_of
from tests.evidence.test_passkeys import enrolled
from tests.ledger.authenticator import Authenticator

REVIEWER = PERSONS["reviewer"][0]


def by(passkey: Authenticator) -> Callable[[ReviewStatement, int], Signature | Refusal]:
    def sign(statement: ReviewStatement, now: int) -> Signature | Refusal:
        challenge = challenge_of(statement)
        return passkey_signature(statement, passkey.sign(challenge), passkey.expected(challenge), now)

    return sign


def bank_of(folder: Path, enrolment: list[EntryDraft]) -> Bank:
    bank = open_bank(folder, SetClock())
    bank.reviewing, bank.enrolled = by(Authenticator()), enrolment
    live(bank)
    return bank


def records_of(bank: Bank) -> Records:
    with bank.reader.view() as view:
        rows = [view.entry(index) for index in range(view.head.size)]
    return Records(Record(row.idx, "", json.loads(row.bytes)) for row in rows if row is not None)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Records:
    bank = bank_of(tmp_path_factory.mktemp("bank"), [enrolled(Authenticator(), person=REVIEWER)])
    records = records_of(bank)
    bank.close()
    return records


def judged(records: Records, change: Callable[[dict[str, Any]], Any] = lambda _: None) -> dict[str, tuple[Status, str]]:
    """The parts of the one review, by name, with its entry changed."""
    value = json.loads(json.dumps(records.kind("change.reviewed")[0].entry))
    change(value)
    told = Records(replace(one, entry=value) if one.kind == "change.reviewed" else one for one in records)
    ((_, parts),) = reviews(told)
    return {part.name: (part.status, part.text) for part in parts}


@pytest.mark.parametrize("is_enrolled", [True, False])
def test_verify_py_judges_the_review(is_enrolled: bool, tmp_path: Path) -> None:
    """In a fresh interpreter with nothing installed; what it cannot know it reports as not run."""
    bank = bank_of(tmp_path, [enrolled(Authenticator(), person=REVIEWER)] if is_enrolled else [])
    data, vkey = pack_of(bank).data, bank.vkey
    bank.close()
    (tmp_path / "verify.py").write_bytes(assembled())
    (tmp_path / "pack.zip").write_bytes(data)
    command = [sys.executable, "-I", "-S", "verify.py", "pack.zip", "--trust", vkey, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env={})
    assert (done.returncode, done.stderr) == (0, "")
    fifth = json.loads(done.stdout)["verdicts"][4]
    assert "1 signatures under reviews judged again" in fifth["text"]
    open_parts = {part["name"]: part["status"] for part in fifth["parts"] if "passkey holder" in part["name"]}
    assert open_parts == ({} if is_enrolled else {"cr_1.1 passkey holder": "not run"})


def test_a_signed_review_holds(signed: Records) -> None:
    told = judged(signed)
    assert {name: status for name, (status, _) in told.items()} == {
        "signature": Status.PASSED,
        "passkey holder": Status.PASSED,
    }


def _set(*path: str, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(value: dict[str, Any]) -> None:
        for name in path[:-1]:
            value = value[name]
        value[path[-1]] = to

    return change


STATED = ("payload", "statement")


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (_set("payload", "verdict", to="refuse"), "verdict, meaning"),
        (_set("payload", "person", to="person:other"), "person, capacity"),
        (_set("payload", "on_behalf_of", to="person:other"), "capacity"),
        (_set("payload", "digest", to="other"), "content"),
        (_set("payload", "reason", to={"$commitment": "1.other"}), "reason"),
        (_set("recorded_at", to="2036-01-01T00:00:00.000000Z"), "time"),
        (_set(*STATED, "purpose", to="muniment/statement/v1"), "purpose, digest"),
        (_set(*STATED, "base_version", to=1), "digest, what was edited"),
        (_set(*STATED, "name", to="other"), "digest, what was edited"),
        (_set(*STATED, "nonce", to="other"), "digest"),
        (_set("payload", "signature", "statement_digest", to="other"), "digest"),
        (_set("payload", "signature", "passkey", "origin", to="https://evil.test"), "does not hold"),
        (_set("payload", "signature", "factor", to="password"), "do not"),
        (_set("payload", "signature", to=None), "one is missing"),
        (_set("payload", "statement", to={}), "can be read"),
        (lambda value: (value["payload"].pop("statement"), value["payload"].pop("signature")), "found none"),
    ],
)
def test_what_was_not_signed_fails_and_is_named(
    signed: Records, change: Callable[[dict[str, Any]], Any], wrong: str
) -> None:
    status, text = judged(signed, change)["signature"]
    assert status is Status.FAILED
    assert text.endswith(f": {wrong}") or wrong in text


def test_an_unsigned_review_of_before_is_not_judged_and_one_that_asks_for_changes_needs_none(signed: Records) -> None:
    def unsigned(**members: Any) -> Callable[[dict[str, Any]], None]:
        def change(value: dict[str, Any]) -> None:
            value["payload"] = {**value["payload"], **members.pop("payload", {})}
            del value["payload"]["statement"], value["payload"]["signature"]
            value.update(members)

        return change

    assert judged(signed, unsigned(schema=1)) == {}
    assert judged(signed, unsigned(payload={"verdict": "request changes"})) == {}
    assert judged(signed, unsigned(payload={"verdict": "refuse"}))["signature"][0] is Status.FAILED


def test_a_statement_that_was_used_before_and_an_edit_that_is_not_there(signed: Records) -> None:
    (review,) = signed.kind("change.reviewed")
    trail = [one for one in signed.of("cr_1") if one.index < review.index]
    (again, *_) = judge_review(review, [*trail, review], lambda _: None)
    assert (again.status, again.text.rpartition(": ")[2]) == (Status.FAILED, "used before")
    (alone,) = judge_review(review, [], lambda _: None)
    assert alone.status is Status.NOT_RUN


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [({"person": PERSONS["clerk"][0]}, "person"), ({"public_key": "other"}, "key"), ({"rp_id": "evil.test"}, "rp id")],
)
def test_whose_passkey_it_was_is_held_against_its_enrolment(changes: Any, wrong: str, tmp_path: Path) -> None:
    bank = bank_of(tmp_path, [enrolled(Authenticator(), **{"person": REVIEWER, **changes})])
    status, text = judged(records_of(bank))["passkey holder"]
    bank.close()
    assert (status, text.rpartition(": ")[2]) == (Status.FAILED, wrong)


def test_a_review_by_password_is_the_words_of_the_service(tmp_path: Path) -> None:
    bank = open_bank(tmp_path, SetClock())
    bank.reviewing = lambda statement, now: signature_of(statement, "password+totp", now)
    live(bank)
    told = judged(records_of(bank))
    bank.close()
    assert set(told) == {"signature"}
    assert "attested by the service" in told["signature"][1]
