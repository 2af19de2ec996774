"""What a blueprint requires has a value for as long as the instance runs, whoever may lay another."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import BOB, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.test_late_answers import out
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b


def office_of(*steps: b.Step) -> tuple[Office, str]:
    """An instance of a blueprint that requires the amount."""
    made = version(*steps, end())
    fields = tuple([replace(one, required=one.name in ("number", "amount")) for one in made.blueprint.data])
    office = Office(*steps, end())
    office.house.release(replace(made, blueprint=replace(made.blueprint, data=fields)))
    return office, office.start(amount=5)


def stands(office: Office, instance: str) -> bool:
    return bool(office.row(tables.VARIABLE, instance, "amount").value == "5")


def test_a_call_that_answers_nothing_is_held() -> None:
    office, instance = office_of(b.CallStep("a", HERE, operation="x.y", into="amount", next="done"))
    office.done(c.SucceedCall(*out(office), None), SYSTEM)
    assert office.only(tables.INCIDENT, state="open").code == "RESULT_INVALID"
    assert stands(office, instance)
    office.check()


def test_a_worker_that_returns_nothing_is_turned_down() -> None:
    office, instance = office_of(b.JobStep("j", HERE, type="w", into="amount", next="done"))
    (job,) = office.done(c.ActivateJobs("w", "w1", 5), WORKER).result["jobs"]
    assert office.refused(c.CompleteJob(job["job"], job["lease"], None), WORKER) is Reason.INVALID_DATA
    assert stands(office, instance)


@pytest.mark.parametrize("value", [None, "five"])
def test_a_person_lays_nothing_in_its_place(value: Any) -> None:
    office, instance = office_of(task("f", "done", expects=("amount",)))
    assert office.refused(c.CorrectData(instance, {"amount": value}, "by hand")) is Reason.INVALID_DATA
    task_id = office.task_id("f")
    office.done(c.ClaimTask(task_id), BOB)
    assert office.refused(c.CompleteTask(task_id, data={"amount": value}), BOB) is Reason.INVALID_DATA
    assert stands(office, instance)
    office.check()
