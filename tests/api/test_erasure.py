"""Erasure and holds at the door: asked for, refused, carried out by the service itself, shown and certified."""

import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.wiring import TABLES, folds
from examples.load import loan_application
from ledger.canonical import from_b64url
from ledger.chain import leaf_hash
from ledger.checking import check_signature
from ledger.entry import parse_entry
from ledger.keys import load_keys
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.receipt import check_receipt
from tests.api.organisation import House
from tests.api.page.browser import signed_in

OFFICER = "compliance-officer"
CARRIED_OUT_SECONDS = 60  # at most, on a loaded machine


def loan(house: House, number: int) -> tuple[str, dict[str, Any]]:
    """A loan application's instance, and the applicant in clear."""
    key = house.tokens.get("key:portal")
    if key is None:
        key = house.tokens["key:portal"] = house.key("svc:loan-portal", "loan-intake", domain="lending")
    made = loan_application(number)
    body = {
        "blueprint": "loan-origination", "business_key": made.business_key, "data": made.data, "domain": "lending"
    }  # fmt: skip
    answer = house.post("/v1/process-instances", key, body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["instance"]), made.data["applicant"]


def over(house: House, instance: str) -> None:
    answer = house.post(f"/v1/process-instances/{instance}/cancellation", "head-of-lending", {"reason": "withdrawn"})
    assert answer.status_code == 200, answer.text


def ask(house: House, ref: str, who: str = OFFICER, **more: Any) -> Any:
    return house.post(f"/v1/data-subjects/{ref}/erasure", who, {"ground": "consent-withdrawn", **more})


def certified(house: House, ref: str) -> dict[str, Any]:
    """The certificate, once the service has carried the erasure out and destroyed the older keys."""
    until = time.monotonic() + CARRIED_OUT_SECONDS
    while time.monotonic() < until:
        answer = house.get(f"/v1/data-subjects/{ref}/erasure/certificate", OFFICER)
        if answer.status_code == 200 and answer.json()["keys_destroyed"]:
            value: dict[str, Any] = answer.json()
            return value
        assert answer.status_code in (200, 404), answer.text
        house.service.erasures.wake()
        time.sleep(0.05)
    raise AssertionError("expected the erasure to be carried out")


def verified(house: House) -> Any:
    settings = house.settings
    keys = load_keys(settings.key_folder, settings.origin, settings.secret())
    subject = Subject(settings.database(), settings.log, settings.origin, TABLES, folds(), keys.vault)
    return verify_database(subject, Manner((keys.signer.vkey,)))[0]


def test_an_instance_is_erased_when_it_is_over(house: House) -> None:
    instance, applicant = loan(house, 1)
    other, other_applicant = loan(house, 2)
    before = house.get(f"/v1/process-instances/{instance}", "credit-officer-1").json()
    assert before["data"]["applicant"] == applicant
    house.refused(ask(house, instance), 409, "STILL_RUNNING")
    over(house, instance)
    asked = ask(house, instance, reference="letter 17")
    assert asked.status_code == 200, asked.text
    data_subject = asked.json()["data_subject"]
    certificate = certified(house, instance)
    assert certificate["data_subject"] == data_subject

    for who in ("credit-officer-1", OFFICER):
        shown = house.get(f"/v1/process-instances/{instance}", who).json()["data"]["applicant"]
        assert shown["reason"] == "ERASED"
        assert shown["certificate"] == certificate["carried_out"]
        assert shown["erased_at"].endswith("Z")
    kept = house.get(f"/v1/process-instances/{other}", "credit-officer-1").json()
    assert kept["data"]["applicant"] == other_applicant
    held = house.get(f"/v1/data-subjects/{data_subject}", OFFICER).json()
    assert (held["classes"], held["instance"], held["status"]) == ([], instance, "cancelled")
    assert [one["carried_out"] for one in held["erasures"]] == [certificate["carried_out"]]
    assert verified(house).is_sound, verified(house).words()


