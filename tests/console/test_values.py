"""A value is told alike wherever it stands, in the reader's language."""

import re

import pytest
from playwright.sync_api import expect

from tests.console.places import OFFICER
from tests.console.standing import Standing

pytestmark = pytest.mark.browser

GERMAN_DAY = re.compile(r"^\d\d\.\d\d\.\d{4}$")


def test_a_day_is_told_alike_on_a_task_and_on_its_instance(standing: Standing) -> None:
    items = standing.house.get_after_long("/v1/tasks?limit=200", OFFICER).json()["items"]
    task = next(one for one in items if one["blueprint"] == "committee-loan" and one["kind"] == "decide")
    person = standing.window(OFFICER, language="de-DE")
    person.open(f"/console/tasks/{task['id']}")
    shown = person.page.locator(".facts > div")
    expect(shown.filter(has_text="Applicant, date of birth").locator("dd")).to_have_text(GERMAN_DAY)
    person.open(f"/console/instances/{task['instance']}?tab=data")
    inner = person.page.locator(".facts .facts > div")
    expect(inner.filter(has_text="Date of birth").locator("dd")).to_have_text(GERMAN_DAY)


def test_who_is_waited_for_is_told_alike_in_the_inbox_and_on_the_instance(standing: Standing) -> None:
    items = standing.house.get_after_long("/v1/tasks?limit=200", OFFICER).json()["items"]
    task = next(one for one in items if one["blueprint"] == "loan-origination" and one["state"] == "offered")
    person = standing.window(OFFICER)
    words = re.compile("Holders of authority: approve credit")
    person.open(f"/console/tasks/{task['id']}")
    expect(person.page.get_by_text(words).filter(visible=True).first).to_be_visible()
    for tab in ("diagram", "timeline"):
        person.open(f"/console/instances/{task['instance']}?tab={tab}")
        expect(person.page.get_by_text(words).filter(visible=True).first).to_be_visible()
