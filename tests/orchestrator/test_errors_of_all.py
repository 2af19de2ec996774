"""`on error CODE` of the whole blueprint: all that is open is closed, wherever it failed."""

from dataclasses import replace
from typing import Any

from orchestrator import commands as c
from orchestrator import transitions as t
from tests.orchestrator.toy import HERE, Driver, end, task, version
from versioning import blueprint as b
from versioning.net import net_of
from versioning.soundness import soundness

DOWN = b.Watch("error", "DOWN", "down")
ANY = b.Watch("error", "any", "other")
REST = (task("down", "stopped"), task("other", "stopped"), end("stopped", "stopped"), end())
FORK = b.AllStep("fork", HERE, branches=("k", "z"), next="done")


def call(name: str = "k", next_: str = "", **fields: Any) -> b.CallStep:
    return b.CallStep(name, HERE, operation="x.y", next=next_, **fields)


def made(*steps: b.Step, watches: tuple[b.Watch, ...] = (DOWN, ANY)) -> b.BlueprintVersion:
    plain = version(*steps, *REST)
    return replace(plain, blueprint=replace(plain.blueprint, watches=watches))


def failed(driver: Driver, code: str, step: str = "k") -> None:
    driver.do(c.FailCall(driver.id(step), "", code, False))


def test_a_failure_in_one_branch_closes_all_and_leads_to_the_step_of_its_code() -> None:
    driver = Driver(made(FORK, call(), task("z")))
    assert driver.names() == ["fork", "k", "z"]
    failed(driver, "DOWN")
    assert driver.names() == ["down"]
    assert (driver.instance.live[0].scope, driver.all(t.IncidentRaised)) == (0, [])
    assert len(driver.all(t.TaskCancelled)) == 1
    driver.complete("down")
    assert driver.instance.outcome == "stopped"


def test_any_other_code_leads_where_any_leads() -> None:
    driver = Driver(made(FORK, call(), task("z")))
    failed(driver, "ELSE")
    assert driver.names() == ["other"]
    alone = Driver(made(call("k", "done"), watches=(DOWN,)))
    failed(alone, "ELSE")
    assert [one.code for one in alone.all(t.IncidentRaised)] == ["ELSE"]


def test_what_the_step_says_itself_stands_nearer() -> None:
    own = Driver(made(call("k", "done", watches=(b.Watch("error", "DOWN", "done"),))))
    failed(own, "DOWN")
    assert own.instance.outcome == "done"
    leads = Driver(made(call("k", "done", on_failure_next="done")))
    failed(leads, "DOWN")
    assert leads.instance.outcome == "done"
    held = Driver(made(call("k", "done", hold_for="role ops")))
    failed(held, "DOWN")
    assert [one.role for one in held.all(t.IncidentRaised)] == ["ops"]


def test_what_deals_with_a_failure_is_held_when_it_fails_itself() -> None:
    plain = version(call("k", "done"), call("down", "done"), end())
    driver = Driver(replace(plain, blueprint=replace(plain.blueprint, watches=(DOWN,))))
    failed(driver, "DOWN")
    failed(driver, "DOWN", "down")
    assert driver.names() == ["down"]
    assert [one.code for one in driver.all(t.IncidentRaised)] == ["DOWN"]


def test_the_deadline_of_the_instance_runs_on() -> None:
    plain = made(call("k", "done"))
    driver = Driver(replace(plain, blueprint=replace(plain.blueprint, deadline=b.Deadline("P1D"))))
    clock = driver.instance.clock
    failed(driver, "DOWN")
    assert driver.instance.clock == clock
    assert clock is not None


def test_the_net_closes_all_wherever_a_step_fails() -> None:
    net = net_of(made(FORK, call(), task("z")).blueprint)
    assert soundness(net).verdict == "sound"
    leaves = [one for one in net.transitions if one.cause == "failed"]
    assert {(one.step, one.detail) for one in leaves} == {
        (s, to) for s in ("fork", "k", "z") for to in ("down", "other")
    }
    for one in leaves:
        assert {*one.takes, *one.clears} == set(range(len(net.places))) - {net.last}


def test_a_net_that_kept_a_branch_open_would_be_unsound() -> None:
    net = net_of(made(FORK, call(), task("z")).blueprint)
    kept = [one._replace(clears=()) if one.cause == "failed" else one for one in net.transitions]
    assert soundness(replace(net, transitions=tuple(kept))).verdict == "unsound"
