"""Instances, the overview and incidents in a real browser: every view keeps the rules of access, numbers open what they
count, a timeline is true, an incident is called recovered only after its step was finished."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.routes import process_instances
from api.settings import Settings
from api.since_decided import LISTED_MAX
from tests.api.organisation import WORD, House, copied
from tests.api.test_leases import make_calls
from tests.api.work import decide, start, task_of
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving

pytestmark = pytest.mark.browser

CLERK, READER, DIRECTOR = "accounts-payable-clerk", "auditor", "finance-director"
FAILS = "finance.post_invoice"


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One instance held by an incident, one posted, two waiting, one of these with a mismatch."""
    folder: Path = tmp_path_factory.mktemp("cases") / "data"
    with serving(copied(founded, folder)) as house:
        held = start(house)
        decide(house, task_of(house, held))
        make_calls(house, fails=FAILS)
        posted = start(house)
        decide(house, task_of(house, posted))
        start(house, mismatches=["quantity"])
        task_of(house, start(house))
        for who in (CLERK, READER, DIRECTOR):
            house.token(who)
        yield house


def instance_at(house: House, step: str) -> str:
    found = house.get(f"/v1/process-instances?step={step}", READER).json()["items"]
    return str(found[0]["id"])


def held_at(house: House) -> str:
    found = house.get("/v1/incidents", CLERK).json()["items"]
    return str(found[0]["instance"])


def go(person: Person, place: str) -> None:
    """To a place of the console, until its fields and its rows are there."""
    person.open(f"/console/{place}")
    person.page.locator("main h1").wait_for()
    person.settled()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_view_keeps_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    held = held_at(served)
    person, clerk = window(width=width), window(width=width)
    person.sign_in(READER, WORD)
    clerk.sign_in(CLERK, WORD)
    for place, shows in (
        ("instances", "D-"),
        (f"instances/{held}", "Somebody to resolve its incident"),
        (f"instances/{held}?tab=timeline", "Decided: approve"),
        (f"instances/{held}?tab=data", "Invoice number"),
        (f"instances/{held}?tab=evidence", "Build the pack"),
        ("overview", "Running now"),
        ("overview?blueprint=invoice-approval", "Most instances are at"),
        ("tasks?list=any", "Approval"),
        ("incidents", "NO_SUCH_ACCOUNT"),
    ):
        shown = clerk if place == "incidents" else person
        go(shown, place)
        shown.page.get_by_text(shows).first.wait_for()
        assert (place, shown.violations_in_both(), shown.overflow()) == (place, [], 0)


def test_filters_stand_in_the_address_and_stay(served: House, window: OpenWindow) -> None:
    person = window()
    person.sign_in(READER, WORD)
    go(person, "instances?status=active&sort=updated")
    rows = person.page.locator("tbody tr")
    count = rows.count()
    assert count == len(served.get("/v1/process-instances?status=active", READER).json()["items"])
    person.page.get_by_label("Business key begins with").fill("nothing like it")
    person.page.get_by_text("Nothing matches").wait_for()
    assert "key=nothing+like+it" in person.page.url
    person.page.get_by_role("link", name="Overview").click()
    person.page.get_by_role("heading", name="Overview").wait_for()
    person.page.get_by_role("link", name="Instances").click()
    person.page.wait_for_url(re.compile("key=nothing"))
    assert person.page.get_by_label("Business key begins with").input_value() == "nothing like it"
    person.page.locator(".notice").get_by_role("button", name="Clear").click()
    rows.first.wait_for()
    with person.page.expect_download() as saved:
        person.page.get_by_role("button", name="Save as CSV").click()
    lines = Path(saved.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) - 1 == rows.count()


def test_every_figure_opens_the_list_it_counts(served: House, window: OpenWindow) -> None:
    person = window()
    person.sign_in(READER, WORD)
    figures = served.get("/v1/overview?blueprint=invoice-approval", READER).json()
    for name, count in (
        ("Running now", figures["active"]),
        ("Completed", figures["completed"]),
        ("Deadlines", figures["tasks_with_deadline"]),
        ("Approval", 1),
    ):
        go(person, "overview?blueprint=invoice-approval&period=all")
        person.page.get_by_role("link", name=f"{name}: {count}, open the list").click()
        person.page.get_by_role("heading", name=re.compile("^(Instances|Tasks|Incidents)$"), level=1).wait_for()
        person.settled()
        assert (name, person.page.locator("tbody tr").count()) == (name, count)


