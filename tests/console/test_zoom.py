"""At four times the usual size a window shows 320 by 256 of its pixels: what has the focus is seen in it all the same,
in dialogs, which have the least room of all.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.api.organisation import House
from tests.console.conftest import OpenWindow
from tests.console.test_writes import opened, served
from tests.console.writes import WRITES

__all__ = ["served"]

pytestmark = pytest.mark.browser

WIDTH, HEIGHT, USUAL = 320, 256, 900
STOPS = 12  # of the Tab key: once around a dialog
# One of every sort of dialog: a reason, a choice and a person, ways to go with fields of their own, a list.
DIALOGS = ("suspend", "delegate", "return", "skip", "go on elsewhere", "assign", "move", "correct")
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# What lies over the middle of what has the focus, or of its label; nothing where all of it can be seen.
_COVERED = """() => {
    const at = document.activeElement
    if (at === null || at === document.body) return null
    const shown = at.closest('label') ?? at, box = shown.getBoundingClientRect()
    const tall = Math.min(box.height, innerHeight / 2)
    const over = [0.25, 0.5, 0.75].map(part => document.elementFromPoint(
        box.left + Math.min(box.width / 2, innerWidth / 2), box.top + tall * part))
    const isOwn = one => one !== null && (shown.contains(one) || (one.contains(shown) && !one.matches('body, html')))
    const lost = over.find(one => !isOwn(one))
    if (lost === undefined) return ''
    return `${at.tagName} ${shown.textContent.trim().slice(0, 40)} under ${lost?.className ?? 'the edge'}`
}"""


def covered(page: Page) -> set[str]:
    """What is not seen when the Tab key comes to it, forwards and back."""
    found = set()
    for key in ("Tab", "Shift+Tab"):
        for _ in range(STOPS):
            page.keyboard.press(key)
            page.evaluate(_DRAWN)
            told = page.evaluate(_COVERED)
            assert told is not None
            found.add(f"{key}: {told}" if told else "")
    return found - {""}


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_is_filled_in_where_there_is_little_room(served: House, window: OpenWindow, name: str) -> None:
    line, _ = opened(window, served, WRITES[name])
    page = line.person.page
    dialog = page.get_by_role("dialog")
    assert dialog.count() == 1
    # What grows with what is typed scrolls between the title and the buttons of a usual window.
    page.set_viewport_size({"width": WIDTH, "height": USUAL})
    reason = dialog.get_by_label("Reason")
    if reason.count():
        reason.fill("typed with care " * 100)
    expect(dialog.locator("header")).to_be_in_viewport(ratio=1)
    expect(dialog.locator("footer")).to_be_in_viewport(ratio=1)
    if reason.count():
        reason.fill("typed")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    assert covered(page) == set()
    assert line.person.overflow() == 0
    assert dialog.evaluate("one => one.scrollWidth - one.clientWidth") <= 1
