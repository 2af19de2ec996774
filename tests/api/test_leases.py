"""Jobs and incidents over HTTP: leases that hold, leases that are lost, and help for what cannot go on."""

from pathlib import Path
from typing import Any

from api.settings import Settings
from ledger.actor import SYSTEM
from orchestrator.commands import FailCall, LeaseCalls, StartCall, SucceedCall
from tests.api.conftest import DAY
from tests.api.organisation import House, copied, running
from tests.api.work import FINANCE, decide, intake, invoice, start, task_of

ANSWERS = {
    "finance.post_invoice": {"posting_id": "po-1", "status": "posted"},
    "finance.pay": {"payment_id": "pa-1", "status": "paid"},
    "messages.notify": {"message_id": "m-1", "status": "sent"},
}


def make_calls(house: House, fails: str = "") -> list[str]:
    """Make what is to be called, as the runner does; the operations, in order."""
    made = []
    for _ in range(6):
        leased = house.run(LeaseCalls("test"), SYSTEM).outcome.result["calls"]
        for call in leased:
            assert house.run(StartCall(call["call"], call["lease"]), SYSTEM).outcome.outcome == "started"
            if call["operation"] == fails:
                done: FailCall | SucceedCall = FailCall(call["call"], call["lease"], "NO_SUCH_ACCOUNT", retryable=False)
            else:
                done = SucceedCall(call["call"], call["lease"], ANSWERS[call["operation"]])
            assert house.run(done, SYSTEM).outcome.result["status"]
            made.append(call["operation"])
    return made


def worker(house: House) -> str:
    if "key:worker" not in house.tokens:
        house.tokens["key:worker"] = house.key("svc:document-archive", "archive-worker", domain=FINANCE)
    return house.tokens["key:worker"]


def activate(house: House, **more: Any) -> list[dict[str, Any]]:
    wanted = {"type": "archive-document", "worker": "w", "domain": FINANCE, "limit": 100, **more}
    answer = house.post("/v1/jobs/activation", worker(house), wanted)
    assert answer.status_code == 200, answer.text
    jobs: list[dict[str, Any]] = answer.json()["jobs"]
    return jobs


def test_a_job_is_completed_once_under_its_lease(house: House) -> None:
    instance = start(house)
    assert decide(house, task_of(house, instance)).status_code == 200
    assert make_calls(house)[:2] == ["finance.post_invoice", "finance.pay"]
    [job] = [one for one in activate(house) if one["job"].startswith(instance)]
    assert job["arguments"] == {"document": "ab", "payment": "pa-1"}
    assert activate(house) == []  # leased: nobody else is given it
    at = f"/v1/jobs/{job['job']}"
    lost = house.post(f"{at}/completion", worker(house), {"lease": "le_none"})
    assert "receipt" in house.refused(lost, 409, "LEASE_LOST")
    house.refused(house.post(f"{at}/extension", worker(house), {"lease": "le_none"}), 409, "LEASE_LOST")
    unfit = house.post(f"{at}/failure", worker(house), {"lease": job["lease"], "code": "no good"})
    house.refused(unfit, 400, "MALFORMED")
    extended = house.post(f"{at}/extension", worker(house), {"lease": job["lease"], "lease_seconds": 600})
    assert extended.json()["lease_until"] > job["lease_until"]
    outsider = house.post(f"{at}/completion", intake(house), {"lease": job["lease"]})
    house.refused(outsider, 403, "NO_RULE")
    done = house.post(f"{at}/completion", worker(house), {"lease": job["lease"], "result": None})
    assert done.json()["outcome"] == "completed"
    again = house.post(f"{at}/completion", worker(house), {"lease": job["lease"]})
    house.refused(again, 409, "WRONG_STATE")
    read = house.get(f"/v1/process-instances/{instance}", "auditor").json()
    assert (read["status"], read["outcome"]) == ("ended", "paid")
    assert house.get("/v1/overview", "auditor").json()["completion_rate"] is not None


