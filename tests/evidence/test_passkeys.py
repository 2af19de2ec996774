"""A decision signed by a passkey: in a pack, judged by `verify.py` where nothing is installed; and told wrongly."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from api.packs import BuiltPack
from api.verifier import assembled
from governance.grant import digest_of
from governance.passkeys import challenge_of, judge_signature, passkey_signature
from governance.questions.facts import Record, Records
from governance.questions.rederive import decisions, rederive
from governance.questions.verdicts import semantics
from governance.signature import ATTESTED, PERSON_HELD_KEY, Signature, Statement
from ledger.entry import EntryDraft
from ledger.pack import read_bag
from ledger.refusal import Reason, Refusal
from ledger.verify.bytes import b64url
from ledger.verify.pack_parts import PackParts
from ledger.verify.webauthn import Failure
from tests.conftest import SetClock
from tests.evidence.bank import PERSONS, Bank, Change
from tests.evidence.conftest import live, open_bank, pack_of
from tests.ledger.authenticator import ALGORITHMS, ORIGIN, PRESENT, RP_ID, Authenticator

OFFICER = PERSONS["officer"][0]
STATEMENT = Statement(
    "person:officer", "approve", "I decide this credit", "office:head", None, "sh0wn", "pi_1", "decision",
    "bl", "gr", 7, 1_795_000_000_000_000, 1_795_000_900_000_000, "n0nce",
)  # fmt: skip


def signed_by(passkey: Authenticator, statement: Statement = STATEMENT, now: int = 5) -> Signature | Refusal:
    challenge = challenge_of(statement)
    return passkey_signature(statement, passkey.sign(challenge), passkey.expected(challenge), now)


def recorded(algorithm: str = "ES256") -> dict[str, Any]:
    signature = signed_by(Authenticator(algorithm))
    assert isinstance(signature, Signature)
    return signature.as_value()


def enrolled(passkey: Authenticator, **changes: Any) -> EntryDraft:
    """What stands on record of the officer's passkey."""
    payload = {
        "person": OFFICER,
        "passkey": b64url(sha256(passkey.credential).digest()),
        "public_key": b64url(passkey.public_key),
        "rp_id": RP_ID,
        **changes,
    }
    return EntryDraft(changes.get("kind", "passkey.enrolled"), 1, payload["person"], payload)


@pytest.fixture(scope="module", params=ALGORITHMS)
def signed_bank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    bank = open_bank(tmp_path_factory.mktemp("bank"), SetClock())
    bank.signing = lambda statement, now: signed_by(Authenticator(request.param), statement, now)
    bank.passkeys = [enrolled(Authenticator(request.param))]
    live(bank)
    yield bank
    bank.close()


@pytest.fixture(scope="module")
def signed_pack(signed_bank: Bank) -> BuiltPack:
    return pack_of(signed_bank)


def test_verify_py_judges_the_assertion(signed_bank: Bank, signed_pack: BuiltPack, tmp_path: Path) -> None:
    """In a fresh interpreter with nothing installed; what it cannot know it reports as not run."""
    (tmp_path / "verify.py").write_bytes(assembled())
    (tmp_path / "pack.zip").write_bytes(signed_pack.data)
    command = [sys.executable, "-I", "-S", "verify.py", "pack.zip", "--trust", signed_bank.vkey, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env={})
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)["verdicts"]
    assert [verdict["status"] for verdict in told] == ["passed"] * 5
    parts = {part["name"]: part["status"] for part in told[4]["parts"]}
    assert "passkey holder" not in told[4]["text"]  # nothing of it is left open
    assert "pi_1.2 passkey holder" not in parts


@pytest.mark.parametrize(
    ("drafts", "status", "wrong"),
    [
        ([], "not run", "not among the entries"),
        ([enrolled(Authenticator(credential=b"another"))], "not run", "not among the entries"),
        ([enrolled(Authenticator(), person=PERSONS["clerk"][0])], "failed", "person"),
        ([enrolled(Authenticator("EdDSA"))], "failed", "key"),
        ([enrolled(Authenticator(), rp_id="elsewhere.test")], "failed", "rp id"),
        ([enrolled(Authenticator()), enrolled(Authenticator(), kind="passkey.removed")], "failed", "in force"),
    ],
)
def test_whose_passkey_it_was_is_held_against_its_enrolment(
    drafts: list[EntryDraft], status: str, wrong: str, tmp_path: Path
) -> None:
    bank = open_bank(tmp_path, SetClock())
    bank.signing = lambda statement, now: signed_by(Authenticator(), statement, now)
    bank.passkeys = drafts
    live(bank)
    with bank.reader.view() as view:
        records = Records(
            Record(index, "", json.loads(row.bytes)) for index in range(view.head.size) if (row := view.entry(index))
        )
    bank.close()
    [decision] = decisions(records)
    [part] = [part for part in rederive(records, decision).parts if part.name == "passkey holder"]
    assert part.status.value == status
    assert wrong in part.text


