"""An authority that ends, or reaches a decision no more, ends the hold on it: on record, once, offered to others."""

from dataclasses import replace

import pytest

from ledger.actor import SYSTEM, Actor
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator import vacating as v
from orchestrator.handing import DelegateTask, ReturnTask, VacateTask
from orchestrator.run import Failed
from orchestrator.telling import words
from tests.orchestrator.house import ANN, BOB, person
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.toy import decide, end, task
from versioning.blueprint_parts import Quorum

CID = person("cid")


def held(by: Actor = BOB, **fields: object) -> tuple[Office, str]:
    """A decision about 50 that somebody holds; three persons may decide up to 100."""
    office = Office(decide("d", (("approve", "done"),), **fields), end())
    office.house.limits = {ANN.id: 100, BOB.id: 100, CID.id: 100}
    office.house.roles[CID.id] = {"clerks"}
    office.start(amount=50)
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id), by)
    return office, task_id


def found(office: Office) -> list[v.Vacancy]:
    rows = MemoryUow(office.log, SYSTEM)
    return [*v.vacated(office.house, rows), *v.unauthorised(office.log.deps, rows).found]


def test_who_still_could_decide_it_keeps_it() -> None:
    office, task_id = held()
    assert found(office) == []
    assert office.refused(VacateTask(task_id, BOB.id), SYSTEM) is Reason.WRONG_STATE


@pytest.mark.parametrize(("limit", "reason"), [(None, "NO_GRANT"), (49, "LIMIT_CASE")])
def test_released_and_offered_again_when_it_is_over_or_reaches_it_no_more(limit: int | None, reason: str) -> None:
    office, task_id = held()
    del office.house.limits[BOB.id]
    if limit is not None:
        office.house.limits[BOB.id] = limit
    assert found(office) == [v.Vacancy(task_id, BOB.id)]
    (command,) = v.commands_of(found(office))
    office.done(command, SYSTEM)
    entry = office.log.entries[-1]
    assert (entry.kind, entry.payload["why"], entry.payload["holder"]) == ("task.released", "vacated", BOB.id)
    assert entry.payload["transitions"] == [{"t": "task.released", "activation": 1, "why": "vacated", "reason": reason}]
    assert f"took a task from {BOB.id}" in words(entry)[0]
    assert reason in words(entry)[1]
    assert found(office) == []
    assert office.refused(command, SYSTEM) is Reason.WRONG_STATE  # once
    assert office.refused(c.ClaimTask(task_id), BOB) is Reason[reason]  # nor does it come back to be taken away again
    office.done(c.ClaimTask(task_id), CID)
    shown = office.shown(task_id).shown_digest
    office.done(c.CompleteTask(task_id, outcome="approve", shown_digest=shown), CID)
    office.check()


def test_who_takes_it_up_or_loses_it_does_so_by_a_register_that_is_named() -> None:
    office, task_id = held()
    claimed = office.log.entries[-1]
    assert claimed.basis["register"] == office.house.register_digest(None)
    office.done(DelegateTask(task_id, CID.id), BOB)
    assert office.log.entries[-1].basis["register"] == claimed.basis["register"]
    del office.house.limits[BOB.id]
    office.done(VacateTask(task_id, BOB.id), SYSTEM)
    lost = office.log.entries[-1].basis["register"]
    assert lost == office.house.register_digest(None) != claimed.basis["register"]


def test_a_form_names_no_register() -> None:
    office = Office(task("f", "done"), end())
    office.start()
    office.done(c.ClaimTask(office.task_id("f")), BOB)
    assert "register" not in office.log.entries[-1].basis


def test_a_limit_that_reaches_it_to_the_last_unit_is_enough() -> None:
    office, _ = held()
    office.house.limits[BOB.id] = 50
    assert found(office) == []


def test_a_correction_above_the_limit_of_who_holds_it_offers_it_to_others() -> None:
    office, task_id = held()
    office.house.limits[CID.id] = 1_000
    instance, _ = c.split_id(task_id)
    office.done(c.CorrectData(instance, {"amount": 500}, "a zero was missing"), ANN)
    assert found(office) == [v.Vacancy(task_id, BOB.id)]
    office.done(VacateTask(task_id, BOB.id), SYSTEM)
    assert office.log.entries[-1].payload["transitions"][0]["reason"] == "LIMIT_CASE"
    office.done(c.ClaimTask(task_id), CID)
    office.check()


