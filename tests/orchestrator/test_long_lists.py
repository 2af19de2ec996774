"""Lists as long as they may be, and longer: what one entry holds, what is closed early, what fails, what is refused."""

from typing import Any

import pytest

from ledger.canonical import encode
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.each import ELEMENTS_MAX
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.test_each import jobs, office, scores

ENTRY_BYTES_MAX = 60 * 1024
LONGER = 300
FAILS = 150  # the element that does
ENOUGH = 120  # at this one it is over, where it ends early


def all_jobs(desk: Office) -> dict[int, Any]:
    """The jobs a worker is given, by their argument; no answer of one command has more than it asked for."""
    given: dict[int, Any] = {}
    while found := desk.done(c.ActivateJobs("score", "w", 100), WORKER).result["jobs"]:
        assert len(found) <= 100
        given |= {job["arguments"]["n"]: job for job in found}
    return given


def score(desk: Office, job: Any) -> None:
    desk.done(c.CompleteJob(job["job"], job["lease"], {"of": job["arguments"]["n"]}), WORKER)


def fits(desk: Office) -> None:
    """Every entry is one the ledger takes, and all rows are the fold of them."""
    assert max(len(encode(entry.payload)) for entry in desk.log.entries) < ENTRY_BYTES_MAX
    desk.check()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_list_that_is_longer_is_held_with_a_reason_and_goes_on_when_it_is_shortened(at_once: bool) -> None:
    desk = office(at_once=at_once)
    items = [*range(LONGER)]
    instance = desk.start(items=items)
    incident = desk.only(tables.INCIDENT)
    assert (incident.step, incident.code, jobs(desk)) == ("e", "TOO_MANY_ELEMENTS", {})
    assert desk.row(tables.VARIABLE, instance, "items").value == encode(items).decode()  # nothing of it is lost
    correct = c.ResolveIncident(f"{instance}.{incident.number}", "correct", {"items": items[:ELEMENTS_MAX]}, "r")
    desk.done(correct, BOB)
    assert len(jobs(desk)) == (ELEMENTS_MAX if at_once else 1)
    fits(desk)


def test_all_elements_at_once_of_which_one_fails_hold_that_one_alone() -> None:
    desk = office(at_once=True)
    desk.start(items=[*range(ELEMENTS_MAX)])
    given = all_jobs(desk)
    assert list(given) == [*range(ELEMENTS_MAX)]
    for number, job in given.items():
        if number != FAILS:
            score(desk, job)
    failed = given[FAILS]
    desk.done(c.FailJob(failed["job"], failed["lease"], "DOWN", retryable=False), WORKER)
    incident = desk.only(tables.INCIDENT)
    assert (incident.code, desk.only(tables.INSTANCE).status) == ("DOWN", "active")
    desk.done(c.ResolveIncident(f"{incident.instance}.{incident.number}", "skip", reason="not needed"), ANN)
    done = [None if number == FAILS else {"of": number} for number in range(ELEMENTS_MAX)]
    assert scores(desk) == encode(done).decode()
    assert desk.task_id("f")
    fits(desk)


def test_one_after_the_other_there_is_one_at_a_time_to_the_last() -> None:
    desk = office()
    desk.start(items=[*range(ELEMENTS_MAX)])
    for number in range(ELEMENTS_MAX):
        given = all_jobs(desk)
        assert list(given) == [number]
        score(desk, given[number])
    assert scores(desk) == encode([{"of": number} for number in range(ELEMENTS_MAX)]).decode()
    assert desk.task_id("f")
    fits(desk)


def test_as_soon_as_it_is_enough_one_command_closes_all_the_others() -> None:
    desk = office(at_once=True, until="true")
    desk.start(items=[*range(ELEMENTS_MAX)])
    given = all_jobs(desk)
    before = len(desk.log.entries)
    score(desk, given[ENOUGH])
    assert (jobs(desk), len(desk.log.entries)) == ({}, before + 1)
    states = [row.state for row in desk.log.view.rows["job"].values()]
    assert sorted(set(states)) == ["cancelled", "completed"]
    assert states.count("completed") == 1
    assert desk.task_id("f")
    late = given[0]
    assert desk.refused(c.CompleteJob(late["job"], late["lease"], {"of": 0}), WORKER) == "WRONG_STATE"
    fits(desk)
