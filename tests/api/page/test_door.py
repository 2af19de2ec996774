"""Who gets in, by which form, and what every page carries."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from api.browser import SESSION_COOKIE
from api.page.leading import HOME, own_path
from api.page.session import FORM_BYTES_MAX, FORM_COOKIE
from api.settings import Settings
from tests.api.organisation import WORD, House, copied, running
from tests.api.page.browser import Browser, hidden, signed_in, words

FORMER = ("/plain", "/instances", "/instances/pi_x", "/instances/pi_x/record", "/instances/pi_x/pack", "/tasks/pi_x.1")
FORMER_FORMS = (
    "/instances/pi_x/pack",
    "/tasks/pi_x.1/claim",
    "/tasks/pi_x.1/release",
    "/tasks/pi_x.1/statement",
    "/tasks/pi_x.1/completion",
)


def is_in(browser: Browser) -> bool:
    """Whether the browser holds a session in force."""
    status: int = browser.get("/v1/me").status_code
    return status == 200


def sign_out_token(browser: Browser) -> str:
    """The token in the form that ends the session."""
    return hidden(browser.get("/sign-out"))["form_token"]


def test_whoever_was_sent_to_sign_in_comes_back_to_where_they_were(house: House) -> None:
    house.token("budget-owner-1")
    browser = Browser(house)
    to = "/console/tasks/pi_01.7"
    fields = hidden(browser.get(f"/sign-in?next={to}"))
    assert fields["next"] == to
    answer = browser.post("/sign-in", {**fields, "account": "budget-owner-1", "password": WORD})
    assert (answer.status_code, answer.headers["location"]) == (303, to)
    again = browser.get(f"/sign-in?next={to}")
    assert (again.status_code, again.headers["location"]) == (303, to)
    other = Browser(house)
    fields = hidden(other.get("/sign-in?next=//evil.example"))
    assert fields["next"] == HOME
    sent = {**fields, "next": "https://evil.example", "account": "budget-owner-1", "password": WORD}
    assert other.post("/sign-in", sent).headers["location"] == HOME


@pytest.mark.parametrize(("method", "path"), [("GET", path) for path in FORMER] + [("POST", p) for p in FORMER_FORMS])
def test_the_pages_of_before_the_console_are_unknown(house: House, method: str, path: str) -> None:
    mine = signed_in(house, "budget-owner-1")
    size = house.size
    for browser in (Browser(house), mine):
        assert browser._ask(method, path).status_code == 404
    assert house.size == size


def test_the_icon_that_browsers_ask_for_is_no_fault(house: House) -> None:
    answer = Browser(house).get("/favicon.ico")
    assert (answer.status_code, answer.content) == (204, b"")


def test_the_form_that_ends_a_session_does_nothing_without_one(house: House) -> None:
    size = house.size
    for answer in (Browser(house).get("/sign-out"), Browser(house).post("/sign-out", {"form_token": ""})):
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?out=1")
    assert house.size == size


def test_account_and_password_are_told_apart_by_nothing(house: House) -> None:
    house.token("budget-owner-1")
    browser = Browser(house)
    wrong = browser.sign_in("budget-owner-1", "another word entirely")
    unknown = browser.sign_in("nobody-at-all", "another word entirely")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text == unknown.text
    assert SESSION_COOKIE not in browser.cookies
    assert "nobody-at-all" not in unknown.text


def test_the_session_is_kept_from_scripts_and_other_sites(house: House) -> None:
    house.token("budget-owner-1")
    answer = Browser(house).sign_in("budget-owner-1")
    [cookie] = [text for text in answer.headers.get_list("set-cookie") if text.startswith(SESSION_COOKIE)]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie  # this service is reached over plain HTTP
    assert "Path=/" in cookie


@pytest.fixture
def by_tls(founded: Settings, tmp_path: Path) -> Iterator[House]:
    with running(replace(copied(founded, tmp_path / "data"), public_url="https://muniment.example")) as house:
        yield house


def test_the_cookie_travels_only_by_tls_where_the_service_is_reached_so(by_tls: House) -> None:
    by_tls.token("budget-owner-1")
    answer = Browser(by_tls).sign_in("budget-owner-1")
    cookies = answer.headers.get_list("set-cookie")
    assert [text for text in cookies if text.startswith(SESSION_COOKIE) and "Secure" in text]


def test_the_sign_in_form_must_be_ours(house: House) -> None:
    house.token("budget-owner-1")
    said = {"account": "budget-owner-1", "password": WORD, "next": "/"}
    browser = Browser(house)
    assert browser.post("/sign-in", said).status_code == 403
    token = hidden(browser.get("/sign-in"))["form_token"]
    other = Browser(house)
    other.get("/sign-in")
    assert other.cookies[FORM_COOKIE] != browser.cookies[FORM_COOKIE]
    assert other.post("/sign-in", {**said, "form_token": token}).status_code == 403
    said["form_token"] = token
    assert browser.post("/sign-in", said, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert SESSION_COOKIE not in browser.cookies
    assert browser.post("/sign-in", said).status_code == 303


def test_a_key_in_place_of_a_session_opens_nothing(house: House) -> None:
    key = house.key("svc:invoice-intake", "invoice-intake", domain="finance")
    assert house.get("/v1/process-instances", key).status_code == 200
    held = Browser(house, {SESSION_COOKIE: key})
    assert held.get("/sign-in").status_code == 200  # nobody is signed in
    answer = held.get("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?out=1")


def test_a_form_of_another_session_is_refused(house: House) -> None:
    mine, other = signed_in(house, "budget-owner-1"), signed_in(house, "budget-owner-2")
    stolen, own = sign_out_token(other), sign_out_token(mine)
    size = house.size
    for token in (stolen, "", own[:-1]):
        answer = mine.post("/sign-out", {"form_token": token})
        assert answer.status_code == 403
        assert "The form had run out." in words(answer)
    assert mine.post("/sign-out", {"form_token": own}, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert mine.post("/sign-out", {"form_token": own}, Origin="https://evil.example").status_code == 403
    assert (house.size, is_in(mine)) == (size, True)
    assert mine.post("/sign-out", {"form_token": own}).status_code == 303
    assert house.size == size + 1


def test_a_broken_form_is_a_page_that_says_so(house: House) -> None:
    browser = signed_in(house, "budget-owner-1")
    twice = browser._ask(
        "POST",
        "/sign-out",
        content="form_token=a&form_token=b",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert twice.status_code == 400
    assert "expected each field once" in words(twice)
    assert browser._ask("POST", "/sign-out", json={}).status_code == 400
    long = browser.post("/sign-out", {"form_token": "x" * FORM_BYTES_MAX})
    assert long.status_code == 400
    assert is_in(browser)


def test_signing_out_ends_the_session(house: House) -> None:
    browser = signed_in(house, "budget-owner-2")
    kept = dict(browser.cookies)
    shown = browser.get("/sign-out")
    assert "You are signed in as budget-owner-2." in words(shown)
    answer = browser.post("/sign-out", hidden(shown))
    assert answer.headers["location"] == "/sign-in?out=1"
    assert SESSION_COOKIE not in browser.cookies
    assert "You are signed out" in browser.get(answer.headers["location"]).text
    assert not is_in(Browser(house, kept))


@pytest.mark.parametrize(
    "text",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/..//evil",
        "javascript:alert(1)",
        "/a?b=//c",
        "/%2f",
    ],
)
def test_nobody_is_sent_elsewhere_after_sign_in(text: str) -> None:
    assert own_path(text) == HOME


def test_own_paths_are_kept() -> None:
    for path in ("/console/", "/console/tasks/pi_01.7", "/console/inbox?due=overdue&who=mine"):
        assert own_path(path) == path


def test_every_page_is_guarded_and_has_no_script(house: House) -> None:
    browser = signed_in(house, "budget-owner-1")
    answers = [
        browser.get("/sign-out"),
        browser.post("/sign-out", {"form_token": ""}),
        Browser(house).get("/sign-in"),
        Browser(house).sign_in("no", "no"),
        Browser(house).get("/password"),
    ]
    assert [answer.status_code for answer in answers] == [200, 403, 200, 401, 200]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script" not in answer.text.lower()
        assert " style=" not in answer.text
        assert answer.text.startswith("<!doctype html>")
        assert answer.text.count("<h1") == 1
        named(answer.text)


def named(text: str) -> None:
    """Every control has a name, every id stands once, every reference leads somewhere."""
    page = html.fromstring(text)
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    labelled = {element.get("for") for element in page.iter("label")}
    assert labelled <= set(ids)
    for control in page.xpath("//input[@type!='hidden' or not(@type)] | //select | //textarea"):
        assert control.get("id") in labelled or control.get("aria-label"), html.tostring(control)
    for element in page.iter():
        for reference in ("aria-labelledby", "aria-describedby"):
            assert element.get(reference, ids[0]) in ids


def test_the_style_sheet_is_kept_by_its_content(house: House) -> None:
    page = Browser(house).get("/sign-in").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = Browser(house).get(address)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert "@import" not in answer.text
    assert "url(" not in answer.text
