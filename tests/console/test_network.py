"""A slow network, a failing server, a lost connection, a session that ends: in every view; what was typed stays."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.console.chromium import Person
from tests.console.looking import messages
from tests.console.places import EXAMPLES, Screen, registry
from tests.console.standing import Standing

pytestmark = pytest.mark.browser

SCREENS = [screen for screen in registry() if screen.path in EXAMPLES]
each_screen = pytest.mark.parametrize("screen", SCREENS, ids=[screen.path for screen in SCREENS])

# Tries of the console are seconds apart, and what it just read is fresh for seconds: tests wait for neither.
_HURRY = """
    const wait = window.setTimeout, now = Date.now
    window.later = 0
    window.setTimeout = (told, span, ...rest) => wait(told, span >= 1000 && span <= 4000 ? 20 : span, ...rest)
    Date.now = () => now() + window.later
"""
_LOOK_AGAIN = "() => { window.later += 60_000; window.dispatchEvent(new Event('visibilitychange')) }"
_BESIDE = r"/v1/(me|live|tour)\b"  # of the frame around every screen: who is here, news, the tour of a demo
_HEADING = "() => document.querySelector('h1')?.getBoundingClientRect().top ?? null"
_READ = "() => document.querySelector('h1') !== null && document.querySelector('.loading') === null"
_SKELETON_OR_READ = f"() => document.querySelector('.skeleton') !== null || ({_READ})()"
REASON = "the store of the demo is out of reach"
FAILED = {"status": 500, "title": "Internal", "reason": "INTERNAL", "detail": REASON, "reference": "ref-17"}
_FIELDS = "main input, main textarea"
ENDED = {"status": 401, "title": "Unauthorized", "reason": "NO_CREDENTIAL", "detail": "sign in again"}
Answer = Callable[[Route], None]


def say(key: str) -> str:
    """A message in English."""
    return messages("en")[key]


@dataclass
class Net:
    """Somebody's window whose console does not wait between its tries, and what becomes of its requests."""

    person: Person
    answer: Answer | None = None
    """What answers what the screen asks for; None: the service."""

    asked: int = 0
    """Requests of the screen since it was opened."""

    @property
    def page(self) -> Page:
        return self.person.page

    def route(self, route: Route) -> None:
        """One request."""
        if re.search(_BESIDE, route.request.url):
            route.continue_()
            return
        self.asked += 1
        if self.answer is None:
            route.continue_()
        else:
            self.answer(route)

    def go(self, address: str, answer: Answer | None = None) -> None:
        """Open a place of the console under these conditions; nothing is waited for."""
        self.person.faults.clear()
        self.answer, self.asked = answer, 0
        self.page.goto(f"{self.person.address}/console/{address}")

    def look_again(self) -> None:
        """As when somebody comes back to the window after a minute."""
        self.page.evaluate(_LOOK_AGAIN)

    @property
    def faults(self) -> list[str]:
        """Faults but for those that a browser logs of its own when an answer fails."""
        return [fault for fault in self.person.faults if "Failed to load resource" not in fault]


@pytest.fixture(scope="module")
def nets(standing: Standing) -> Iterator[Callable[[str], Net]]:
    """The network of somebody, one for each."""
    opened: dict[str, Net] = {}

    def opens(who: str) -> Net:
        if who not in opened:
            net = opened[who] = Net(standing.fresh(who))
            net.person.context.add_init_script(_HURRY)
            net.page.route("**/v1/**", net.route)
        standing.sign_in(opened[who].person, who)
        return opened[who]

    yield opens
    for net in opened.values():
        net.person.context.close()


def told(problem: dict[str, Any]) -> Answer:
    """A problem of the server."""
    body = json.dumps(problem)
    return lambda route: route.fulfill(status=problem["status"], content_type="application/problem+json", body=body)


def typed(person: Person) -> list[str]:
    """Types into every field that is empty; what then stands in them."""
    fields = person.page.get_by_role("main").get_by_role("textbox")
    for field in fields.all():
        if field.is_visible() and field.is_editable() and field.input_value() == "":
            field.fill("kept")
    return standing_in(person)


def standing_in(person: Person) -> list[str]:
    """What stands in the fields of the screen."""
    fields = person.page.locator(_FIELDS).all()
    return [field.input_value() for field in fields if field.is_visible()]


@each_screen
def test_slow_then_lost_then_back_by_itself_and_what_is_typed_stays(
    standing: Standing, nets: Callable[[str], Net], screen: Screen
) -> None:
    example = EXAMPLES[screen.path]
    net, held = nets(example.who), list[Route]()
    net.go(example.address(standing), held.append)
    net.page.wait_for_function(_SKELETON_OR_READ)
    if not held:
        return  # this view asks the server for nothing
    before = net.page.evaluate(_HEADING)
    net.answer = Route.abort
    for route in held:
        route.abort()
    lost = net.page.get_by_text(say("state.offline.title")).first
    lost.wait_for()
    assert before is None or net.page.evaluate(_HEADING) == before, "the heading jumped"
    net.person.context.set_offline(True)
    net.answer = None
    net.person.context.set_offline(False)
    lost.wait_for(state="detached")
    net.person.settled()
    assert before is None or net.page.evaluate(_HEADING) == before, "the heading jumped"
    lost_with_what_was_typed(net, screen.path not in SILENT)
    assert net.faults == []


SILENT = {"changes/new"}
"""Ask for nothing again while somebody writes: the line of the draft tells of what is lost."""


def lost_with_what_was_typed(net: Net, asks_again: bool) -> None:
    """The connection is lost over a view that was read, then the session: both are said, and what was typed stays.

    What was typed is kept over the end of a session by drafts: `test_inbox.py` and `test_changes.py` try those.
    """
    fields = typed(net.person)
    net.person.settled()
    net.person.context.set_offline(True)
    net.look_again()
    stale = net.page.locator(".stale").first
    if asks_again:
        stale.wait_for()
    assert standing_in(net.person) == fields
    net.person.context.set_offline(False)
    stale.wait_for(state="detached")
    net.person.settled()
    assert standing_in(net.person) == fields
    if not asks_again:
        return
    written = [field.input_value() for field in net.page.locator(_FIELDS).all()]
    net.answer = told(ENDED)
    net.look_again()
    net.page.get_by_role("alertdialog", name=say("shell.signed-out.title")).wait_for()
    assert not net.page.locator("main").is_visible()
    assert [field.input_value() for field in net.page.locator(_FIELDS).all()] == written


@each_screen
def test_a_failure_is_told_with_its_reason_and_a_way_to_try_again(
    standing: Standing, nets: Callable[[str], Net], screen: Screen
) -> None:
    example = EXAMPLES[screen.path]
    net = nets(example.who)
    net.go(example.address(standing), told(FAILED))
    net.page.wait_for_function(_READ)
    if not net.asked:
        return
    net.person.settled()  # a part that comes to be later asks again for what another one did not get
    net.page.get_by_text(REASON).first.wait_for()
    net.page.get_by_text("ref-17").first.wait_for()
    again = net.page.get_by_role("button", name=say("state.retry"))
    again.first.wait_for()
    net.answer = None
    # Every part of the screen has its own, and one may mend another: each is pressed where it still is, and once more
    # those that a mended part brought along.
    for _ in range(2):
        again.evaluate_all("all => all.forEach(one => one.click())")
        net.person.settled()
    assert net.page.get_by_text(REASON).count() == 0
    assert net.faults == []
