"""Every write that there is, asked by a page of somebody else: nothing of it is carried out, whatever it is."""

from typing import Any

from api.browser import CSRF_HEADER
from tests.api.every_write import WRITES, body_of, operations
from tests.api.organisation import House
from tests.api.page.browser import Browser, signed_in
from tests.api.test_browser_requests import csrf

FORM = "application/x-www-form-urlencoded"
PLAIN = "text/plain"


def test_every_write_of_another_site_is_refused_and_leaves_nothing(house: House) -> None:
    mine, other = signed_in(house, "budget-owner-1"), signed_in(house, "budget-owner-2")
    token, theirs = csrf(mine), csrf(other)
    tries: tuple[dict[str, str], ...] = (
        {},
        {"Content-Type": FORM},
        {"Content-Type": PLAIN},
        {CSRF_HEADER: theirs},
        {CSRF_HEADER: token, "Origin": "https://evil.example"},
        {CSRF_HEADER: token, "Sec-Fetch-Site": "cross-site"},
        {CSRF_HEADER: token, "Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
    )
    asked = [one for one in operations(*WRITES) if not one.is_open]
    assert len(asked) > 70
    size = house.size
    for operation in asked:
        for headers in tries:
            answer = sent(mine, operation.method, operation.filled("x"), body_of(operation, "x"), headers)
            assert answer.status_code == 403, (operation.method, operation.path, headers, answer.text)
            assert answer.json()["reason"] == "FOREIGN_REQUEST", (operation.path, answer.text)
    assert house.size == size
    assert mine.get("/v1/me").status_code == 200, "who was asked to sign out is signed in"


def sent(browser: Browser, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
    return browser._ask(method, path, json=body, headers=headers)
