"""Acts on running instances over HTTP: done, proposed and confirmed, in bulk, and what the record tells of them."""

from typing import Any

from ledger.actor import SYSTEM
from orchestrator.bulk import waiting_items
from tests.api.described import differences
from tests.api.organisation import House
from tests.api.test_leases import make_calls
from tests.api.work import decide, start, task_of

DIRECTOR, CLERK, READER = "finance-director", "accounts-payable-clerk", "auditor"


def at(instance: str, act: str) -> str:
    return f"/v1/process-instances/{instance}/{act}"


def acts(house: House, instance: str, who: str) -> dict[str, Any]:
    answer = house.get(at(instance, "acts"), who)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert differences("GET", at(instance, "acts"), told) == []
    return told


def posted(house: House, path: str, who: str, body: Any, **more: Any) -> dict[str, Any]:
    answer = house.post(path, who, body, **more)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert differences("POST", path, told) == []
    return told


def read(house: House, instance: str) -> Any:
    return house.get(f"/v1/process-instances/{instance}", READER).json()


def work(house: House) -> None:
    """What the runner does with acts on many."""
    with house.service.reader.view() as view:
        found = waiting_items(view.query, 100)
    for one in found:
        house.run(one.command, one.actor)


def test_an_instance_stands_still_and_goes_on(house: House) -> None:
    instance = start(house)
    task = task_of(house, instance)
    seen = house.get(f"/v1/process-instances/{instance}", DIRECTOR)
    said = posted(house, at(instance, "suspension"), DIRECTOR, {"reason": "an audit"})
    assert said["outcome"] == "suspended"
    house.refused(house.post(f"/v1/tasks/{task['id']}/release", "budget-owner-1", {}), 409, "INSTANCE_SUSPENDED")
    told = read(house, instance)
    assert (told["status"], told["suspended"]) == ("active", "itself")
    assert told["suspended_at"] is not None
    found = house.get("/v1/process-instances?status=suspended&limit=200", READER).json()["items"]
    assert instance in {one["id"] for one in found}
    stale = house.post(at(instance, "resumption"), DIRECTOR, {}, headers={"If-Match": seen.headers["etag"]})
    house.refused(stale, 409, "STALE_REVISION")
    house.refused(house.post(at(instance, "resumption"), CLERK, {}), 403, "NO_RULE")
    barred = {one["act"]: one["barred"] for one in acts(house, instance, DIRECTOR)["acts"]}
    assert (barred["resume"], barred["suspend"]["reason"]) == (None, "INSTANCE_SUSPENDED")
    posted(house, at(instance, "resumption"), DIRECTOR, {})
    assert decide(house, task).status_code == 200
    items = house.get(f"/v1/process-instances/{instance}/history", DIRECTOR).json()["items"]
    (suspended,) = [one for one in items if one["kind"] == "instance.suspended"]
    assert (suspended["reason"], suspended["who"]) == ("an audit", DIRECTOR)
    assert any("until it is resumed" in line for line in suspended["words"])


def test_a_move_is_proposed_by_one_and_confirmed_by_another(house: House) -> None:
    instance = start(house)
    (place,) = acts(house, instance, CLERK)["places"]
    assert place["step"] == "approval"
    to = next(one["step"] for one in place["to"] if one["step"] == "exception")
    body = {"moves": [{"activation": place["activation"], "to": to}], "reason": "the goods were short"}
    said = posted(house, at(instance, "modification"), CLERK, body)
    assert said["outcome"] == "proposed"
    (proposal,) = acts(house, instance, DIRECTOR)["proposals"]
    assert (proposal["by"], proposal["reason"], proposal["barred"]) == (CLERK, "the goods were short", None)
    (own,) = acts(house, instance, CLERK)["proposals"]
    assert (own["is_own"], own["barred"]["reason"]) == (True, "OWN_PROPOSAL")
    waiting = house.get("/v1/act-proposals", DIRECTOR).json()
    assert differences("GET", "/v1/act-proposals", waiting) == []
    assert said["proposal"] in {one["id"] for one in waiting["items"]}
    confirm = at(instance, f"proposals/{said['proposal']}/confirmation")
    house.refused(house.post(confirm, CLERK, {"digest": said["digest"]}), 403, "OWN_PROPOSAL")
    house.refused(house.post(confirm, DIRECTOR, {"digest": "other"}), 409, "PROPOSAL_STALE")
    done = posted(house, confirm, DIRECTOR, {"digest": said["digest"]})
    assert done["outcome"] == "modified"
    assert [one["step"] for one in read(house, instance)["steps"]] == ["exception"]
    told = house.get(f"/v1/process-instances/{instance}/history", DIRECTOR).json()["items"]
    (moved,) = [one for one in told if one["kind"] == "instance.modified"]
    assert moved["reason"] == "the goods were short"
    assert any("not by the blueprint" in line for line in moved["words"])
    record = house.get(f"/v1/process-instances/{instance}/compliance-record", READER)
    assert "`exception` was entered by this act and not by the blueprint" in record.text


