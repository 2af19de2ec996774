"""Windows into the demo organisation: each of its persons signs in once, by a cookie, and keeps the window."""

import json
from dataclasses import dataclass, field

from playwright.sync_api import Browser

from api.browser import SESSION_COOKIE
from tests.api.organisation import House
from tests.console.chromium import HEIGHT, Person, Window, open_window

VISITOR = ""
"""Whoever has not signed in."""


@dataclass
class Standing:
    """The served demo, and the windows that are open on it."""

    browser: Browser
    house: House
    windows: dict[tuple[str, Window], Person] = field(default_factory=dict)
    acts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where it is served."""
        return str(self.house.client.base_url).rstrip("/")

    def window(self, who: str, **looks: str | int) -> Person:
        """The window of somebody, opened once for these looks and emptied of the faults of whoever used it before."""
        seen = Window(**looks)  # type: ignore[arg-type]
        person = self.windows.get((who, seen))
        if person is None:
            person = self.windows[who, seen] = self.fresh(who, seen)
        person.page.set_viewport_size({"width": seen.width, "height": HEIGHT})  # whoever had it may have made it narrow
        self.sign_in(person, who)
        person.faults.clear()
        return person

    def fresh(self, who: str, seen: Window | None = None) -> Person:
        """A window of one's own, which its opener closes. The tour of the demo is put away in it."""
        person = open_window(self.browser, self.address, seen)
        if who != VISITOR:
            self.sign_in(person, who)
            owner = f"{self.house.settings.log} {self.house.person(who)}"
            left = json.dumps({owner: {"isOpen": False, "visited": []}})
            person.context.add_init_script(f"localStorage['muniment.tour'] ??= {json.dumps(left)}")
        return person

    def sign_in(self, person: Person, who: str) -> None:
        """By a cookie, which is a new one where the last has run out: tests take longer than it lasts."""
        if who != VISITOR:
            self.house.get_after_long("/v1/me", who)
            token = self.house.token(who)
            person.context.add_cookies(
                [
                    {
                        "name": SESSION_COOKIE,
                        "value": token,
                        "url": self.address,
                        "httpOnly": True,
                        "sameSite": "Strict",
                    }
                ]
            )

    def may(self, who: str) -> tuple[str, ...]:
        """What the roles of somebody allow, `object:action`."""
        if who not in self.acts:
            self.acts[who] = tuple(self.house.get_after_long("/v1/me", who).json()["may"])
        return self.acts[who]

    def close(self) -> None:
        """Every window."""
        for person in self.windows.values():
            person.context.close()
