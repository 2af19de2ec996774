"""What the service says of rules and refusals, where it is met, in German: no sentence of it is left in English."""

import pytest
from playwright.sync_api import Locator, expect

from tests.api.organisation import WORD, House
from tests.api.test_flows import TABLE
from tests.console.conftest import OpenWindow

pytestmark = pytest.mark.browser

AUTHOR, REVIEWER = "process-owner", "change-reviewer"


def whole(told: Locator) -> None:
    """Nothing in it is marked as English."""
    assert told.locator("[lang=en]").count() == 0, told.inner_text()


def test_a_rule_table_and_a_refused_signature_are_told_in_german(served: House, window: OpenWindow) -> None:
    for who in (AUTHOR, REVIEWER):
        served.token(who)
    source = TABLE.replace("match-again", "match-told")
    body = {"kind": "rule-table", "source": source, "title": "Told in German", "reason": "r"}
    made = served.post("/v1/change-requests", AUTHOR, body).json()
    person = window(language="de-DE")
    person.sign_in(REVIEWER, WORD)
    page = person.page
    person.open(f"/console/changes/{made['change_request']}?tab=checks")
    found = page.locator(".findings")
    expect(found).to_contain_text("keine Regel greift für: ")
    expect(found).to_contain_text("Beispiel: mismatches = -1, duplicate = false")
    whole(found)
    page.get_by_role("radio", name="Genehmigen").check(force=True)
    page.get_by_label("Grund").first.fill("Gesehen.")
    page.get_by_label("Ihr Passwort").fill("another word of mine")
    page.get_by_role("button", name="Unterschreiben und genehmigen").click()
    told = page.get_by_text("Erwartet: Ihr eigenes Passwort; gefunden: ein anderes")
    expect(told).to_be_visible()
    whole(told)
    person.faults[:] = [fault for fault in person.faults if "422" not in fault]
