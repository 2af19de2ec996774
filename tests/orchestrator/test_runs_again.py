"""`retry` of a run: an instance that was cancelled or could not start is begun again as a new one, so many times."""

from typing import Any

from ledger.actor import SYSTEM
from ledger.clock import Instant
from orchestrator import children, tables
from orchestrator import commands as c
from orchestrator import transitions as t
from orchestrator.child_transitions import ChildFailed, ChildRetried
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, SECOND, Driver, end, task, version
from versioning import blueprint as b

RETRY = b.Retry(2, "fixed", "PT30S")
HANDED = (("number", "number"),)


def run(**fields: Any) -> b.RunStep:
    return b.RunStep("r", HERE, blueprint="child", arguments=HANDED, next="done", retry=RETRY, **fields)


def fails(driver: Driver, code: str = "CHILD_CANCELLED") -> None:
    (running,) = [one for one in driver.instance.live if one.step == "r" and one.holder]
    driver.do(children.FailChild(running.number, running.holder, code))


def office() -> tuple[Office, str]:
    made = Office(run(), end())
    made.house.release(version(task("f", "done"), end(), blueprint="child", reuse="after end"))
    return made, made.start()


def child_of(made: Office, parent: str) -> str:
    (row,) = [row for row in made.log.view.rows["instance"].values() if row.parent == parent and row.status == "active"]
    return str(row.id)


def fire(made: Office) -> None:
    row = made.only(tables.TIMER, name="retry", state="set")
    made.log.now = row.due_at
    made.done(c.FireTimer(f"{row.instance}.{row.number}/retry", row.due_at), SYSTEM)


def test_it_is_begun_again_after_a_pause_and_held_when_no_try_is_left() -> None:
    driver = Driver(version(run(), end()))
    for tries in (1, 2):
        fails(driver)
        (live,) = driver.instance.live
        assert (live.state, live.tries, live.holder) == ("backing off", tries, "")
        (timer,) = live.timers
        assert 15 * SECOND <= timer.due - driver.now <= 30 * SECOND
        driver.fire("r", "retry")
        assert driver.instance.live[0].state == "running"
    fails(driver)
    assert [one.code for one in driver.all(t.IncidentRaised)] == ["CHILD_CANCELLED"]
    assert [one.tries for one in driver.all(ChildFailed)] == [1, 2]
    assert len(driver.all(ChildRetried)) == 2
    assert len(driver.all(t.ChildStarted)) == 3


def test_what_would_fail_for_ever_is_not_tried_again() -> None:
    driver = Driver(version(run(), end()))
    fails(driver, children.RUN_CYCLE)
    assert [one.code for one in driver.all(t.IncidentRaised)] == [children.RUN_CYCLE]


def test_an_error_leads_on_only_when_no_try_is_left() -> None:
    error = (b.Watch("error", "CHILD_CANCELLED", "other"),)
    driver = Driver(version(run(watches=error), task("other", "done"), end()))
    for _ in range(2):
        fails(driver)
        driver.fire("r", "retry")
    assert driver.names() == ["r"]
    fails(driver)
    assert driver.names() == ["other"]


def test_leaving_the_step_between_two_tries_leaves_nothing_open() -> None:
    stop = (b.Watch("after", "PT1S", "other"),)
    driver = Driver(version(run(watches=stop), task("other", "done"), end()))
    fails(driver)
    (watch,) = [one for one in driver.instance.live if one.watch is not None]
    driver.now = watch.timers[0].due
    driver.do(c.FireTimer(f"pi_toy.{watch.number}/delay", Instant(watch.timers[0].due)))
    assert driver.names() == ["other"]
    assert not driver.all(t.CallCancelled)
    assert not driver.all(t.ChildCancelled)


def test_an_element_is_begun_again_with_its_own_element() -> None:
    body = b.RunStep("r", HERE, blueprint="child", arguments=(("number", "item"),), retry=RETRY)
    step = b.EachStep("r", HERE, of="items", element="item", body=body, next="done", at_once=True)
    driver = Driver(version(step, end()), {"number": "A-1", "items": [7, 8]})
    second = next(one for one in driver.instance.live if one.branch == "#1")
    driver.do(children.FailChild(second.number, second.holder, "CHILD_CANCELLED"))
    live = driver.instance.activation(second.number)
    assert live is not None
    driver.now = live.timers[0].due
    said = driver.judge(c.FireTimer(f"pi_toy.{second.number}/retry", Instant(live.timers[0].due)))
    assert isinstance(said, tuple)
    assert [one.arguments for one in said if isinstance(one, t.ChildRequested)] == [{"number": 8}]


def test_the_new_instance_is_linked_and_the_parent_goes_on_with_it_alone() -> None:
    made, parent = office()
    first = child_of(made, parent)
    made.done(c.CancelInstance(first, "begun by mistake"))
    assert made.instance(parent).status == "active"
    fire(made)
    second = child_of(made, parent)
    assert second != first
    assert made.instance(second).parent_activation == made.instance(first).parent_activation
    made.complete("f")
    assert (made.instance(parent).status, made.instance(first).status) == ("ended", "cancelled")
    made.check()
