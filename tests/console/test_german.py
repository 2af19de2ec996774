"""What the service says of rules and refusals, where it is met, in German: no sentence of it is left in English."""

import re

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.api.organisation import WORD, House
from tests.api.test_flows import TABLE
from tests.api.work import claimed, start
from tests.console.chromium import Window
from tests.console.conftest import OpenWindow
from tests.console.places import EXAMPLES
from tests.console.standing import Standing

pytestmark = pytest.mark.browser

AUTHOR, REVIEWER, DECIDER = "process-owner", "change-reviewer", "budget-owner-1"


def whole(told: Locator) -> None:
    """Nothing in it is marked as English, once the words of the language are there."""
    expect(told.locator("[lang=en]")).to_have_count(0)


def test_a_rule_table_and_a_refused_signature_are_told_in_german(served: House, window: OpenWindow) -> None:
    for who in (AUTHOR, REVIEWER):
        served.token(who)
    source = TABLE.replace("match-again", "match-told")
    body = {"kind": "rule-table", "source": source, "title": "Told in German", "reason": "r"}
    made = served.post("/v1/change-requests", AUTHOR, body).json()
    person = window(language="de-DE")
    person.sign_in(REVIEWER, WORD)
    page = person.page
    person.open(f"/console/changes/{made['change_request']}?tab=checks")
    found = page.locator(".findings")
    expect(found).to_contain_text("keine Regel greift für: ")
    expect(found).to_contain_text("Beispiel: mismatches = -1, duplicate = false")
    whole(found)
    page.get_by_role("radio", name="Genehmigen").check(force=True)
    page.get_by_label("Grund").first.fill("Gesehen.")
    page.get_by_label("Ihr Passwort").fill("another word of mine")
    page.get_by_role("button", name="Unterschreiben und genehmigen").click()
    told = page.get_by_text("Erwartet: Ihr eigenes Passwort; gefunden: ein anderes")
    expect(told).to_be_visible()
    whole(told)
    person.faults[:] = [fault for fault in person.faults if "422" not in fault]


def test_a_refusal_on_a_timeline_is_told_in_german(served: House, window: OpenWindow) -> None:
    """What stands in the entry is the English sentence alone."""
    served.token(DECIDER)
    instance = start(served, amount="20000.00")
    served.refused(claimed(served, instance, DECIDER), 403, "LIMIT_CASE")
    person = window(language="de-DE")
    person.sign_in(DECIDER, WORD)
    person.open(f"/console/instances/{instance}?tab=timeline")
    told = person.page.locator(".moment.bad")
    expect(told).to_contain_text("Erwartet: 0 bis 10000.00 GBP; gefunden: 20000.00 GBP", ignore_case=True)
    whole(told)


NOTHING_THERE = {
    "instances/pi_none": ("auditor", "eine Prozessinstanz"),
    "tasks/pi_none.1": ("credit-officer-1", "eine Aufgabe"),
    "tasks/none": ("credit-officer-1", "eine Kennung wie pi_....7|eine Aufgabe"),
    "changes/cr_none": ("change-reviewer", "ein Änderungsantrag"),
    "blueprints/none": ("process-owner", "eine freigegebene Version einer Blaupause"),
    "ledger/999999": ("auditor", "ein Eintrag mit diesem Index"),
}
"""Places of the console that lead to nothing: by whom they are opened, and what is then said to be missing."""


@pytest.mark.parametrize("place", NOTHING_THERE)
def test_what_is_wrong_with_an_address_is_told_in_german(standing: Standing, place: str) -> None:
    who, missing = NOTHING_THERE[place]
    person = standing.window(who, language="de-DE")
    person.open(f"/console/{place}")
    expect(person.page.locator("main")).to_contain_text(re.compile(missing))
    whole(person.page.locator("main"))
    person.faults.clear()  # a browser logs every answer of 400 and 404


