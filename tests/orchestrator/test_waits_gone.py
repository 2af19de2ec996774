"""A message is for who waits longest, and for nobody whose step was left by hand, lost a race, or is over."""

from typing import Any

from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.message_tables import MESSAGE
from tests.orchestrator.house import ANN, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.test_late_answers import answer, out
from tests.orchestrator.toy import HERE, HOUR, end, task
from versioning import blueprint as b

M = b.WaitStep("w", HERE, message="m", key="number", into="amount", next="f")


def at(office: Office, table: Any = tables.SUBSCRIPTION, **where: Any) -> int:
    """The number of the one activation that waits for a message, or has a task."""
    return int(office.only(table, **(where or {"state": "offered" if table is tables.TASK else "open"})).number)


def nobody_waits(office: Office) -> bool:
    """Whether a message is for nobody, and stays kept where that was asked for."""
    if office.refused(c.Correlate("m", "A-1", 1), WORKER) is not Reason.NOT_FOUND:
        return False
    return office.done(c.Correlate("m", "A-1", 7, keep_for="P1D"), WORKER).outcome == "kept"


def amount(office: Office, instance: str) -> str:
    return office.row(tables.VARIABLE, instance, "amount").value


def test_a_step_left_by_hand_waits_no_more_and_one_come_to_by_hand_waits_anew() -> None:
    office = Office(M, task("f", "done"), end())
    instance = office.start()
    office.done(c.ModifyInstance(instance, ((at(office), "f"),), reason="known by telephone"))
    assert nobody_waits(office)
    office.log.now += HOUR
    office.done(c.ModifyInstance(instance, ((at(office, tables.TASK, step="f"), "w"),), reason="known wrong"))
    assert office.only(MESSAGE).state == "delivered"
    assert office.only(tables.TASK, state="offered").step == "f"
    assert amount(office, instance) == "7"
    office.check()


def test_what_waits_beside_a_step_and_is_ended_by_hand_waits_no_more() -> None:
    again = b.Watch("after", "PT1H", "w", meanwhile=True)
    office = Office(task("f", "done", watches=(again,)), b.WaitStep("w", HERE, message="m", key="number"), end())
    instance = office.start()
    office.log.now += HOUR
    timer = office.only(tables.TIMER)
    office.done(c.FireTimer(f"{instance}.{timer.number}/{timer.name}", Instant(timer.due_at)), SYSTEM)
    office.done(c.ModifyInstance(instance, ends=(at(office),), reason="no reminder"))
    assert nobody_waits(office)
    office.check()


def test_an_instance_that_is_cancelled_waits_no_more_also_while_it_undoes() -> None:
    does = b.CallStep("d", HERE, operation="x.y", undo=b.CallStep("d", HERE, operation="x.z"), next="w")
    office = Office(does, M, task("f", "done"), end())
    instance = office.start()
    answer(office, out(office))
    office.done(c.CancelInstance(instance, "not wanted"), ANN)
    assert nobody_waits(office)
    answer(office, out(office))
    assert office.instance(instance).status == "cancelled"
    assert office.only(MESSAGE).state == "kept"
    office.check()


def test_the_loser_of_a_race_of_events_waits_no_more() -> None:
    events = (b.Watch("message", "m", "f", key="number", into="amount"), b.Watch("message", "n", "g", key="number"))
    office = Office(b.WaitStep("w", HERE, watches=events), task("f", "done"), task("g", "w"), end())
    office.start()
    office.done(c.Correlate("n", "A-1"), WORKER)
    assert nobody_waits(office)
    office.complete("g")
    assert office.only(MESSAGE).state == "delivered"
    assert office.only(tables.TASK, state="offered").step == "f"
    office.check()


def test_of_two_waits_of_one_instance_the_longest_gets_it_and_the_other_the_next() -> None:
    later = b.WaitStep("w", HERE, message="m", key="number", into="amount")
    both = b.AllStep("both", HERE, branches=("t", "v"), next="done")
    first = b.WaitStep("v", HERE, message="m", key="number", into="note")
    office = Office(both, task("t", "w"), later, first, end())
    instance = office.start()
    office.log.now += HOUR
    office.complete("t")
    assert office.refused(c.Correlate("m", "A-1", 5), WORKER) is Reason.INVALID_DATA  # for `v`, which takes a text
    office.done(c.Correlate("m", "A-1", "1970-01-01"), WORKER)
    assert office.instance(instance).status == "active"
    office.done(c.Correlate("m", "A-1", 5), WORKER)
    assert office.instance(instance).status == "ended"
    assert amount(office, instance) == "5"
    office.check()


def test_of_two_instances_who_has_waited_longest_gets_it_and_not_who_began_first() -> None:
    office = Office(b.WaitStep("w", HERE, message="m", key="note", into="amount", next="f"), task("f", "done"), end())
    first = office.start("A-1", note="K")
    office.log.now += HOUR
    second = office.start("A-2", note="K")
    office.log.now += HOUR
    office.done(c.ModifyInstance(first, ((at(office, instance=first), "f"),), reason="known"), ANN)
    office.done(c.ModifyInstance(first, ((at(office, tables.TASK), "w"),), reason="known wrong"), ANN)
    assert office.done(c.Correlate("m", "K", 1), WORKER).result["instance"] == second
    assert office.done(c.Correlate("m", "K", 2), WORKER).result["instance"] == first
    assert office.refused(c.Correlate("m", "K", 3), WORKER) is Reason.NOT_FOUND
    office.check()
