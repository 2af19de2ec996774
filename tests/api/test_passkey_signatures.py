"""Decisions signed over HTTP: by a passkey on the very statement, by password with a code; and what must not pass."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import orjson
import pytest
import segno

from api.identity.totp import hotp, secret_bytes, step_at
from api.settings import Settings
from governance.passkeys import judge_signature
from governance.rederiving import DecisionsAgain
from ledger.canonical import from_b64url
from ledger.clock import SystemClock
from ledger.entry import parse_entry
from ledger.rederiving import Judged, Seen
from ledger.verify.report import Status
from tests.api import releasing
from tests.api.organisation import WORD, House, running
from tests.api.passkeys import Holder, assertion
from tests.api.work import decide, intake, stated, waiting_task
from tests.ledger.authenticator import ALGORITHMS, ORIGIN, PRESENT, Authenticator

WHO = "budget-owner-1"


@pytest.fixture(scope="module")
def house(on_either: Settings) -> Iterator[House]:
    with running(on_either) as house:
        house.client.app.state.public_url = ORIGIN
        yield house


def body_of(house: House, task: dict[str, Any], who: str = WHO) -> tuple[dict[str, Any], str]:
    """A completion without its signature, and the digest of its statement."""
    said = {"outcome": "approve", "reason": "within budget", "shown_digest": task["shown_digest"]}
    answer = house.post(f"/v1/tasks/{task['id']}/statement", who, said)
    assert answer.status_code == 200, answer.text
    return {**said, "statement_nonce": answer.json()["nonce"]}, answer.json()["digest"]


def complete(house: House, task: dict[str, Any], body: dict[str, Any], who: str = WHO, **more: Any) -> Any:
    return house.post(f"/v1/tasks/{task['id']}/completion", who, body, **more)


def by(passkey: Authenticator, digest: str) -> dict[str, Any]:
    return {"method": "passkey", **assertion(passkey, digest)}


def payload(house: House, receipt: dict[str, Any]) -> dict[str, Any]:
    with house.service.reader.view() as view:
        row = view.entry(receipt["index"])
    assert row is not None
    return dict(parse_entry(row.bytes).payload)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_passkey_signs_the_very_statement_and_the_entry_proves_it(house: House, algorithm: str) -> None:
    passkey = Authenticator(algorithm, credential=f"signs {algorithm}".encode())
    holder = Holder(house, WHO, house.token(WHO))
    made = holder.enrol(passkey)
    task = waiting_task(house)
    body, digest = body_of(house, task)
    answer = complete(house, task, {**body, "signature": by(passkey, digest)}, headers={"Idempotency-Key": algorithm})
    assert answer.status_code == 200, answer.text
    said = payload(house, answer.json()["receipt"])
    assert (said["signature"]["statement_digest"], said["signature"]["strength"]) == (digest, "person-held key")
    assert said["statement"]["reason"] == said["reason"]["$commitment"].rpartition(".")[2]
    assert judge_signature(said["signature"]).is_own_key
    used = house.get("/v1/me/passkeys", holder.token).json()["items"]
    assert [item["used_at"] is not None for item in used if item["id"] == made] == [True]
    again = complete(house, task, {**body, "signature": by(passkey, digest)}, headers={"Idempotency-Key": algorithm})
    assert again.json() == answer.json()
    house.refused(complete(house, task, {**body, "signature": by(passkey, digest)}), 409, "WRONG_STATE")
    holder.post(f"/v1/me/passkeys/{made}/removal", {"password": WORD})


@pytest.fixture(scope="module")
def keyed(house: House) -> Authenticator:
    passkey = Authenticator(credential=b"of the first")
    Holder(house, WHO, house.token(WHO)).enrol(passkey)
    return passkey


@pytest.mark.parametrize(
    ("wrong", "failure"),
    [
        ({"client": {"origin": "https://evil.test"}}, "wrong origin"),
        ({"client": {"crossOrigin": True}}, "cross origin"),
        ({"client": {"type": "webauthn.create"}}, "wrong type"),
        ({"rp_id": "evil.test"}, "wrong rp"),
        ({"flags": PRESENT}, "no user verification"),
        ({"algorithm": "EdDSA"}, "bad signature"),
        ({"credential": b"unknown"}, "wrong credential"),
    ],
)
def test_an_assertion_that_does_not_hold_is_refused_on_record(
    house: House, keyed: Authenticator, wrong: dict[str, Any], failure: str
) -> None:
    task = waiting_task(house)
    body, digest = body_of(house, task)
    bent = Authenticator(**{"credential": keyed.credential, **wrong})
    answer = complete(house, task, {**body, "signature": by(bent, digest)})
    told = house.refused(answer, 422, "SIGNATURE_WRONG")
    assert told["details"]["assertion"] == failure
    assert "receipt" in told
    assert complete(house, task, {**body, "signature": by(keyed, digest)}).status_code == 200


def test_swapped_replayed_and_stale_assertions_sign_nothing(house: House, keyed: Authenticator) -> None:
    first, second = waiting_task(house), waiting_task(house)
    one, digest_one = body_of(house, first)
    two, digest_two = body_of(house, second)
    for task, body, digest in ((first, one, digest_two), (second, two, digest_one)):  # of another statement
        swapped = complete(house, task, {**body, "signature": by(keyed, digest)})
        told = house.refused(swapped, 422, "SIGNATURE_WRONG")
        assert told["details"]["assertion"] == "challenge of another statement"
    other_task = {**one, "statement_nonce": two["statement_nonce"], "signature": by(keyed, digest_two)}
    house.refused(complete(house, first, other_task), 409, "STATEMENT_EXPIRED")
    changed = {**one, "reason": "another reason", "signature": by(keyed, digest_one)}
    house.refused(complete(house, first, changed), 409, "SHOWN_CHANGED")
    house.refused(complete(house, first, one), 422, "SIGNATURE_MISSING")
    both = {**one, "signature": by(keyed, digest_one), "password": WORD}
    house.refused(complete(house, first, both), 400, "MALFORMED")
    assert complete(house, first, {**one, "signature": by(keyed, digest_one)}).status_code == 200
    replayed = {**two, "statement_nonce": one["statement_nonce"], "signature": by(keyed, digest_one)}
    house.refused(complete(house, second, replayed), 409, "STATEMENT_USED")


def test_the_passkey_of_another_person_signs_for_nobody_else(house: House, keyed: Authenticator) -> None:
    other = Authenticator("EdDSA", credential=b"of the second")
    Holder(house, "budget-owner-both", house.token("budget-owner-both")).enrol(other)
    task = waiting_task(house)
    body, digest = body_of(house, task)
    told = house.refused(complete(house, task, {**body, "signature": by(other, digest)}), 422, "SIGNATURE_WRONG")
    assert told["details"]["assertion"] == "wrong credential"
    assert complete(house, task, {**body, "signature": by(keyed, digest)}).status_code == 200


def test_a_counter_that_goes_back_signs_nothing(house: House) -> None:
    passkey = Authenticator(credential=b"counts", count=3)
    Holder(house, WHO, house.token(WHO)).enrol(passkey)
    task = waiting_task(house)
    body, digest = body_of(house, task)
    told = house.refused(complete(house, task, {**body, "signature": by(passkey, digest)}), 422, "SIGNATURE_WRONG")
    assert told["details"]["assertion"] == "counter went back"
    passkey.count = 4
    assert complete(house, task, {**body, "signature": by(passkey, digest)}).status_code == 200


def test_who_has_a_second_factor_signs_with_a_code_of_it_once(house: House) -> None:
    who = "budget-owner-late"
    task = waiting_task(house, who)
    token = house.token(who)
    secret = house.post("/v1/me/second-factor", token).json()["secret"]
    step = step_at(SystemClock().wall())
    code = hotp(secret_bytes(secret), step)
    confirmed = house.post("/v1/me/second-factor/confirmation", token, {"code": code})
    codes = confirmed.json()["recovery_codes"]
    body = stated(house, task, who, "approve")
    house.refused(complete(house, task, body, who), 422, "SIGNATURE_MISSING")
    house.refused(complete(house, task, {**body, "code": code}, who), 422, "SIGNATURE_WRONG")  # it confirmed
    answer = complete(house, task, {**body, "code": codes[0]}, who)
    assert answer.status_code == 200, answer.text
    said = payload(house, answer.json()["receipt"])["signature"]
    assert (said["factor"], said["strength"]) == ("password+recovery-code", "attested by the service")
    another = waiting_task(house, who)
    more = stated(house, another, who, "approve")
    house.refused(complete(house, another, {**more, "code": codes[0]}, who), 422, "SIGNATURE_WRONG")
    assert len(from_b64url(body["shown_digest"])) == 32


def test_who_has_none_signs_by_password_as_before(house: House) -> None:
    assert decide(house, waiting_task(house)).status_code == 200


def test_the_certificate_says_who_what_and_where_and_holds_no_secret(house: House, keyed: Authenticator) -> None:
    task = waiting_task(house)
    body, digest = body_of(house, task)
    signed = complete(house, task, {**body, "signature": by(keyed, digest)})
    receipt = signed.json()["receipt"]
    path = f"/v1/decisions/{task['id']}/certificate"
    answer = house.get(path, "auditor")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "style-src 'self'" in answer.headers["content-security-policy"]
    for said in (WHO, digest, receipt["leaf_hash"], "person-held key", f"entry {receipt['index']} of", "approve"):
        assert said in answer.text
    checking = f"{ORIGIN}{path}#leaf={receipt['leaf_hash']}"
    assert checking in answer.text
    assert segno.make(checking, error="m", micro=False).svg_inline(scale=3, light="#fff").split(" d=")[1][:200] in (
        answer.text
    )
    assert "style=" not in answer.text
    foot = answer.text.partition("<style>")[2].partition("</style>")[0]
    assert f"Certificate of decision {task['id']}\\a Leaf hash {receipt['leaf_hash']}" in foot
    own = f"'sha256-{b64encode(sha256(foot.encode()).digest()).decode()}'"
    assert f"style-src 'self' {own};" in answer.headers["content-security-policy"]
    assert "within budget" not in answer.text
    assert house.get(path).status_code == 401
    house.refused(house.get("/v1/decisions/none/certificate", "auditor"), 404, "NOT_FOUND")
    by_word = decide(house, other := waiting_task(house))
    assert by_word.status_code == 200
    assert "attested by the service" in house.get(f"/v1/decisions/{other['id']}/certificate", "auditor").text


def test_a_step_that_demands_a_passkey_says_so_before_and_takes_no_password(house: House, keyed: Authenticator) -> None:
    sign = "    sign: {meaning: I decide on this spending, factor: passkey}\n    duties:"
    source = releasing.SPENDING.replace("    duties:", sign).replace("spending\n", "spending-signed\n", 1)
    for kind, text in (("reason-code-list", releasing.LIST), ("blueprint", source)):
        releasing.release(house, kind, text)
    task_id = releasing.spend(house, intake(house), "spending-signed")
    revision = house.get(f"/v1/tasks/{task_id}", WHO).json()["revision"]
    assert house.post(f"/v1/tasks/{task_id}/claim", WHO, {"expected_revision": revision}).status_code == 200
    task = house.get(f"/v1/tasks/{task_id}", WHO).json()
    assert (task["factor"], task["methods"]) == ("passkey", ["passkey"])
    said = {"outcome": "approve", "reason": "needed", "reason_code": "needed", "shown_digest": task["shown_digest"]}
    stated_ = house.post(f"/v1/tasks/{task_id}/statement", WHO, said).json()
    body = {**said, "statement_nonce": stated_["nonce"]}
    told = house.refused(complete(house, task, {**body, "password": WORD}), 422, "SIGNATURE_MISSING")
    assert "passkey" in told["detail"]
    signed = complete(house, task, {**body, "signature": by(keyed, stated_["digest"])})
    assert signed.status_code == 200, signed.text


def test_a_step_that_demands_a_password_takes_a_passkey_as_well(house: House) -> None:
    task = waiting_task(house)
    assert (task["factor"], task["methods"]) == ("password", ["passkey", "password"])


def test_the_whole_log_is_judged_again_and_knows_every_holder(house: House, keyed: Authenticator) -> None:
    """As `muniment verify` does: each passkey that signed was its signer's; without its enrolment that is a fault."""
    task = waiting_task(house)
    body, digest = body_of(house, task)
    assert complete(house, task, {**body, "signature": by(keyed, digest)}).status_code == 200
    with house.service.reader.view() as view:
        rows = [view.entry(index) for index in range(view.head.size)]
    seen = [Seen(row.idx, row.previous, orjson.loads(row.bytes)) for row in rows if row is not None]

    def judged(left_out: str) -> list[Judged]:
        again = DecisionsAgain()
        kept = [one for one in seen if one.value["kind"] != left_out]
        told = [part for one in kept for part in again.take(one, seen.__getitem__)]
        return [part for part in told if part.part == "holders of passkeys"]

    assert {part.status for part in judged("")} == {Status.PASSED}
    assert {part.status for part in judged("passkey.enrolled")} == {Status.FAILED}
