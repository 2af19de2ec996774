"""A review of an agent's proposal in a real browser: what is seen, corrected, rejected, and by whom it is found."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.settings import Settings
from examples.services import agents as server
from tests.api.agents import asked, employ, open_task
from tests.api.organisation import WORD, House, copied
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_inbox import choose
from tests.console.walking import Walk

pytestmark = pytest.mark.browser

CLERK, OWNER = "accounts-payable-clerk", "budget-owner-1"
Agency = tuple[House, server.Running]


@pytest.fixture(scope="module")
def agency(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    folder: Path = tmp_path_factory.mktemp("reviews") / "data"
    running = server.start()
    try:
        with serving(copied(founded, folder)) as house:
            employ(house, running, "reader")
            for who in (CLERK, OWNER):
                house.token(who)
            yield house, running
    finally:
        running.stop()


@pytest.fixture
def served(agency: Agency) -> House:
    """Whom windows are opened on."""
    return agency[0]


def reviewed(agency: Agency, window: OpenWindow, mode: str = "doubtful", **looks: str | int) -> tuple[Person, str]:
    """A window on a new review, taken by the clerk; and its instance."""
    house, running = agency
    instance = asked(house, running, mode)
    task = open_task(house, instance, CLERK)
    person = window(**looks)
    person.sign_in(CLERK, WORD)
    person.open(f"/console/tasks/{task['id']}")
    person.page.get_by_role("button", name="Take this task").click()
    person.page.get_by_text("Taken by you").wait_for()
    return person, instance


@pytest.mark.parametrize("width", WIDTHS)
def test_a_review_keeps_the_rules_of_access(agency: Agency, window: OpenWindow, width: int) -> None:
    person, _ = reviewed(agency, window, width=width)
    page = person.page
    proposal = page.get_by_role("region", name="What the agent Reader proposes")
    expect(proposal).to_contain_text("0.31")
    expect(proposal).to_contain_text("the condition of the step does not hold")
    choose(page, "Correct")
    page.get_by_label("Grade").wait_for()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)


def test_a_correction_begins_with_the_answer_and_shows_what_it_changes(agency: Agency, window: OpenWindow) -> None:
    person, instance = reviewed(agency, window)
    page = person.page
    choose(page, "Correct")
    assert page.get_by_label("Grade").input_value() == "1"
    changes = page.get_by_role("region", name="What you change")
    expect(changes).to_contain_text("Nothing yet")
    page.get_by_label("Grade").fill("4")
    expect(changes).to_contain_text("Grade")
    expect(changes).to_contain_text("4")
    page.get_by_role("button", name="Decide").click()
    page.get_by_text(re.compile(r"Recorded as entry \d+")).wait_for()
    following = open_task(agency[0], instance, OWNER)
    assert following["shown"]["risk"]["grade"] == 4


def test_prose_can_be_corrected_by_hand_or_rejected_with_a_reason(agency: Agency, window: OpenWindow) -> None:
    person, instance = reviewed(agency, window, "prose")
    page = person.page
    proposal = page.get_by_role("region", name="What the agent Reader proposes")
    expect(proposal).to_contain_text("Of course!")
    expect(proposal).to_contain_text("did not answer with data")
    choose(page, "Correct")
    assert page.get_by_label("Grade").input_value() == ""
    choose(page, "Reject")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Reason").fill("it says nothing of the report")
    page.get_by_role("button", name="Decide").click()
    page.get_by_text(re.compile(r"Recorded as entry \d+")).wait_for()
    assert "Decided: Reject" in page.inner_text("main")
    told = agency[0].get(f"/v1/process-instances/{instance}", OWNER).json()
    assert told["status"] == "active"


def test_by_keyboard_alone_a_proposal_is_corrected(agency: Agency, window: OpenWindow) -> None:
    person, _ = reviewed(agency, window)
    walk = Walk(person, "correct what an agent proposes")
    walk.choose("Correct")
    walk.fill("Grade", "4")
    walk.fill("Reason", "the report says more")
    walk.activate("button", "Decide")
    person.page.get_by_text(re.compile(r"Recorded as entry \d+")).wait_for()
    assert "Decided: Correct" in person.page.inner_text("main")
    walk.keeps_its_place()
    walk.end()
