"""Demo links: they sign in where the organisation was founded as a demo, and are an unknown page everywhere else."""

import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.browser import SESSION_COOKIE
from api.page.session import FORM_COOKIE
from api.settings import Settings
from tests.api.organisation import WORD, House, copied, make, running
from tests.api.page.browser import Browser, hidden, main, words
from tests.api.work import start, stated, task_of

ACCOUNT, OTHER, UNLISTED, UNBORN = "budget-owner-1", "budget-owner-2", "auditor", "nobody-yet"
HERE = "http://127.0.0.1:8000"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    settings = Settings(data_dir=str(tmp_path_factory.mktemp("demo") / "data"), log="acme")
    make(settings, demo=(ACCOUNT, OTHER, UNBORN))
    with running(settings) as house:
        for account in (ACCOUNT, OTHER, UNLISTED):
            house.token(account)
        yield house


def at(house: House, address: str = "127.0.0.1", base: str = HERE) -> Browser:
    """A browser whose requests come from this address."""
    client = TestClient(house.client.app, base, raise_server_exceptions=False, client=(address, 50_000))
    return Browser(replace(house, client=client))


def follow(browser: Browser, account: str = ACCOUNT, **headers: str) -> Any:
    """Open the link and press its button."""
    return browser.post(f"/demo/{account}", hidden(browser.get(f"/demo/{account}")), **headers)


def newest(house: House) -> dict[str, Any]:
    """The newest entry."""
    item = house.get(f"/v1/ledger/entries/{house.size - 1}", UNLISTED).json()
    found: dict[str, Any] = item["entry"]
    return found


def told(answer: Any) -> tuple[Any, ...]:
    """What a visitor could tell two answers apart by."""
    return answer.status_code, answer.text, dict(answer.headers)


