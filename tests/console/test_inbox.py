"""The inbox and the open task in a real browser: what waits, deciding and signing, and being second."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from api.settings import Settings
from ledger.entry import parse_entry
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import release
from tests.api.test_conflicts import BOTH, MONEY
from tests.api.work import decide, intake, start, task_of
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow, Provoked
from tests.console.passkey import enrol, judge_signatures
from tests.console.served import serving

pytestmark = pytest.mark.browser

BOTH_TITLE = "Decide while it is corrected"
WHO, OTHER, CLERK, READER = "budget-owner-1", "budget-owner-2", "accounts-payable-clerk", "auditor"


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("inbox") / "data"
    with serving(copied(founded, folder)) as house:
        release(house, "blueprint", BOTH)
        for who in (WHO, OTHER, CLERK, READER):
            house.token(who)
        yield house


def opened(window: OpenWindow, who: str, path: str, **looks: str | int) -> Page:
    person = window(**looks)
    person.sign_in(who, WORD)
    person.open(f"/console/{path}")
    return person.page


def payload(house: House, index: int) -> dict[str, Any]:
    with house.service.reader.view() as view:
        row = view.entry(index)
    assert row is not None
    return dict(parse_entry(row.bytes).payload)


def choose(page: Page, outcome: str) -> None:
    """By its words, as people do: the control itself is drawn over."""
    page.locator("main label").filter(has_text=re.compile(f"^{outcome}$")).click()


def recorded_index(page: Page) -> int:
    said = page.get_by_text(re.compile(r"Recorded as entry \d+")).inner_text()
    found = re.search(r"entry (\d+)", said)
    assert found is not None
    return int(found.group(1))


def sign(page: Page) -> None:
    page.get_by_role("button", name="Review and sign").click()
    page.get_by_label("Your password").fill(WORD)
    page.get_by_role("button", name="Sign and complete").click()


@pytest.mark.parametrize("width", WIDTHS)
def test_list_and_task_keep_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    task = task_of(served, start(served))
    start(served)
    person = window(width=width)
    person.sign_in(WHO, WORD)
    person.open("/console/inbox?list=team")
    expect(person.page.get_by_role("grid", name="Tasks")).to_be_visible()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    person.open(f"/console/tasks/{task['id']}")
    choose(person.page, "Approve")
    person.page.get_by_label("Reason").fill("within budget")
    person.page.get_by_role("button", name="Review and sign").click()
    person.page.get_by_label("Your password").wait_for()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    for tab in ("Instance", "Process", "History"):
        person.page.get_by_role("tab", name=tab).click()
        person.settled()
        assert (person.violations_in_both(), person.overflow()) == ([], 0), tab


def test_a_task_is_taken_decided_and_signed_by_keyboard_alone(served: House, window: OpenWindow) -> None:
    start(served)
    page = opened(window, WHO, "inbox?list=team")
    keys = page.keyboard
    page.get_by_role("row").nth(1).wait_for()
    keys.press("j")
    keys.press("Enter")
    page.wait_for_url(re.compile("/console/tasks/"))
    expect(page.get_by_role("heading", level=2, name="Approval")).to_be_focused()
    keys.press("e")
    expect(page.get_by_text("Taken by you")).to_be_visible()
    page.get_by_label("Approve").wait_for()
    key_to(page, page.get_by_label("Approve"))
    keys.press("Space")
    key_to(page, page.get_by_label("Reason"))
    keys.type("jek? within budget")  # no key acts while somebody types
    assert page.get_by_label("Reason").input_value() == "jek? within budget"
    key_to(page, page.get_by_role("button", name="Review and sign"))
    keys.press("Enter")
    page.get_by_label("Your password").wait_for()
    assert "I decide “Approve”" in page.get_by_role("region", name="Signature").inner_text()
    key_to(page, page.get_by_label("Your password"))
    keys.type(WORD)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Decided: Approve")).to_be_focused()
    said = payload(served, recorded_index(page))
    assert said["statement"]["outcome"] == "approve"
    certificate = page.get_by_role("link", name="Certificate to print").get_attribute("href")
    assert certificate is not None
    assert served.get(certificate, READER).status_code == 200


def key_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press a key until it has focus; it must come."""
    wanted.wait_for()
    for _ in range(40):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not reach {wanted}")


