"""The screens of assurance in a real browser: proofs computed there, packs judged there, registers explained."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ledger.note import ED25519, format_vkey, verifier_key
from tests.api.organisation import WORD, House
from tests.api.work import decide, intake, start, task_of
from tests.console.chromium import LONG_MILLISECONDS, WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.evidence.forging import by_recipient, replace_in

pytestmark = pytest.mark.browser
AUDITOR = "auditor"
STANDING = "access?tab=standing"
SCREENS = (
    "ledger", "ledger/5", "ledger/verify", "evidence", "access", "access?tab=roles", STANDING, "authorities", "keys",
)  # fmt: skip
OTHER_KEY = format_vkey(verifier_key("log.test/other", ED25519, bytes(range(32))))


@dataclass(frozen=True)
class Scene:
    """An organisation with a decided instance, a pack of it, and its verifier key."""

    house: House
    instance: str
    pack: bytes
    vkey: str


@pytest.fixture(scope="module")
def scene(served: House) -> Scene:
    intake(served)
    instance = start(served)
    decide(served, task_of(served, instance))
    body = {"instances": [instance], "purpose": "yearly inspection", "recipient": "the supervisor"}
    built = served.post("/v1/evidence-packs", AUDITOR, body).json()
    pack = served.get(built["href"], AUDITOR).content
    keys = served.get("/v1/keys", AUDITOR).json()["items"]
    vkey = next(key["vkey"] for key in keys if key["purpose"] == "commit")
    until = served.clock.wall() + 3_600_000_000
    said = {"substitute": served.person("finance-director"), "valid_until": until, "reason": "on leave"}
    stands_in = served.post("/v1/substitutions", "budget-owner-1", said)
    assert stands_in.status_code == 200, stands_in.text
    return Scene(served, instance, pack, vkey)


@pytest.fixture
def auditor(scene: Scene, window: OpenWindow) -> Person:
    person = window()
    person.sign_in(AUDITOR, WORD)
    return person


def badge(page: Page) -> str:
    """What the proof of the entry on screen came to."""
    heading = page.get_by_role("heading", name="Proof, checked in this browser")
    return str(heading.locator("xpath=..").locator(".tag").inner_text())


def drop(page: Page, data: bytes, name: str = "pack.zip") -> None:
    """Choose a pack and wait for what comes of it."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files({"name": name, "mimeType": "application/zip", "buffer": data})
    page.get_by_role("heading", name=name).wait_for()


def statuses(page: Page) -> list[str]:
    return [str(one.get_attribute("data-status")) for one in page.locator("[data-verdict]").all()]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_screen_keeps_the_rules_of_access(scene: Scene, window: OpenWindow, width: int) -> None:
    person = window(width=width)
    person.sign_in(AUDITOR, WORD)
    for path in SCREENS:
        person.open(f"/console/{path}")
        assert (path, person.violations_in_both(), person.overflow()) == (path, [], 0)


def test_an_entry_is_proven_in_the_browser_and_with_another_key_is_not(scene: Scene, auditor: Person) -> None:
    page = auditor.page
    auditor.open("/console/ledger/5")
    assert badge(page) == "Proven"
    steps = page.get_by_role("list", name="From the leaf to the root").get_by_role("listitem").count()
    assert steps == (scene.house.size - 1).bit_length() + 1
    field = page.get_by_label("Verifier key of the log")
    field.fill(OTHER_KEY)
    assert badge(page).startswith("FAILED")
    assert page.get_by_text("this may be another log").is_visible()
    field.fill("no key")
    assert page.get_by_text("This is no verifier key").is_visible()
    field.fill(scene.vkey)
    assert badge(page) == "Proven"
    assert page.get_by_text("Checked with the key you gave").is_visible()


@pytest.mark.parametrize("member", ["bytes", "proof", "checkpoint"])
def test_what_the_server_states_wrongly_is_never_proven(auditor: Person, member: str) -> None:
    def lie(route: Any) -> None:
        answer = route.fetch()
        receipt = answer.json()
        if member == "bytes":
            receipt["bytes"] = ("f" if receipt["bytes"][0] != "f" else "e") + receipt["bytes"][1:]
        elif member == "proof":
            receipt["proof"] = list(reversed(receipt["proof"]))
        else:
            lines = receipt["checkpoint"].split("\n")
            lines[1] = str(int(lines[1]) + 1)
            receipt["checkpoint"] = "\n".join(lines)
        route.fulfill(response=answer, json=receipt)

    auditor.page.route("**/v1/ledger/receipts/5?*", lie)
    auditor.open("/console/ledger/5")
    assert badge(auditor.page).startswith("FAILED")


