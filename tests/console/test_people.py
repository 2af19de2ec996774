"""People and their tasks in a real browser: delegated and back with a proposal, talked about, told of, told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from api.notifications.notifying import Notifier
from api.running import notifier_links
from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import release
from tests.api.test_tells import TELLING, sorted_by
from tests.api.work import waiting_task
from tests.console.conftest import OpenWindow
from tests.console.served import serving

pytestmark = pytest.mark.browser

WHO, OTHER = "budget-owner-1", "finance-director"


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("people") / "data"
    with serving(copied(founded, folder)) as house:
        for who in (WHO, OTHER):
            house.token(who)
        told(house)  # from here on: whoever is told at all is told of what comes after
        yield house


def opened(window: OpenWindow, who: str, path: str) -> Page:
    person = window()
    person.sign_in(who, WORD)
    person.open(f"/console/{path}")
    return person.page


def told(house: House) -> None:
    notifier = Notifier(notifier_links(house.settings, house.service.rooms, house.service.reader, house.submit))
    while notifier.round():
        pass


def test_task_is_delegated_and_comes_back_with_a_proposal(served: House, window: OpenWindow) -> None:
    task = waiting_task(served, WHO)
    page = opened(window, WHO, f"tasks/{task['id']}")
    page.get_by_role("button", name="Delegate…").click()
    page.get_by_role("button", name="Delegate", exact=True).click()
    expect(page.get_by_text("Choose a person.")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="To").first.click()
    page.get_by_role("option", name=OTHER).first.click()
    page.get_by_role("dialog").get_by_label("Reason").fill("please look at it")
    page.get_by_role("button", name="Delegate", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Delegated to")).to_be_visible()
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    told(served)

    other = opened(window, OTHER, "notifications")
    other.get_by_role("link", name="A task was delegated to you").first.click()
    expect(other.get_by_text("Delegated to you by")).to_be_visible()
    other.get_by_role("button", name="Return…").click()
    other.get_by_role("dialog").locator("label").filter(has_text="approve").click()
    other.get_by_role("button", name="Return", exact=True).click()
    expect(other.get_by_text("Delegated to you by")).to_be_hidden()

    expect(page.get_by_text("What was proposed")).to_be_visible()  # told by itself
    assert served.get(f"/v1/tasks/{task['id']}", WHO).json()["returned"]["outcome"] == "approve"


def test_what_is_missing_is_marked_alike_in_every_field(served: House, window: OpenWindow) -> None:
    task = waiting_task(served, WHO)
    page = opened(window, OTHER, f"tasks/{task['id']}")
    page.get_by_role("button", name="Give to somebody else…").click()
    dialog = page.get_by_role("dialog")
    to, reason = dialog.get_by_role("button", name="To (required)"), dialog.get_by_label("Reason")
    expect(to).to_be_enabled()  # whoever could be chosen is known
    dialog.get_by_role("button", name="Give it to them").click()
    told = dialog.get_by_text("Choose a person.")
    expect(told).to_be_visible()
    expect(to).to_be_focused()
    colour = told.evaluate("one => getComputedStyle(one).color")
    for control in (to, reason):
        expect(control).to_have_css("border-top-color", colour)
    to.click()
    page.get_by_role("option", name="budget-owner-2").first.click()
    expect(told).to_have_count(0)
    expect(to).not_to_have_css("border-top-color", colour)
    expect(reason).to_have_css("border-top-color", colour)


def test_comment_is_edited_and_a_file_attached(served: House, window: OpenWindow) -> None:
    task = waiting_task(served, WHO)
    page = opened(window, WHO, f"tasks/{task['id']}?tab=talk")
    page.get_by_label("Add a comment").fill("the lines <b>differ</b>")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("the lines <b>differ</b>")).to_be_visible()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Edit your comment").fill("the lines agree")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("replaced by a later one")).to_be_visible()
    held: FilePayload = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"words"}
    page.locator("input[type=file]").set_input_files([held])
    expect(page.get_by_role("link", name="note.txt")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="note.txt").click()
    assert download.value.path().read_bytes() == b"words"
    page.get_by_text("Follow this task").click()
    expect(page.get_by_role("checkbox", name="Follow this task")).to_be_checked()
    assert served.get(f"/v1/tasks/{task['id']}/watch", WHO).json()["is_watched"]


def test_how_one_is_told_is_kept_and_what_was_read_counts_no_more(served: House, window: OpenWindow) -> None:
    said = {"to": served.person(OTHER), "reason": "please look at it"}
    assert served.post(f"/v1/tasks/{waiting_task(served, WHO)['id']}/delegate", WHO, said).status_code == 200
    told(served)
    page = opened(window, OTHER, "notifications")
    page.get_by_text("By e-mail").click()
    page.get_by_label("Address").fill("owner@bank.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. It is on record.")).to_be_visible()
    assert served.get("/v1/me/notification-preferences", OTHER).json()["address"] == "owner@bank.example"
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("button", name="Mark all as read")).to_be_hidden()
    assert served.get("/v1/notifications", OTHER).json()["unread"] == 0


def test_what_a_step_tells_is_read_where_notifications_are(served: House, window: OpenWindow) -> None:
    release(served, "blueprint", TELLING)
    instance = sorted_by(served, WHO)
    told(served)
    page = opened(window, WHO, "notifications")
    mine = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="You are told")).first
    for words in ("Say where it is", "It is on A 7", "Again", "Thank you"):
        expect(mine.get_by_text(words, exact=True).first).to_be_visible()
    item = served.get(f"/v1/process-instances/{instance}", WHO).json()["data"]["item"]
    expect(mine.get_by_text(item)).to_be_visible()
    other = opened(window, OTHER, "notifications")
    theirs = other.get_by_role("listitem").filter(has=other.get_by_role("link", name="You are told")).first
    expect(theirs.get_by_text("It is on A 7", exact=True)).to_be_visible()
    expect(theirs.get_by_text("Thank you")).to_have_count(0)  # that was not for them
    theirs.get_by_role("link", name="You are told").click()
    other.get_by_role("tab", name="Timeline").click()
    expect(other.get_by_text("Say where it is: told to", exact=False).first).to_be_visible()
