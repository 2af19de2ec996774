"""Instances in test mode: nothing of them reaches the outside, and nothing of them meets or counts as what is real."""

import dataclasses
from typing import Any

import pytest

from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.breaker import Limits
from orchestrator.figures import Asked, overview
from orchestrator.runner import CallFailure, Runner
from orchestrator.task_lists import TasksAsked, task_list
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.test_work import Outside, runner
from tests.orchestrator.toy import HERE, decide, end, task, version
from versioning import blueprint as b

CALL = (b.CallStep("k", HERE, operation="x.y", retry=b.Retry(2), into="risk", next="done"), end())


def start(office: Office, key: str = "A-1", *, test: bool = True, blueprint: str = "toy", **data: Any) -> str:
    done = office.done(c.StartInstance(blueprint, key, data, test=test), ANN)
    return str(done.result["instance"])


def both(office: Office, live: Outside, rehearsal: Outside | None) -> Runner:
    run = runner(office, live)
    return Runner(run.name, run.submit, run.query, run.connector, run.clock, rehearsal=rehearsal)


def test_its_calls_are_answered_by_what_reaches_nobody_and_others_are_not() -> None:
    office = Office(*CALL)
    tested, real = start(office), start(office, "A-2", test=False)
    live, rehearsal = Outside({"grade": 1}), Outside({"grade": 2})
    assert both(office, live, rehearsal).round() == 2
    assert (live.keys, rehearsal.keys) == ([f"{real}.1"], [f"{tested}.1"])
    assert office.instance(tested).test == 1
    assert office.log.entries[0].payload["transitions"][0]["test"] is True
    assert "test" not in office.log.entries[1].payload["transitions"][0]
    office.check()


def test_a_runner_that_knows_no_test_mode_calls_nobody() -> None:
    office = Office(*CALL)
    start(office)
    live = Outside()
    both(office, live, None).round()
    assert (live.keys, office.only(tables.INCIDENT).code) == ([], "NO_TEST_MODE")


def test_what_fails_in_test_mode_stops_no_connector_and_uses_up_no_rate() -> None:
    office = Office(*CALL)
    start(office)
    limits = Limits("x", at_once=1, per_minute=1, failures=1)
    run = both(office, Outside({}), Outside(CallFailure("DOWN")))
    strict = Runner(
        run.name, run.submit, run.query, run.connector, run.clock, limits=lambda: (limits,), rehearsal=run.rehearsal
    )
    assert strict.make_calls() == 1
    start(office, "A-2", test=False)
    assert strict.make_calls() == 1
    assert office.only(tables.INSTANCE, status="ended").test == 0


def test_its_children_are_in_test_mode_too() -> None:
    office = Office(b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), next="done"), end())
    office.house.release(version(task("t", "over"), end("over"), blueprint="child"))
    start(office)
    assert [row.test for row in office.log.view.rows["instance"].values()] == [1, 1]


def test_a_key_in_test_mode_is_another_key() -> None:
    office = Office(task("f", "done"), end(), reuse="never")
    start(office, test=False)
    start(office)
    for test in (False, True):
        again = c.StartInstance("toy", "A-1", {}, test=test)
        assert office.refused(again, ANN) is Reason.BUSINESS_KEY_TAKEN
    office.check()


WAIT = (b.WaitStep("w", HERE, message="m", key="number", next="done"), end())


@pytest.mark.parametrize("test", [False, True])
def test_a_message_reaches_its_own_kind_alone(test: bool) -> None:
    office = Office(*WAIT)
    other = start(office, test=not test)
    assert office.refused(c.Correlate("m", "A-1", test=test), WORKER) is Reason.NOT_FOUND
    kept = office.done(c.Correlate("m", "A-1", keep_for="P1D", message_id="e", test=test), WORKER)
    again = office.done(c.Correlate("m", "A-1", keep_for="P1D", message_id="e", test=not test), WORKER)
    assert (kept.outcome, again.outcome) == ("kept", "correlated")
    assert office.instance(other).status == "ended"
    own = start(office, test=test)
    assert office.instance(own).status == "ended"  # by the one that was kept
    office.check()


def test_what_it_sends_and_starts_by_it_stays_in_test_mode() -> None:
    sends = b.SendStep("s", HERE, message="go", key="number", arguments=(("number", "number"),), next="done")
    office = Office(sends, end())
    begun = version(*WAIT, blueprint="begun", message="go")
    by_message = dataclasses.replace(begun.blueprint.start, by="message")
    office.house.release(dataclasses.replace(begun, blueprint=dataclasses.replace(begun.blueprint, start=by_message)))
    real = start(office, test=False)
    tested = start(office, "A-2")
    began = {row.test for row in office.log.view.rows["instance"].values() if row.blueprint == "begun"}
    assert began == {0, 1}
    assert {office.instance(real).test, office.instance(tested).test} == {0, 1}
    office.check()


def test_its_jobs_are_for_who_asks_for_them() -> None:
    office = Office(b.JobStep("j", HERE, type="w", next="done"), end())
    tested, real = start(office), start(office, "A-2", test=False)
    for test, instance in ((False, real), (True, tested)):
        jobs = office.done(c.ActivateJobs("w", "one", 5, test=test), WORKER).result["jobs"]
        assert [job["job"] for job in jobs] == [f"{instance}.1"]


def test_a_decision_in_it_uses_up_nothing_and_stands_in_no_list_of_decisions() -> None:
    office = Office(decide("d", (("yes", "done"), ("no", "done"))), end())
    for test in (True, False):
        start(office, f"A-{test}", test=test, amount=5)
        office.complete("d", outcome="yes")
        decided = office.log.entries[-1].payload["decision"]
        assert decided.get("test", False) is test
        assert len(office.log.view.rows.get("decision", {})) == (not test)
    office.check()


def test_lists_of_tasks_tell_it_and_figures_count_it_apart() -> None:
    office = Office(task("f", "done"), end())
    tested, real = start(office), start(office, "A-2", test=False)
    rows = MemoryUow(office.log, BOB)
    for test, instances in ((None, {tested, real}), (0, {real}), (1, {tested})):
        asked = TasksAsked(("organisation",), test=test)
        told = {one.row.instance: one.test for one in task_list(rows, asked, None, 9)}
        assert told == {instance: instance == tested for instance in instances}
    figures = overview(rows, Asked(("organisation",), "", 0, office.log.now + 1))
    assert (figures["active"], figures["started"], figures["test"]) == (1, 1, {"active": 1, "started": 1})
    assert [one["count"] for one in figures["waiting"]["tasks"]] == [1]
    office.done(c.CancelInstance(real), ANN)
    figures = overview(rows, Asked(("organisation",), "toy", 0, office.log.now + 1))
    assert (figures["active"], figures["cancelled"], figures["age_seconds"]["p50"]) == (0, 1, None)
    assert figures["waiting"]["steps"] == figures["waiting"]["tasks"] == []
