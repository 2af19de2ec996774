"""Search and tour over the demo organisation with its history, in a real browser, by keyboard."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.api.organisation import House
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.demo_organisation import Demo, copied_demo

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo in the place of the bare organisation."""
    folder: Path = tmp_path_factory.mktemp("served") / "data"
    with serving(copied_demo(demo, folder).settings) as house:
        yield house


def at(person: Person, demo: Demo, who: str) -> None:
    person.sign_in(who, demo.passwords[who])
    person.open("/console/account")


def ask(person: Person, text: str) -> None:
    """Ctrl K and some keys, until the answer is there."""
    person.page.keyboard.press("Control+k")
    person.page.get_by_role("combobox", name="Search everything you may read").wait_for()
    with person.page.expect_response(lambda answer: "/v1/search" in answer.url):
        person.page.keyboard.type(text)
    person.settled()


def test_search_is_walked_by_keyboard_and_remembers(demo: Demo, window: OpenWindow) -> None:
    person = window()
    at(person, demo, "auditor")
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url) if "/v1/search" in request.url else None)
    person.page.keyboard.press("Control+k")
    box = person.page.get_by_role("combobox", name="Search everything you may read")
    box.wait_for()
    assert box.evaluate("element => element === document.activeElement")
    with person.page.expect_response(lambda answer: "/v1/search" in answer.url):
        person.page.keyboard.type("licen", delay=10)
    person.page.get_by_role("option", name="Licences").wait_for()
    person.settled()
    assert len(asked) == 1  # once the keys rest, not for each of them
    person.page.keyboard.press("Enter")
    person.page.get_by_role("heading", name="Licences").wait_for()
    assert person.page.evaluate("() => document.activeElement.textContent") == "Licences"
    person.page.keyboard.press("Control+k")
    box.wait_for()
    person.page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", re.compile("option"))
    first = box.get_attribute("aria-activedescendant")
    person.page.keyboard.press("ArrowDown")
    expect(box).not_to_have_attribute("aria-activedescendant", first or "")
    person.page.keyboard.press("Escape")
    box.wait_for(state="detached")


def test_search_says_what_it_found_and_what_it_did_not_look_through(demo: Demo, window: OpenWindow) -> None:
    person = window()
    at(person, demo, "credit-officer-1")
    ask(person, "xyzzy")
    dialog = person.page.get_by_role("dialog", name="Search")
    dialog.get_by_text("Nothing is called “xyzzy”").wait_for()
    assert "as your roles do not allow it" in dialog.inner_text()
    assert person.violations() == []
    person.page.keyboard.press("Escape")
    person.page.route("**/v1/search*", lambda route: route.abort())
    person.page.keyboard.press("Control+k")
    person.page.keyboard.type("loan")
    dialog.get_by_role("alert").get_by_text("No connection").wait_for()
    person.faults[:] = [fault for fault in person.faults if "ERR_FAILED" not in fault]


@pytest.mark.parametrize("width", WIDTHS)
def test_search_and_tour_keep_the_rules_of_access(demo: Demo, window: OpenWindow, width: int) -> None:
    person = window(width=width)
    at(person, demo, "process-owner")
    tour = person.page.get_by_role("complementary", name="Six things to try")
    if width < 1200:  # there it would lie over the screen, so it waits to be asked for
        assert not tour.is_visible()
        person.page.get_by_role("button", name=re.compile("^Tour")).click()
    tour.wait_for()
    assert tour.get_by_role("listitem").count() == 6
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    person.page.get_by_role("button", name="Search", exact=True).click()
    person.page.get_by_role("combobox").wait_for()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)


def test_the_tour_is_left_and_stays_left(demo: Demo, window: OpenWindow) -> None:
    person = window()
    at(person, demo, "auditor")
    tour = person.page.get_by_role("complementary", name="Six things to try")
    tour.get_by_role("button", name="Leave the tour").click()
    tour.wait_for(state="detached")
    person.open("/console/licences")
    assert not tour.is_visible()
    assert person.page.get_by_text("Demo data").is_visible()
    person.page.get_by_role("button", name=re.compile("^Tour")).click()
    tour.wait_for()


def test_a_stop_shown_by_a_visit_alone_is_done_by_it_and_remembered(demo: Demo, window: OpenWindow) -> None:
    person = window()
    person.page.route(
        "**/v1/tour",
        lambda route: route.fulfill(
            json={
                "role": "auditor",
                "stops": [
                    {
                        "id": "explore",
                        "title": "tour.auditor.explore.title",
                        "words": "tour.auditor.explore.words",
                        "route": "/licences",
                        "recognised_by": "session",
                        "done": None,
                    }
                ],
            }
        ),
    )
    at(person, demo, "auditor")
    tour = person.page.get_by_role("complementary", name="1 thing to try")
    assert "0 of 1 done" in tour.inner_text()
    tour.get_by_role("link", name=re.compile("^Show me")).click()
    person.page.get_by_role("heading", name="Licences").wait_for()
    tour.get_by_text("All done.").wait_for()
    person.open("/console/account")
    assert "All done." in tour.inner_text()
