"""Names without a space in them, as long as they may be, and texts that run from right to left: in the screens of the
engine nothing is wider than its window."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.console.chromium import Person
from tests.console.places import EXAMPLES
from tests.console.standing import Standing

pytestmark = pytest.mark.browser

UNBROKEN = ("Donaudampfschifffahrtsgesellschaft" * 6)[:200]
TO_THE_LEFT = "مرحبا بالعالم שלום 👩🏽‍💻 " * 6
NAMES = {"title", "blueprint_title", "detail"}  # given by whoever writes a blueprint, or by another system
TEXTS = {"business_key", "purpose", "text"}
ENGINE = (
    "acts", "agents", "authorities", "authorities/:id", "blueprints", "blueprints/:id", "connectors", "inbox",
    "incidents", "instances", "instances/:id", "overview", "schedules", "tasks/:id",
)  # fmt: skip
OF_SCREENS = re.compile(r"/v1/(?!me|live|tour)")
WIDTHS = (1280, 900, 360)


def stretched(value: Any) -> Any:
    """An answer whose names and texts are as long as they may be."""
    if isinstance(value, list):
        return [stretched(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _longer(name, one) if isinstance(one, str) and one else stretched(one) for name, one in value.items()}


def _longer(name: str, text: str) -> str:
    return UNBROKEN if name in NAMES else TO_THE_LEFT if name in TEXTS else text


def stretching(person: Person) -> None:
    """From here on this window is told long names."""

    def answer(route: Route) -> None:
        got = route.fetch()
        is_read = got.ok and got.headers.get("content-type", "").startswith("application/json")
        route.fulfill(response=got, body=json.dumps(stretched(got.json())) if is_read else got.body())

    person.page.route(OF_SCREENS, answer)


@pytest.mark.parametrize("place", ENGINE)
def test_no_name_makes_a_screen_wider_than_its_window(standing: Standing, place: str) -> None:
    who, address = EXAMPLES[place].who, EXAMPLES[place].address(standing)
    person = standing.window(who)
    stretching(person)
    try:
        person.open(f"/console/{address}")
        wide = {}
        for width in WIDTHS:
            person.page.set_viewport_size({"width": width, "height": 900})
            person.settled()
            wide[width] = person.overflow()
        assert wide == dict.fromkeys(WIDTHS, 0)
    finally:
        person.page.unroute_all(behavior="wait")
        person.page.set_viewport_size({"width": 1440, "height": 900})
    person.faults.clear()  # what was asked while the window was taken away from under it


def test_long_names_are_on_the_screen(standing: Standing) -> None:
    """Else the test above would hold of screens that show none."""
    person = standing.window(EXAMPLES["overview"].who)
    stretching(person)
    try:
        person.open("/console/overview")
        expect(person.page.get_by_role("link", name=UNBROKEN).first).to_be_visible()
    finally:
        person.page.unroute_all(behavior="wait")
