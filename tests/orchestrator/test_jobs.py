"""Jobs in the queue: which comes first, how many at once, when a failed one comes again, and what is given back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.actor import SYSTEM
from ledger.errors import BrokenInput
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.deadlines import backoff
from orchestrator.ranking import LEAD, POINT, PRIORITY_USUAL, priority_of, ranks_at
from orchestrator.service import jobs_wait
from tests.orchestrator.house import ANN, WORKER
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, HOUR, SECOND, end
from versioning import blueprint as b

MINUTE = 60 * SECOND


def office_of(**fields: Any) -> Office:
    return Office(b.JobStep("j", HERE, type="w", next="done", **fields), end())


def taken(office: Office, **more: Any) -> list[dict[str, Any]]:
    asked = c.ActivateJobs("w", more.pop("worker", "one"), more.pop("limit", 100), **more)
    jobs: list[dict[str, Any]] = office.done(asked, WORKER).result["jobs"]
    return jobs


def instances(jobs: list[dict[str, Any]]) -> list[str]:
    return [job["job"].partition(".")[0] for job in jobs]


def test_the_highest_comes_first_and_of_one_priority_the_oldest() -> None:
    office = office_of(priority="amount")
    started = {}
    for place, priority in enumerate((50, 80, 20, 80, 50)):
        started[place] = office.start(f"A-{place}", amount=priority)
        office.log.now += SECOND
    jobs = taken(office)
    assert instances(jobs) == [started[place] for place in (1, 3, 0, 4, 2)]
    assert [job["priority"] for job in jobs] == [80, 80, 50, 50, 20]
    office.check()


def test_what_waits_is_overtaken_for_a_time_alone() -> None:
    office = office_of(priority="amount")
    low = office.start("low", amount=0)
    office.log.now += LEAD - SECOND
    high = office.start("high", amount=100)
    assert instances(taken(office, limit=1)) == [high]
    office.log.now += 2 * SECOND
    office.start("later", amount=100)
    assert instances(taken(office, limit=1)) == [low]


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 100)), min_size=2, max_size=30))
@settings(max_examples=100)
def test_nothing_is_overtaken_by_what_came_long_after_it(jobs: list[tuple[int, int]]) -> None:
    order = sorted(jobs, key=lambda job: ranks_at(*job))
    for place, (earlier, _) in enumerate(order):
        assert all(later + LEAD >= earlier for later, _ in order[place:])
        same = [one for one in order[place:] if one[0] // POINT == earlier // POINT]
        assert all(one[1] <= order[place][1] + 1 for one in same)  # of one minute the highest first, to a point


def test_a_job_keeps_its_place_while_it_is_tried_again() -> None:
    office = office_of(retry=b.Retry(3, "fixed", first="PT1H"))
    first = office.start("A-1")
    office.log.now += MINUTE
    office.start("A-2")
    (job,) = taken(office, limit=1)
    office.done(c.FailJob(job["job"], job["lease"], "BUSY"), WORKER)
    office.log.now += HOUR
    due = office.only(tables.TIMER, state="set")
    office.done(c.FireTimer(f"{due.instance}.{due.number}/retry", due.due_at), SYSTEM)
    assert instances(taken(office, limit=1)) == [first]
    office.check()


@pytest.mark.parametrize("amount", [-1, 101])
def test_a_priority_out_of_bounds_is_held(amount: int) -> None:
    office = office_of(priority="amount")
    office.start(amount=amount)
    incident = office.only(tables.INCIDENT, state="open")
    assert (incident.code, incident.place) == ("PRIORITY_INVALID", "priority")
    assert taken(office) == []
    office.check()


@pytest.mark.parametrize(
    ("value", "priority"),
    [(0, 0), (100, 100), ("90", 90), ("90.0", 90), ({"$decimal": "7"}, 7), (-1, None), ("100.5", None), (101, None),
     (True, None), (None, None), ("high", None), ("NaN", None), ({"amount": "5", "currency": "GBP"}, None)],
)  # fmt: skip
def test_a_priority_is_a_whole_number_however_it_is_printed(value: Any, priority: int | None) -> None:
    assert priority_of(value) == priority


def test_a_priority_that_cannot_be_worked_out_is_held() -> None:
    office = office_of(priority="fail")
    office.start()
    assert office.only(tables.INCIDENT, state="open").code == "EXPRESSION_FAILED"


def test_the_usual_priority_leaves_no_word_in_the_entry() -> None:
    office = office_of()
    instance = office.start()
    made = [one for one in office.log.entries[0].payload["transitions"] if one["t"] == "job.created"]
    assert made == [{"t": "job.created", "activation": 1, "type": "w", "arguments": {}}]
    assert office.row(tables.JOB, instance, 1).priority == PRIORITY_USUAL


def test_no_more_are_under_lease_than_their_type_bears() -> None:
    office = office_of()
    for number in range(6):
        office.start(f"A-{number}")
    assert len(taken(office, type_at_once=3, limit=2)) == 2
    second = taken(office, worker="two", type_at_once=3)
    assert len(second) == 1
    assert taken(office, worker="three", type_at_once=3) == []
    assert len(taken(office, worker="three", worker_at_once=1)) == 1
    assert taken(office, worker="three", worker_at_once=1) == []
    office.done(c.CompleteJob(second[0]["job"], second[0]["lease"]), WORKER)
    assert len(taken(office, worker="two", type_at_once=4)) == 1


@pytest.mark.parametrize("bound", ["type_at_once", "worker_at_once"])
def test_who_is_at_work_counts_while_the_instance_stands_still_and_no_longer_than_it_waits(bound: str) -> None:
    office = office_of()
    for number in range(3):
        office.start(f"A-{number}")
    (job,) = taken(office, limit=1, **{bound: 1})
    instance = job["job"].partition(".")[0]
    office.done(c.SuspendInstance(instance, "r"), ANN)
    assert taken(office, **{bound: 1}) == []
    office.done(c.ResumeInstance(instance, "r"), ANN)
    assert taken(office, **{bound: 1}) == []
    office.done(c.SuspendInstance(instance, "r"), ANN)
    office.done(c.CancelInstance(instance, "r"), ANN)  # its lease ends: the worker is to drop the job
    assert len(taken(office, **{bound: 1})) == 1


def test_whoever_waits_is_woken_for_what_they_would_be_given() -> None:
    office = office_of()
    asked = c.ActivateJobs("w", "one", type_at_once=1)

    def wait(command: c.ActivateJobs = asked) -> bool:
        return jobs_wait(MemoryUow(office.log, WORKER), command)

    assert not wait()
    office.start("A-1")
    office.start("A-2")
    assert wait()
    assert not wait(c.ActivateJobs("w", "one", domain="elsewhere"))
    taken(office, limit=1)
    assert not wait()
    assert wait(c.ActivateJobs("w", "one"))


@pytest.mark.parametrize(
    ("domain", "is_its_own"),
    [("lending", True), ("organisation", True), ("Lending", False), ("lend_ng", False), ("%", False), ("", False)],
)
def test_jobs_are_of_the_domain_that_is_named_as_it_is_written(domain: str, is_its_own: bool) -> None:
    office = office_of()
    office.done(c.StartInstance("toy", "A-1", {}, domain="lending"), ANN)
    assert jobs_wait(MemoryUow(office.log, WORKER), c.ActivateJobs("w", "one", domain=domain)) is is_its_own


def test_a_failed_job_comes_again_when_its_worker_said_so() -> None:
    office = office_of(retry=b.Retry(3, "fixed", first="PT2S"))
    office.start()
    (job,) = taken(office)
    office.done(c.FailJob(job["job"], job["lease"], "BUSY", retry_after=90), WORKER)
    assert office.log.entries[-1].payload["transitions"][0] == {
        "t": "job.failed", "activation": 1, "code": "BUSY", "tries": 1, "retry_after": 90,
    }  # fmt: skip
    assert office.only(tables.TIMER, state="set").due_at == office.log.now + 90 * SECOND
    office.check()


def test_nobody_outside_shortens_the_pause_of_the_blueprint() -> None:
    office = office_of(retry=b.Retry(3, "fixed", first="PT1H"))
    office.start()
    (job,) = taken(office)
    office.done(c.FailJob(job["job"], job["lease"], "BUSY", retry_after=1), WORKER)
    pause = office.only(tables.TIMER, state="set").due_at - office.log.now
    assert pause == backoff(b.Retry(3, "fixed", first="PT1H"), 1, c.split_id(job["job"]))
    assert HOUR // 2 <= pause <= HOUR


def test_a_pause_gives_no_further_try() -> None:
    office = office_of(retry=b.Retry(3, "fixed", first="PT2S"))
    office.start()
    (job,) = taken(office)
    with pytest.raises(BrokenInput, match="seconds"):
        office.send(c.FailJob(job["job"], job["lease"], "BUSY", retry_after=86_401), WORKER)
    office.done(c.FailJob(job["job"], job["lease"], "BAD", retryable=False, retry_after=5), WORKER)
    assert office.only(tables.INCIDENT, state="open").code == "BAD"
    assert "retry_after" not in office.log.entries[-1].payload["transitions"][0]


def test_a_job_given_back_is_taken_at_once_and_its_lease_is_good_no_more() -> None:
    office = office_of()
    office.start()
    (job,) = taken(office)
    before = len(office.log.entries)
    assert office.refused(c.ReleaseJob(job["job"], "le_other"), WORKER) is Reason.LEASE_LOST
    office.done(c.ReleaseJob(job["job"], job["lease"]), WORKER)
    assert len(office.log.entries) == before
    (again,) = taken(office, worker="two")
    assert (again["job"], again["tries"]) == (job["job"], 0)
    for late in (c.ReleaseJob, c.ExtendJob, c.CompleteJob):
        assert office.refused(late(job["job"], job["lease"]), WORKER) is Reason.LEASE_LOST
    assert office.refused(c.FailJob(job["job"], job["lease"], "BUSY"), WORKER) is Reason.LEASE_LOST
    office.done(c.CompleteJob(again["job"], again["lease"]), WORKER)
    office.check()


@pytest.mark.parametrize("act", [c.ExtendJob, c.ReleaseJob, c.CompleteJob])
def test_a_job_that_its_instance_goes_on_without_is_over_and_its_lease_with_it(act: Any) -> None:
    office = office_of()
    instance = office.start()
    (job,) = taken(office)
    assert office.row(tables.LEASE, instance, 1).until > office.log.now
    office.done(c.CancelInstance(instance))
    assert office.row(tables.LEASE, instance, 1)[3:] == ("", 0)
    assert office.refused(act(job["job"], job["lease"]), WORKER) is Reason.WRONG_STATE
    assert office.row(tables.LEASE, instance, 1)[3:] == ("", 0)
    office.check()


def test_a_job_that_was_answered_is_over_whatever_lease_is_shown() -> None:
    office = office_of()
    office.start()
    (job,) = taken(office)
    office.done(c.CompleteJob(job["job"], job["lease"]), WORKER)
    for late in (c.ReleaseJob, c.ExtendJob):
        assert office.refused(late(job["job"], job["lease"]), WORKER) is Reason.WRONG_STATE
