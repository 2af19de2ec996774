"""What holds on every route of the console and on every page of the server, whoever looks and however."""

import json
import re

import pytest
from playwright.sync_api import Response

from tests.console import looking
from tests.console.chromium import Person
from tests.console.places import ACCOUNTS, EXAMPLES, PAGES, Screen, outsider, registry
from tests.console.standing import VISITOR, Standing

pytestmark = pytest.mark.browser

SCREENS = registry()
TOLD = [screen for screen in SCREENS if screen.path in EXAMPLES]
each_screen = pytest.mark.parametrize("screen", TOLD, ids=[screen.path for screen in TOLD])


LISTS = {
    "authorities/:id": "authorities",
    "blueprints/:id": "blueprints",
    "blueprints/:id/v/:n": "blueprints",
    "changes/:id": "changes",
    "changes/:id/edit": "changes",
    "changes/new": "changes",
    "instances/:id": "instances",
    "ledger/:index": "ledger",
    "ledger/verify": "ledger",
    "tasks/:id": "inbox",
}
"""What the navigation marks at a screen that does not stand in it."""


def test_no_screen_is_forgotten() -> None:
    assert [screen.path for screen in SCREENS if screen.path not in EXAMPLES] == []


@each_screen
def test_a_screen_however_one_looks_in_each_language(standing: Standing, screen: Screen) -> None:
    example = EXAMPLES[screen.path]
    address = f"/console/{example.address(standing)}"
    data: set[str] = set()

    def hear(answer: Response) -> None:
        kind = answer.headers.get("content-type", "")
        if "/v1/" in answer.url and "event-stream" not in kind and "octet-stream" not in kind:
            told = json.dumps(answer.json(), ensure_ascii=False) if "json" in kind else answer.text()
            data.update(looking.words([told.replace(r"\n", " ")]))

    def opened(language: str) -> Person:
        person = standing.window(example.who, language=language)
        person.page.on("response", hear)
        person.open(address)
        person.page.remove_listener("response", hear)
        return person

    person = opened("en-GB")
    english = looking.texts(person)
    assert looking.however(person) == []
    assert looking.focus(person) == []
    if screen.path in LISTS:
        marked = person.page.locator(".navigation [aria-current=page]")
        assert [one.get_attribute("href") for one in marked.all()] == [f"/console/{LISTS[screen.path]}"]
    german = opened("de-DE")
    assert german.page.evaluate("() => document.documentElement.lang") == "de"
    assert looking.untranslated(looking.texts(german), english, frozenset(data)) == []
    assert german.faults == []


@pytest.mark.parametrize(("path", "who"), PAGES.items(), ids=PAGES)
def test_a_page_of_the_server_however_one_looks(standing: Standing, path: str, who: str) -> None:
    person = standing.window(who)
    person.open(path)
    assert person.page.url == standing.address + path
    assert looking.however(person) == []
    assert looking.focus(person) == []


SPOILT = {
    "headings": "document.body.append(document.createElement('h1'))",
    "title": "document.title = ''",
    "color-contrast": "document.querySelector('h1').style.color = '#888'",
    "too wide": "document.querySelector('h1').style.minWidth = '1500px'",
    "no mark of the focus": "document.getElementById('account').style.outline = 'none'",
    "console error: of the page": "console.error('of the page')",
    "'http://127.0.0.1:9/'": "void fetch('http://127.0.0.1:9/').catch(() => 0)",
    "Applying inline style": "document.body.setAttribute('style', 'color: red')",
}
"""What the checks must find, and what breaks it."""


def test_the_checks_find_what_is_wrong(standing: Standing) -> None:
    person = standing.window(VISITOR)
    person.open("/sign-in")
    for spoils in SPOILT.values():
        person.page.evaluate(f"() => {{ {spoils} }}")
    found = [*looking.however(person), *looking.focus(person)]
    assert [what for what in SPOILT if not any(what in one for one in found)] == []
    assert looking.untranslated(["account.title", "Reconnecting Mallory"], [], frozenset(("account",))) == [
        "a key: account.title",
        "['reconnecting'] in: Reconnecting Mallory",
    ]


def test_a_place_that_is_none_however_one_looks(standing: Standing) -> None:
    person = standing.window("auditor")
    person.open("/console/no/such/place")
    assert looking.however(person) == []
    assert person.page.get_by_role("heading", level=1).inner_text() == looking.messages("en")["shell.missing.title"]


@pytest.mark.parametrize("who", ACCOUNTS)
def test_a_tour_leads_to_screens(standing: Standing, who: str) -> None:
    patterns = [re.compile(re.sub(r":\w+", "[^/]+", screen.path)) for screen in SCREENS]
    stops = standing.house.get("/v1/tour", who).json()["stops"]
    routes = [stop["route"].partition("?")[0].removeprefix("/") for stop in stops]
    assert [route for route in routes if not any(pattern.fullmatch(route) for pattern in patterns)] == []


@each_screen
def test_who_may_not_see_a_screen_is_told_so_and_whom_to_ask(standing: Standing, screen: Screen) -> None:
    who = outsider(standing, screen)
    if who is None:
        assert not screen.needs or all(set(screen.needs) & set(standing.may(one)) for one in standing.acts)
        return
    person = standing.window(who, width=320)
    person.open(f"/console/{EXAMPLES[screen.path].address(standing)}")
    notice = person.page.locator("main .notice").first
    notice.wait_for()
    assert re.search(r"\b[Aa]sk\b", notice.inner_text()), notice.inner_text()
    assert (person.overflow(), person.page.get_by_role("heading", level=1).count()) == (0, 1)
    assert [fault for fault in person.faults if "403" not in fault] == []  # a browser logs every refusal
