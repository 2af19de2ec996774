"""Assigning incidents in a real browser: who is offered, what is on record, and that it can be taken back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.test_leases import make_calls
from tests.api.work import decide, start, task_of
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_cases import go

pytestmark = pytest.mark.browser

CLERK, DIRECTOR, BUDGET = "accounts-payable-clerk", "finance-director", "budget-owner-1"
FAILS = "finance.post_invoice"


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two instances held by one cause, for the role of the clerk."""
    folder: Path = tmp_path_factory.mktemp("incidents") / "data"
    with serving(copied(founded, folder)) as house:
        for _ in range(2):
            held = start(house)
            decide(house, task_of(house, held))
            make_calls(house, fails=FAILS)
        for who in (CLERK, DIRECTOR, BUDGET):
            house.token(who)
        yield house


def test_instances_in_test_mode_are_chosen_by_a_field(served: House, window: OpenWindow) -> None:
    tested = start(served, test=True)
    decide(served, task_of(served, tested))
    make_calls(served, fails=FAILS)
    key = served.get(f"/v1/process-instances/{tested}", CLERK).json()["business_key"]
    person = window()
    person.sign_in(DIRECTOR, WORD)
    go(person, "incidents")
    page = person.page
    page.get_by_role("tab", name="Open").get_by_text("2").wait_for()
    expect(page.locator("main")).not_to_contain_text(key)
    choose(page, "Only these")
    page.get_by_role("tab", name="Open").get_by_text("1").wait_for()
    expect(page.get_by_role("row").filter(has_text=key)).to_contain_text("Test mode")
    assert "test=only" in page.url
    choose(page, "Among the others")
    page.get_by_role("tab", name="Open").get_by_text("3").wait_for()
    go(person, "instances")
    expect(page.locator("main")).not_to_contain_text(key)
    choose(page, "Only these")
    expect(page.get_by_role("row").filter(has_text=key)).to_have_count(1)


def choose(page: Page, option: str) -> None:
    page.get_by_role("button", name="Test mode").click()
    page.get_by_role("option", name=option).click()


def test_steps_are_chosen_from_when_they_are_known(served: House, window: OpenWindow) -> None:
    person = window()
    person.sign_in(CLERK, WORD)
    go(person, "incidents")
    page, held = person.page, list[Route]()

    def keep(route: Route) -> None:
        held.append(route)

    page.route("**/v1/process-instances/*/acts", keep)
    page.get_by_role("checkbox").last.check(force=True)
    page.get_by_role("button", name=re.compile("^Resolve")).last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Go on at another step", exact=True).click()
    field = dialog.get_by_role("button", name=re.compile("Step that begins"))
    expect(field).to_be_disabled()  # a press would open nothing
    for route in held:
        route.continue_()
    page.unroute_all()
    field.click()
    expect(page.get_by_role("option").filter(has_text="Settle the mismatch")).to_be_visible()


def ticked(window: OpenWindow, **looks: str | int) -> Person:
    """The director's window, where both incidents are ticked: not for them to resolve, but to assign."""
    person = window(**looks)
    person.sign_in(DIRECTOR, WORD)
    go(person, "incidents")
    person.page.get_by_text("Not for you to resolve").wait_for()
    for box in person.page.get_by_role("row").get_by_role("checkbox").all()[-2:]:
        box.check(force=True)
    return person


@pytest.mark.parametrize(("who", "lists"), [(DIRECTOR, 1), (BUDGET, 0)])
def test_figures_open_the_lists_that_one_is_offered_and_no_other(
    served: House, window: OpenWindow, who: str, lists: int
) -> None:
    person = window()
    person.sign_in(who, WORD)
    go(person, "overview")
    main = person.page.locator("main")
    held = main.get_by_role("listitem").filter(has_text="Incidents")
    expect(held.locator(".card-count")).to_have_text("2")
    expect(held.get_by_role("link")).to_have_count(lists)
    assert (main.locator("a[href*='/incidents']").count() > 0) is bool(lists)
    expect(main.get_by_role("link", name="Started: ")).to_have_count(1)


def test_several_are_given_to_one_person_and_back_to_the_role(served: House, window: OpenWindow) -> None:
    person = ticked(window)
    page = person.page
    assert page.get_by_role("button", name="Resolve those ticked").count() == 0
    page.get_by_role("button", name="Assign the 2 ticked").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Assign").click()
    dialog.get_by_text("Choose a person, or the role.").wait_for()
    dialog.get_by_label("To (required)").click()
    options = page.get_by_role("option")
    options.filter(has_text=CLERK).wait_for()
    assert options.filter(has_text="credit-officer").count() == 0
    options.filter(has_text=CLERK).click()
    dialog.get_by_role("button", name="Assign").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text(f"For {CLERK} to resolve")).to_have_count(2)
    listed = served.get("/v1/incidents", CLERK).json()["items"]
    assert [one["assignee"] for one in listed] == [CLERK, CLERK]

    for box in page.get_by_role("row").get_by_role("checkbox").all()[-2:]:
        box.check(force=True)
    page.get_by_role("button", name="Assign the 2 ticked").click()
    dialog.get_by_text("The role accounts-payable", exact=True).click()
    dialog.get_by_role("button", name="Assign").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("held for accounts-payable")).to_have_count(2)
    listed = served.get("/v1/incidents", CLERK).json()["items"]
    assert [one["assignee"] for one in listed] == ["", ""]


