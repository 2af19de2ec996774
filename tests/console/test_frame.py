"""The frame around every screen: signed in, in a real browser, without a fault."""

import re

import pytest

from tests.api.organisation import WORD, House
from tests.console.chromium import SCHEMES, WIDTHS
from tests.console.conftest import OpenWindow

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_frame_keeps_the_rules_of_access(served: House, window: OpenWindow, width: int, scheme: str) -> None:
    served.token("budget-owner-1")
    person = window(width=width, scheme=scheme)
    person.sign_in("budget-owner-1", WORD)
    person.open("/console/account")
    assert person.page.get_by_role("heading", name="Your account").is_visible()
    assert person.violations() == []
    assert person.overflow() == 0


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
