"""A late decision that is passed on: only a holder whose limit is above may take it."""

import pytest

from ledger.actor import SYSTEM, Actor
from ledger.clock import Instant
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.pages import Candidate, tasks
from orchestrator.service import is_offered
from tests.orchestrator.house import ANN, BOB, EVE, person
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HOUR, decide, end
from versioning.blueprint import Deadline, Duty, Late

JOE = person("joe")
LIMITS = {"person:ann": 100, "person:bob": 100, "person:joe": 400, "person:eve": 1000}
LATE = Deadline("PT1H", late=(Late("PT0S", pass_to="approve"), Late("PT1H", pass_to="approve")))


def office(role: str | None = "role clerks", *duties: Duty) -> Office:
    """A decision first offered to Ann and Bob, whose limits are the lowest."""
    made = Office(decide("d", (("yes", "done"),), role=role, deadline=LATE, duties=duties), end())
    made.house.limits = dict(LIMITS)
    made.start(amount=1)
    return made


def pass_on(made: Office) -> str:
    """Let the deadline's next reaction come; the task."""
    timer = made.only(tables.TIMER, name="deadline", state="set")
    made.log.now = timer.due_at
    made.done(c.FireTimer(f"{timer.instance}.{timer.number}/deadline", Instant(timer.due_at)), SYSTEM)
    return made.task_id("d")


def taken(made: Office, actor: Actor) -> bool:
    """Whether the inbox shows it to the person, and the claim is as the inbox says."""
    deps, uow, task = made.log.commands, MemoryUow(made.log, actor), made.task_id("d")
    engine = deps[c.ClaimTask].handler.args[0]  # type: ignore[attr-defined]
    candidate = Candidate(str(actor.person), (), ("approve",), lambda one: is_offered(engine, uow, one))
    shown = [one["id"] for one in tasks(uow, ("organisation",), candidate, ("", 0), 10)]
    if not shown:
        assert made.refused(c.ClaimTask(task), actor) is Reason.NOT_OFFERED
    return shown == [task]


def test_it_is_offered_to_those_above_the_highest_it_was_offered_to() -> None:
    made = office()
    assert made.row(tables.TASK, *made.task_id("d").split(".")[:1], 1).role == "clerks"
    pass_on(made)
    assert [taken(made, one) for one in (ANN, BOB, JOE, EVE)] == [False, False, True, True]
    made.done(c.ClaimTask(made.task_id("d")), JOE)
    made.done(c.CompleteTask(made.task_id("d"), "yes"), JOE)
    made.check()


def test_a_second_time_it_goes_to_the_highest() -> None:
    made = office()
    pass_on(made)
    pass_on(made)
    assert [taken(made, one) for one in (ANN, JOE, EVE)] == [False, False, True]


def test_offered_to_every_holder_it_stays_with_the_highest_and_whoever_held_it_gives_it_up() -> None:
    made = office(role=None)
    made.done(c.ClaimTask(made.task_id("d")), BOB)
    pass_on(made)
    assert [taken(made, one) for one in (ANN, BOB, JOE, EVE)] == [False, False, False, True]
    assert made.refused(c.CompleteTask(made.task_id("d"), "yes"), BOB) is Reason.NOT_OFFERED


def test_whom_a_duty_bars_is_not_counted() -> None:
    made = Office(decide("d", (("yes", "done"),), deadline=LATE, duties=(Duty("not initiator"),)), end())
    made.house.limits = dict(LIMITS)
    made.house.roles["person:eve"] = {"starters"}
    made.start(actor=EVE, amount=1)
    pass_on(made)
    assert [taken(made, one) for one in (BOB, JOE, EVE)] == [False, True, False]


def test_who_has_left_or_may_decide_nothing_any_more_is_not_counted() -> None:
    """Passed to them alone, nobody could ever take it."""
    made = office(role=None)
    made.house.left.add(EVE.id)
    pass_on(made)
    assert [taken(made, one) for one in (BOB, JOE)] == [False, True]
    made.house.left.add(JOE.id)
    assert [taken(made, one) for one in (ANN, BOB)] == [True, True]  # nobody is above: it stays with the highest


def test_it_goes_above_those_too_whom_it_was_reassigned_to() -> None:
    """First to Ann and Bob, then to the leads, of whom Joe is one; then above Joe, and not to Joe again."""
    late = (Late("PT0S", reassign="role leads"), Late("PT1H", pass_to="approve"))
    made = Office(decide("d", (("yes", "done"),), role="role clerks", deadline=Deadline("PT1H", late=late)), end())
    made.house.limits, made.house.roles[JOE.id] = dict(LIMITS), {"leads"}
    made.start(amount=1)
    pass_on(made)
    made.done(c.ClaimTask(made.task_id("d")), JOE)
    pass_on(made)
    assert [taken(made, one) for one in (ANN, JOE, EVE)] == [False, False, True]


def test_two_passes_at_one_instant_are_two() -> None:
    at_once = Deadline("PT1H", late=(Late("PT0S", pass_to="approve"), Late("PT0S", pass_to="approve")))
    made = Office(decide("d", (("yes", "done"),), role="role clerks", deadline=at_once), end())
    made.house.limits = dict(LIMITS)
    made.start(amount=1)
    pass_on(made)
    assert [taken(made, one) for one in (ANN, JOE, EVE)] == [False, False, True]


def test_a_page_is_filled_whatever_was_passed_on_to_others() -> None:
    made = office(role=None)
    first = made.task_id("d").split(".")[0]
    pass_on(made)
    for number in range(3):
        made.start(f"B-{number}", amount=1)
    uow = MemoryUow(made.log, BOB)
    engine = made.log.commands[c.ClaimTask].handler.args[0]  # type: ignore[attr-defined]
    candidate = Candidate("person:bob", (), ("approve",), lambda one: is_offered(engine, uow, one))
    found = tasks(uow, ("organisation",), candidate, ("", 0), 2)
    assert [one["instance"] != first for one in found] == [True, True]
    rest = tasks(uow, ("organisation",), candidate, (found[-1]["instance"], found[-1]["number"]), 2)
    assert len(rest) == 1


@pytest.mark.parametrize("deadline", [HOUR - 1, 0])
def test_before_its_time_it_is_everybodys(deadline: int) -> None:
    made = office(role=None)
    made.log.now += deadline
    assert taken(made, BOB)


def test_a_decision_is_claimed_by_those_alone_whom_an_authority_names() -> None:
    made = Office(decide("d", (("yes", "done"),)), end())
    made.house.limits = {"person:bob": 100}
    made.start(amount=1_000)
    task = made.task_id("d")
    assert made.refused(c.ClaimTask(task), ANN) is Reason.NO_GRANT
    assert made.only(tables.TASK, step="d").state == "offered"  # nobody is kept from it by somebody who may not
    assert made.refused(c.ClaimTask(task), BOB) is Reason.LIMIT_CASE  # nor by somebody whose limit does not reach it
    made.house.limits["person:bob"] = 1_000
    made.done(c.ClaimTask(task), BOB)
    made.check()
