"""Windows that are used again: a new one costs a second of computing, an emptied one next to nothing.

    person = windows.open(address, Window(width=320))
    windows.close(person)

A window is given back empty: nobody is signed in, nothing is stored, no request is answered by a test. Those in which
something stays that cannot be taken away, as a passkey's device, are closed for good.
"""

from dataclasses import dataclass, field, replace

from playwright.sync_api import Browser, Error

from tests.console.chromium import HEIGHT, PLAIN, Person, Window, open_window

ADDRESS = Window().host


@dataclass
class Windows:
    """The windows of one browser that nobody uses at present, by what cannot be changed about them."""

    browser: Browser
    idle: dict[Window, list[Person]] = field(default_factory=dict)
    kinds: dict[int, Window] = field(default_factory=dict)

    def open(self, address: str, looks: Window) -> Person:
        """A window without faults, of a person who has not signed in."""
        kind = replace(looks, width=Window.width, scheme=Window.scheme)
        idle = self.idle.setdefault(kind, [])
        if looks.host != ADDRESS or not idle:
            person = open_window(self.browser, address, looks)
            self.kinds[id(person)] = kind
            return person
        person = idle.pop()
        person.address = address
        person.page.set_viewport_size({"width": looks.width, "height": HEIGHT})
        person.look(looks.scheme)
        return person

    def close(self, person: Person) -> None:
        """Empty it for the next, or close it."""
        kind = self.kinds[id(person)]
        if kind.host == ADDRESS and _emptied(person):
            self.idle[kind].append(person)
        else:
            person.context.close()


def _emptied(person: Person) -> bool:
    """Whether it could be emptied: a test may have closed the window, or its service may have ended."""
    context, page = person.context, person.page
    try:
        for other in context.pages:
            if other is not page:
                other.close()
        context.set_offline(False)
        context.unroute_all()
        page.unroute_all()
        page.goto(person.address + PLAIN)  # no script there writes to what is emptied
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear() }")
        page.goto("about:blank")
        context.clear_cookies()
    except Error:
        return False
    person.pending.clear()
    person.faults.clear()
    return True
