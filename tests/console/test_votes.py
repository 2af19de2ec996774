"""Votes in a real browser: nobody takes the task, each sees what was voted, and the last is told that it is over."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import LIST, release, spend
from tests.api.work import intake, start
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_inbox import choose

pytestmark = pytest.mark.browser

VOTERS = ("budget-owner-1", "finance-director")
VOTED = """\
blueprint: voted
title: Spending that two decide
purpose: Let two persons agree on what is spent.
owner: finance-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
start: {by: api, requires: role invoice-intake, key: number}
first: decision
steps:
  decision:
    decide: [approve, refuse]
    authority: approve-invoice
    measure: = amount
    role: role budget-owner
    shows: [number, amount]
    reason: {required: true, codes: {refuse: spending}}
    duties: [not initiator, not author of blueprint]
    quorum: {need: 2, tie: fails}
    next: {approve: done, refuse: done}
  done: {end: done}
"""


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("votes") / "data"
    with serving(copied(founded, folder)) as house:
        release(house, "reason-code-list", LIST)
        release(house, "blueprint", VOTED)
        for who in VOTERS:
            house.token(who)
        yield house


def begin(served: House) -> str:
    """A new decision; the id of its task."""
    return spend(served, intake(served), "voted")


def at_the_task(window: OpenWindow, who: str, task: str, **looks: str | int) -> Person:
    person = window(**looks)
    person.sign_in(who, WORD)
    person.open(f"/console/tasks/{task}")
    person.page.get_by_role("heading", name="Votes").wait_for()
    return person


def vote(person: Person, outcome: str) -> None:
    page = person.page
    choose(page, outcome)
    page.get_by_label("Reason").fill("within the budget")
    page.get_by_role("button", name="Vote").click()
    page.get_by_text(re.compile(r"Recorded as entry \d+")).wait_for()


def test_two_vote_and_neither_takes_the_task(served: House, window: OpenWindow) -> None:
    task = begin(served)
    first = at_the_task(window, VOTERS[0], task)
    expect(first.page.get_by_role("button", name="Take this task")).to_have_count(0)
    vote(first, "Approve")
    expect(first.page.get_by_role("main")).to_contain_text("The voting goes on.")
    expect(first.page.get_by_role("region", name="Votes")).to_contain_text("1 of 2: Approve")
    second = at_the_task(window, VOTERS[1], task)
    expect(second.page.get_by_role("region", name="Votes")).to_contain_text("budget-owner-1: Approve")
    vote(second, "Approve")
    expect(second.page.get_by_role("main")).to_contain_text("The voting is over: Approve")


def test_who_has_voted_is_told_so_when_they_come_back(served: House, window: OpenWindow) -> None:
    task = begin(served)
    vote(at_the_task(window, VOTERS[0], task), "Approve")
    again = at_the_task(window, VOTERS[0], task)
    expect(again.page.get_by_role("main")).to_contain_text("You have voted already.")
    expect(again.page.get_by_role("button", name="Vote")).to_have_count(0)


def test_an_outcome_has_a_list_of_reasons_of_its_own(served: House, window: OpenWindow) -> None:
    person = at_the_task(window, VOTERS[0], begin(served))
    choose(person.page, "Approve")
    expect(person.page.get_by_label("Reason code")).to_have_count(0)
    choose(person.page, "Refuse")
    expect(person.page.get_by_text("Reason code").first).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_votes_keep_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    person = at_the_task(window, VOTERS[0], begin(served), width=width)
    assert (person.violations_in_both(), person.overflow()) == ([], 0)


def test_what_is_voted_on_is_left_out_of_what_is_taken_together(served: House, window: OpenWindow) -> None:
    voted = begin(served)
    (taken,) = served.get(f"/v1/process-instances/{start(served)}", VOTERS[0]).json()["tasks"]
    person = window()
    person.sign_in(VOTERS[0], WORD)
    person.open("/console/inbox?list=team")
    page = person.page
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if one.method == "POST" else None)
    page.locator(f'.table-row[data-key="{voted}"] label').click()
    said = page.get_by_text("1 ticked task is decided by votes: it is taken by nobody, open it to vote.")
    expect(said).to_be_visible()
    expect(page.get_by_role("button", name="Take 0 tasks")).to_be_disabled()
    page.locator(f'.table-row[data-key="{taken["id"]}"] label').click()
    expect(said).to_be_visible()
    page.get_by_role("button", name="Take 1 task").click()
    expect(page.locator(f'.table-row[data-key="{taken["id"]}"]')).to_have_count(0)
    expect(page.locator(f'.table-row[data-key="{voted}"]')).to_have_count(1)
    # Nothing was asked for that could not be.
    assert [one.partition("/v1/")[2] for one in asked if "/claim" in one] == ["tasks/claims"]
    told = page.locator(".inbox-list").get_by_role("status").filter(has_text="You have taken one task")
    expect(told.locator("p")).to_have_count(1)
