"""Blueprints and changes in a real browser: read, compared, proposed, reviewed and signed, by two people at once."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from examples.organisation.files import artefact_files
from tests.api import releasing
from tests.api.organisation import SERVICES, WORD, House
from tests.api.work import FINANCE, intake
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.packs import ENTRIES
from tests.console.passkey import enrol, judge_signatures

pytestmark = pytest.mark.browser

AUTHOR, REVIEWER, SECOND, READER = "process-owner", "change-reviewer", "change-reviewer-2", "auditor"


@pytest.fixture(scope="module", autouse=True)
def released(served: House) -> None:
    """Two versions of a blueprint."""
    for kind, source in (("reason-code-list", releasing.LIST), ("blueprint", releasing.SPENDING)):
        releasing.release(served, kind, source)
    releasing.release(served, "blueprint", edited("Decide what is spent now"), 1)
    for who in (AUTHOR, REVIEWER, SECOND):
        served.token(who)


def edited(purpose: str, role: str = "budget-owner") -> str:
    text = releasing.SPENDING.replace("Decide what is spent", purpose)
    return text.replace("    shows: [number, amount]", "    shows: [amount]").replace(
        "role budget-owner", f"role {role}"
    )


def propose(house: House, purpose: str, title: str, source: str = "") -> dict[str, Any]:
    base = house.get("/v1/blueprints/spending", AUTHOR).json()["version"]
    body = {
        "kind": "blueprint",
        "source": source or edited(purpose),
        "title": title,
        "reason": "r",
        "base_version": base,
    }
    answer = house.post("/v1/change-requests", AUTHOR, body)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def edit(house: House, made: dict[str, Any], purpose: str) -> None:
    at = f"/v1/change-requests/{made['change_request']}"
    body = {"source": edited(purpose), "expected_revision": house.get(at, AUTHOR).json()["revision"]}
    answer = house.call("PUT", f"{at}/source", AUTHOR, json=body)
    assert answer.status_code == 200, answer.text


def withdraw(house: House, made: dict[str, Any]) -> None:
    at = f"/v1/change-requests/{made['change_request']}"
    body = {"expected_revision": house.get(at, AUTHOR).json()["revision"]}
    assert house.post(f"{at}/withdrawal", AUTHOR, body).status_code == 200


def signed_in(window: OpenWindow, who: str, **looks: str | int) -> Person:
    person = window(**looks)
    person.sign_in(who, WORD)
    return person


def reviews(house: House, made: dict[str, Any]) -> list[tuple[str, str | None]]:
    read = house.get(f"/v1/change-requests/{made['change_request']}", REVIEWER).json()
    return [(one["verdict"], one["standing"]) for one in read["reviews"]]


def sign(page: Page) -> None:
    page.get_by_label("Your password").fill(WORD)
    page.get_by_role("button", name="Sign and approve").click()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_screen_keeps_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    made = propose(served, "Decide what may be spent", "Look at this")
    at = f"/console/changes/{made['change_request']}"
    author = signed_in(window, AUTHOR, width=width)
    reviewer = signed_in(window, REVIEWER, width=width, language="de-DE")
    for person, path in (
        (author, "/console/blueprints"),
        (author, "/console/blueprints/spending?step=decision"),
        (author, "/console/blueprints/spending?tab=words"),
        (author, "/console/blueprints/spending/v/1?tab=source"),
        (author, "/console/blueprints/spending?tab=history&base=1&with=2"),
        (author, "/console/changes?list=open"),
        (author, "/console/changes?list=open&name=nothing"),
        (author, "/console/changes/new?name=spending"),
        (author, f"{at}?tab=source"),
        (reviewer, f"{at}?step=decision"),
        (reviewer, f"{at}?tab=fields"),
        (reviewer, f"{at}?tab=checks"),
    ):
        person.open(path)
        assert (path, person.violations_in_both(), person.overflow()) == (path, [], 0)
    withdraw(served, made)


def test_each_number_opens_the_list_it_counts(served: House, window: OpenWindow) -> None:
    made = [propose(served, f"Decide {one}", f"Change {one}") for one in ("one", "two")]
    person = signed_in(window, REVIEWER)
    person.open("/console/blueprints")
    page = person.page
    page.get_by_role("link", name="2 open changes of Spending").click()
    page.wait_for_url(re.compile(r"list=open&kind=blueprint&name=spending"))
    page.get_by_role("row", name="Change two").wait_for()
    assert page.get_by_role("row", name=re.compile("^Change (one|two)")).count() == 2
    review = page.get_by_role("tab", name=re.compile("To review"))
    count = int(re.sub(r"\D", "", review.inner_text()))
    page.get_by_role("button", name="Show every artefact").click()
    review.click()
    expect(review).to_have_attribute("aria-selected", "true")
    page.get_by_role("row", name="Change two").wait_for()
    expect(page.locator("tbody tr")).to_have_count(count)
    for one in made:
        withdraw(served, one)


def test_what_is_read_is_signed_by_keyboard_alone_and_put_in_force(served: House, window: OpenWindow) -> None:
    source = releasing.SPENDING.replace("Decide what is spent", "Decide by keyboard")  # the number is shown again
    made = propose(served, "", "Signed by keyboard", source)
    person = signed_in(window, REVIEWER)
    person.open("/console/changes?list=review")
    page = person.page
    page.get_by_role("row", name="Signed by keyboard").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Signed by keyboard").wait_for()
    person.settled()  # no key acts before what it acts on is there
    page.get_by_role("tab", name="Diagram").focus()
    page.keyboard.press("n")
    page.get_by_text("1 of 2: The blueprint as a whole").wait_for()
    page.keyboard.press("n")
    page.get_by_text("2 of 2: Decision").wait_for()
    assert page.get_by_role("region", name="The step looked at").get_by_text("what is shown").is_visible()
    page.get_by_role("radio", name="Approve").focus()
    page.keyboard.press("Space")
    page.get_by_label("Reason").focus()
    page.keyboard.type("It is needed.")
    box = page.get_by_role("region", name="Signature", exact=True)
    assert "I approve the change “Signed by keyboard” of spending" in box.inner_text()
    page.get_by_label("Your password").focus()
    page.keyboard.type(WORD)
    page.keyboard.press("Enter")
    page.get_by_text("Your review is recorded").wait_for()
    assert reviews(served, made) == [("approve", "fresh")]
    page.get_by_role("button", name="Put in force").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Put in force").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("See version")).wait_for()
    assert served.get("/v1/blueprints/spending", REVIEWER).json()["change_request"] == made["change_request"]


def test_a_passkey_signs_a_review_and_verify_py_proves_it(served: House, local: Person, tmp_path: Path) -> None:
    made = propose(served, "Decide by passkey", "Signed by passkey")
    local.sign_in(REVIEWER, WORD)
    enrol(local)
    local.open(f"/console/changes/{made['change_request']}")
    page = local.page
    page.get_by_role("radiogroup").get_by_text("Approve", exact=True).click()
    page.get_by_label("Reason").fill("It is needed.")
    box = page.get_by_role("region", name="Signature", exact=True)
    box.get_by_label("Passkey").wait_for()
    assert box.get_by_label("Passkey").is_checked()
    box.get_by_role("button", name="Sign and approve").click()
    page.get_by_text("Your review is recorded").wait_for()
    page.get_by_role("button", name="Put in force").click()
    page.get_by_role("dialog").get_by_role("button", name="Put in force").click()
    page.get_by_role("link", name=re.compile("See version")).wait_for()

    data = {"number": "N-1", "amount": {"amount": "10.00", "currency": "GBP"}}
    body = {"blueprint": "spending", "business_key": "N-1", "data": data, "domain": FINANCE}
    begun = served.post("/v1/process-instances", intake(served), body)
    assert begun.status_code == 200, begun.text
    judged = judge_signatures(served, begun.json()["instance"], READER, tmp_path)
    assert judged["status"] == "passed", judged
    assert "passkey holder" not in judged["text"]
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        (name,) = [name for name in pack.namelist() if name.endswith(ENTRIES)]
        lines = [json.loads(line) for line in pack.read(name).splitlines()]
    mine = [one for one in lines if (one["kind"], one["subject"]) == ("change.reviewed", made["change_request"])]
    assert [one["payload"]["signature"]["strength"] for one in mine] == ["person-held key"]


def test_an_author_is_told_before_typing_that_somebody_else_reviews(served: House, window: OpenWindow) -> None:
    made = propose(served, "Decide alone", "By myself")
    person = signed_in(window, AUTHOR)
    person.open(f"/console/changes/{made['change_request']}")
    pane = person.page.get_by_role("region", name="Your review")
    pane.get_by_text("You wrote this change. Somebody else reviews it.").wait_for()
    refusal = served.get(f"/v1/change-requests/{made['change_request']}/standing", AUTHOR).json()["acts"]["approve"]
    assert refusal["detail"] in (pane.text_content() or "")
    assert (pane.get_by_role("radio").count(), pane.get_by_role("textbox").count()) == (0, 0)
    person.page.get_by_role("button", name="Withdraw").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    person.page.get_by_text("Closed by process-owner, Withdrawn").wait_for()


def test_two_at_one_approval_the_slower_is_told_what_changed_and_keeps_the_draft(
    served: House, window: OpenWindow
) -> None:
    made = propose(served, "Decide together", "Two at once")
    path = f"/console/changes/{made['change_request']}"
    deaf, live = signed_in(window, REVIEWER), signed_in(window, SECOND)

    def silent(route: Route) -> None:
        route.fulfill(status=204)  # a stream that never speaks: this window finds out by being refused

    deaf.context.route("**/v1/live*", silent)
    for person in (deaf, live):
        person.open(path)
        person.page.get_by_role("radiogroup").get_by_text("Approve", exact=True).click()
        person.page.get_by_label("Reason").fill(f"Said at {path[-4:]}")
        person.page.get_by_text("Draft saved").wait_for()
    edit(served, made, "Decide apart")
    live.page.get_by_text("process-owner edited this while you were here (edit 2)").wait_for()
    assert live.page.get_by_role("button", name="Sign and approve").is_disabled()
    sign(deaf.page)
    deaf.page.get_by_text("1 field was edited by process-owner since you read it:").wait_for()
    told = deaf.page.get_by_role("region", name="Your review").inner_text()
    assert "APPROVAL_STALE" in told
    assert "Decide together." in told
    assert "Decide apart." in told
    assert deaf.page.get_by_label("Reason").input_value() == f"Said at {path[-4:]}"
    assert reviews(served, made) == []
    live.page.get_by_role("button", name="I have read it as it is now").click()
    sign(live.page)
    live.page.get_by_text("Your review is recorded").wait_for()
    assert reviews(served, made) == [("approve", "fresh")]
    edit(served, made, "Decide anew")
    live.page.get_by_text("Stale: 1 field changed since").first.wait_for()
    deaf.page.reload()
    deaf.page.get_by_text("Stale: 1 field changed since").first.wait_for()
    assert deaf.page.get_by_label("Reason").input_value() == f"Said at {path[-4:]}"
    deaf.faults[:] = [fault for fault in deaf.faults if "409" not in fault and "live" not in fault.lower()]
    withdraw(served, made)


def test_findings_are_told_in_the_readers_language(served: House, window: OpenWindow) -> None:
    """Each by its code; what only a library said stays in English and is marked so."""
    person = signed_in(window, AUTHOR, language="de-DE")
    person.open("/console/changes/new?name=spending")
    page = person.page
    source = page.get_by_label("Quelltext")
    good = source.input_value()
    source.fill(good.replace("type: money", "type: monet"))
    page.get_by_role("button", name="Prüfen", exact=True).click()
    found = page.locator(".findings")
    expect(found).to_contain_text("unbekanntes Wort; gemeint vielleicht money; erwartet: eines von string,")
    assert found.locator("[lang=en]").count() == 0
    source.fill('"')
    page.get_by_role("button", name="Prüfen", exact=True).click()
    expect(found).to_contain_text("kein YAML: ")
    expect(found.locator("[lang=en]")).to_contain_text("while scanning a quoted scalar")
    page.get_by_text("Entwurf gesichert").wait_for()
    page.get_by_role("button", name="Entwurf verwerfen").click()
    page.get_by_text("Was Sie eingeben, wird als Entwurf bewahrt.").wait_for()


def test_a_text_is_checked_at_its_lines_and_proposed(served: House, window: OpenWindow) -> None:
    person = signed_in(window, AUTHOR)
    person.open("/console/changes/new?name=spending")
    page = person.page
    page.get_by_label("Title").fill("Mind the type")
    page.get_by_label("Reason").fill("A finding")
    source = page.get_by_label("Source")
    good = source.input_value()
    source.fill(good.replace("type: money", "type: monet"))
    page.get_by_role("button", name="Check", exact=True).click()
    line = good[: good.index("type: money")].count("\n") + 1
    page.get_by_role("button", name=f"Line {line}").click()
    expect(page.locator(".findings")).to_contain_text("unknown word, did you mean money; expected one of string,")
    assert "money" in page.locator(".findings code").all_inner_texts()  # a name, and no word of the sentence
    expect(page.locator(".findings [lang=en]")).to_have_count(0)  # its words come with the first finding
    selected = "() => { const e = document.activeElement; return e.value.slice(e.selectionStart, e.selectionEnd) }"
    assert "type: monet" in page.evaluate(selected)
    page.get_by_text("Draft saved").wait_for()
    page.reload()  # what was typed is kept
    page.get_by_text("Draft kept from before").wait_for()
    assert "type: monet" in page.get_by_label("Source").input_value()
    file = {"name": "next.yaml", "mimeType": "text/yaml", "buffer": good.replace("Spending", "Expenses").encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Propose a change").click()
    page.get_by_role("heading", name="Mind the type").wait_for()
    assert "Expenses" in served.get(f"/v1/change-requests/{page.url.rsplit('/', 1)[1]}", AUTHOR).json()["source"]
    assert served.get("/v1/change-drafts/next.spending", AUTHOR).json()["content"] is None


def test_a_change_of_the_access_policy_tells_who_gains_and_who_loses_what(served: House, window: OpenWindow) -> None:
    policy = artefact_files(SERVICES)["access-policy.yaml"]
    handles = "allow: {incident: [read, resolve, assign], instance: [modify, correct]}"
    body = {
        "kind": "access-policy",
        "source": policy.replace(handles, "allow: {incident: [read, resolve], instance: [suspend, modify, correct]}"),
        "title": "Handlers suspend",
        "reason": "r",
    }
    answer = served.post("/v1/change-requests", AUTHOR, body)
    assert answer.status_code == 200, answer.text
    at = f"/console/changes/{answer.json()['change_request']}"
    reviewer = signed_in(window, REVIEWER, width=390, language="de-DE")
    reviewer.open(at)
    panel = reviewer.page.get_by_role("tabpanel")
    panel.get_by_role("heading", name="incident-handler").wait_for()
    gains, losses = panel.locator("li li").all_inner_texts()
    assert (gains, losses) == ("instance: suspend überall", "incident: assign überall")
    expect(panel.get_by_text("Darf nicht mehr")).to_be_visible()
    assert (reviewer.violations_in_both(), reviewer.overflow()) == ([], 0)
    author = signed_in(window, AUTHOR)  # who may not read access is not asked to look at it
    author.open(at)
    author.page.get_by_role("tab", name="Source").wait_for()
    assert author.page.get_by_role("tab", name="Who gains, who loses").count() == 0
    withdraw(served, answer.json())


def end_session(house: House, person: Person, who: str) -> None:
    """On the server, as somebody does who ends it elsewhere; the page finds out by its next question."""
    session = person.page.evaluate("async () => (await (await fetch('/v1/me')).json()).session.id")
    ended = house.post("/v1/me/sessions/end", who, {"session": session})
    assert ended.status_code == 200, ended.text


def sign_in_again(person: Person, who: str) -> None:
    at = person.page.url
    dialog = person.page.get_by_role("alertdialog")
    dialog.wait_for()
    assert not person.page.locator("main").is_visible()  # what stands behind it may no longer be looked at
    dialog.get_by_role("link", name="Sign in again").click()
    person.page.get_by_label("Account", exact=True).fill(who)
    person.page.get_by_label("Password", exact=True).fill(WORD)
    person.page.get_by_role("button", name="Sign in", exact=True).click()
    person.page.wait_for_url(at)
    person.settled()


@pytest.mark.parametrize("which", ["new", "next", "edit"])
def test_the_end_of_a_session_keeps_a_change_that_is_written(served: House, window: OpenWindow, which: str) -> None:
    made = propose(served, "Decide for long", f"Written for long, {which}") if which == "edit" else None
    change = "" if made is None else made["change_request"]
    path = {"new": "new", "next": "new?name=spending", "edit": f"{change}/edit"}[which]
    person = signed_in(window, AUTHOR)
    person.open(f"/console/changes/{path}")
    page = person.page
    page.get_by_text("What you type is kept as a draft.").wait_for()
    if made is None:
        page.get_by_label("Title").fill(f"Kept {which}")
    page.get_by_label("Source").fill("blueprint: said before")
    page.get_by_text("Draft saved").wait_for()
    # The session ends while somebody types: what is typed last never reaches the server in it.
    end_session(served, person, AUTHOR)
    page.get_by_label("Source").fill("blueprint: said last")
    page.evaluate("() => window.dispatchEvent(new Event('visibilitychange'))")
    sign_in_again(person, AUTHOR)
    assert page.get_by_label("Source").input_value() == "blueprint: said last"
    if made is None:
        assert page.get_by_label("Title").input_value() == f"Kept {which}"
    page.get_by_text("Draft saved").wait_for()
    about = {"new": "new", "next": "next.spending", "edit": change}[which]
    kept = served.get(f"/v1/change-drafts/{about}", AUTHOR).json()["content"]
    assert kept["source"] == "blueprint: said last"
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.get_by_role("button", name="Discard draft").click()
    page.get_by_text("What you type is kept as a draft.").wait_for()
    assert served.get(f"/v1/change-drafts/{about}", AUTHOR).json()["content"] is None
    person.faults[:] = [fault for fault in person.faults if "401" not in fault]
    if made is not None:
        withdraw(served, made)