def test_who_may_not_decide_is_told_before_there_is_a_field(served: House, window: OpenWindow) -> None:
    task = served.get(f"/v1/process-instances/{start(served)}", READER).json()["tasks"][0]
    page = opened(window, READER, f"tasks/{task['id']}")
    barred = page.get_by_role("note")
    expect(barred).to_contain_text("You may not decide this")
    expect(barred).to_contain_text("NO_RULE")
    assert page.locator(".task-pane textarea, .task-pane input:not([type=hidden])").count() == 0
    assert page.get_by_role("button", name="Take this task").count() == 0


def test_a_form_is_filled_in_by_fields_and_completed(served: House, window: OpenWindow) -> None:
    instance = start(served, mismatches=["quantity"])
    task = task_of(served, instance, CLERK)
    page = opened(window, CLERK, f"tasks/{task['id']}")
    page.get_by_label("Resolution, action").fill("accept")
    page.get_by_label("Resolution, note").fill("agreed with the supplier")
    page.get_by_role("button", name="Complete", exact=True).click()
    expect(page.get_by_role("heading", name="Completed")).to_be_visible()
    found = served.get(f"/v1/process-instances/{instance}", OTHER).json()
    assert found["steps"][0]["step"] == "approval-of-exception"
    assert found["data"]["resolution"] == {"action": "accept", "note": "agreed with the supplier"}


def test_a_draft_is_kept_over_reload_another_window_and_the_end_of_the_session(
    served: House, window: OpenWindow, provoked: Provoked
) -> None:
    task = task_of(served, start(served))
    here, there = window(), window()
    provoked(here, "401")
    provoked(there, "401", "409")
    for person in (here, there):
        person.sign_in(WHO, WORD)
        person.open(f"/console/tasks/{task['id']}")
    here.page.get_by_label("Reason").fill("first words")
    expect(here.page.get_by_text("Draft saved")).to_be_visible()
    there.page.get_by_label("Reason").fill("other words")
    expect(there.page.get_by_text("Another window saved a newer draft")).to_be_visible()
    expect(there.page.get_by_role("alert")).to_contain_text("first words")
    there.page.get_by_role("button", name="Keep what is here").click()
    expect(there.page.get_by_text("Draft saved")).to_be_visible()
    here.page.reload()
    expect(here.page.get_by_label("Reason")).to_have_value("other words")
    choose(here.page, "Refuse")
    expect(here.page.get_by_text("Draft saved")).to_be_visible()
    session = here.page.evaluate("async () => (await (await fetch('/v1/me')).json()).session.id")
    ended = served.post("/v1/me/sessions/end", WHO, {"session": session})
    assert ended.status_code == 200, ended.text
    dialog = here.page.get_by_role("alertdialog")
    dialog.get_by_role("link", name="Sign in again").click()
    here.page.get_by_label("Account", exact=True).fill(WHO)
    here.page.get_by_label("Password", exact=True).fill(WORD)
    here.page.get_by_role("button", name="Sign in", exact=True).click()
    here.page.wait_for_url(re.compile(re.escape(task["id"])))
    expect(here.page.get_by_label("Reason")).to_have_value("other words")
    expect(here.page.get_by_label("Refuse")).to_be_checked()