def test_an_incident_is_told_in_words(standing: Standing) -> None:
    person = standing.window("incident-handler", language="de-DE")
    person.open("/console/incidents")
    cause = person.page.locator(".cause").first
    expect(cause).to_contain_text("Das andere System antwortete mit 503.")
    expect(cause.get_by_role("row").nth(1)).to_contain_text("Beim Aufruf eines anderen Systems")
    whole(cause)


def test_a_blueprint_is_told_in_german(standing: Standing) -> None:
    """Its words, its drawing, and what follows an outcome; the names in them are those of whoever wrote it."""
    person = standing.window("process-owner", language="de-DE")
    main = person.page.locator("main")
    person.open("/console/blueprints/loan-origination?tab=words")
    expect(main).to_contain_text(
        "Andernfalls, wenn „amount“ über 250.000 Pfund liegt oder „risk grade“ mindestens 7 ist"
    )
    expect(main).to_contain_text(
        "Ausgeschlossen ist, wer die Instanz begonnen hat und wer diese Blaupause geschrieben hat."
    )
    whole(main)
    person.open("/console/blueprints/loan-origination?step=route")
    drawing = person.page.locator("svg[role=group]")
    expect(drawing).to_contain_text("bei Verspätung")
    expect(drawing).to_contain_text("sonst")
    expect(person.page.locator(".step-words")).to_contain_text("Wenn „screening listed“ wahr ist, folgt Schritt 9")
    assert not re.search(r"\b(when|otherwise|the)\b", drawing.text_content() or "the drawing is empty")
    whole(main)


def test_what_a_change_changes_is_told_in_german(standing: Standing) -> None:
    person = standing.window("change-reviewer", language="de-DE")
    address = EXAMPLES["changes/:id"].address(standing)
    for tab in ("words", "fields"):
        person.open(f"/console/{address}?tab={tab}")
        panel = person.page.get_by_role("tabpanel")
        expect(panel).to_contain_text(re.compile("jetzt|hinzugefügt|geändert|Grenze|Frist|Weg|Befugnis"))
        assert not re.search(r"\b(when|comes|was:|the)\b", panel.inner_text()), panel.inner_text()
        whole(panel)


_SAW_ENGLISH = """
    window.english = []
    const look = () => {
        for (const one of document.querySelectorAll('.server-words [lang=en]'))
            if (getComputedStyle(one).visibility === 'visible') window.english.push(one.textContent)
    }
    new MutationObserver(look).observe(document, { childList: true, subtree: true })
"""
WORDS = re.compile(r"/assets/de-[^/]*\.js")


def test_no_sentence_is_in_english_before_its_words_have_come(standing: Standing) -> None:
    """However late they come: they are waited for."""
    person = standing.fresh("incident-handler", Window(language="de-DE"))
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    person.page.add_init_script(_SAW_ENGLISH)
    person.page.route(WORDS, hold)
    person.page.goto(f"{person.address}/console/incidents")
    person.page.wait_for_timeout(500)
    assert len(late) == 2, "the words of the console, and those of the service"
    for route in late:
        route.continue_()
    expect(person.page.locator(".cause").first).to_contain_text("Das andere System antwortete mit 503.")
    assert person.page.evaluate("() => window.english") == []
    person.context.close()


def test_a_change_of_language_shows_no_sentence_in_between(standing: Standing) -> None:
    person = standing.fresh("incident-handler")
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    person.page.route(WORDS, hold)
    person.open("/console/incidents")
    person.page.get_by_role("button", name=re.compile("^Account of")).click()
    person.page.get_by_role("button", name="Language").click()
    person.page.evaluate(_SAW_ENGLISH)
    person.page.get_by_role("option", name="Deutsch").click()
    for _ in range(2):
        person.page.wait_for_timeout(300)
        for route in late:
            route.continue_()
        late.clear()
    expect(person.page.locator(".cause").first).to_contain_text("Das andere System antwortete mit 503.")
    whole(person.page.locator(".cause").first)
    person.context.close()
