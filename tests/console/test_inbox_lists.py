"""The lists of the inbox in a real browser: counted, looked through, and taken from by several at once."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import release
from tests.api.test_conflicts import BOTH
from tests.api.work import start
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_inbox import BOTH_TITLE, CLERK, OTHER, WHO, opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with serving(copied(founded, tmp_path_factory.mktemp("inbox") / "data")) as house:
        release(house, "blueprint", BOTH)
        for who in (WHO, OTHER, CLERK):
            house.token(who)
        yield house


def test_counts_are_true_filters_stand_in_the_address_and_are_kept(served: House, window: OpenWindow) -> None:
    start(served)
    page = opened(window, WHO, "inbox?list=team")
    counts = served.get("/v1/tasks?counts=1", WHO).json()["counts"]
    lists = page.get_by_role("navigation", name="Lists of tasks")
    expect(lists.get_by_role("link", name=re.compile("My teams"))).to_have_text(f"My teams{counts['team']}")
    expect(lists.get_by_role("link", name=re.compile("Mine"))).to_have_text(f"Mine{counts['mine']}")
    expect(page.locator(".table-row")).to_have_count(counts["team"])
    page.get_by_role("link", name="Overdue", exact=True).click()
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    assert page.url.endswith("list=team&due=overdue")
    page.goto(page.url.partition("?")[0])
    page.wait_for_url(re.compile("due=overdue"))
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator(".table-row")).to_have_count(counts["team"])
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Next task")
    dialog.get_by_text("Single keys act on this screen").click()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_several_are_taken_at_once_and_the_list_follows_what_others_do(served: House, window: OpenWindow) -> None:
    for _ in range(2):
        start(served)
    page = opened(window, OTHER, "inbox?list=team")
    before = page.locator(".table-row").count()
    for place in (0, 1):
        page.locator(".table-row").nth(place).locator("label").click()
    page.get_by_role("button", name="Take 2 tasks").click()
    expect(page.locator(".table-row")).to_have_count(before - 2)
    assert page.get_by_role("button", name=re.compile("Decide|Approve")).count() == 0
    start(served)  # no more than the stream tells of it
    expect(page.locator(".table-row")).to_have_count(before - 1)


def test_what_somebody_else_took_meanwhile_is_told_when_it_has_left_the_list(served: House, window: OpenWindow) -> None:
    key = served.get(f"/v1/process-instances/{start(served)}", WHO).json()["business_key"]
    start(served)
    person = window()
    person.sign_in(OTHER, WORD)
    person.open("/console/inbox?list=team")
    page = person.page
    rows = page.locator(".table-row")
    row = rows.filter(has=page.get_by_text(key, exact=True))
    task = row.get_attribute("data-key")
    row.locator("label").click()
    rows.filter(has_not=page.get_by_text(key, exact=True)).last.locator("label").click()

    def first(route: Route) -> None:
        assert served.post(f"/v1/tasks/{task}/claim", WHO, {}).status_code == 200
        route.continue_()

    page.route("**/v1/tasks/claims", first)
    page.get_by_role("button", name="Take 2 tasks").click()
    told = page.locator(".inbox-list").get_by_role("status").filter(has_text="You have taken one task")
    expect(told).to_contain_text(f"Approval, {key}: ")
    expect(row).to_have_count(0)
    expect(told).to_be_visible()


def test_what_became_of_the_taking_stays_when_nothing_is_left(served: House, window: OpenWindow) -> None:
    key = claimable(served)["business_key"]
    page = opened(window, OTHER, f"inbox?list=team&text={key}")
    rows = page.locator(".table-row").filter(has=page.get_by_text(key, exact=True))
    rows.locator("label").click()
    page.get_by_role("button", name="Take 1 task").click()
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="You have taken one task")).to_be_visible()


def claimable(house: House) -> dict[str, Any]:
    """A new instance whose task can be taken."""
    told: dict[str, Any] = house.get(f"/v1/process-instances/{start(house)}", WHO).json()
    return told


def test_tasks_are_looked_for_by_words_and_by_process_in_the_address(served: House, window: OpenWindow) -> None:
    key = claimable(served)["business_key"]
    page = opened(window, OTHER, "inbox?list=team")
    rows, tab = page.locator(".table-row"), page.get_by_role("link", name=re.compile("My teams"))
    rows.first.wait_for()
    counted = tab.inner_text()
    page.get_by_label("Title or business key").fill(f" {key.lower()} ")
    page.wait_for_url(re.compile(f"text={key.lower()}$"))
    expect(rows.get_by_text(key, exact=True)).to_be_visible()
    assert tab.inner_text() == counted  # it counts what waits, whatever is looked for
    page.get_by_role("button", name=re.compile("Process")).click()
    page.get_by_role("option", name=re.compile(BOTH_TITLE)).click()
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    assert "blueprint=both-at-once" in page.url
    page.reload()
    expect(page.get_by_label("Title or business key")).to_have_value(key.lower())
    expect(page.get_by_role("button", name=re.compile("Process"))).to_contain_text(BOTH_TITLE)
    page.get_by_role("button", name="Clear filters").click()
    rows.first.wait_for()
    expect(page.get_by_label("Title or business key")).to_have_value("")
    assert page.url.endswith("inbox?list=team")


def test_what_is_most_urgent_stands_first_for_who_wants_it(served: House, window: OpenWindow) -> None:
    claimable(served)
    page = opened(window, OTHER, "inbox?list=team")
    page.locator(".table-row").first.wait_for()
    page.get_by_role("button", name=re.compile("What stands first")).click()
    with page.expect_response(re.compile(r"/v1/tasks\?.*sort=urgency")) as answered:
        page.get_by_role("option", name="Most urgent").click()
    assert answered.value.status == 200
    page.wait_for_url(re.compile(r"inbox\?list=team&order=urgency$"))
    expect(page.locator(".table-row").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name=re.compile("What stands first"))).to_contain_text("Most urgent")
    page.get_by_role("link", name=re.compile("^Done")).click()
    expect(page.get_by_role("button", name=re.compile("What stands first"))).to_have_count(0)
