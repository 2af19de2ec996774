"""Starts by a `run` step: who may not start such a blueprint, what may not be run, and that runs come to an end."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b
from versioning.starts import Start


def run(name: str) -> b.RunStep:
    return b.RunStep("r", HERE, blueprint=name, arguments=(("number", "number"),), next="done")


def starting(by: Any, *steps: b.Step, blueprint: str, **start: Any) -> b.BlueprintVersion:
    made = version(*steps, blueprint=blueprint)
    value = replace(made.blueprint, start=Start(by, "", "number", **start))
    return replace(made, blueprint=value, digest=f"digest-{hash(value)}")


def office_that_runs(child: b.BlueprintVersion) -> Office:
    office = Office(run("child"), end())
    office.house.release(child)
    return office


def test_a_blueprint_by_instance_is_started_by_a_run_step_and_by_nobody_else() -> None:
    office = office_that_runs(starting("instance", task("c", "done"), end(), blueprint="child"))
    assert office.refused(c.StartInstance("child", "A-9", {}), ANN) is Reason.WRONG_STATE
    assert office.refused(c.Correlate("child", "A-9", {"number": "A-9"}), BOB) is Reason.NOT_FOUND
    parent = office.start()
    office.complete("c")
    assert office.instance(parent).status == "ended"
    office.check()


@pytest.mark.parametrize("by", ["message", "schedule"])
def test_what_a_message_or_the_clock_starts_is_not_run(by: str) -> None:
    office = office_that_runs(starting(by, end(), blueprint="child"))
    office.start()
    assert office.only(tables.INCIDENT).code == "CHILD_NOT_STARTABLE"
    assert len(office.log.view.rows["instance"]) == 1
    office.check()


def test_a_cycle_of_runs_ends_where_it_would_begin_again() -> None:
    """The checks refuse it; a version that came past them must not run for ever, in one command or in several."""
    office = Office(run("one"), end())
    office.house.release(version(task("wait", "r"), run("two"), end(), blueprint="one"))
    office.house.release(version(run("one"), end(), blueprint="two"))
    parent = office.start()
    office.complete("wait")
    held = office.only(tables.INCIDENT, state="open")
    assert held.code == "RUN_CYCLE"
    assert office.instance(held.instance).blueprint == "two"
    assert sorted(row.blueprint for row in office.log.view.rows["instance"].values()) == ["one", "toy", "two"]
    assert office.instance(parent).status == "active"
    office.check()


def test_a_blueprint_that_runs_itself() -> None:
    office = Office(run("toy"), end())
    office.start()
    assert office.only(tables.INCIDENT).code == "RUN_CYCLE"


def test_two_that_run_the_same_are_no_cycle() -> None:
    office = Office(run("one"), end())
    office.house.release(version(run("leaf"), end(), blueprint="one"))
    office.house.release(starting("instance", end(), blueprint="leaf"))
    assert office.instance(office.start()).status == "ended"
