"""By keyboard alone: a task is given back, handed over and talked about; an incident is resolved in each way."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.work import waiting_task
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.walking import Walk
from tests.console.write_places import failed
from tests.console.writes import CLERK, DIRECTOR, OWNER, say

pytestmark = pytest.mark.browser

REASON = "the supplier asked for it"


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("walks") / "data"
    with serving(copied(founded, folder)) as house:
        for who in (OWNER, CLERK, DIRECTOR):
            house.token(who)
        yield house


def walking(window: OpenWindow, who: str, place: str, goal: str) -> Walk:
    person = window()
    person.sign_in(who, WORD)
    person.open(f"/console/{place}")
    return Walk(person, goal)


def picked(walk: Walk, field: str, words: str) -> None:
    """One of a list that opens: its first letters are typed, and the first that is left is taken."""
    walk.activate("button", re.compile(field))
    walk.person.page.keyboard.insert_text(words)
    walk.person.page.get_by_role("option").filter(has_text=words).first.wait_for()
    walk.press("ArrowDown", f"to “{words}”")
    walk.press("Enter", "take it")


def test_a_task_is_given_back(served: House, window: OpenWindow) -> None:
    task = waiting_task(served)
    walk = walking(window, OWNER, f"tasks/{task['id']}", "give a task back")
    walk.activate("button", say("task.release"))
    expect(walk.person.page.get_by_role("button", name=say("task.claim"))).to_be_visible()
    walk.keeps_its_place()
    walk.activate("button", say("task.claim"))
    expect(walk.person.page.get_by_role("button", name=say("task.release"))).to_be_visible()
    walk.keeps_its_place()
    walk.end()


def test_a_task_is_handed_over_to_be_worked_on_and_comes_back(served: House, window: OpenWindow) -> None:
    task = waiting_task(served)
    walk = walking(window, OWNER, f"tasks/{task['id']}", "delegate a task")
    walk.activate("button", say("people.delegate"))
    picked(walk, r"\bTo\b", DIRECTOR)
    walk.fill(re.compile("^Reason"), REASON)
    walk.activate("button", say("people.delegate.do"))
    expect(walk.person.page.get_by_text(f"Delegated to {DIRECTOR}")).to_be_visible()
    expect(walk.person.page.locator(":focus")).to_have_count(1)  # a few frames after the dialog has closed
    walk.keeps_its_place()
    walk.end()
    back = walking(window, DIRECTOR, f"tasks/{task['id']}", "return a task with a proposal")
    back.activate("button", say("people.return"))
    back.choose(re.compile("^Approve", re.I))
    back.activate("button", say("people.return.do"))
    expect(back.person.page.get_by_role("dialog")).to_have_count(0)
    expect(back.person.page.locator(":focus")).to_have_count(1)
    back.keeps_its_place()
    back.end()
    assert served.get(f"/v1/tasks/{task['id']}", OWNER).json()["returned"]["outcome"] == "approve"


def test_something_is_said_about_a_task(served: House, window: OpenWindow) -> None:
    task = waiting_task(served)
    walk = walking(window, OWNER, f"tasks/{task['id']}", "comment on a task")
    walk.activate("tab", say("task.tab.talk"))
    walk.fill(say("people.comment"), REASON)
    walk.activate("button", say("people.comment.add"))
    expect(walk.person.page.get_by_text(REASON)).to_be_visible()
    walk.keeps_its_place()
    expect(walk.person.page.get_by_label(say("people.comment"), exact=True)).to_be_focused()
    walk.end()


def opened(walk: Walk, how: str) -> None:
    """One incident, from the list to the way it is resolved."""
    walk.tick(re.compile("D-"))
    walk.activate("button", re.compile("^Resolve"))
    if how != "retry":
        walk.choose(re.compile(f"^{re.escape(say(f'incidents.how.{how}'))}"))


@pytest.mark.parametrize("how", ["retry", "skip", "correct", "other"])
def test_an_incident_is_resolved(served: House, window: OpenWindow, how: str) -> None:
    place = failed(served)
    walk = walking(window, CLERK, place, f"resolve an incident: {how}")
    opened(walk, how)
    if how == "correct":
        walk.activate("button", re.compile(say("incidents.correct.field")))
        walk.activate("option", re.compile("^invoice.number$", re.I))
        walk.fill(re.compile(say("incidents.correct.value")), "INV-1")
    if how == "other":
        walk.activate("button", re.compile(say("incidents.other.to")))
        walk.activate("option", re.compile("Settle the mismatch"))
    if how != "retry":
        walk.fill(re.compile("^Reason"), REASON)
    walk.activate("button", say("incidents.how.retry" if how == "retry" else "steering.propose"))
    expect(walk.person.page.get_by_role("region", name="What became of it")).to_be_visible()
    walk.keeps_its_place()
    walk.end()
