"""One's own account in a real browser: passkeys of a virtual authenticator, the second factor, the password, the end
of a session."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Request, Route

from api.identity.totp import hotp, secret_bytes, step_at
from ledger.clock import SystemClock
from tests.api.organisation import WORD, House
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.passkey import with_authenticator

pytestmark = pytest.mark.browser

SECOND = 1_000_000
NEW_WORD = "a longer word for every day"


def account(person: Person, who: str, word: str = WORD) -> None:
    person.sign_in(who, word)
    person.open("/console/account")


def forget(person: Person, *statuses: int) -> None:
    """What the browser itself logs of an answer that the test asks for."""
    person.faults[:] = [fault for fault in person.faults if not any(str(status) in fault for status in statuses)]


def add_passkey(person: Person, name: str) -> None:
    person.page.get_by_role("button", name="Add a passkey").click()
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    assert person.violations() == []
    dialog.get_by_role("button", name="Create passkey").click()
    dialog.wait_for(state="detached")
    person.page.get_by_role("rowheader", name=name).wait_for()


def test_a_passkey_is_added_signs_in_and_is_removed(served: House, window: OpenWindow) -> None:
    served.token("budget-owner-1")
    person = window(host="localhost")
    with_authenticator(person)
    account(person, "budget-owner-1")
    assert person.page.get_by_text("You have no passkey yet").is_visible()
    add_passkey(person, "Büro <b>1</b>")
    person.page.get_by_role("button", name="Rename").click()
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Laptop")
    dialog.get_by_role("button", name="Rename").click()
    dialog.wait_for(state="detached")
    assert person.page.get_by_role("rowheader", name="Laptop").is_visible()
    assert person.violations() == []

    sent = sign_in_by_passkey(person)
    assert person.page.get_by_text("budget-owner-1, signed in with a passkey").is_visible()
    here = {"Host": person.address.removeprefix("http://")}
    replayed = served.client.post("/v1/sign-in/passkey", json=assertion(sent), headers=here)
    served.refused(replayed, 401, "BAD_CREDENTIALS")

    person.page.get_by_role("button", name="Remove").click()
    dialog = person.page.get_by_role("dialog")
    assert "this sign-in ends as well" in dialog.inner_text()
    dialog.get_by_label("Present password").fill("another word entirely")
    dialog.get_by_role("button", name="Remove").click()
    dialog.get_by_text("That password or code is not right.").wait_for()
    assert person.page.get_by_role("alertdialog").count() == 0  # a wrong word ends no session
    dialog.get_by_label("Present password").fill(WORD)
    dialog.get_by_role("button", name="Remove").click()
    person.page.get_by_role("alertdialog").wait_for()
    forget(person, 401)


def sign_in_by_passkey(person: Person) -> Any:
    """Out and in again; what the page sent."""
    person.page.get_by_role("button", name=re.compile("^Account of")).click()
    person.page.get_by_role("button", name="Sign out", exact=True).click()
    person.page.wait_for_url(re.compile(r"/sign-in\?out=1"))
    person.page.goto(f"{person.address}/sign-in?next=/console/account")
    with person.page.expect_request(is_sign_in) as waited:
        person.page.get_by_role("button", name="Sign in with a passkey").click()
    person.page.wait_for_url(f"{person.address}/console/account")
    person.settled()
    return json.loads(waited.value.post_data or "")


def is_sign_in(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/sign-in/passkey")


def assertion(sent: dict[str, str]) -> dict[str, str]:
    """The members that prove something."""
    return {name: value for name, value in sent.items() if name not in ("form_token", "next")}


def test_a_passkey_of_another_origin_is_refused_and_an_address_has_none(served: House, window: OpenWindow) -> None:
    served.token("budget-owner-2")
    person = window(host="localhost")
    with_authenticator(person)
    account(person, "budget-owner-2")
    add_passkey(person, "Phone")
    person.context.clear_cookies()

    def elsewhere(route: Route) -> None:
        sent = json.loads(route.request.post_data or "")
        told = json.loads(urlsafe_b64decode(sent["client_data"] + "=="))
        told["origin"] = "https://evil.test"
        sent["client_data"] = urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
        route.continue_(post_data=json.dumps(sent))

    person.page.route("**/sign-in/passkey", elsewhere)
    person.page.goto(f"{person.address}/sign-in")
    person.page.get_by_role("button", name="Sign in with a passkey").click()
    person.page.get_by_text("That did not work").wait_for()
    assert person.page.url.endswith("/sign-in")
    forget(person, 401)
    by_address = window()
    account(by_address, "budget-owner-2")
    assert by_address.page.get_by_text("No passkey can be added at this address").is_visible()
    assert by_address.page.get_by_role("button", name="Add a passkey").count() == 0


def code_of(person: Person) -> Callable[[int], str]:
    """Codes of an app that read the secret from the page."""
    person.page.get_by_role("img", name=re.compile("QR code")).wait_for()
    secret = secret_bytes(person.page.locator(".account-app code").inner_text().strip())
    return lambda later: hotp(secret, step_at(SystemClock().wall()) + later)


def test_an_app_is_set_up_its_codes_are_shown_once_and_it_is_removed(served: House, window: OpenWindow) -> None:
    served.token("head-of-lending")
    person = window()
    account(person, "head-of-lending")
    person.page.get_by_role("button", name="Set up").click()
    code = code_of(person)
    assert person.violations() == []
    width = person.page.evaluate("() => document.querySelector('.account-app img').naturalWidth")
    assert width > 100  # the policy of the page lets the picture in
    field = person.page.get_by_label("Code of the app")
    field.fill("000000")
    person.page.get_by_role("button", name="Confirm").click()
    person.page.get_by_text("That code is not right").wait_for()
    field.fill(code(0))
    person.page.get_by_role("button", name="Confirm").click()
    codes = person.page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    codes.first.wait_for()
    told = codes.all_inner_texts()
    assert len(set(told)) == 10
    assert person.violations() == []
    with person.page.expect_download() as saved:
        person.page.get_by_role("button", name="Download").click()
    assert all(one in saved.value.path().read_text("utf-8") for one in told)
    done = person.page.get_by_role("button", name="Done")
    assert done.is_disabled()
    person.page.get_by_text("I have kept these codes").click()
    done.click()
    assert told[0] not in person.page.content()
    person.page.get_by_text("10 recovery codes left").wait_for()
    section = person.page.get_by_role("region", name="Second factor")
    section.get_by_role("button", name="Remove").click()
    section.get_by_label("Code").fill(told[0])
    section.get_by_role("button", name="Remove").click()
    section.get_by_text("Off", exact=True).wait_for()
    forget(person, 401)


def test_a_new_password_is_refused_in_words_and_then_ends_every_session(served: House, window: OpenWindow) -> None:
    served.token("credit-officer-1")
    person = window()
    account(person, "credit-officer-1")
    person.page.get_by_role("button", name="Change password").click()
    present, wanted = person.page.get_by_label("Present password"), person.page.get_by_label("New password")
    send = person.page.get_by_role("region", name="Password").get_by_role("button", name="Change password")
    for word, new, said in (
        ("another word entirely", NEW_WORD, "That password or code is not right."),
        (WORD, "short", "expected a password of"),
    ):
        present.fill(word)
        wanted.fill(new)
        send.click()
        person.page.get_by_text(said).wait_for()
    assert person.violations() == []
    wanted.fill(NEW_WORD)
    send.click()
    person.page.get_by_text("Your password is set. Sign in with it.").wait_for()
    forget(person, 401, 422, 400)
    account(person, "credit-officer-1", NEW_WORD)
    assert person.page.get_by_role("heading", name="Your account").is_visible()


def ending_in(person: Person, seconds: int, end: int) -> None:
    """From now on the session is said to end in `seconds` unless renewed, and in `end` in any case."""

    def told(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["session"] |= {"expires_at": body["now"] + seconds * SECOND, "ends_at": body["now"] + end * SECOND}
        route.fulfill(response=answer, json=body)

    person.page.route("**/v1/me", told)
    person.page.reload()
    person.settled()


def test_the_end_of_a_session_is_said_before_and_put_off_where_it_can_be(served: House, window: OpenWindow) -> None:
    served.token("budget-owner-1")
    person = window()
    account(person, "budget-owner-1")
    ending_in(person, 90, 3_600)
    warning = person.page.get_by_role("region", name="End of the sign-in")
    assert "as nothing was done here. Drafts are kept." in warning.inner_text()
    assert "Your sign-in ends in" in person.page.locator("p[role=status]").first.inner_text()
    assert person.violations() == []
    person.page.unroute("**/v1/me")
    with person.page.expect_request("**/v1/sign-in/renewal"):
        warning.get_by_role("button", name="Stay signed in").click()
    warning.wait_for(state="detached")
    ending_in(person, 90, 90)
    assert "in any case" in warning.inner_text()
    assert warning.get_by_role("button", name="Stay signed in").count() == 0
    warning.get_by_role("button", name="Sign in again").click()
    person.page.wait_for_url(re.compile(r"/sign-in\?next=%2Fconsole%2Faccount"))
    assert person.page.get_by_role("heading", name="Sign in").is_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_help_and_licences_keep_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    served.token("budget-owner-1")
    person = window(width=width)
    person.sign_in("budget-owner-1", WORD)
    person.open("/console/licences")
    assert person.page.get_by_text("OFL-1.1").first.is_visible()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    person.page.get_by_role("button", name="Help").click()
    for tab, said in (("Keys", "Search, and go to any screen"), ("Words", "One record"), ("Whom", "access admin")):
        person.page.get_by_role("tab", name=re.compile(tab)).click()
        assert person.page.get_by_text(said).first.is_visible()
        assert (person.violations_in_both(), person.overflow()) == ([], 0)