def test_a_correction_tells_before_and_after_to_who_may_read_them(house: House) -> None:
    instance = start(house)
    supplier = {"name": "Another Supplier", "tax_number": "GB 1"}
    said = posted(house, at(instance, "correction"), CLERK, {"values": {"supplier": supplier}, "reason": "misread"})
    proposals = acts(house, instance, DIRECTOR)["proposals"]
    (value,) = proposals[0]["values"]
    assert (value["path"], value["value"]) == ("supplier", supplier)
    assert value["before"] != supplier
    rejected = posted(
        house, at(instance, f"proposals/{said['proposal']}/rejection"), DIRECTOR, {"reason": "read it again"}
    )
    assert rejected["outcome"] == "rejected"
    again = posted(house, at(instance, "correction"), CLERK, {"values": {"supplier": supplier}, "reason": "misread"})
    confirm = at(instance, f"proposals/{again['proposal']}/confirmation")
    posted(house, confirm, DIRECTOR, {"digest": again["digest"]})
    told = house.get(f"/v1/process-instances/{instance}", CLERK).json()
    assert told["data"]["supplier"] == supplier
    with house.service.reader.view() as view:
        row = view.query("SELECT reason, said FROM act_proposal WHERE log_id = {log} AND id = ?", (again["proposal"],))
    assert "Another Supplier" not in str(row)


def test_an_unsound_move_and_data_that_do_not_fit_are_problems(house: House) -> None:
    instance = start(house)
    (place,) = acts(house, instance, CLERK)["places"]
    nowhere = {"moves": [{"activation": place["activation"], "to": "nowhere"}], "reason": "r"}
    house.refused(house.post(at(instance, "modification"), CLERK, nowhere), 422, "INVALID_DATA")
    ended = {"ends": [place["activation"]], "reason": "r"}
    house.refused(house.post(at(instance, "modification"), CLERK, ended), 422, "UNSOUND_MARKING")
    house.refused(house.post(at(instance, "modification"), CLERK, {"reason": "r"}), 422, "INVALID_DATA")
    house.refused(house.post(at(instance, "correction"), CLERK, {"values": {"amount": 1}}), 422, "REASON_MISSING")
    wrong = {"values": {"amount": 1}, "reason": "r"}
    house.refused(house.post(at(instance, "correction"), CLERK, wrong), 422, "INVALID_DATA")
    house.refused(house.get(at("pi_none", "acts"), CLERK), 404, "NOT_FOUND")
    house.refused(house.post(at("pi_none", "suspension"), DIRECTOR, {}), 404, "NOT_FOUND")


def test_one_act_on_many_is_asked_once_and_read_until_it_is_through(house: House) -> None:
    ids = [start(house) for _ in range(3)]
    posted(house, at(ids[0], "suspension"), DIRECTOR, {})
    body = {"act": "suspend", "items": ids, "reason": "an audit"}
    said = posted(house, "/v1/process-instances/bulk", DIRECTOR, body, headers={"Idempotency-Key": "bulk-1"})
    again = house.post("/v1/process-instances/bulk", DIRECTOR, body, headers={"Idempotency-Key": "bulk-1"}).json()
    assert again["bulk"] == said["bulk"]
    path = f"/v1/process-instances/bulk/{said['bulk']}"
    before = house.get(path, DIRECTOR).json()
    assert (before["waiting"], before["finished_at"]) == (3, None)
    work(house)
    told = house.get(path, DIRECTOR).json()
    assert differences("GET", path, told) == []
    assert (told["done"], told["refused"], told["waiting"]) == (2, 1, 0)
    (refused,) = house.get(f"{path}?state=refused", DIRECTOR).json()["items"]
    assert (refused["item"], refused["code"]) == (ids[0], "INSTANCE_SUSPENDED")
    house.refused(house.get(path, CLERK), 403, "NO_RULE")
    house.refused(house.get("/v1/process-instances/bulk/bk_none", DIRECTOR), 404, "NOT_FOUND")