def test_the_overview_is_of_the_domain_that_is_chosen(served: House, window: OpenWindow) -> None:
    whole = served.get("/v1/overview", READER).json()
    assert {"finance", "lending", "organisation"} <= set(whole["domains"])
    active = served.get("/v1/overview?domain=finance", READER).json()["active"]
    assert active == whole["active"] > 0  # all that runs here is of finance
    person = window()
    person.sign_in(READER, WORD)
    go(person, "overview?period=all")
    page = person.page
    for domain, count in (("finance", active), ("lending", 0)):
        page.get_by_label("Domain", exact=True).click()
        page.get_by_role("option", name=domain, exact=True).click()
        page.get_by_role("link", name=f"Running now: {count}, open the list").wait_for()
        assert f"domain={domain}" in page.url
    page.get_by_label("Domain", exact=True).click()
    page.get_by_role("option", name="All domains").click()
    page.get_by_role("link", name=f"Running now: {active}, open the list").wait_for()
    assert served.get("/v1/overview", CLERK).json()["domains"] == ["finance"]
    clerk = window()
    clerk.sign_in(CLERK, WORD)
    go(clerk, "overview")
    assert clerk.page.get_by_label("Domain", exact=True).count() == 0  # there is nothing to choose


def test_a_long_history_says_that_it_has_not_looked_what_came_over_its_decisions(
    served: House, window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = window()
    person.sign_in(READER, WORD)
    for most, count in ((LISTED_MAX, 0), (0, 1)):
        monkeypatch.setattr(process_instances, "LISTED_MAX", most)
        person.open(f"/console/instances/{held_at(served)}?tab=timeline")
        assert person.page.get_by_text("Not looked whether something has come over this since").count() == count


def test_a_step_is_found_by_keyboard_and_stands_in_the_address(served: House, window: OpenWindow) -> None:
    person = window()
    person.sign_in(CLERK, WORD)
    go(person, f"instances/{held_at(served)}")
    assert person.page.locator(".step-details h2").inner_text() == "Post"
    person.page.locator("g.node[tabindex='0']").focus()
    person.page.keyboard.press("ArrowUp")
    person.page.keyboard.press("Enter")
    person.page.wait_for_url(re.compile("step="))
    person.page.locator(".step-details h2").get_by_text("Approval", exact=True).wait_for()
    assert "done after" in person.page.locator(".step-details").inner_text()


def test_an_incident_is_recovered_only_when_its_step_is_finished(served: House, window: OpenWindow) -> None:
    person = window()
    person.sign_in(CLERK, WORD)
    go(person, "incidents")
    person.page.get_by_role("button", name="Resolve", exact=True).click()
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("The account was opened")
    dialog.get_by_role("button", name="Try again").click()
    pane = person.page.get_by_role("region", name="What became of it")
    pane.get_by_text("1 under way").wait_for()
    assert "recovered" not in pane.get_by_role("status").inner_text()
    make_calls(served)
    pane.get_by_text("1 recovered").wait_for()
    person.page.get_by_role("tab", name="Resolved").click()
    person.page.get_by_text("Recovered", exact=True).wait_for()
    person.page.locator("tbody a").first.click()
    person.page.get_by_text("The account was opened").wait_for()


def test_what_is_not_for_somebody_is_said_before_they_type(served: House, window: OpenWindow) -> None:
    person = window()
    person.sign_in(READER, WORD)
    go(person, f"instances/{instance_at(served, 'approval')}")
    assert person.page.get_by_role("button", name="Cancel instance").count() == 0
    go(person, "incidents")
    assert person.page.get_by_text("You may not see this").or_(person.page.locator(".notice")).first.is_visible()
    person.faults[:] = [fault for fault in person.faults if "403" not in fault]


def test_a_cancellation_asks_why_and_goes_on_record(served: House, window: OpenWindow) -> None:
    person = window()
    person.sign_in(DIRECTOR, WORD)
    case = instance_at(served, "exception")
    go(person, f"instances/{case}?tab=timeline")
    person.page.get_by_role("button", name="Cancel instance").click()
    dialog = person.page.get_by_role("dialog")
    assert dialog.get_by_role("button", name="Cancel instance").is_disabled()
    dialog.get_by_label("Reason").fill("Sent twice")
    dialog.get_by_role("button", name="Cancel instance").click()
    person.page.get_by_text("Instance cancelled", exact=True).wait_for()
    person.page.locator("blockquote", has_text="Sent twice").wait_for()
    expect(person.page.get_by_role("button", name="Cancel instance")).to_have_count(0)
    row = person.page.locator("li.moment", has_text="Instance cancelled")
    assert "Not checked here" in row.inner_text()  # nothing is called proven that was not checked in this browser


def test_a_pack_is_built_and_held_against_its_digest(served: House, window: OpenWindow) -> None:
    person = window()
    person.sign_in(READER, WORD)
    go(person, f"instances/{instance_at(served, 'approval')}?tab=evidence")
    person.page.get_by_label("Purpose").fill("Request 17")
    person.page.get_by_label("Recipient").fill("The regulator")
    person.page.get_by_role("button", name="Build the pack").click()
    download = person.page.get_by_role("button", name="Download")
    download.wait_for()
    with person.page.expect_download() as saved:
        download.click()
    assert Path(saved.value.path()).read_bytes()[:2] == b"PK"
    assert person.page.get_by_text("its bytes match the digest").is_visible()