def test_a_kept_checkpoint_is_held_against_the_log_of_now(scene: Scene, auditor: Person) -> None:
    page = auditor.page
    kept = scene.house.get("/v1/ledger/receipts/3", AUDITOR).json()["checkpoint"]
    start(scene.house)
    auditor.open("/console/ledger/5")

    def compare(note: str) -> str:
        page.get_by_label("Your checkpoint").fill(note)
        page.get_by_role("button", name="Compare with now").click()
        told = page.get_by_role("region", name="A checkpoint you kept").locator(".check")
        told.wait_for()
        return str(told.inner_text())

    assert "Consistent" in compare(kept)
    lines = kept.split("\n")
    lines[2] = ("A" if lines[2][0] != "A" else "B") + lines[2][1:]
    assert "Not consistent" in compare("\n".join(lines))
    lines = kept.split("\n")
    lines[1] = str(10**9)
    assert "The log was longer" in compare("\n".join(lines))
    page.get_by_label("Your checkpoint").fill("nothing of the kind")
    page.get_by_role("button", name="Compare with now").click()
    page.get_by_text("This is no checkpoint").wait_for()


def test_entries_are_found_by_filters_that_stand_in_the_address_and_are_kept(auditor: Person) -> None:
    page = auditor.page
    auditor.open("/console/ledger?kind=task.completed")
    rows = page.get_by_role("grid", name="Entries").get_by_role("row")
    rows.nth(1).wait_for()
    assert {row.get_by_role("rowheader").inner_text() for row in rows.all()[1:]} == {"task.completed"}
    page.get_by_label("Kind").fill("task.claimed")
    page.wait_for_url(re.compile("kind=task.claimed"))
    page.get_by_label("Kind").fill("no.such")
    page.get_by_text("Nothing matches these filters").wait_for()
    page.get_by_role("link", name="Access", exact=True).click()
    page.get_by_role("heading", name="Access", level=1).wait_for()
    page.get_by_role("link", name="Ledger", exact=True).click()
    page.wait_for_url(re.compile("kind=no.such"))
    page.get_by_role("button", name="Clear filters").click()
    rows.nth(1).wait_for()
    assert "kind" not in page.url


