"""What is not filled in as it has to be: nothing is sent, it is said at the field, and the field has the focus."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.work import waiting_task
from tests.console.chromium import WIDTHS
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.write_places import delegated
from tests.console.writes import DIRECTOR, OWNER, button

pytestmark = pytest.mark.browser

REASON_MAX = 2_000
TOO_LONG = "At most 2,000 characters are taken, and this has 2,001."


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("faults") / "data"
    with serving(copied(founded, folder)) as house:
        for who in (OWNER, DIRECTOR):
            house.token(who)
        yield house


@dataclass(frozen=True)
class Sent:
    """A page, and the addresses that it wrote to: drafts apart."""

    page: Page
    to: list[str]


@pytest.fixture
def opened(window: OpenWindow) -> Iterator[Callable[..., Sent]]:
    """Opens a place as somebody: `opened(OWNER, "inbox", width=320)`. Its listener goes with the test."""
    listening: list[tuple[Page, Callable[[Request], None]]] = []

    def opens(who: str, path: str, **looks: str | int) -> Sent:
        person, to = window(**looks), list[str]()
        person.sign_in(who, WORD)

        def hear(request: Request) -> None:
            if request.method not in ("GET", "HEAD") and not request.url.endswith(("/draft", "/renewal")):
                to.append(request.url)

        person.page.on("request", hear)
        listening.append((person.page, hear))
        person.open(f"/console/{path}")
        return Sent(person.page, to)

    yield opens
    for page, hear in listening:
        page.remove_listener("request", hear)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_decision_says_at_its_fields_what_is_missing(served: House, opened: Callable[..., Sent], width: int) -> None:
    sent = opened(OWNER, f"tasks/{waiting_task(served)['id']}", width=width)
    page = sent.page
    button(page, "task.review").click()
    expect(page.get_by_label("Approve")).to_be_focused()
    choice = page.locator("main label").filter(has_text="Approve").first
    expect(choice).to_be_in_viewport()
    choice.click()
    reason = page.get_by_label("Reason")
    reason.fill("x" * (REASON_MAX + 1))
    expect(page.get_by_text(TOO_LONG)).to_be_visible()
    button(page, "task.review").click()
    expect(reason).to_be_focused()
    expect(reason).to_be_in_viewport()
    assert sent.to == []
    reason.fill("x" * REASON_MAX + " \n")
    with page.expect_response(lambda answer: answer.url.endswith("/statement")) as got:
        button(page, "task.review").click()
    assert got.value.status == 200, got.value.text()
    assert len(sent.to) == 1


def test_a_task_is_not_given_back_with_a_reason_that_is_too_long(served: House, opened: Callable[..., Sent]) -> None:
    sent = opened(DIRECTOR, delegated(served))
    page = sent.page
    button(page, "people.return").click()
    dialog = page.get_by_role("dialog")
    button(page, "people.return.do").click()
    expect(dialog.get_by_role("radio").first).to_be_focused()
    dialog.locator("label").filter(has_text="approve").click()
    reason = dialog.get_by_label("Reason")
    reason.fill("x" * (REASON_MAX + 1))
    button(page, "people.return.do").click()
    expect(dialog.get_by_text(TOO_LONG)).to_be_visible()
    expect(reason).to_be_focused()
    assert sent.to == []
    reason.fill("I may not")
    button(page, "people.return.do").click()
    expect(dialog).to_have_count(0)
    assert [one.rpartition("/")[2] for one in sent.to] == ["return"]


def test_how_one_is_told_needs_an_address_and_is_saved_until_it_is_changed(
    served: House, opened: Callable[..., Sent]
) -> None:
    sent = opened(OWNER, "notifications")
    page = sent.page
    page.get_by_text("By e-mail").click()
    button(page, "notifications.save").click()
    expect(page.get_by_label("Address")).to_be_focused()
    expect(page.get_by_text("Say where to, or take mail away.")).to_be_visible()
    assert sent.to == []
    page.get_by_label("Address").fill("owner@bank.example")
    button(page, "notifications.save").click()
    expect(page.get_by_text("Saved. It is on record.")).to_be_visible()
    page.get_by_label("Address").fill("other@bank.example")
    expect(page.get_by_text("Saved. It is on record.")).to_have_count(0)