def test_a_measure_that_cannot_be_worked_out_takes_nothing_away() -> None:
    office, _ = held()
    deps = replace(office.log.deps, expressions=lambda plan, now: lambda source, context: Failed("DATA_MISSING"))
    assert v.unauthorised(deps, MemoryUow(office.log, SYSTEM)).found == ()


def test_a_delegate_whose_authority_is_over_gives_it_back_to_its_holder() -> None:
    office, task_id = held()
    office.done(DelegateTask(task_id, CID.id), BOB)
    del office.house.limits[CID.id]
    assert found(office) == [v.Vacancy(task_id, BOB.id, CID.id)]
    (command,) = v.commands_of(found(office))
    office.done(command, SYSTEM)
    entry, row = office.log.entries[-1], office.only(tables.TASK)
    assert (entry.kind, entry.payload["delegate"]) == ("task.returned", CID.id)
    assert (row.state, row.holder, row.delegate) == ("claimed", BOB.id, "")
    assert words(entry)[1] == f"The task was taken from its delegate {CID.id}, who may no longer do it: NO_GRANT."
    assert office.refused(ReturnTask(task_id, outcome="approve"), CID) is not None
    assert office.refused(command, SYSTEM) is Reason.WRONG_STATE
    assert found(office) == []
    office.check()


def test_a_delegate_without_the_role_gives_a_form_back() -> None:
    office, task_id = held(role="role clerks")
    office.done(DelegateTask(task_id, CID.id), BOB)
    office.house.roles[CID.id] = set()
    assert v.commands_of(found(office)) == [VacateTask(task_id, BOB.id, CID.id)]
    office.done(VacateTask(task_id, BOB.id, CID.id), SYSTEM)
    assert office.only(tables.TASK).delegate == ""
    office.check()


def test_where_both_have_lost_it_nobody_holds_it() -> None:
    office, task_id = held()
    office.done(DelegateTask(task_id, CID.id), BOB)
    del office.house.limits[CID.id]
    del office.house.limits[BOB.id]
    assert v.commands_of(found(office)) == [VacateTask(task_id, BOB.id)]
    office.done(VacateTask(task_id, BOB.id), SYSTEM)
    row = office.only(tables.TASK)
    assert (row.state, row.holder, row.delegate) == ("offered", "", "")
    office.check()


def test_a_substitute_holds_it_by_an_authority_of_their_own() -> None:
    office, _ = held(CID)
    del office.house.limits[ANN.id]  # whoever is absent: what counts is whose hands it is in
    assert found(office) == []
    del office.house.limits[CID.id]
    assert [one.holder for one in found(office)] == [CID.id]


def test_votes_that_were_given_stay() -> None:
    office = Office(decide("d", (("approve", "done"), ("decline", "done")), quorum=Quorum(2)), end())
    office.house.limits = {ANN.id: 100, BOB.id: 100, CID.id: 100}
    office.start(amount=50)
    task_id = office.task_id("d")
    shown = office.shown(task_id).shown_digest
    office.done(c.CompleteTask(task_id, outcome="approve", shown_digest=shown), BOB)
    del office.house.limits[BOB.id]
    assert found(office) == []
    office.done(c.CompleteTask(task_id, outcome="approve", shown_digest=shown), CID)
    assert office.only(tables.INSTANCE).status == "ended"
    office.check()


def test_a_look_at_many_goes_on_where_the_last_one_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(decide("d", (("approve", "done"),)), end())
    for number in range(5):
        office.start(key=f"A-{number}", amount=50)
    ids = sorted(f"{row.instance}.{row.number}" for row in office.log.view.rows["task"].values())
    for task_id in ids:
        office.done(c.ClaimTask(task_id), BOB)
    del office.house.limits[BOB.id]
    monkeypatch.setattr(v, "DECISIONS_MAX", 2)
    rows = MemoryUow(office.log, SYSTEM)
    first = v.unauthorised(office.log.deps, rows)
    assert first.after is not None
    second = v.unauthorised(office.log.deps, rows, first.after)
    assert second.after is not None
    last = v.unauthorised(office.log.deps, rows, second.after)
    assert last.after is None
    assert [one.task_id for looked in (first, second, last) for one in looked.found] == ids
    assert "task_held" in office.log.plan(v._DECISIONS, (*v.FIRST, 2))
