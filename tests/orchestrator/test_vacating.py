"""A claim is no permit: who may no longer do a task loses it, on record, and others are offered it."""

import pytest

from ledger.actor import SYSTEM
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.handing import DelegateTask, VacateTask
from orchestrator.telling import words
from orchestrator.vacating import Vacancy, commands_of, vacated
from tests.orchestrator.house import BOB, EVE, person
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.toy import decide, end, task

CID = person("cid")


def held() -> tuple[Office, str]:
    """A form that Bob holds; Cid is a clerk as well."""
    office = Office(task("f", "done", expects=("amount",)), end())
    office.house.roles["person:cid"] = {"clerks"}
    office.start(amount=3)
    task_id = office.task_id("f")
    office.done(c.ClaimTask(task_id), BOB)
    return office, task_id


def found(office: Office) -> list[Vacancy]:
    return vacated(office.house, MemoryUow(office.log, SYSTEM))


def test_who_has_the_role_keeps_what_they_hold() -> None:
    office, task_id = held()
    assert found(office) == []
    assert office.refused(VacateTask(task_id, BOB.id), SYSTEM) is Reason.WRONG_STATE


def test_released_and_offered_again_when_the_role_has_ended() -> None:
    office, task_id = held()
    office.house.roles["person:bob"] = {"ops"}
    assert office.refused(c.CompleteTask(task_id, data={"amount": 4}), BOB) is Reason.NO_RULE
    assert found(office) == [Vacancy(task_id, BOB.id)]
    (command,) = commands_of(found(office))
    assert office.done(command, SYSTEM).outcome == "released"
    entry = office.log.entries[-1]
    assert (entry.kind, entry.payload["why"], entry.payload["holder"]) == ("task.released", "vacated", BOB.id)
    assert entry.payload["transitions"] == [
        {"t": "task.released", "activation": 1, "why": "vacated", "reason": "NO_RULE"}
    ]
    assert "may no longer do it" in words(entry)[1]
    assert found(office) == []
    assert office.refused(c.ClaimTask(task_id), BOB) is Reason.NO_RULE
    office.done(c.ClaimTask(task_id), CID)
    office.done(c.CompleteTask(task_id, data={"amount": 4}), CID)
    office.check()


def test_a_delegate_has_it_no_more_either() -> None:
    office, task_id = held()
    office.done(DelegateTask(task_id, CID.id), BOB)
    office.house.roles["person:bob"] = set()
    (command,) = commands_of(found(office))
    office.done(command, SYSTEM)
    row = office.only(tables.TASK)
    assert (row.state, row.holder, row.delegate) == ("offered", "", "")
    office.check()


def test_one_without_a_role_is_lost_with_the_permission() -> None:
    office = Office(decide("d", (("approve", "done"),)), end())
    office.start(amount=3)
    office.done(c.ClaimTask(office.task_id("d")), BOB)
    assert found(office) == []
    office.house.refused.add(("task", "claim"))
    assert [one.holder for one in found(office)] == [BOB.id]


def test_what_another_took_meanwhile_is_left_alone() -> None:
    office, task_id = held()
    office.house.roles["person:bob"] = set()
    (command,) = commands_of(found(office))
    office.done(c.ReleaseTask(task_id), BOB)
    office.done(c.ClaimTask(task_id), CID)
    assert office.refused(command, SYSTEM) is Reason.WRONG_STATE


@pytest.mark.parametrize("actor", [BOB, EVE])
def test_nobody_but_the_runner_takes_a_task_away(actor: object) -> None:
    office, task_id = held()
    office.house.roles["person:bob"] = set()
    assert office.refused(VacateTask(task_id, BOB.id), actor) is Reason.DENIED  # type: ignore[arg-type]


def test_a_suspended_instance_is_left_until_it_is_resumed() -> None:
    office, _ = held()
    office.house.roles["person:bob"] = set()
    (row,) = office.log.view.rows["instance"].values()
    office.done(c.SuspendInstance(row.id, "an audit"), BOB)
    assert found(office) == []
    office.done(c.ResumeInstance(row.id, "it is over"), BOB)
    assert [one.holder for one in found(office)] == [BOB.id]


def test_a_release_by_its_holder_reads_as_before() -> None:
    office, task_id = held()
    office.done(c.ReleaseTask(task_id), BOB)
    assert office.log.entries[-1].payload["transitions"] == [{"t": "task.released", "activation": 1}]