def test_packs_are_judged_with_the_network_unplugged(scene: Scene, auditor: Person) -> None:
    page = auditor.page
    auditor.open("/console/ledger/verify")
    sent: list[str] = []
    auditor.context.on("request", lambda request: sent.append(request.method) if request.method != "GET" else None)
    auditor.context.set_offline(True)
    drop(page, scene.pack, "without-key.zip")
    assert statuses(page) == ["passed", "passed", "not determinable", "not determinable", "not run"]
    page.get_by_label("Verifier key of the log").fill(scene.vkey)
    drop(page, scene.pack, "whole.zip")
    assert statuses(page) == ["passed"] * 4 + ["not run"]
    assert page.get_by_text("Proven: verdicts 1 to 4 passed").is_visible()
    altered = by_recipient(scene.pack, replace_in("bag-info.txt", b"supervisor", b"spectators"))
    drop(page, altered, "altered.zip")
    assert statuses(page)[0] == "failed"
    assert page.get_by_text("A file was changed, added or removed").is_visible()
    assert auditor.violations() == []
    page.get_by_label("Verifier key of the log").fill(OTHER_KEY)
    drop(page, scene.pack, "other-key.zip")
    assert statuses(page)[2] == "failed"
    assert page.get_by_text("somebody else may have made it").is_visible()
    drop(page, b"%PDF", "letter.zip")
    assert page.get_by_text("This is no evidence pack").is_visible()
    auditor.context.set_offline(False)
    assert sent == []
    auditor.faults[:] = [fault for fault in auditor.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_the_whole_ledger_is_verified_on_the_server(scene: Scene, auditor: Person) -> None:
    page = auditor.page
    auditor.open("/console/ledger/verify?whole=1")
    page.get_by_label("Verifier key of the log").fill(scene.vkey)
    page.get_by_role("button", name="Verify the whole ledger").click()
    page.get_by_text("Sound: no check failed").wait_for(timeout=LONG_MILLISECONDS)
    assert page.get_by_role("list", name="Checks").get_by_role("listitem").count() == 12
    assert auditor.violations() == []


def test_a_pack_is_built_from_questions_and_stands_on_the_record(scene: Scene, auditor: Person, tmp_path: Path) -> None:
    page = auditor.page
    auditor.open("/console/evidence")
    page.get_by_role("button", name="New pack").click()
    page.get_by_role("button", name="Seal and record").click()
    assert page.get_by_text("Add at least one instance.").is_visible()
    page.get_by_label("Find an instance").fill(scene.instance)
    page.get_by_role("list", name="Instances found").get_by_role("button", name="Add").click()
    page.get_by_label("Purpose").fill("complaint 17")
    page.get_by_label("Recipient").fill("the ombudsman")
    assert auditor.violations() == []
    page.get_by_role("button", name="Seal and record").click()
    page.get_by_text("The pack is sealed and on the record.").wait_for()
    row = page.get_by_role("row", name=re.compile("complaint 17"))
    row.wait_for()
    assert "the ombudsman" in row.inner_text()
    assert AUDITOR in row.inner_text()
    with page.expect_download() as saved:
        row.get_by_role("link", name="Download").click()
    file = tmp_path / "pack.zip"
    saved.value.save_as(file)
    auditor.open("/console/ledger/verify")
    drop(page, file.read_bytes())
    assert statuses(page)[:2] == ["passed", "passed"]


def test_who_may_and_why_is_told_in_words(scene: Scene, auditor: Person) -> None:
    page = auditor.page
    person = scene.house.person(AUDITOR)
    auditor.open(f"/console/access?who={person}&act=ledger:read")
    page.get_by_text(f"Yes: {AUDITOR} may do this now").wait_for()
    assert page.get_by_text("By rule").is_visible()
    auditor.open(f"/console/access?who={person}&act=task:decide&domain=finance")
    page.get_by_text(f"No: {AUDITOR} may not do this now").wait_for()
    auditor.open("/console/access?act=task:decide&domain=finance")
    told = page.get_by_text(re.compile(r"\d+ actors could do this"))
    told.wait_for()
    assert (
        page.get_by_role("region", name="May somebody do something?")
        .get_by_role("listitem")
        .filter(has_text="budget-owner-1")
        .is_visible()
    )
    auditor.open("/console/access?act=task:decide&domain=finance&on=2020-01-01")
    page.get_by_text("Nobody could do this").wait_for()


def test_who_stands_in_for_whom_is_told_with_whose_work_that_is(scene: Scene, auditor: Person) -> None:
    (told,) = scene.house.get("/v1/substitutions", AUDITOR).json()["items"]
    auditor.open(f"/console/{STANDING}")
    row = auditor.page.get_by_role("grid", name="Standing in").get_by_role("row").last
    for said in ("finance-director", "budget-owner-1", "budget-owner", "in force", f"#{told['recorded']}"):
        expect(row).to_contain_text(said)
    body = {"reason": "back again"}
    lifted = scene.house.post(f"/v1/substitutions/{told['id']}/lifting", "budget-owner-1", body)
    assert lifted.status_code == 200, lifted.text
    auditor.open(f"/console/{STANDING}")
    expect(row).to_contain_text("lifted before its time")
    assert auditor.page.locator("main").get_by_role("button", name="Lift").count() == 0  # nothing is changed here


def test_a_grant_shows_its_paper_its_limit_and_its_chain(auditor: Person) -> None:
    page = auditor.page
    auditor.open("/console/authorities?text=budget-owner-1")
    page.get_by_role("row", name=re.compile("budget-owner-1")).click()
    page.get_by_role("heading", name="budget-owner-1-2026", level=1).wait_for()
    chain = page.get_by_role("region", name="The chain it rests on")
    chain.get_by_role("link", name="Finance Director").wait_for()
    assert "GBP" in chain.inner_text()
    assert auditor.violations() == []
    auditor.open("/console/authorities?on=2020-01-01")
    page.get_by_text("Nothing matches these filters").wait_for()


def test_who_may_not_is_told_so_and_is_offered_nothing(scene: Scene, window: OpenWindow) -> None:
    scene.house.token("accounts-payable-clerk")
    person = window()
    person.sign_in("accounts-payable-clerk", WORD)
    person.open("/console/ledger")
    assert person.page.get_by_role("link", name="Ledger", exact=True).count() == 0
    assert person.page.locator(".notice").count() > 0
    assert person.page.get_by_role("grid").count() == 0
    person.faults[:] = [fault for fault in person.faults if "403" not in fault]


def test_in_german_and_by_keyboard(scene: Scene, window: OpenWindow) -> None:
    person = window(language="de-DE")
    person.sign_in(AUDITOR, WORD)
    person.open("/console/ledger/verify")
    page = person.page
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Datei wählen").press("Enter")
    chooser.value.set_files({"name": "p.zip", "mimeType": "application/zip", "buffer": scene.pack})
    page.get_by_text("Nicht bewiesen").wait_for()
    assert page.evaluate("() => document.activeElement.id") == "result"
    assert person.violations() == []
