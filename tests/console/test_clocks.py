"""Clocks in a real browser: one that stands still says so and why, and what was missed makes a task more urgent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.settings import Settings
from ledger.actor import SYSTEM
from ledger.clock import Instant
from orchestrator.commands import FireTimer
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import SPENDING, release, spend
from tests.api.work import intake
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving

pytestmark = pytest.mark.browser

WHO, DIRECTOR = "budget-owner-1", "finance-director"
SECOND = 1_000_000  # microseconds
# Decided while the customer is asked for something; the deadline is of both together.
ASKING = """\
blueprint: asking
title: Spending with a question
purpose: Decide while the customer is asked.
owner: finance-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
start: {by: api, requires: role invoice-intake, key: number}
first: together
steps:
  together:
    title: Question and decision
    all: [decision, question]
    join: {wait: all, next: done}
    deadline: {within: 10 hours}
  question: {wait: 30 seconds, for customer: true}
  decision:
    decide: [approve, refuse]
    authority: approve-invoice
    measure: = amount
    role: role budget-owner
    shows: [number, amount]
    reason: {required: true}
    duties: [not initiator, not author of blueprint]
  done: {end: done}
"""
# A goal, a deadline, and what is repeated once it is past.
PRESSING = SPENDING.replace("blueprint: spending", "blueprint: pressing").replace(
    "    reason: {required: true, codes: spending}\n",
    "    reason: {required: true}\n"
    "    deadline: {goal: {within: 1 seconds, urgency: 20}, within: 2 seconds,"
    " late: [{after: 1 seconds, every: 1 seconds, times: 3, urgency: 15}]}\n",
)


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("clocks") / "data"
    with serving(copied(founded, folder)) as house:
        release(house, "blueprint", ASKING)
        release(house, "blueprint", PRESSING)
        for who in (WHO, DIRECTOR):
            house.token(who)
        yield house


def signed_in(window: OpenWindow, **looks: str | int) -> Person:
    person = window(**looks)
    person.sign_in(WHO, WORD)
    return person


def steer(served: House, task: str, act: str) -> None:
    answer = served.post(f"/v1/process-instances/{task.partition('.')[0]}/{act}", DIRECTOR, {"reason": "an audit"})
    assert answer.status_code == 200, answer.text


def test_a_task_says_that_it_is_due_later_while_the_customer_is_waited_for(served: House, window: OpenWindow) -> None:
    task = spend(served, intake(served), "asking")
    person = signed_in(window)
    person.open("/console/inbox?list=team")
    row = person.page.locator(f'.table-row[data-key="{task}"]')
    expect(row).to_contain_text("Clock paused since")
    assert "in 10 hours" not in row.inner_text()  # how near it is does not change
    person.open(f"/console/tasks/{task}")
    note = person.page.get_by_role("note").filter(has_text="Clock paused since")
    expect(note).to_contain_text("Something within “Question and decision” waits for the customer.")
    expect(note).to_contain_text("The due time moves later by as long as that takes.")
    served.clock.ahead += 30 * SECOND
    before = served.get(f"/v1/tasks/{task}", WHO).json()
    fire(served, task, "delay")
    expect(note).to_have_count(0)  # it follows what happens
    after = served.get(f"/v1/tasks/{task}", WHO).json()
    assert after["stopped"] is None
    assert after["due_at"] >= before["due_at"] + 30 * SECOND


def test_a_task_of_a_suspended_instance_says_that_its_due_time_stays(served: House, window: OpenWindow) -> None:
    task = spend(served, intake(served), "pressing")
    steer(served, task, "suspension")
    person = signed_in(window)
    person.open(f"/console/tasks/{task}")
    note = person.page.get_by_role("note").filter(has_text="Clock paused since")
    expect(note).to_contain_text("The instance is suspended. The due time does not move")
    steer(served, task, "resumption")
    expect(note).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_paused_clock_keeps_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    task = spend(served, intake(served), "asking")
    person = signed_in(window, width=width)
    for place in ("inbox?list=team", f"tasks/{task}"):
        person.open(f"/console/{place}")
        person.page.get_by_text("Clock paused").filter(visible=True).first.wait_for()
        assert (person.violations_in_both(), person.overflow()) == ([], 0), place


def test_what_was_missed_makes_a_task_more_urgent_each_time(served: House, window: OpenWindow) -> None:
    task = spend(served, intake(served), "pressing")
    person = signed_in(window)
    person.open(f"/console/tasks/{task}")
    pane = person.page.get_by_role("region", name="Open task")
    expect(pane).not_to_contain_text("Urgency")
    for seconds, urgency in ((2, 20), (1, 20), (1, 35), (1, 50), (1, 65)):  # goal, deadline, and three times past it
        served.clock.ahead += seconds * SECOND
        fire(served, task)
        expect(pane).to_contain_text(f"Urgency {urgency} of 100")
    person.open("/console/inbox?list=team")
    expect(person.page.locator(f'.table-row[data-key="{task}"]')).to_contain_text("Urgency 65 of 100")


def fire(served: House, task: str, name: str = "deadline") -> None:
    """What the runner does when a timer of the instance is due: the only one of this name that is set."""
    instance = task.partition(".")[0]
    with served.service.reader.view() as view:
        asked = "SELECT number, due_at FROM timer WHERE log_id = {log} AND instance = ? AND name = ? AND state = 'set'"
        ((number, due),) = view.query(asked, (instance, name))
    fired = served.run(FireTimer(f"{instance}.{number}/{name}", Instant(due)), SYSTEM)
    assert fired.outcome.outcome == "fired", fired