def test_what_cannot_go_on_is_held_for_a_role_and_resolved(house: House) -> None:
    instance = start(house)
    assert decide(house, task_of(house, instance)).status_code == 200
    make_calls(house, fails="finance.post_invoice")
    listed = house.get("/v1/incidents", "accounts-payable-clerk").json()["items"]
    [incident] = [one for one in listed if one["instance"] == instance]
    assert (incident["code"], incident["step"], incident["role"]) == ("NO_SUCH_ACCOUNT", "post", "accounts-payable")
    figures = house.get("/v1/overview", "auditor").json()["incidents"]
    told = [{name: one for name, one in figure.items() if name != "href"} for figure in figures]
    assert {"blueprint": "invoice-approval", "code": "NO_SUCH_ACCOUNT", "step": "post", "count": 1} in told
    at = f"/v1/incidents/{incident['id']}/resolution"
    house.refused(house.post(at, "budget-owner-1", {"how": "retry"}), 403, "NO_RULE")
    house.refused(house.post(at, "accounts-payable-clerk", {"how": "hope"}), 400, "MALFORMED")
    resolved = house.post(at, "accounts-payable-clerk", {"how": "retry", "reason": "the account is there now"})
    assert resolved.json()["outcome"] == "resolved"
    house.refused(house.post(at, "accounts-payable-clerk", {"how": "retry"}), 409, "WRONG_STATE")
    assert make_calls(house)[0] == "finance.post_invoice"


def test_a_grant_that_has_run_out_decides_nothing(founded: Settings, tmp_path: Path) -> None:
    with running(copied(founded, tmp_path / "data"), ahead=2 * DAY) as house:
        instance, said = start(house), {"outcome": "approve", "reason": "r"}
        (task,) = house.get(f"/v1/process-instances/{instance}", "budget-owner-late").json()["tasks"]
        claimed = house.post(f"/v1/tasks/{task['id']}/claim", "budget-owner-late", {})
        assert "receipt" in house.refused(claimed, 403, "EXPIRED")  # nobody holds up what they cannot decide
        answer = house.post(f"/v1/tasks/{task['id']}/statement", "budget-owner-late", said)
        assert "receipt" in house.refused(answer, 403, "EXPIRED")
        seen = house.get(f"/v1/tasks/{task['id']}", "budget-owner-late").json()
        body = {**said, "shown_digest": seen["shown_digest"]}
        done = house.post(f"/v1/tasks/{task['id']}/completion", "budget-owner-late", body)
        house.refused(done, 403, "EXPIRED")


def test_nobody_decides_their_own_application(house: House) -> None:
    """The initiator of an instance is kept from deciding it, though their authority would suffice."""
    body = {"blueprint": "invoice-approval", "business_key": "D-own", "data": invoice(house), "domain": FINANCE}
    started = house.post("/v1/process-instances", "budget-owner-both", body)
    assert started.status_code == 200, started.text
    (task,) = house.get(f"/v1/process-instances/{started.json()['instance']}", "budget-owner-both").json()["tasks"]
    claim = house.post(f"/v1/tasks/{task['id']}/claim", "budget-owner-both", {"expected_revision": task["revision"]})
    assert "not initiator" in house.refused(claim, 403, "SOD")["detail"]
    listed = house.get("/v1/tasks?list=team&explained=1&limit=200", "budget-owner-both").json()["items"]
    (seen,) = [one for one in listed if one["id"] == task["id"]]
    assert seen["barred"]["reason"] == "SOD"  # told before anything is typed
    given = house.get(f"/v1/tasks/{task['id']}/candidates", "finance-director").json()["items"]
    assert house.person("budget-owner-both") not in {one["id"] for one in given}
    assert house.person("budget-owner-1") in {one["id"] for one in given}
    answer = house.post(f"/v1/tasks/{task['id']}/statement", "budget-owner-both", {"outcome": "approve", "reason": "r"})
    assert "receipt" in house.refused(answer, 403, "SOD")