def test_a_link_says_who_one_acts_as_and_its_button_signs_in(demo: House) -> None:
    browser = at(demo)
    shown = browser.get(f"/demo/{ACCOUNT}")
    assert shown.status_code == 200
    assert "Act as Budget Owner 1" in words(shown)
    assert "Budget owner" in words(shown)  # the role held
    size = demo.size
    answer = follow(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
    assert demo.size == size + 1
    entry = newest(demo)
    assert (entry["kind"], entry["schema"], entry["payload"]["method"]) == ("sign_in.started", 2, "demo-link")
    assert entry["subject"] == demo.person(ACCOUNT)
    assert f"You are signed in as {ACCOUNT}." in words(browser.get("/sign-out"))
    actor = demo.get("/v1/me", browser.cookies[SESSION_COOKIE]).json()["actor"]
    assert (actor["person"], actor["method"]) == (demo.person(ACCOUNT), "demo-link")


def test_whoever_acted_before_acts_no_longer(demo: House) -> None:
    browser = at(demo)
    follow(browser)
    before = browser.cookies[SESSION_COOKIE]
    assert "You act as Budget Owner 1 now" in words(browser.get(f"/demo/{OTHER}"))
    follow(browser, OTHER)
    demo.refused(demo.get("/v1/me", before), 401, "BAD_CREDENTIALS")
    now = demo.get("/v1/me", browser.cookies[SESSION_COOKIE]).json()["actor"]
    assert now["person"] == demo.person(OTHER)


def test_nothing_secret_stands_in_an_address_a_log_or_an_entry(demo: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = at(demo)
    answer = follow(browser)
    token = browser.cookies[SESSION_COOKIE]
    secret = token.rpartition("_")[2]
    assert secret not in str(answer.url)
    assert secret not in answer.headers["location"]
    assert f"/demo/{ACCOUNT}" in caplog.text  # the client tells every address it asks
    assert secret not in caplog.text
    written = str([demo.get(f"/v1/ledger/entries/{index}", UNLISTED).text for index in range(demo.size)][-3:])
    assert secret not in written
    assert WORD not in written


def test_the_mark_is_on_every_page_and_in_readyz(demo: House, house: House) -> None:
    browser = at(demo)
    mark = "Demo: nothing here is real"
    pages = ("/sign-in", "/password", f"/demo/{ACCOUNT}")
    assert all(mark in words(browser.get(path)) for path in pages)
    follow(browser)
    assert mark in words(browser.get("/sign-out"))
    assert browser.get("/v1/me").json()["is_demo"] is True
    assert demo.client.get("/readyz").json() == {"status": "ready", "demo": True}
    assert house.client.get("/readyz").json() == {"status": "ready", "demo": False}
    assert mark not in words(at(house).get("/sign-in"))


def test_the_sign_in_page_offers_the_links_to_this_machine_alone(demo: House, house: House) -> None:
    assert f'href="/demo/{ACCOUNT}"' in main(at(demo).get("/sign-in"))
    assert "/demo/" not in main(at(demo, "203.0.113.7").get("/sign-in"))
    assert "/demo/" not in main(at(house).get("/sign-in"))


@pytest.mark.parametrize("method", METHODS)
def test_in_an_ordinary_organisation_it_is_an_unknown_page(house: House, method: str) -> None:
    house.token(ACCOUNT)
    browser = at(house)
    unknown = told(browser._ask(method, "/no-such-page/budget-owner-1"))
    size = house.size
    assert unknown[0] == 404
    assert told(browser._ask(method, f"/demo/{ACCOUNT}")) == unknown
    assert house.size == size


@pytest.mark.parametrize("account", [UNLISTED, "nobody-at-all", "Budget-Owner-1", "%00", "x" * 5000])
def test_an_account_the_demo_does_not_list_is_an_unknown_page(demo: House, account: str) -> None:
    browser = at(demo)
    size = demo.size
    for method in ("GET", "POST"):
        assert told(browser._ask(method, f"/demo/{account}")) == told(browser._ask(method, "/no-such-page/x"))
    assert demo.size == size


ELSEWHERE = [
    pytest.param("203.0.113.7", HERE, {}, id="another machine"),
    pytest.param("10.0.0.7", HERE, {"X-Forwarded-For": "127.0.0.1"}, id="another machine that claims to be this one"),
    pytest.param("127.0.0.1", HERE, {"X-Forwarded-For": "203.0.113.7"}, id="through a proxy"),
    pytest.param("127.0.0.1", HERE, {"Forwarded": "for=127.0.0.1"}, id="through another proxy"),
    pytest.param("127.0.0.1", "http://pages.example", {}, id="under a name that was pointed here"),
    pytest.param("127.0.0.1", HERE, {"Host": "[127.0.0.1"}, id="under no name at all"),
]


@pytest.mark.parametrize(("address", "base", "headers"), ELSEWHERE)
def test_from_elsewhere_it_is_an_unknown_page(demo: House, address: str, base: str, headers: dict[str, str]) -> None:
    own = at(demo)
    fields = hidden(own.get(f"/demo/{ACCOUNT}"))
    browser = at(demo, address, base)
    browser.cookies = dict(own.cookies)
    size = demo.size
    unknown = told(browser._ask("POST", "/no-such-page/x", headers=headers))
    assert unknown[0] == 404
    assert told(browser.post(f"/demo/{ACCOUNT}", fields, **headers)) == unknown
    assert browser._ask("GET", f"/demo/{ACCOUNT}", headers=headers).status_code == 404
    assert demo.size == size


FOREIGN = [
    pytest.param({"Origin": "https://pages.example"}, id="foreign origin"),
    pytest.param({"Origin": "http://127.0.0.1:9999"}, id="another port of this machine"),
    pytest.param({"Sec-Fetch-Site": "cross-site"}, id="foreign site"),
    pytest.param({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, id="a site that hides"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, id="a neighbour"),
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_signs_nobody_in(demo: House, headers: dict[str, str]) -> None:
    browser = at(demo)
    size = demo.size
    answer = follow(browser, ACCOUNT, **headers)
    assert answer.status_code == 403
    assert SESSION_COOKIE not in browser.cookies
    assert demo.size == size


def test_what_a_browser_sends_of_our_own_page_is_let_in(demo: House) -> None:
    own = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    assert follow(at(demo), ACCOUNT, **own).status_code == 303
    assert follow(at(demo), ACCOUNT, **{**own, "Origin": "null"}).status_code == 303


def test_a_form_without_its_token_signs_nobody_in(demo: House) -> None:
    size = demo.size
    browser = at(demo)
    fields = hidden(browser.get(f"/demo/{ACCOUNT}"))
    assert browser.post(f"/demo/{ACCOUNT}", {"next": "/"}).status_code == 403
    assert browser.post(f"/demo/{OTHER}", fields).status_code == 403  # the token of another account's form
    assert browser.post(f"/demo/{ACCOUNT}", hidden(browser.get("/sign-in"))).status_code == 403
    assert at(demo).post(f"/demo/{ACCOUNT}", fields).status_code == 403  # another visitor
    assert browser.post(f"/demo/{ACCOUNT}", fields, **{"Content-Type": "text/plain"}).status_code == 400
    browser.cookies[FORM_COOKIE] = "another"
    assert browser.post(f"/demo/{ACCOUNT}", fields).status_code == 403
    assert demo.size == size


def test_an_account_without_a_password_cannot_be_acted_as(demo: House) -> None:
    size = demo.size
    assert follow(at(demo), UNBORN).status_code == 409
    assert demo.size == size


def test_a_decision_that_is_to_be_signed_asks_for_the_password_all_the_same(demo: House) -> None:
    browser = at(demo)
    follow(browser)
    token = browser.cookies[SESSION_COOKIE]
    instance = start(demo)
    task = task_of(demo, instance, token)
    body = stated(demo, task, token)
    path = f"/v1/tasks/{task['id']}/completion"
    unsigned = demo.post(path, token, {name: value for name, value in body.items() if name != "password"})
    demo.refused(unsigned, 422, "SIGNATURE_MISSING")
    demo.refused(demo.post(path, token, {**body, "password": "another word entirely"}), 422, "SIGNATURE_WRONG")
    assert demo.post(path, token, body).status_code == 200
    entry = newest(demo)
    assert entry["actor"]["method"] == "demo-link"
    assert entry["payload"]["signature"]["factor"] == "password"
    record = words(browser.get(f"/v1/process-instances/{instance}/compliance-record?format=html"))
    assert "signed in by a demo link, which proves nobody's identity" in record


EDITS = ('["budget-owner-1"]', '{"$commitment":"0.AAAA"}', "budget-owner-1", "")


@pytest.mark.parametrize("text", EDITS)
def test_no_edited_row_makes_a_demo_of_an_organisation(founded: Settings, tmp_path: Path, text: str) -> None:
    settings = copied(founded, tmp_path / "data")
    with running(settings) as house:
        house.token(ACCOUNT)
    connection = sqlite3.connect(settings.folder / "logs" / "acme" / "ledger.sqlite")
    connection.execute("UPDATE ceremony SET demo = ?", (text,))
    connection.commit()
    connection.close()
    with running(settings) as house:
        assert at(house).get(f"/demo/{ACCOUNT}").status_code == 404
        assert house.client.get("/readyz").json()["demo"] is False
