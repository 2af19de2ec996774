"""Acts that wait for a second person, in a real browser: found in one list, decided there, by somebody else alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.settings import Settings
from examples.organisation.files import artefact_files
from tests.api.organisation import SERVICES, WORD, House, copied
from tests.api.releasing import release
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
    folder: Path = tmp_path_factory.mktemp("second") / "data"
    with serving(copied(founded, folder)) as house:
        for who in (CLERK, READER, DIRECTOR):
            house.token(who)
        yield house


def proposed(house: House, number: str) -> str:
    """An instance for which the clerk has proposed a correction; its business key."""
    instance = start(house)
    body = {"values": {"invoice_number": number}, "reason": "misread"}
    answer = house.post(f"/v1/process-instances/{instance}/correction", CLERK, body)
    assert answer.status_code == 200, answer.text
    return str(house.get(f"/v1/process-instances/{instance}", READER).json()["business_key"])


def test_one_proposes_and_another_confirms_in_the_list(served: House, window: OpenWindow) -> None:
    key = proposed(served, "INV-77")
    clerk = window()
    clerk.sign_in(CLERK, WORD)
    go(clerk, "acts?list=all")
    own = clerk.page.get_by_role("region", name="Proposed: correct its data").filter(has_text=key)
    own.get_by_text("You proposed it, so somebody else confirms it.").wait_for()
    assert own.get_by_role("button", name="Confirm").count() == 0
    assert own.get_by_role("button", name="Withdraw").is_visible()
    reader = window()
    reader.sign_in(READER, WORD)
    go(reader, "acts")
    reader.page.get_by_text("Nothing waits for you to confirm").wait_for()
    reader.page.get_by_role("tab", name="All").click()
    other = reader.page.get_by_role("region", name="Proposed: correct its data").filter(has_text=key)
    other.get_by_text("Not for you to confirm").wait_for()
    assert other.get_by_role("button").count() == 0
    director = window()
    director.sign_in(DIRECTOR, WORD)
    go(director, "acts")
    pane = director.page.get_by_role("region", name="Proposed: correct its data").filter(has_text=key)
    expect(pane).to_contain_text("INV-77")
    expect(pane).to_contain_text("misread")
    pane.get_by_role("button", name="Confirm").click()
    expect(pane).to_have_count(0)
    left = served.get("/v1/act-proposals", DIRECTOR).json()["items"]
    assert key not in {one["business_key"] for one in left}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_keeps_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    proposed(served, "INV-78")
    person = window(width=width)
    person.sign_in(DIRECTOR, WORD)
    go(person, "acts")
    person.page.get_by_role("button", name="Confirm", exact=True).first.wait_for()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)


def test_who_confirms_what_is_two_acts_holds_the_role_of_each_and_the_screen_says_so(
    served: House, window: OpenWindow
) -> None:
    """The clerk leaves a step undone and corrects data by it; the blueprint names a second role for either."""
    source = artefact_files(SERVICES)["blueprints/invoice-approval.yaml"]
    both = source.replace(
        "correct: {reason: required, second: role finance-operations",
        "correct: {reason: required, second: role team-lead",
    )
    assert both != source
    release(served, "blueprint", both, 1)
    instance = start(served)
    decide(served, task_of(served, instance))
    make_calls(served, fails="finance.post_invoice")
    (held,) = served.get(f"/v1/incidents?instance={instance}", CLERK).json()["items"]
    body = {"how": "skip", "data": {"invoice_number": "INV-79"}, "reason": "posted by hand"}
    answer = served.post(f"/v1/incidents/{held['id']}/resolution", CLERK, body)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "proposed"), answer.text
    director = window()
    director.sign_in(DIRECTOR, WORD)
    director.open(f"/console/instances/{instance}")
    pane = director.page.get_by_role("region", name="Proposed: resolve an incident")
    expect(pane).to_contain_text("who holds each of the roles finance-operations and team-lead")
    expect(pane).to_contain_text("Not for you to confirm")
    assert pane.get_by_role("button", name="Confirm").count() == 0
    clerk = window(language="de-DE")
    clerk.sign_in(CLERK, WORD)
    clerk.open(f"/console/instances/{instance}")
    expect(clerk.page.locator("main")).to_contain_text("der jede der Rollen finance-operations und team-lead hat")