def test_a_decision_on_what_has_changed_is_refused_and_says_what(
    served: House, window: OpenWindow, provoked: Provoked
) -> None:
    body = {
        "blueprint": "both-at-once",
        "business_key": f"B-{served.count}",
        "data": {"amount": MONEY, "note": "first note"},
        "domain": "finance",
    }
    instance = served.post("/v1/process-instances", intake(served), body).json()["instance"]
    tasks = {one["step"]: one["id"] for one in served.get(f"/v1/process-instances/{instance}", WHO).json()["tasks"]}
    assert served.post(f"/v1/tasks/{tasks['decision']}/claim", WHO, {}).status_code == 200
    person = window()
    provoked(person, "409", "ERR_FAILED")
    person.page.route("**/v1/live*", lambda route: route.abort())  # nothing tells this window
    person.sign_in(WHO, WORD)
    person.open(f"/console/tasks/{tasks['decision']}")
    page = person.page
    choose(page, "Approve")
    page.get_by_label("Reason").fill("within budget")
    corrected = {"amount": {**MONEY, "amount": "700.00"}, "note": "second note"}
    assert served.post(f"/v1/tasks/{tasks['correct']}/claim", CLERK, {}).status_code == 200
    done = served.post(f"/v1/tasks/{tasks['correct']}/completion", CLERK, {"data": corrected})
    assert done.status_code == 200, done.text
    page.get_by_role("button", name=re.compile("Decide|Review")).click()
    moved = page.get_by_role("alert").filter(has_text="What is shown has changed")
    for said in ("500.00", "700.00", "first note", "second note"):
        expect(moved).to_contain_text(said)
    expect(page.get_by_label("Reason")).to_have_value("within budget")
    expect(page.get_by_label("Approve")).to_be_checked()
    expect(page.get_by_role("button", name="Decide", exact=True)).to_be_disabled()
    page.get_by_role("button", name="I have read it").click()
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("heading", name="Decided: Approve")).to_be_visible()


def test_the_second_of_two_is_told_who_decided_and_when_and_keeps_the_draft(served: House, window: OpenWindow) -> None:
    task = task_of(served, start(served))
    first, second = window(), window()
    for person in (first, second):
        person.sign_in(WHO, WORD)
        person.open(f"/console/tasks/{task['id']}")
    second.page.get_by_label("Reason").fill("I would refuse this")
    expect(second.page.get_by_text("Draft saved")).to_be_visible()
    first.page.reload()
    choose(first.page, "Approve")
    sign(first.page)
    expect(first.page.get_by_role("heading", name="Decided: Approve")).to_be_visible()
    expect(second.page.get_by_text("You decided: Approve")).to_be_visible()
    expect(second.page.get_by_role("region", name="Your draft, not sent")).to_contain_text("I would refuse this")
    assert second.page.locator(".closed time").count() == 1


def test_who_lost_a_task_to_another_is_told_who_has_decided(served: House, window: OpenWindow) -> None:
    task = task_of(served, start(served), OTHER)
    page = opened(window, OTHER, f"tasks/{task['id']}")
    page.get_by_label("Reason").fill("not yet sent")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    given = served.post(f"/v1/tasks/{task['id']}/release", OTHER, {})
    assert given.status_code == 200, given.text
    expect(page.get_by_text("You no longer hold this task")).to_be_visible()
    mine = task_of(served, task["instance"])
    assert decide(served, mine).status_code == 200
    expect(page.get_by_text(f"{WHO} decided: Approve")).to_be_visible()
    expect(page.get_by_role("region", name="Your draft, not sent")).to_contain_text("not yet sent")


def test_a_passkey_signs_and_verify_py_proves_it(served: House, local: Person, tmp_path: Path) -> None:
    task = task_of(served, start(served), OTHER)
    local.sign_in(OTHER, WORD)
    enrol(local)
    local.open(f"/console/tasks/{task['id']}")
    page = local.page
    choose(page, "Approve")
    page.get_by_label("Reason").fill("within budget")
    page.get_by_role("button", name="Review and sign").click()
    box = page.get_by_role("region", name="Signature")
    expect(box.get_by_label("Passkey")).to_be_checked()
    box.get_by_role("button", name="Sign and complete").click()
    expect(page.get_by_role("heading", name="Decided: Approve")).to_be_visible()
    expect(page.get_by_role("link", name="Inbox", exact=True)).to_have_attribute("aria-current", "page")
    said = payload(served, recorded_index(page))["signature"]
    assert said["strength"] == "person-held key"

    judged = judge_signatures(served, task["instance"], READER, tmp_path)
    assert judged["status"] == "passed", judged
    assert "passkey holder" not in judged["text"]