def test_a_kept_message_is_erased_by_its_own_id_and_then_delivered_to_nobody(house: House) -> None:
    said = {"name": "documents-received", "key": "L-none", "data": {"name": "Jo Doe"}, "domain": "lending"}
    loan(house, 90)
    said |= {"keep_for": "P1D", "message_id": "e-1"}
    kept = house.post("/v1/messages", house.tokens["key:portal"], said).json()
    asked = ask(house, kept["kept"])
    assert asked.status_code == 200, asked.text
    assert certified(house, kept["kept"])["data_subject"] == kept["kept"]
    with house.service.reader.view() as view:
        ((data,),) = view.query("SELECT data FROM message WHERE log_id = {log} AND id = ?", (kept["kept"],))
        assert view.unseal(kept["kept"], "data", orjson.loads(data)) is None
    again = house.post("/v1/messages", house.tokens["key:portal"], said).json()
    assert (again["outcome"], again["kept"]) == ("repeated", kept["kept"])
    assert verified(house).is_sound, verified(house).words()


def test_the_certificate_stands_alone(house: House) -> None:
    instance, _ = loan(house, 3)
    over(house, instance)
    ask(house, instance)
    certificate = certified(house, instance)
    vkey = house.service.log.secrets.signer.vkey
    requested, carried = certificate["entries"]
    for one in (requested, carried):
        data = from_b64url(one["bytes"])
        assert leaf_hash(data) == from_b64url(one["receipt"]["leaf_hash"])
        assert check_receipt(one["receipt"], [vkey], check_signature).is_included


def test_screens_records_and_packs_live_with_it(house: House) -> None:
    instance, applicant = loan(house, 4)
    over(house, instance)
    asked = {"instances": [instance], "purpose": "an examination", "recipient": "the examiner"}
    built = house.post("/v1/evidence-packs", OFFICER, asked).json()
    folder = Path(house.service.packs)
    file = folder / f"{built['pack']}.zip"
    assert applicant["name"].encode() in file.read_bytes()
    ask(house, instance)
    certificate = certified(house, instance)
    until = time.monotonic() + CARRIED_OUT_SECONDS
    while file.exists() and time.monotonic() < until:
        time.sleep(0.05)
    house.refused(house.get(built["href"], OFFICER), 404, "NOT_FOUND")
    assert house.get(f"/v1/process-instances/{instance}/compliance-record", OFFICER).status_code == 200
    assert house.get(f"/v1/process-instances/{instance}/history", OFFICER).status_code == 200
    again = house.post("/v1/evidence-packs", OFFICER, asked)
    assert again.status_code == 200, again.text
    assert applicant["name"].encode() not in (folder / f"{again.json()['pack']}.zip").read_bytes()
    browser, at = signed_in(house, OFFICER), f"/v1/process-instances/{instance}"
    data = browser.get(at).json()["data"]["applicant"]
    assert (data["reason"], data["certificate"]) == ("ERASED", certificate["carried_out"])
    assert data["erased_at"]
    for path in (
        at,
        f"{at}/history",
        f"{at}/diagram",
        f"{at}/compliance-record?format=html",
        f"/v1/search?q={instance}",
    ):
        shown = browser.get(path)
        assert shown.status_code == 200, shown.text
        assert applicant["name"] not in shown.text, path


def test_a_hold_stands_against_it(house: House) -> None:
    instance, applicant = loan(house, 5)
    over(house, instance)
    placed = house.post(
        "/v1/holds", OFFICER, {"about": instance, "instrument": "court order 7", "reason": "a claim is pending"}
    )
    assert placed.status_code == 200, placed.text
    hold = placed.json()["hold"]
    refused = house.refused(ask(house, instance), 409, "ON_HOLD")
    assert refused["details"] == {"hold": hold}
    assert refused["receipt"]["index"] < house.size  # it is on record
    listed = house.get(f"/v1/holds?about={instance}", OFFICER).json()["items"]
    assert [(one["id"], one["instrument"], one["lifted"]) for one in listed] == [(hold, "court order 7", None)]
    assert house.get(f"/v1/data-subjects/{instance}", OFFICER).json()["holds"] == [hold]
    seen = house.get(f"/v1/process-instances/{instance}", "credit-officer-1").json()
    assert seen["data"]["applicant"] == applicant

    lifted = house.post(f"/v1/holds/{hold}/lifting", OFFICER, {"reason": "the claim was settled"})
    assert lifted.status_code == 200, lifted.text
    house.refused(house.post(f"/v1/holds/{hold}/lifting", OFFICER, {"reason": "again"}), 409, "WRONG_STATE")
    assert ask(house, instance).status_code == 200
    certified(house, instance)
    assert verified(house).is_sound


