"""Chromium as a person has it: what a page logs as an error and what it asks of others is kept as a fault."""

import os
import shutil
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from api.browser import SESSION_COOKIE
from tests.conftest import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)
BRIEFLY = "--js-flags=--no-maglev --no-turbofan"  # a page of a test is gone before code made faster pays for the making
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
WIDTHS = (1440, 320)
HEIGHT = 900
PLAIN = "/healthz"  # a page without a script
SCHEMES = ("light", "dark")
# Left out: what React Aria said aloud stays for seconds in its announcer, and may name a button that is gone.
_RUN_AXE = """async tags => {
    const options = { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }
    const found = await axe.run({ exclude: '[data-live-announcer]' }, options)
    const told = node => node.target.join(' ') + ': ' + node.failureSummary
    return found.violations.map(one => [one.id, one.nodes.map(told)])
}"""
# A page of the console is read when it has its heading; a page of the server is when it is there.
_IDLE = """() => document.querySelector('[aria-busy="true"], [data-loading], .loading') === null
    && (document.getElementById('root') === null || document.querySelector('h1') !== null)"""
_STREAM = "/v1/live"  # stays open for as long as the page does
_CALM = 50  # milliseconds without a request, as a view asks for what the one before it told
# Waits end with what they wait for: these bounds are for what never comes, as a loaded machine is no failure of ours.
PATIENCE_MILLISECONDS = 60_000
LONG_MILLISECONDS = 300_000  # for what is worked out by a process of its own
_PATIENCE = PATIENCE_MILLISECONDS // _CALM


def executable() -> str | None:
    """The browser to drive: the one that is named, else the first that is installed."""
    named = os.environ.get("MUNIMENT_TEST_BROWSER")
    found = [named] if named else [shutil.which(name) for name in NAMES]
    return next((path for path in found if path), None)


@dataclass
class Person:
    """Somebody at a browser window. `faults` gathers what no page may do."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    pending: set[Request] = field(default_factory=set)

    def open(self, path: str) -> None:
        """Go to a place and wait until it is read."""
        self.page.goto(self.address + path)
        self.settled()

    def settled(self) -> None:
        """Until nothing is being fetched, the endless stream of news apart, and no view says that it is busy."""
        for _ in range(_PATIENCE):
            self.page.wait_for_function(_IDLE)
            asked = len(self.pending)
            self.page.wait_for_timeout(_CALM)
            if asked == len(self.pending) == 0 and self.page.evaluate(_IDLE):
                return
        waiting = sorted(request.url for request in self.pending)
        raise AssertionError(f"the page does not come to rest: {waiting}")

    def violations(self) -> list[Any]:
        """What axe finds against WCAG 2.2, A and AA."""
        if not self.page.evaluate("() => 'axe' in window"):
            # Evaluated rather than added as a script: the policy of our pages lets no foreign script in.
            self.page.evaluate(AXE.read_text("utf-8"))
        found: list[Any] = self.page.evaluate(_RUN_AXE, list(RULES))
        return found

    def violations_in_both(self) -> list[Any]:
        """The same, light and dark: colours alone differ (`test_light_and_dark_differ_in_tokens_alone`)."""
        found = []
        for scheme in SCHEMES:
            self.look(scheme)
            found += [(scheme, one) for one in self.violations()]
        return found

    def look(self, scheme: str) -> None:
        """Light or dark, as the window's owner has set it."""
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        wide: int = self.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        return max(0, wide)

    def sign_in(self, account: str, password: str) -> None:
        """As the form does it, without loading two pages."""
        said = {"account": account, "password": password}
        answer = self.context.request.post(f"{self.address}/v1/sign-in", data=said)
        assert answer.ok, answer.text()
        token = answer.json()["token"]
        self.context.add_cookies(
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


@dataclass(frozen=True)
class Window:
    """How somebody looks: width in pixels, light or dark; by which name they reach the service."""

    width: int = 1440
    scheme: str = "light"
    zone: str = "Europe/Lisbon"
    language: str = "en-GB"
    host: str = "127.0.0.1"  # browsers know passkeys for `localhost`, and for no address


def open_window(browser: Browser, address: str, window: Window | None = None) -> Person:
    """A window of its own, with no cookie of another."""
    seen = window or Window()
    address = address.replace("127.0.0.1", seen.host)
    context = browser.new_context(
        viewport={"width": seen.width, "height": HEIGHT},
        color_scheme="dark" if seen.scheme == "dark" else "light",
        timezone_id=seen.zone,
        locale=seen.language,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    person = Person(context, page, address)

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            person.faults.append(f"console {message.type}: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((person.address, "data:", "blob:")):
            person.faults.append(f"foreign request: {request.url}")
        if _STREAM not in request.url:
            person.pending.add(request)

    def on_answer(request: Request) -> None:
        person.pending.discard(request)

    page.on("console", on_console)
    page.on("pageerror", lambda error: person.faults.append(f"error: {error}"))
    context.on("request", on_request)
    context.on("requestfinished", on_answer)
    context.on("requestfailed", on_answer)
    return person
