"""Walks by keyboard: what counts as an action is what this module counts.

One action is one control activated or chosen by its visible name, one field filled, one file given, or one key pressed
on purpose. Moving to a control by Tab and arrow keys is no action of its own: it is how a keyboard points. Controls are
found by role and visible name alone; there is no other way to name one in here.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Error, Locator

from tests.console.chromium import Person

ACTIONS_MAX = 8
MOVES_MAX = 200  # keys on the way to a control
Role = Literal["button", "link", "radio", "tab", "row", "checkbox", "option", "menuitem"]
Name = str | re.Pattern[str]
_IS_AT = """one => one === document.activeElement
    || (one.getAttribute('role') === 'row' && one.contains(document.activeElement))"""
_IS_ABOVE = "one => (document.activeElement.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING) !== 0"
_IS_SEEN = """() => {
    const one = document.activeElement
    const drawn = [one, one.parentElement, one.closest('label, .field, [role=row]')].filter(Boolean)
    return one.matches(':focus-visible') && drawn.some(each => {
        const style = getComputedStyle(each)
        return style.outlineStyle !== 'none' || style.boxShadow !== 'none'
    })
}"""
FOCUS_MS = 5_000  # a control that is gone has lost the focus for some frames before it goes on
_IS_SOMEWHERE = """() => document.activeElement !== document.body && document.activeElement !== null
    && document.activeElement.getClientRects().length > 0"""
_SAID = """one => (one.getAttribute('aria-label')
    ?? (one.querySelector('[role=rowheader], th') ?? one.labels?.[0] ?? one).innerText).trim().split('\\n')[0]"""
_NEAR = """one => {
    const whole = one.closest('[role=radiogroup], [role=tablist], [role=grid], [role=listbox], [role=menu]')
    return whole !== null && whole.contains(document.activeElement)
}"""


@dataclass
class Walk:
    """Somebody at a keyboard, from a link on; `steps` are their actions in words."""

    person: Person
    goal: str
    steps: list[str] = field(default_factory=list)

    def begin(self, link: str) -> None:
        """Open the link; it is where the walk starts, no action."""
        self.person.open(link)

    def activate(self, role: Role, name: Name) -> None:
        """A control by its visible name, with Enter."""
        target = self.find(role, name)
        said = self.said(target)
        self.reach(target)
        self.person.page.keyboard.press("Enter")
        self.done(f"{role} “{said}”")

    def choose(self, name: Name) -> None:
        """One of several; the arrow keys choose as they go, the space bar where there was nothing to go."""
        target = self.find("radio", name)
        said = self.said(target)
        self.reach(target)
        if not target.is_checked():
            self.person.page.keyboard.press("Space")
        assert target.is_checked()
        self.done(f"choose “{said}”")

    def fill(self, name: Name, text: str, shown: str | None = None) -> None:
        """A field by its visible name; `shown` is said instead of a secret."""
        within = self.within()
        target = within.get_by_role("textbox", name=name).or_(within.get_by_label(name)).first
        target.wait_for()
        self.reach(target)
        self.person.page.keyboard.insert_text(text)
        self.done(f"fill “{name if isinstance(name, str) else name.pattern}”: {shown or text}")

    def tick(self, row: Name) -> None:
        """A row of a table that can be ticked, with the space bar."""
        target = self.find("row", row)
        said = self.said(target)
        self.reach(target)
        self.person.page.keyboard.press("Space")
        assert target.get_attribute("aria-selected") == "true", said
        self.done(f"tick “{said}”")

    def keeps_its_place(self) -> None:
        """What closed gave the focus back: the next key goes on from there."""
        try:
            self.person.page.wait_for_function(_IS_SOMEWHERE, timeout=FOCUS_MS)
        except Error as error:
            raise AssertionError(self.told()) from error

    def press(self, key: str, why: str) -> None:
        """One key, on purpose."""
        self.person.page.keyboard.press(key)
        self.done(f"key {key}: {why}")

    def give(self, role: Role | Literal["field"], name: Name, file: Path) -> None:
        """A file, by the control that asks for it."""
        target = self.person.page.get_by_label(name).first if role == "field" else self.find(role, name)
        with self.person.page.expect_file_chooser() as chooser:
            self.reach(target)  # inside: its answers show that the browser hands choosers to us by now
            self.person.page.keyboard.press("Enter")
        chooser.value.set_files(file)
        self.done(f"file “{name if isinstance(name, str) else name.pattern}”: {file.name}")

    def find(self, role: Role, name: Name) -> Locator:
        """The control that a person sees under this name."""
        found = self.within().get_by_role(role, name=name, exact=isinstance(name, str) or None)
        found.first.wait_for()
        return found.first

    def within(self) -> Locator:
        """Where a keyboard can go: what lies behind a dialog cannot be reached."""
        page = self.person.page
        dialog = page.get_by_role("dialog")
        return dialog.last if dialog.count() > 0 else page.locator("body")

    def said(self, target: Locator) -> str:
        """What a control says of itself."""
        told: Any = target.evaluate(_SAID)
        return str(told)

    def reach(self, target: Locator) -> None:
        """Go to a control as a keyboard does: Tab, and arrow keys within what is one stop of the Tab key."""
        page = self.person.page
        for _ in range(MOVES_MAX):
            if target.evaluate(_IS_AT):
                assert page.evaluate(_IS_SEEN), f"where the keyboard is cannot be seen: {self.said(target)!r}"
                return
            page.keyboard.press(self._towards(target) if target.evaluate(_NEAR) else "Tab")
        raise AssertionError(f"the keyboard does not reach {self.said(target)!r}: {self.told()}")

    def _towards(self, target: Locator) -> str:
        """The arrow key from where the keyboard is, within what is one stop of the Tab key."""
        role = target.get_attribute("role")
        if role == "row":
            return "ArrowUp" if target.evaluate(_IS_ABOVE) else "ArrowDown"
        return "ArrowRight" if role == "tab" else "ArrowDown"

    def done(self, step: str) -> None:
        """One action more."""
        self.steps.append(step)
        self.person.settled()

    def told(self) -> str:
        """The walk in words, for `make test-walks`."""
        lines = [f"{number}. {step}" for number, step in enumerate(self.steps, 1)]
        return "\n".join([f"\n{self.goal}: {len(self.steps)} actions", *lines])

    def end(self) -> None:
        """It is printed, and short enough."""
        print(self.told())
        assert len(self.steps) <= ACTIONS_MAX, self.told()
