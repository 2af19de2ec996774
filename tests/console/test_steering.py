"""Acts on a running instance in a real browser: standing still is told, what one proposes another confirms."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.test_leases import make_calls
from tests.api.work import decide, start, task_of
from tests.console.chromium import WIDTHS
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_cases import go

pytestmark = pytest.mark.browser

CLERK, READER, DIRECTOR = "accounts-payable-clerk", "auditor", "finance-director"


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("steered") / "data"
    with serving(copied(founded, folder)) as house:
        for who in (CLERK, READER, DIRECTOR):
            house.token(who)
        yield house


def proposed(house: House) -> str:
    """An instance for which the clerk has proposed a correction."""
    instance = start(house)
    body = {"values": {"invoice_number": "INV-9"}, "reason": "misread"}
    answer = house.post(f"/v1/process-instances/{instance}/correction", CLERK, body)
    assert answer.status_code == 200, answer.text
    return instance


def test_an_instance_is_suspended_and_resumed_and_says_so(served: House, window: OpenWindow) -> None:
    instance = start(served)
    person = window()
    person.sign_in(DIRECTOR, WORD)
    go(person, f"instances/{instance}?tab=timeline")
    person.page.get_by_role("button", name="More acts").click()
    person.page.get_by_role("menuitem", name="Suspend").click()
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("An audit")
    dialog.get_by_role("button", name="Suspend").click()
    person.page.get_by_text("Nothing goes on in it since").wait_for()
    person.page.get_by_text("Instance suspended", exact=True).wait_for()
    person.page.locator("blockquote", has_text="An audit").wait_for()
    person.page.get_by_role("button", name="More acts").click()
    assert person.page.get_by_role("menuitem", name="Suspend").count() == 0
    person.page.get_by_role("menuitem", name="Resume").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    person.page.get_by_text("Instance resumed", exact=True).wait_for()
    assert person.page.get_by_text("Nothing goes on in it since").count() == 0


def test_a_move_is_proposed_by_one_and_confirmed_by_another(served: House, window: OpenWindow) -> None:
    instance = start(served)
    clerk = window()
    clerk.sign_in(CLERK, WORD)
    go(clerk, f"instances/{instance}?tab=timeline")
    clerk.page.get_by_role("button", name="More acts").click()
    clerk.page.get_by_role("menuitem", name="Move to another step").click()
    dialog = clerk.page.get_by_role("dialog")
    propose = dialog.get_by_role("button", name="Propose")
    assert propose.is_disabled()
    dialog.get_by_text("a second person with the role finance-operations").wait_for()
    dialog.get_by_label("Step that begins").click()
    clerk.page.get_by_role("option").filter(has_text="Settle the mismatch").click()
    dialog.get_by_label("Reason").fill("The goods were short")
    propose.click()
    pane = clerk.page.get_by_role("region", name="Proposed: move it to another step")
    pane.wait_for()
    assert pane.get_by_role("button", name="Confirm").count() == 0
    assert pane.get_by_role("button", name="Withdraw").is_visible()
    director = window()
    director.sign_in(DIRECTOR, WORD)
    go(director, f"instances/{instance}?tab=timeline")
    pane = director.page.get_by_role("region", name="Proposed: move it to another step")
    pane.get_by_text("begins in its place").wait_for()
    pane.get_by_text("The goods were short").wait_for()
    pane.get_by_role("button", name="Confirm").click()
    director.page.get_by_text("Moved to another step by a person", exact=True).wait_for()
    assert pane.count() == 0
    steps = served.get(f"/v1/process-instances/{instance}", READER).json()["steps"]
    assert [one["step"] for one in steps] == ["exception"]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_proposal_keeps_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    instance = proposed(served)
    person = window(width=width)
    person.sign_in(DIRECTOR, WORD)
    go(person, f"instances/{instance}")
    person.page.get_by_role("button", name="Confirm", exact=True).wait_for()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    person.page.get_by_role("button", name="More acts").click()
    person.page.get_by_role("menuitem", name="Correct data").click()
    person.page.get_by_role("dialog").wait_for()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)


def test_who_may_not_sees_what_waits_and_why_it_is_not_for_them(served: House, window: OpenWindow) -> None:
    instance = proposed(served)
    person = window()
    person.sign_in(READER, WORD)
    go(person, f"instances/{instance}")
    pane = person.page.get_by_role("region", name="Proposed: correct its data")
    pane.get_by_text("Not for you to confirm").wait_for()
    assert pane.get_by_role("button").count() == 0
    assert person.page.get_by_role("button", name="More acts").count() == 0


def test_an_incident_goes_on_at_another_step(served: House, window: OpenWindow) -> None:
    instance = start(served)
    decide(served, task_of(served, instance))
    make_calls(served, fails="finance.post_invoice")
    person = window()
    person.sign_in(CLERK, WORD)
    go(person, f"incidents?instance={instance}")
    person.page.get_by_role("checkbox").last.check(force=True)
    person.page.get_by_role("button", name="Resolve").last.click()
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_text("Go on at another step").first.click()
    dialog.get_by_label("Step that begins").click()
    person.page.get_by_role("option").filter(has_text="Settle the mismatch").click()
    dialog.get_by_label("Reason").fill("The account is gone")
    dialog.get_by_role("button", name="Propose", exact=True).click()
    person.page.get_by_role("region", name="What became of it").get_by_text("1 proposed").wait_for()
    [proposal] = served.get(f"/v1/process-instances/{instance}/acts", DIRECTOR).json()["proposals"]
    confirm = f"/v1/process-instances/{instance}/proposals/{proposal['id']}/confirmation"
    assert served.post(confirm, DIRECTOR, {"digest": proposal["digest"]}).status_code == 200
    go(person, f"incidents?instance={instance}&state=resolved")
    person.page.get_by_text("Moved to another step").wait_for()
    steps = served.get(f"/v1/process-instances/{instance}", READER).json()["steps"]
    assert [one["step"] for one in steps] == ["exception"]


def test_a_signed_decision_says_in_the_timeline_that_its_data_changed_since(served: House, window: OpenWindow) -> None:
    instance = start(served)
    decide(served, task_of(served, instance))
    at = f"/v1/process-instances/{instance}"
    values = {"invoice_number": "INV-78"}
    said = served.post(f"{at}/correction", CLERK, {"values": values, "reason": "misread"}).json()
    confirm = f"{at}/proposals/{said['proposal']}/confirmation"
    assert served.post(confirm, DIRECTOR, {"digest": said["digest"]}).status_code == 200
    person = window()
    person.sign_in(CLERK, WORD)
    go(person, f"instances/{instance}?tab=timeline")
    decided = person.page.get_by_role("listitem").filter(has_text="Decided: approve")
    expect(decided).to_contain_text("Data changed since")
    expect(decided).to_contain_text(f"Invoice number was corrected by {DIRECTOR}")
    assert person.page.get_by_text("Void since").count() == 0
    assert (person.violations(), person.overflow()) == ([], 0)
