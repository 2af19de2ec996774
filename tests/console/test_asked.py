"""A question stands over the page until it is answered or closed: what it is about may go from the screen meanwhile,
since somebody else was faster. What was typed stays, the service says what happened, and nobody loses the focus.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.test_steering import work
from tests.api.work import waiting_task
from tests.console.chromium import Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_bulk import begun, held, tick
from tests.console.test_writes import forget
from tests.console.writes import button, say

pytestmark = pytest.mark.browser

CLERK, DIRECTOR, OWNER = "accounts-payable-clerk", "finance-director", "budget-owner-1"
REASON = "it was sent twice"


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("asked") / "data"
    with serving(copied(founded, folder)) as house:
        for who in (CLERK, DIRECTOR, OWNER):
            house.token(who)
        yield house


def signed_in(window: OpenWindow, who: str, place: str) -> Person:
    person = window()
    person.sign_in(who, WORD)
    person.open(f"/console/{place}")
    return person


def typed(page: Page) -> Locator:
    """The dialog, with a reason in it."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(REASON)
    return dialog


def done(house: House, path: str, who: str, body: dict[str, Any]) -> None:
    """What somebody else does meanwhile."""
    answer = house.post(path, who, body)
    assert answer.status_code == 200, answer.text


def stays_until_closed(person: Person, dialog: Locator) -> None:
    """What was typed is there, and the focus is on the page once it is closed."""
    expect(dialog.get_by_label("Reason")).to_have_value(REASON)
    person.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    person.page.wait_for_function("() => document.activeElement.matches('main, main *')")
    forget(person)


def test_an_instance_ends_while_its_cancellation_is_asked_for(served: House, window: OpenWindow) -> None:
    instance, _ = begun(served)
    person = signed_in(window, DIRECTOR, f"instances/{instance}")
    button(person.page, "instances.cancel").click()
    dialog = typed(person.page)
    done(served, f"/v1/process-instances/{instance}/cancellation", DIRECTOR, {"reason": "faster"})
    expect(person.page.locator("main .tag").filter(has_text="Cancelled")).to_have_count(1)
    dialog.get_by_role("button", name=say("instances.cancel")).click()
    expect(dialog.get_by_role("alert")).to_contain_text("WRONG_STATE")
    stays_until_closed(person, dialog)


def test_an_incident_is_resolved_while_somebody_says_how(served: House, window: OpenWindow) -> None:
    instance, key = held(served)
    person = signed_in(window, CLERK, "incidents")
    tick(person.page, key)
    person.page.get_by_role("button", name=re.compile("^Resolve the one ticked")).click()
    dialog = typed(person.page)
    (incident,) = served.get(f"/v1/incidents?instance={instance}", CLERK).json()["items"]
    done(served, f"/v1/incidents/{incident['id']}/resolution", CLERK, {"how": "retry"})
    expect(person.page.get_by_text(say("incidents.empty"))).to_be_visible()
    dialog.get_by_role("button", name=say("incidents.how.retry")).click()
    expect(dialog.get_by_role("alert")).to_contain_text("WRONG_STATE")
    stays_until_closed(person, dialog)


def test_many_are_asked_for_as_they_were_ticked(served: House, window: OpenWindow) -> None:
    (first, key), (_, other) = begun(served), begun(served)
    person = signed_in(window, DIRECTOR, "instances?status=active")
    tick(person.page, key, other)
    person.page.get_by_role("button", name="Suspend 2 instances").click()
    dialog = typed(person.page)
    done(served, f"/v1/process-instances/{first}/cancellation", DIRECTOR, {"reason": "faster"})
    expect(person.page.get_by_role("row").filter(has_text=re.compile(rf"{key}(?![0-9])"))).to_have_count(0)
    dialog.get_by_role("button", name="Suspend 2 instances").click()
    status = person.page.get_by_role("region", name="What became of it").get_by_role("status")
    expect(status).to_contain_text("2 not reached yet")
    work(served)
    expect(status).to_contain_text("1 done")
    expect(status).to_contain_text("1 turned down")


def test_a_task_is_closed_while_it_is_handed_over(served: House, window: OpenWindow) -> None:
    task = waiting_task(served)
    person = signed_in(window, OWNER, f"tasks/{task['id']}")
    button(person.page, "people.delegate").click()
    dialog = typed(person.page)
    dialog.get_by_label("To (required)").click()
    person.page.get_by_role("option").filter(has_text=DIRECTOR).first.click()
    done(served, f"/v1/process-instances/{task['instance']}/cancellation", DIRECTOR, {"reason": "faster"})
    expect(person.page.locator("main").get_by_role("button", name=say("people.delegate"))).to_have_count(0)
    dialog.get_by_role("button", name=say("people.delegate.do")).click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    stays_until_closed(person, dialog)


def test_a_question_is_over_when_its_screen_is_left(served: House, window: OpenWindow) -> None:
    _, key = begun(served)
    person = signed_in(window, DIRECTOR, "instances")
    person.page.get_by_role("row").filter(has_text=re.compile(rf"{key}(?![0-9])")).click()
    button(person.page, "instances.cancel").click()
    dialog = typed(person.page)
    person.page.go_back()
    expect(person.page.get_by_role("grid", name="Instances")).to_be_visible()
    expect(dialog).to_have_count(0)
    person.page.go_forward()
    button(person.page, "instances.cancel").wait_for()
    expect(dialog).to_have_count(0)
