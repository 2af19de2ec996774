"""The frame around every screen: signed in, in a real browser, without a fault."""

import re

import pytest

from tests.api.organisation import WORD, House
from tests.conftest import ROOT
from tests.console.chromium import WIDTHS
from tests.console.conftest import OpenWindow

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", WIDTHS)
def test_the_frame_keeps_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    served.token("budget-owner-1")
    person = window(width=width)
    person.sign_in("budget-owner-1", WORD)
    person.open("/console/account")
    assert person.page.get_by_role("heading", name="Your account").is_visible()
    assert person.violations_in_both() == []
    assert person.overflow() == 0


def test_light_and_dark_differ_in_tokens_alone() -> None:
    """So a page is opened once for both, and looked at in each."""
    sources = [path for path in (ROOT / "console" / "src").rglob("*.*") if path.suffix in (".css", ".ts", ".tsx")]
    asked = {path.name for path in sources if "prefers-color-scheme" in path.read_text("utf-8")}
    assert asked == {"tokens.css", "SearchDialog.tsx"}  # which names the scheme that the machine asks for
    tokens = (ROOT / "console" / "src" / "design" / "tokens.css").read_text("utf-8")
    _, _, dark = tokens.partition("@media (prefers-color-scheme: dark) {")
    lines = [line.strip() for line in dark.partition("\n}\n")[0].splitlines() if line]
    assert len(lines) > 10
    assert [line for line in lines if not re.match(r"(--[\w-]+|color-scheme|:root[^{]*):|:root[^{]*\{|\}", line)] == []
    assert "px" not in "".join(line for line in lines if not line.startswith("--shadow"))


def test_what_is_wrong_in_the_dark_alone_is_found(window: OpenWindow) -> None:
    person = window()
    person.open("/sign-in")
    spoilt = "@media (prefers-color-scheme: dark) { h1 { color: #333 !important } }"
    person.page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }",
        spoilt,
    )
    assert [(scheme, rule) for scheme, (rule, _) in person.violations_in_both()] == [("dark", "color-contrast")]


def test_a_visitor_is_sent_to_sign_in_and_comes_back_to_the_place(served: House, window: OpenWindow) -> None:
    served.token("budget-owner-1")
    person = window()
    person.page.goto(f"{person.address}/console/account?from=link")
    person.page.wait_for_url(re.compile("/sign-in"))
    person.page.get_by_label("Account", exact=True).fill("budget-owner-1")
    person.page.get_by_label("Password", exact=True).fill(WORD)
    person.page.get_by_role("button", name="Sign in", exact=True).click()
    person.page.wait_for_url(f"{person.address}/console/account?from=link")
    person.faults.remove(next(fault for fault in person.faults if "401" in fault))  # the question who is there


def test_a_session_ended_elsewhere_is_said_at_the_next_answer(served: House, window: OpenWindow) -> None:
    served.token("budget-owner-2")
    here, there = window(), window()
    for person in (here, there):
        person.sign_in("budget-owner-2", WORD)
        person.open("/console/account")
    there.page.get_by_role("button", name="Sign out everywhere").click()
    there.page.get_by_role("alertdialog").wait_for()
    here.page.get_by_role("button", name="Sign out everywhere").click()
    dialog = here.page.get_by_role("alertdialog")
    assert "Your sign-in has ended" in dialog.inner_text()
    dialog.get_by_role("link", name="Sign in again").click()
    here.page.wait_for_url(re.compile(r"://[^/]+/sign-in\?next=%2Fconsole%2Faccount"))  # the server's own page
    for person in (here, there):
        person.faults[:] = [fault for fault in person.faults if "401" not in fault]
