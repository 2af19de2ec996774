"""Requests of a script of our own page, with the session cookie: reads pass, writes need the session's token."""

import pytest

from api.browser import CSRF_HEADER, SESSION_COOKIE
from tests.api.organisation import House
from tests.api.page.browser import Browser, signed_in
from tests.api.work import start

OTHERS = ("https://evil.example", "http://testserver.evil.example", "https://testserver:8443x")


def task_of(browser: Browser) -> str:
    rows = browser.get("/v1/tasks?mine=1").json()["items"]
    return f"/v1/tasks/{rows[-1]['id']}"


def csrf(browser: Browser) -> str:
    token: str = browser.get("/v1/me").json()["csrf"]
    return token


def test_a_session_reads_and_is_told_its_token(house: House) -> None:
    browser = signed_in(house, "budget-owner-1")
    told = browser.get("/v1/me").json()
    assert told["person"]["ref"] == "budget-owner-1"
    assert told["session"]["method"] == "password"
    assert told["now"] < told["session"]["expires_at"] <= told["session"]["ends_at"]
    assert told["session"]["started_at"] <= told["now"] < told["session"]["fresh_until"]
    assert told["csrf"]
    assert "task:decide" in told["may"]
    assert "ledger:verify" not in told["may"]
    assert browser.cookies[SESSION_COOKIE] not in str(told)
    assert house.get("/v1/me", "budget-owner-1").json()["csrf"] is None  # a bearer token needs none


@pytest.mark.parametrize("path", ["{task}/claim", "/v1/me/sessions/end"], ids=["direct", "through the framework"])
def test_a_write_needs_the_token_of_this_session(house: House, path: str) -> None:
    start(house)
    mine, other = signed_in(house, "budget-owner-1"), signed_in(house, "budget-owner-2")
    address = path.format(task=task_of(mine))
    size = house.size
    for token in ("", csrf(other), csrf(mine)[:-1], "é"):
        headers = {CSRF_HEADER: token.encode("latin-1").decode("latin-1")} if token.isascii() else {}
        house.refused(mine.send(address, **headers), 403, "FOREIGN_REQUEST")
    assert house.size == size
    assert mine.send(address, **{CSRF_HEADER: csrf(mine)}).status_code == 200
    assert house.size > size


@pytest.mark.parametrize("origin", OTHERS)
def test_a_request_of_another_site_is_refused_with_the_token_too(house: House, origin: str) -> None:
    start(house)
    mine = signed_in(house, "budget-owner-1")
    address, token = task_of(mine), csrf(mine)
    size = house.size
    foreign = {CSRF_HEADER: token, "Origin": origin}
    house.refused(mine.send(f"{address}/claim", **foreign), 403, "FOREIGN_REQUEST")
    house.refused(mine.get(address, **{"Sec-Fetch-Site": "cross-site"}), 403, "FOREIGN_REQUEST")
    house.refused(mine.get(address, **{"Sec-Fetch-Site": "same-site"}), 403, "FOREIGN_REQUEST")
    assert house.size == size
    own = {CSRF_HEADER: token, "Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert mine.send(f"{address}/claim", **own).status_code == 200


def test_a_header_speaks_before_the_cookie(house: House) -> None:
    mine = signed_in(house, "budget-owner-1")
    bearer = house.token("budget-owner-2")
    told = mine.get("/v1/me", Authorization=f"Bearer {bearer}").json()
    assert (told["person"]["ref"], told["csrf"]) == ("budget-owner-2", None)
    house.refused(mine.get("/v1/me", Authorization="Basic bmFtZTp3b3Jk"), 401, "NO_CREDENTIAL")


def test_a_key_in_the_cookie_is_nobody(house: House) -> None:
    key = house.key("svc:invoice-intake", "invoice-intake", domain="finance")
    assert house.get("/v1/process-instances", key).status_code == 200
    held = Browser(house, {SESSION_COOKIE: key})
    house.refused(held.get("/v1/process-instances"), 401, "NO_CREDENTIAL")


def test_a_renewal_goes_into_the_cookie_and_never_to_the_script(house: House) -> None:
    mine = signed_in(house, "budget-owner-1")
    before = mine.cookies[SESSION_COOKIE]
    answer = mine.send("/v1/sign-in/renewal", **{CSRF_HEADER: csrf(mine)})
    assert (answer.status_code, answer.json()["token"]) == (200, None)
    after = mine.cookies[SESSION_COOKIE]
    assert after != before
    assert after not in answer.text
    assert mine.get("/v1/me").status_code == 200
    house.refused(Browser(house, {SESSION_COOKIE: before}).get("/v1/me"), 401, "BAD_CREDENTIALS")


def test_sign_out_takes_session_and_cookie_away(house: House) -> None:
    mine = signed_in(house, "budget-owner-1")
    held = mine.cookies[SESSION_COOKIE]
    assert mine.send("/v1/sign-out", **{CSRF_HEADER: csrf(mine)}).status_code == 200
    assert SESSION_COOKIE not in mine.cookies
    house.refused(Browser(house, {SESSION_COOKIE: held}).get("/v1/me"), 401, "BAD_CREDENTIALS")
