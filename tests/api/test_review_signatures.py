"""Reviews signed over HTTP: by a passkey on the very statement, by password with a code; and what must not pass."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from api.settings import Settings
from governance.passkeys import judge_signature
from governance.rederiving import DecisionsAgain
from ledger.rederiving import Judged, Seen
from ledger.verify.report import Status
from tests.api.organisation import WORD, House, running
from tests.api.passkeys import Holder
from tests.api.test_passkey_signatures import by, payload
from tests.ledger.authenticator import ORIGIN, PRESENT, Authenticator

WHO, OTHER = "change-reviewer", "change-reviewer-2"


@pytest.fixture(scope="module")
def house(on_either: Settings) -> Iterator[House]:
    with running(on_either) as house:
        house.client.app.state.public_url = ORIGIN
        yield house


@pytest.fixture(scope="module")
def keyed(house: House) -> Authenticator:
    passkey = Authenticator(credential=b"of the reviewer")
    Holder(house, WHO, house.token(WHO)).enrol(passkey)
    return passkey


def proposed(house: House) -> dict[str, Any]:
    """A new change request: its path, digest and revision."""
    house.count += 1
    source = f"reason-code-list: signed-{house.count}\ntitle: T\ncodes:\n  - {{code: A1, words: One}}\n"
    body = {"kind": "reason-code-list", "source": source, "title": "t", "reason": "r"}
    made: dict[str, Any] = house.post("/v1/change-requests", "process-owner", body).json()
    return {**made, "at": f"/v1/change-requests/{made['change_request']}"}


def body_of(house: House, made: dict[str, Any], verdict: str = "approve", who: str = WHO) -> tuple[dict[str, Any], str]:
    """A review without its signature, and the digest of its statement."""
    said = {"verdict": verdict, "reason": "as discussed", "digest": made["digest"]}
    answer = house.post(f"{made['at']}/statement", who, said)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return {**said, "statement_nonce": told["nonce"], "expected_revision": made["revision"]}, told["digest"]


def review(house: House, made: dict[str, Any], body: dict[str, Any], who: str = WHO, **more: Any) -> Any:
    return house.post(f"{made['at']}/reviews", who, body, **more)


def test_the_statement_says_what_is_signed_in_words_and_as_json(house: House) -> None:
    made = proposed(house)
    answer = house.post(f"{made['at']}/statement", WHO, {"verdict": "refuse", "reason": "too early"}).json()
    said = answer["statement"]
    person = house.person(WHO)
    assert (said["person"], said["capacity"], said["meaning"]) == (person, person, "refusal")
    assert (said["content_digest"], said["edit"], said["base_version"]) == (made["digest"], 1, 0)
    assert said["expires_at"] - said["stated_at"] == 15 * 60 * 1_000_000
    assert said["purpose"] != "muniment/statement/v1"  # no statement about a task passes for one about a change
    for word in (made["change_request"], "`refuse`", "refusal", made["digest"], "no version"):
        assert word in answer["words"]
    assert "too early" not in orjson.dumps(answer).decode()


def test_a_passkey_signs_the_very_statement_and_the_entry_proves_it(house: House, keyed: Authenticator) -> None:
    made = proposed(house)
    body, digest = body_of(house, made)
    signed = {**body, "signature": by(keyed, digest)}
    answer = review(house, made, signed, headers={"Idempotency-Key": "one review"})
    assert answer.status_code == 200, answer.text
    said = payload(house, answer.json()["receipt"])
    assert (said["signature"]["statement_digest"], said["signature"]["strength"]) == (digest, "person-held key")
    assert said["statement"]["reason"] == said["reason"]["$commitment"].rpartition(".")[2]
    assert judge_signature(said["signature"]).is_own_key
    again = review(house, made, signed, headers={"Idempotency-Key": "one review"})
    assert again.json() == answer.json()
    assert house.post(f"{made['at']}/release", WHO).json()["status"] == "released"


@pytest.mark.parametrize("verdict", ["approve", "refuse"])
def test_what_settles_a_change_is_never_recorded_unsigned(house: House, verdict: str) -> None:
    made = proposed(house)
    said = {"verdict": verdict, "reason": "so", "digest": made["digest"], "expected_revision": made["revision"]}
    house.refused(review(house, made, said), 422, "SIGNATURE_MISSING")
    house.refused(review(house, made, {**said, "password": WORD}), 422, "SIGNATURE_MISSING")  # of no statement
    body, _ = body_of(house, made, verdict)
    house.refused(review(house, made, body), 422, "SIGNATURE_MISSING")  # of a statement, by nothing
    assert house.get(made["at"], "auditor").json()["reviews"] == []
    assert review(house, made, {**body, "password": WORD}).status_code == 200


def test_to_request_changes_takes_no_signature_and_may_have_one(house: House) -> None:
    said = {"verdict": "request changes", "reason": "say why"}
    for is_signed in (False, True):
        made = proposed(house)
        body = {**said, "digest": made["digest"], "expected_revision": made["revision"]}
        answer = house.review(made["at"], WHO, body) if is_signed else review(house, made, body)
        assert answer.json()["status"] == "changes requested"
        assert ("signature" in payload(house, answer.json()["receipt"])) is is_signed


@pytest.mark.parametrize(
    ("wrong", "failure"),
    [
        ({"client": {"origin": "https://evil.test"}}, "wrong origin"),
        ({"client": {"crossOrigin": True}}, "cross origin"),
        ({"rp_id": "evil.test"}, "wrong rp"),
        ({"flags": PRESENT}, "no user verification"),
        ({"algorithm": "EdDSA"}, "bad signature"),
        ({"credential": b"unknown"}, "wrong credential"),
    ],
)
def test_an_assertion_that_does_not_hold_is_refused_on_record(
    house: House, keyed: Authenticator, wrong: dict[str, Any], failure: str
) -> None:
    made = proposed(house)
    body, digest = body_of(house, made)
    bent = Authenticator(**{"credential": keyed.credential, **wrong})
    told = house.refused(review(house, made, {**body, "signature": by(bent, digest)}), 422, "SIGNATURE_WRONG")
    assert told["details"]["assertion"] == failure
    assert "receipt" in told
    assert review(house, made, {**body, "signature": by(keyed, digest)}).status_code == 200


def test_swapped_replayed_and_stale_assertions_sign_nothing(house: House, keyed: Authenticator) -> None:
    first, second = proposed(house), proposed(house)
    one, digest_one = body_of(house, first)
    two, digest_two = body_of(house, second)
    swapped = house.refused(review(house, first, {**one, "signature": by(keyed, digest_two)}), 422, "SIGNATURE_WRONG")
    assert swapped["details"]["assertion"] == "challenge of another statement"
    other = {**one, "statement_nonce": two["statement_nonce"], "signature": by(keyed, digest_two)}
    house.refused(review(house, first, other), 409, "STATEMENT_EXPIRED")
    for changed in ({"verdict": "refuse"}, {"reason": "another"}):
        told = house.refused(
            review(house, first, {**one, **changed, "signature": by(keyed, digest_one)}), 409, "SHOWN_CHANGED"
        )
        assert set(changed) <= set(told["details"])
    both = {**one, "signature": by(keyed, digest_one), "password": WORD}
    house.refused(review(house, first, both), 400, "MALFORMED")
    asked = {**one, "verdict": "request changes"}
    stated, digest = body_of(house, first, "request changes")
    done = review(house, first, {**asked, **stated, "signature": by(keyed, digest)})
    assert done.json()["status"] == "changes requested"
    edit = {"source": "reason-code-list: x", "expected_revision": 2}
    source = house.get(first["at"], "process-owner").json()["source"].replace("One", "Two")
    edited = house.call("PUT", f"{first['at']}/source", "process-owner", json={**edit, "source": source}).json()
    late = {**one, "signature": by(keyed, digest_one), "expected_revision": edited["revision"]}
    house.refused(review(house, first, late), 409, "APPROVAL_STALE")  # its digest is that of the earlier edit
    late["digest"] = edited["digest"]
    told = house.refused(review(house, first, late), 409, "SHOWN_CHANGED")
    assert {"content_digest", "edit"} <= set(told["details"])
    used = {**stated, "digest": edited["digest"], "verdict": "request changes", "expected_revision": 3}
    house.refused(review(house, first, {**used, "signature": by(keyed, digest)}), 409, "STATEMENT_USED")


def test_the_passkey_and_the_statement_of_another_person_sign_for_nobody_else(
    house: House, keyed: Authenticator
) -> None:
    other = Authenticator("EdDSA", credential=b"of the second reviewer")
    Holder(house, OTHER, house.token(OTHER)).enrol(other)
    made = proposed(house)
    body, digest = body_of(house, made)
    told = house.refused(review(house, made, {**body, "signature": by(other, digest)}), 422, "SIGNATURE_WRONG")
    assert told["details"]["assertion"] == "wrong credential"
    told = house.refused(review(house, made, {**body, "signature": by(other, digest)}, OTHER), 409, "SHOWN_CHANGED")
    assert "person" in told["details"]
    house.refused(review(house, made, {**body, "password": "not their password"}), 422, "SIGNATURE_WRONG")
    assert review(house, made, {**body, "signature": by(keyed, digest)}).status_code == 200


def test_who_may_not_review_is_told_so_before_signing(house: House) -> None:
    made = proposed(house)
    at, said = f"{made['at']}/statement", {"verdict": "approve"}
    house.refused(house.post(at, "process-owner", said), 403, "NO_RULE")
    house.refused(house.post(at, WHO, {**said, "digest": "A" * 43}), 409, "APPROVAL_STALE")
    house.refused(house.post(at, WHO, {"verdict": "refuse"}), 422, "REASON_MISSING")
    house.refused(house.post("/v1/change-requests/cr_none/statement", WHO, said), 404, "NOT_FOUND")
    house.refused(house.post(at, WHO, {"verdict": "perhaps"}), 400, "MALFORMED")
    key = house.key("svc:invoice-intake", "change-reviewer")
    assert house.post(at, key, said).status_code == 403


def test_the_whole_log_is_judged_again(house: House, keyed: Authenticator) -> None:
    """As `muniment verify` does: signatures under reviews hold, and each passkey that signed was its signer's."""
    made = proposed(house)
    body, digest = body_of(house, made)
    assert review(house, made, {**body, "signature": by(keyed, digest)}).status_code == 200
    with house.service.reader.view() as view:
        rows = [view.entry(index) for index in range(view.head.size)]
    seen = [Seen(row.idx, row.previous, orjson.loads(row.bytes)) for row in rows if row is not None]

    def judged(left_out: str = "", change: Any = None) -> list[Judged]:
        again = DecisionsAgain()
        kept = [one for one in seen if one.value["kind"] != left_out]
        last = kept[-1]
        if change is not None:
            value = orjson.loads(orjson.dumps(last.value))
            change(value["payload"])
            kept[-1] = Seen(last.index, last.previous, value)
        told = [part for one in kept for part in again.take(one, seen.__getitem__)]
        return [part for part in told if part.expected.startswith("review ")]

    assert {part.part for part in judged()} == {"signed statements", "holders of passkeys"}
    assert {part.status for part in judged()} == {Status.PASSED}
    for change in (
        lambda said: said.pop("signature"),
        lambda said: (said.pop("signature"), said.pop("statement")),
        lambda said: said["statement"].update(edit=2),
        lambda said: said["signature"]["passkey"].update(origin="https://evil.test"),
    ):
        assert [part.status for part in judged(change=change)][-1] is Status.FAILED
    assert Status.FAILED in {part.status for part in judged("passkey.enrolled") if part.part == "holders of passkeys"}