def test_a_filter_is_fixed_when_it_is_asked_for(house: House) -> None:
    ids = [start(house) for _ in range(2)]
    found = {"act": "cancel", "blueprint": "invoice-approval", "step": "approval", "domain": "finance", "reason": "r"}
    said = posted(house, "/v1/process-instances/bulk", DIRECTOR, found)
    later = start(house)
    work(house)
    assert said["total"] >= 2
    assert {read(house, one)["status"] for one in ids} == {"cancelled"}
    assert read(house, later)["status"] == "active"
    house.refused(house.post("/v1/process-instances/bulk", DIRECTOR, {"act": "cancel"}), 400, "MALFORMED")


def test_an_incident_is_given_to_somebody_and_goes_on_at_another_step(house: House) -> None:
    instance = start(house)
    decide(house, task_of(house, instance))
    make_calls(house, fails="finance.post_invoice")
    (found,) = house.get(f"/v1/incidents?instance={instance}", DIRECTOR).json()["items"]
    assert (found["assignee"], "other" in found["ways"]) == ("", True)
    assign, could = f"/v1/incidents/{found['id']}/assignment", f"/v1/incidents/{found['id']}/candidates"
    candidates = house.get(could, DIRECTOR).json()["items"]
    assert CLERK in {one["ref"] for one in candidates}
    assert "credit-officer-1" not in {one["ref"] for one in candidates}
    house.refused(house.get("/v1/incidents/pi_nothing.1/candidates", DIRECTOR), 404, "NOT_FOUND")
    house.refused(house.get("/v1/incidents/nothing/candidates", DIRECTOR), 404, "NOT_FOUND")
    house.refused(house.get(could, "credit-officer-1"), 403, "NO_RULE")
    house.refused(house.post(assign, DIRECTOR, {"to": "credit-officer-1"}), 403, "NO_RULE")
    house.refused(house.post(assign, DIRECTOR, {"to": "nobody-here"}), 404, "NOT_FOUND")
    house.refused(house.post(assign, CLERK, {"to": CLERK}), 403, "NO_RULE")
    assert posted(house, assign, DIRECTOR, {"to": CLERK})["outcome"] == "assigned"
    (found,) = house.get(f"/v1/incidents?instance={instance}", DIRECTOR).json()["items"]
    assert found["assignee"] == CLERK
    resolve = f"/v1/incidents/{found['id']}/resolution"
    house.refused(house.post(resolve, CLERK, {"how": "other", "to": "nowhere"}), 422, "INVALID_DATA")
    asked = {"how": "other", "to": "exception"}
    house.refused(house.post(resolve, CLERK, asked), 422, "REASON_MISSING")
    said = posted(house, resolve, CLERK, {**asked, "reason": "the ledger account is gone"})
    assert said["outcome"] == "proposed"
    assert [one["step"] for one in read(house, instance)["steps"]] == ["post"]
    (proposal,) = acts(house, instance, DIRECTOR)["proposals"]
    assert (proposal["act"], proposal["reason"], proposal["barred"]) == ("resolve", "the ledger account is gone", None)
    assert proposal["roles"] == ["finance-operations"]
    told = proposal["resolution"]
    assert (told["incident"], told["how"], told["to"]) == (found["id"], "other", "exception")
    assert told["title"]
    confirm = at(instance, f"proposals/{said['proposal']}/confirmation")
    house.refused(house.post(confirm, CLERK, {"digest": said["digest"]}), 403, "OWN_PROPOSAL")
    assert posted(house, confirm, DIRECTOR, {"digest": said["digest"]})["outcome"] == "resolved"
    assert [one["step"] for one in read(house, instance)["steps"]] == ["exception"]
    items = house.get(f"/v1/process-instances/{instance}/history", DIRECTOR).json()["items"]
    reasons = {one["kind"]: one["reason"] for one in items if one["kind"] in ("act.proposed", "incident.resolved")}
    assert reasons == dict.fromkeys(("act.proposed", "incident.resolved"), "the ledger account is gone")
    house.refused(house.get(could, DIRECTOR), 404, "NOT_FOUND")


def test_the_runner_is_not_who_may_ask_for_an_item(house: House) -> None:
    ids = [start(house)]
    posted(house, "/v1/process-instances/bulk", DIRECTOR, {"act": "suspend", "items": ids})
    with house.service.reader.view() as view:
        (one, *_) = waiting_items(view.query, 100)
    assert house.run(one.command, SYSTEM).outcome.reason == "DENIED"
    work(house)