def test_a_reason_that_was_not_signed_fails_the_signature(tmp_path: Path) -> None:
    """The statement names the reason by the commitment in the entry; another one was not signed."""
    change = Change("task.completed", ("payload", "reason"), {"$commitment": f"1.{b64url(bytes(32))}"})
    bank = open_bank(tmp_path, SetClock(), changes=(change,))
    live(bank)
    told = semantics(PackParts(read_bag(pack_of(bank).data)))
    bank.close()
    assert [part.name for part in told.parts if part.status.value == "failed"] == ["pi_1.2 signature"]


def test_the_record_tells_the_strength(signed_pack: BuiltPack) -> None:
    record = read_bag(signed_pack.data).payload["record.json"].decode()
    assert "person-held key, factor passkey" in record


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("passkey", "signature"), "MAA"),
        (("passkey", "rp_id"), "evil.test"),
        (("passkey", "origin"), "https://evil.test"),
        (("passkey", "public_key"), recorded("EdDSA")["passkey"]["public_key"]),
        (("passkey", "client_data"), recorded()["passkey"]["client_data"]),
        (("strength",), ATTESTED),
        (("factor",), "password"),
    ],
)
def test_a_lie_about_the_signature_fails_the_fifth_verdict(path: tuple[str, ...], value: str, tmp_path: Path) -> None:
    change = Change("task.completed", ("payload", "signature", *path), value)
    liar = open_bank(tmp_path, SetClock(), changes=(change,))
    liar.signing = lambda statement, now: signed_by(Authenticator(), statement, now)
    live(liar)
    told = semantics(PackParts(read_bag(pack_of(liar).data)))
    liar.close()
    assert told.status.value == "failed"
    failed = [part.name for part in told.parts if part.status.value == "failed"]
    assert failed == ["pi_1.2 signature"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_recorded_is_judged_as_it_was_made(algorithm: str) -> None:
    value = recorded(algorithm)
    assert value["statement_digest"] == STATEMENT.digest == digest_of(STATEMENT.as_value())
    assert (value["factor"], value["strength"], value["signed_at"]) == ("passkey", PERSON_HELD_KEY, 5)
    judged = judge_signature(json.loads(json.dumps(value)))
    assert (judged.is_fault, judged.is_own_key) == (False, True)
    assert judged.text == f"person-held key, {algorithm} at {ORIGIN}"


@pytest.mark.parametrize(
    ("passkey", "failure"),
    [
        (Authenticator(flags=PRESENT), Failure.NOT_VERIFIED),
        (Authenticator(rp_id="evil.test"), Failure.WRONG_RP),
        (Authenticator(client={"origin": "https://evil.test"}), Failure.WRONG_ORIGIN),
        (Authenticator(client={"crossOrigin": True}), Failure.CROSS_ORIGIN),
        (Authenticator(client={"type": "webauthn.create"}), Failure.WRONG_TYPE),
    ],
    ids=lambda value: value.value if isinstance(value, Failure) else "",
)
def test_a_refusal_names_the_failure(passkey: Authenticator, failure: Failure) -> None:
    refusal = signed_by(passkey)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.details) == (Reason.SIGNATURE_WRONG, (("assertion", failure.value),))


def test_an_assertion_is_good_for_one_statement() -> None:
    """Neither with what it was asked for nor with what this statement asks."""
    passkey, other = Authenticator(), replace(STATEMENT, outcome="decline")
    assertion = passkey.sign(challenge_of(STATEMENT))
    for challenge in (challenge_of(STATEMENT), challenge_of(other)):
        refusal = passkey_signature(other, assertion, passkey.expected(challenge), 5)
        assert isinstance(refusal, Refusal)
        assert refusal.reason is Reason.SIGNATURE_WRONG


def test_a_password_proves_what_the_service_says() -> None:
    value = Signature(STATEMENT.digest, "person:officer", "password", ATTESTED, 5).as_value()
    assert "passkey" not in value
    judged = judge_signature(value)
    assert (judged.text, judged.is_fault, judged.is_own_key) == (ATTESTED, False, False)


def _without(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: member for name, member in value.items() if name not in names}


@pytest.mark.parametrize(
    "value",
    [
        _without(recorded(), "passkey"),
        {**_without(recorded(), "passkey"), "factor": "password"},
        {**_without(recorded(), "passkey"), "strength": ATTESTED},
        {**recorded(), "factor": "password"},
        {**recorded(), "factor": "password", "strength": ATTESTED},
        {**recorded(), "strength": ATTESTED},
        {**recorded(), "strength": None},
        _without(recorded(), "factor"),
        {**recorded(), "passkey": "proof"},
        {**recorded(), "passkey": {}},
        {**recorded(), "passkey": []},
        {**recorded(), "statement_digest": "AAAA"},
        _without(recorded(), "statement_digest"),
        *({**recorded(), "passkey": _without(recorded()["passkey"], name)} for name in recorded()["passkey"]),
        *({**recorded(), "passkey": {**recorded()["passkey"], name: 1}} for name in recorded()["passkey"]),
        *({**recorded(), "passkey": {**recorded()["passkey"], name: "="}} for name in recorded()["passkey"]),
        {**recorded(), "passkey": {**recorded()["passkey"], "more": "x"}},
        {**recorded(), "passkey": {**recorded()["passkey"], "rp_id": f"{RP_ID}."}},
    ],
)
def test_a_stronger_word_needs_its_proof(value: dict[str, Any]) -> None:
    assert judge_signature(value).is_fault
