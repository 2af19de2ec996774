"""Forks and undoing passed over by a condition; failures of steps that need nobody, led on by their codes."""

from typing import Any

import pytest

from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator import transitions as t
from tests.orchestrator.house import BOB, person
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, Driver, decide, end, task, version
from versioning import blueprint as b
from versioning.net import net_of
from versioning.soundness import soundness

BRANCHES = (task("a"), task("c"))
ALL = b.AllStep("fork", HERE, branches=("a", "c"), next="done", skip_when="ok")
WAYS = (b.Branch("ok", "a"), b.Branch(None, "c"))
FORKS: list[b.Step] = [ALL, b.AllStep("fork", HERE, branches=("a", "c"), need=1, next="done", skip_when="ok")]
FORKS += [b.AnyOfStep("fork", HERE, branches=WAYS, next="done", skip_when="ok")]
WATCHED = (b.Watch("error", "NO_RULE_MATCHES", "other"),)
NOBODY = (b.Watch("error", "NOBODY_TOLD", "other"),)
LEADS = (b.Recipient("role", "leads"),)


def kinds(driver: Driver) -> list[type[Any]]:
    return [type(one) for batch in driver.batches for one in batch]


@pytest.mark.parametrize("fork", FORKS)
def test_a_fork_whose_condition_holds_begins_no_branch(fork: Any) -> None:
    over = Driver(version(fork, *BRANCHES, end()), {"number": "A-1", "ok": True})
    assert t.StepSkipped in kinds(over)
    assert t.BranchesOpened not in kinds(over)
    assert over.instance.status == "ended"
    into = Driver(version(fork, *BRANCHES, end()), {"number": "A-1", "ok": False})
    assert t.BranchesOpened in kinds(into)


@pytest.mark.parametrize("fork", FORKS)
def test_a_condition_that_is_neither_holds_the_fork(fork: Any) -> None:
    driver = Driver(version(fork, *BRANCHES, end()))
    (live,) = driver.instance.live
    assert (live.state, live.step) == ("held", "fork")


def test_a_fork_passed_over_inside_a_branch_ends_that_branch() -> None:
    outer = b.AllStep("outer", HERE, branches=("fork", "z"), next="done")
    inner = b.AllStep("fork", HERE, branches=("a", "c"), skip_when="ok")
    driver = Driver(version(outer, inner, *BRANCHES, task("z"), end()), {"number": "A-1", "ok": True})
    assert [one.step for one in driver.instance.live] == ["outer", "z"]
    assert driver.instance.live[0].arrived == ("fork",)


@pytest.mark.parametrize("fork", FORKS)
def test_the_net_passes_it_over_too(fork: Any) -> None:
    net = net_of(version(fork, *BRANCHES, end()).blueprint)
    passed = [one for one in net.transitions if one.cause == "skipped"]
    assert [(one.step, one.detail) for one in passed] == [("fork", "done")]
    assert net.places[passed[0].takes[0]].kind == "at"  # before any branch has begun
    assert soundness(net).verdict == "sound"


def test_undoing_is_passed_over() -> None:
    back = b.UndoStep("back", HERE, next="done", skip_when="true")
    driver = Driver(version(back, end()))
    assert t.StepSkipped in kinds(driver)
    assert driver.instance.status == "ended"


def test_a_table_without_a_rule_for_it_leads_where_its_code_says() -> None:
    rules = b.RulesStep("r", HERE, table="broken", into="risk.grade", next="done", watches=WATCHED)
    office = Office(rules, task("other", "done"), end())
    instance = office.start()
    caught = [one for one in office.log.entries[0].payload["transitions"] if one["t"] == "error.caught"]
    assert [(one["code"], one["to"]) for one in caught] == [("NO_RULE_MATCHES", "other")]
    assert office.task_id("other").startswith(instance)
    assert not office.log.view.rows.get(tables.INCIDENT.name)
    office.check()


def test_another_code_is_held_all_the_same() -> None:
    rules = b.RulesStep("r", HERE, table="odd", into="risk.grade", next="done", watches=WATCHED)
    office = Office(rules, task("other", "done"), end())
    office.start()
    assert office.only(tables.INCIDENT).code == "RESULT_INVALID"


@pytest.mark.parametrize(
    "step",
    [
        b.TellStep("s", HERE, to=LEADS, text="number", next="done", watches=NOBODY),
        b.SendStep(
            "s", HERE, message="m", key="note", next="done", watches=(b.Watch("error", "KEY_MISSING", "other"),)
        ),
    ],
)
def test_what_is_sent_and_cannot_be_leads_where_its_code_says(step: Any) -> None:
    office = Office(step, task("other", "done"), end())
    office.start()
    assert office.task_id("other")
    assert not office.log.view.rows.get(tables.INCIDENT.name)
    office.check()


def test_who_approved_the_blueprint_may_be_barred_from_deciding_under_it() -> None:
    office = Office(decide("d", (("yes", "done"),), duties=(b.Duty("not approver of blueprint"),)), end())
    approver = person("approver")
    office.house.roles[approver.id] = {"owners"}
    office.house.limits[approver.id] = 100
    office.start(amount=5)
    task_id = office.task_id("d")
    said = {"outcome": "yes", "shown_digest": office.shown(task_id).shown_digest}
    for act in (c.ClaimTask(task_id), c.CompleteTask(task_id, **said)):
        assert office.refused(act, approver) is Reason.SOD
    office.complete("d", BOB, **said)