def test_a_hold_on_the_data_subject_counts_for_the_instance(house: House) -> None:
    instance, _ = loan(house, 6)
    over(house, instance)
    data_subject = house.get(f"/v1/data-subjects/{instance}", OFFICER).json()["data_subject"]
    body = {"about": data_subject, "instrument": "matter 8", "reason": "a regulator asks"}
    assert house.post("/v1/holds", OFFICER, body).status_code == 200
    house.refused(ask(house, instance), 409, "ON_HOLD")


def test_records_of_other_systems_are_erased_as_well(house: House) -> None:
    key = house.key("svc:history-import", "record-intake")
    record = {
        "source": "old-crm", "key": "customer 4711", "key_class": "personal", "activity": "letter sent",
        "occurred_at": "2026-01-01T00:00:00.000000Z", "data": {"name": "Customer 4711"}, "data_class": "personal",
    }  # fmt: skip
    written = house.post("/v1/records", key, {"records": [record], "domain": "organisation"})
    assert written.status_code == 200, written.text
    (subject,) = written.json()["subjects"]
    held = house.get(f"/v1/data-subjects/{subject}", OFFICER).json()
    assert [(one["class"], one["openings"]) for one in held["classes"]] == [("personal", 1)]
    assert ask(house, subject).status_code == 200
    certified(house, subject)
    assert verified(house).is_sound


@pytest.mark.parametrize("who", ["auditor", "credit-officer-1", "head-of-lending"])
def test_who_may_not(house: House, who: str) -> None:
    instance, _ = loan(house, 7 + len(who))
    over(house, instance)
    house.refused(ask(house, instance, who), 403, "NO_RULE")
    house.refused(house.get(f"/v1/data-subjects/{instance}", who), 403, "NO_RULE")
    body = {"about": instance, "instrument": "x", "reason": "y"}
    house.refused(house.post("/v1/holds", who, body), 403, "NO_RULE")
    house.refused(house.get("/v1/holds", who), 403, "NO_RULE")


def test_what_is_not_there_and_what_cannot_be(house: House) -> None:
    for ref in ("ds_none", "pi_none", "ext_none", "person:none", "x"):
        house.refused(ask(house, ref), 404, "NOT_FOUND")
        house.refused(house.get(f"/v1/data-subjects/{ref}", OFFICER), 404, "NOT_FOUND")
    instance, _ = loan(house, 40)
    over(house, instance)
    house.refused(house.get(f"/v1/data-subjects/{instance}/erasure/certificate", OFFICER), 404, "NOT_FOUND")
    house.refused(house.post(f"/v1/data-subjects/{instance}/erasure", OFFICER, {"ground": "because"}), 400, "MALFORMED")
    house.refused(ask(house, instance, classes=["public"]), 400, "MALFORMED")
    house.refused(ask(house, instance, classes=["special"]), 404, "NOT_FOUND")
    house.refused(house.post("/v1/holds/ho_none/lifting", OFFICER, {"reason": "x"}), 404, "NOT_FOUND")
    body = {"about": "pi_none", "instrument": "x", "reason": "y"}
    house.refused(house.post("/v1/holds", OFFICER, body), 404, "NOT_FOUND")
    house.refused(house.get("/v1/holds"), 401, "NO_CREDENTIAL")


def test_asked_twice_with_one_command_id(house: House) -> None:
    instance, _ = loan(house, 41)
    over(house, instance)
    body, headers = {"ground": "objection"}, {"Idempotency-Key": "erase-41"}
    answers = [
        house.post(f"/v1/data-subjects/{instance}/erasure", OFFICER, body, headers=headers).json() for _ in range(2)
    ]
    assert answers[0]["erasure"] == answers[1]["erasure"]


def test_nobody_sends_what_looks_like_a_commitment(house: House) -> None:
    """In an entry it would be a value without an opening, and verification would call it lost."""
    key = house.key("svc:history-import", "record-intake")
    record = {
        "source": "crm", "key": "k", "activity": "a", "occurred_at": "2026-01-01T00:00:00.000000Z",
        "data": {"deep": [{"$commitment": f"{house.size}.{'A' * 43}"}]}, "data_class": "public",
    }  # fmt: skip
    before = house.size
    house.refused(house.post("/v1/records", key, {"records": [record], "domain": "organisation"}), 400, "MALFORMED")
    with house.service.reader.view() as view:  # erasures of other tests may be carried out meanwhile
        kinds = [parse_entry(row.bytes).kind for row in view.entries(before, view.head.size)]
    assert "record.written" not in kinds
    assert "refusal.recorded" not in kinds