def test_what_is_refused_stays_with_why(served: House, window: OpenWindow) -> None:
    person = ticked(window)
    page = person.page
    first, second = served.get("/v1/incidents", DIRECTOR).json()["items"]
    page.get_by_role("button", name="Assign the 2 ticked").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("To (required)").click()
    page.get_by_role("option").filter(has_text=CLERK).click()
    taken = served.post(f"/v1/incidents/{first['id']}/assignment", DIRECTOR, {"to": CLERK})  # meanwhile, elsewhere
    assert taken.status_code == 200, taken.text
    dialog.get_by_role("button", name="Assign").click()
    alert = dialog.get_by_role("alert")
    expect(alert).to_contain_text("1 was not assigned:")
    expect(alert).to_contain_text(str(first["business_key"]))
    person.faults.clear()  # the refusal that was meant
    listed = {one["id"]: one["assignee"] for one in served.get("/v1/incidents", DIRECTOR).json()["items"]}
    assert listed == {first["id"]: CLERK, second["id"]: CLERK}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_dialog_keeps_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    person = ticked(window, width=width)
    person.page.get_by_role("button", name="Assign the 2 ticked").click()
    person.page.get_by_role("dialog").get_by_label("To (required)").wait_for()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)


def test_a_correction_is_proposed_by_one_and_confirmed_by_another(served: House, window: OpenWindow) -> None:
    """Last: it takes one of the two incidents away."""
    clerk = window()
    clerk.sign_in(CLERK, WORD)
    incident = served.get("/v1/incidents", CLERK).json()["items"][0]
    instance = incident["instance"]
    go(clerk, f"incidents?instance={instance}")
    page = clerk.page
    page.get_by_role("row").get_by_role("checkbox").last.check(force=True)
    page.get_by_role("button", name="Resolve the one ticked").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Go on at another step", exact=True).click()
    dialog.get_by_text("a second person with the role finance-operations confirms it first").wait_for()
    dialog.get_by_label("Step that begins").click()
    page.get_by_role("option").filter(has_text="Settle the mismatch").click()
    dialog.get_by_label("Reason").fill("the ledger account is gone")
    dialog.get_by_role("button", name="Propose", exact=True).click()
    expect(page.get_by_role("region", name="What became of it")).to_contain_text("1 proposed")
    assert served.get(f"/v1/incidents?instance={instance}", CLERK).json()["items"][0]["state"] == "open"
    page.get_by_role("row").get_by_role("checkbox").last.check(force=True)
    page.get_by_role("button", name="Resolve the one ticked").click()
    page.get_by_text("A resolution of this incident waits for a second person").wait_for()
    assert (clerk.violations(), clerk.overflow()) == ([], 0)

    director = window()
    director.sign_in(DIRECTOR, WORD)
    go(director, "acts")
    pane = director.page.get_by_role("region", name="Proposed: resolve an incident")
    expect(pane).to_contain_text("begins in its place")
    expect(pane).to_contain_text("the ledger account is gone")
    assert (director.violations(), director.overflow()) == ([], 0)
    pane.get_by_role("button", name="Confirm").click()
    expect(pane).to_have_count(0)
    resolved = served.get(f"/v1/incidents?instance={instance}&state=any", CLERK).json()["items"][0]
    assert (resolved["state"], resolved["how"]) == ("resolved", "other")


def test_what_was_filtered_for_stands_in_one_line_and_no_other_number_with_it(
    served: House, window: OpenWindow
) -> None:
    (first, *_) = served.get("/v1/incidents?limit=5", CLERK).json()["items"]
    person = window(language="de-DE")
    person.sign_in(CLERK, WORD)
    person.open(f"/console/incidents?instance={first['instance']}")
    chip = person.page.get_by_role("button", name=first["instance"])
    person.page.set_viewport_size({"width": 1280, "height": 900})
    words = chip.locator(".button-words")
    lines = "one => Math.round(one.offsetHeight / parseFloat(getComputedStyle(one).lineHeight))"
    assert words.evaluate(lines) == 1
    expect(person.page.get_by_role("tab", name="Offen")).to_have_text("Offen")
    chip.click()
    expect(person.page.get_by_role("tab", name="Offen")).to_have_text(re.compile(r"^Offen\s*\d+$"))
