"""Acts on many in a real browser: one command for all, and what became of each as the record has it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.settings import Settings
from ledger.entry import parse_entry
from tests.api.organisation import WORD, House, copied
from tests.api.test_leases import make_calls
from tests.api.test_steering import work
from tests.api.work import decide, start, task_of
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_cases import go
from tests.console.walking import Walk

pytestmark = pytest.mark.browser

CLERK, DIRECTOR = "accounts-payable-clerk", "finance-director"
FAILS = "finance.post_invoice"


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("bulk") / "data"
    with serving(copied(founded, folder)) as house:
        for who in (CLERK, DIRECTOR, "budget-owner-1"):
            house.token(who)
        yield house


def signed_in(window: OpenWindow, who: str, place: str, **looks: str | int) -> Person:
    person = window(**looks)
    person.sign_in(who, WORD)
    go(person, place)
    return person


def asked_of(page: Page) -> list[str]:
    """The writes that a page asks for from now on, by their path."""
    found: list[str] = []
    page.on("request", lambda one: found.append(one.url.partition("/v1/")[2]) if one.method == "POST" else None)
    return found


def tick(page: Page, *keys: str) -> None:
    for key in keys:
        page.get_by_role("row").filter(has_text=re.compile(rf"{key}(?![0-9])")).get_by_role("checkbox").check(
            force=True
        )


def begun(house: House) -> tuple[str, str]:
    """A new instance, and its business key."""
    instance = start(house)
    return instance, str(house.get(f"/v1/process-instances/{instance}", "budget-owner-1").json()["business_key"])


def held(house: House) -> tuple[str, str]:
    """One held by an incident."""
    instance, key = begun(house)
    decide(house, task_of(house, instance))
    make_calls(house, fails=FAILS)
    return instance, key


def test_incidents_are_resolved_by_one_command_and_each_is_told(served: House, window: OpenWindow) -> None:
    (_, first), (second, other) = held(served), held(served)
    person = signed_in(window, CLERK, "incidents")
    page, asked = person.page, asked_of(person.page)
    tick(page, first, other)
    page.get_by_role("button", name="Resolve the 2 ticked").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("The account was opened")
    dialog.get_by_role("button", name="Try again").click()
    pane = page.get_by_role("region", name="What became of it")
    status = pane.get_by_role("status")
    expect(pane.get_by_role("heading")).to_have_text("Try again: 2 incidents")
    expect(status).to_contain_text("2 not reached yet")
    assert asked == ["process-instances/bulk"]
    # Meanwhile somebody resolves the second by itself, so the command finds nothing left to do there.
    (incident,) = served.get(f"/v1/incidents?instance={second}", CLERK).json()["items"]
    alone = served.post(f"/v1/incidents/{incident['id']}/resolution", CLERK, {"how": "retry"})
    assert alone.status_code == 200, alone.text
    work(served)
    expect(status).to_contain_text("1 under way")
    expect(status).to_contain_text("1 turned down")
    make_calls(served)
    expect(status).to_contain_text("1 recovered")
    pane.get_by_text("See each").click()
    rows = pane.get_by_role("listitem")
    expect(rows.filter(has_text=first)).to_contain_text("recovered: its step is finished")
    expect(rows.filter(has_text=other)).to_contain_text("turned down")
    expect(rows.filter(has_text=other)).to_contain_text("WRONG_STATE")
    link = status.get_by_role("link", name=re.compile("Recorded as entry"))
    index = int(str(link.get_attribute("href")).rpartition("/")[2])
    with served.service.reader.view() as view:
        row = view.entry(index)
    assert row is not None
    assert parse_entry(row.bytes).kind == "bulk.started"
    assert (person.violations(), person.overflow()) == ([], 0)


def test_instances_are_suspended_and_cancelled_together(served: House, window: OpenWindow) -> None:
    ids, keys = zip(*[begun(served) for _ in range(2)], strict=True)
    person = signed_in(window, DIRECTOR, "instances?status=active")
    page, asked = person.page, asked_of(person.page)
    tick(page, *keys)
    expect(page.get_by_role("button", name="Resume 0 instances")).to_be_disabled()
    page.get_by_role("button", name="Suspend 2 instances").click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_role("button", name="Suspend 2 instances").is_disabled()  # nothing without a reason
    dialog.get_by_label("Reason").fill("An audit")
    dialog.get_by_role("button", name="Suspend 2 instances").click()
    pane = page.get_by_role("region", name="What became of it")
    expect(pane.get_by_role("status")).to_contain_text("2 not reached yet")
    one = served.post(f"/v1/process-instances/{ids[0]}/suspension", DIRECTOR, {"reason": "first"})
    assert one.status_code == 200, one.text
    work(served)
    expect(pane.get_by_role("status")).to_contain_text("1 done")
    expect(pane.get_by_role("status")).to_contain_text("1 turned down")
    assert asked == ["process-instances/bulk"]
    pane.get_by_text("See each").click()
    expect(pane.get_by_role("listitem").filter(has_text=keys[0])).to_contain_text("INSTANCE_SUSPENDED")
    expect(pane.get_by_role("listitem").filter(has_text=keys[1])).to_contain_text("done")
    expect(page.get_by_role("row").filter(has_text=keys[1])).to_contain_text("suspended", ignore_case=True)
    assert (person.violations(), person.overflow()) == ([], 0)


def test_by_keyboard_alone_instances_are_suspended_from_the_list(served: House, window: OpenWindow) -> None:
    _, keys = zip(*[begun(served) for _ in range(2)], strict=True)
    walk = Walk(signed_in(window, DIRECTOR, "instances?status=active"), "suspend instances from the list")
    for key in keys:
        walk.tick(re.compile(rf"{key}(?![0-9])"))
    walk.activate("button", "Suspend 2 instances")
    walk.press("Escape", "think again")
    walk.keeps_its_place()
    walk.activate("button", "Suspend 2 instances")
    walk.fill("Reason", "An audit")
    walk.activate("button", "Suspend 2 instances")
    pane = walk.person.page.get_by_role("region", name="What became of it")
    expect(pane.get_by_role("status")).to_contain_text("2 not reached yet")
    walk.keeps_its_place()
    work(served)
    expect(pane.get_by_role("status")).to_contain_text("2 done")
    walk.keeps_its_place()
    walk.end()


def test_by_keyboard_alone_incidents_are_resolved_from_the_list(served: House, window: OpenWindow) -> None:
    (_, first), (_, other) = held(served), held(served)
    walk = Walk(signed_in(window, CLERK, "incidents"), "resolve incidents from the list")
    for key in (first, other):
        walk.tick(re.compile(rf"{key}(?![0-9])"))
    walk.activate("button", "Resolve the 2 ticked")
    walk.fill("Reason", "The account was opened")
    walk.activate("button", "Try again")
    pane = walk.person.page.get_by_role("region", name="What became of it")
    expect(pane.get_by_role("heading")).to_have_text("Try again: 2 incidents")
    walk.keeps_its_place()
    work(served)
    make_calls(served)
    expect(pane.get_by_role("status")).to_contain_text("2 recovered")
    walk.end()


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_ticked_and_asked_keeps_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    _, key = begun(served)
    person = signed_in(window, DIRECTOR, "instances?status=active", width=width)
    tick(person.page, key)
    person.page.get_by_role("button", name="Cancel 1 instance").wait_for()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    person.page.get_by_role("button", name="Cancel 1 instance").click()
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Sent twice")
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    dialog.get_by_role("button", name="Cancel 1 instance").click()
    person.page.get_by_role("region", name="What became of it").get_by_text("See each").click()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)


def test_who_may_do_no_act_has_nothing_to_tick(served: House, window: OpenWindow) -> None:
    start(served)
    may = set(served.get("/v1/me", "budget-owner-1").json()["may"])
    assert not may & {"instance:suspend", "instance:resume", "instance:cancel"}
    person = signed_in(window, "budget-owner-1", "instances")
    person.page.get_by_role("grid", name="Instances").wait_for()
    assert person.page.get_by_role("checkbox").filter(visible=True).count() <= 1  # the filter of what is overdue
