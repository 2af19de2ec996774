"""The questions before a branch is begun again or passed over: what they take, what they say of a refusal, by keyboard
alone, and in German."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import release
from tests.api.test_any_order import ONE, ORDERED, act, begun, fork, visited
from tests.console.chromium import WIDTHS, Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_german import whole
from tests.console.walking import Walk

pytestmark = pytest.mark.browser

LOST, OTHER = "budget-owner-2", "finance-director"
ENDED = f"""\
role assignment: {LOST}-budget-owner
to: {LOST}
role: budget-owner
domain: finance
until: 2026-01-01T00:00:00.000000Z
"""
REASON_MAX = 2_000
SMILE = "\N{SLIGHTLY SMILING FACE}"  # one character; two of those in which a browser counts


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("branches") / "data"
    with serving(copied(founded, folder)) as house:
        for who in (ONE, LOST, OTHER, "auditor"):
            house.token(who)
        release(house, "blueprint", ORDERED)
        yield house


def waiting(house: House) -> str:
    """An instance whose visit may be made again and whose papers may be passed over."""
    instance = begun(house)
    assert act(house, instance, "", "visit").status_code == 200
    visited(house, instance)
    return instance


def at(window: OpenWindow, instance: str, who: str = ONE, **looks: object) -> Person:
    person = window(**looks)
    person.sign_in(who, WORD)
    person.open(f"/console/instances/{instance}")
    return person


def reasons(house: House, instance: str) -> list[tuple[str, str]]:
    items = house.get(f"/v1/process-instances/{instance}/history?limit=50", "auditor").json()["items"]
    return [
        (one["kind"], one["reason"]) for one in items if one["kind"] in ("branch.begun_again", "branch.passed_over")
    ]


def answered(walk: Walk, reason: str) -> None:
    """The reason is written where the keyboard is, and the last button of the dialog pressed."""
    page = walk.person.page
    page.keyboard.insert_text(reason)
    walk.reach(page.get_by_role("dialog").get_by_role("button").last)
    walk.press("Enter", "do it")


def test_both_are_done_by_keyboard_alone(served: House, window: OpenWindow) -> None:
    instance = begun(served)
    act(served, instance, "", "visit")
    visited(served, instance)
    walk = Walk(at(window, instance), "Make a visit again and leave the papers unread")
    page = walk.person.page
    walk.activate("button", "Pass “Photographs” over")
    expect(page.get_by_role("dialog")).to_contain_text("It is not waited for any more")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Enter")  # a line of a reason, and no answer
    answered(walk, "Nothing to be seen")
    expect(page.get_by_role("dialog")).to_have_count(0)
    walk.activate("button", "Begin “Visit it” again")
    answered(walk, " The light was bad \n")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Begin “Visit it” again")).to_have_count(0)  # it is under way
    walk.end()
    assert reasons(served, instance) == [
        ("branch.begun_again", "The light was bad"),
        ("branch.passed_over", "Nothing to be seen"),
    ]


def test_escape_leaves_it_as_it_is_and_the_keyboard_where_it_was(served: House, window: OpenWindow) -> None:
    instance = waiting(served)
    walk = Walk(at(window, instance), "Think better of it")
    page, before = walk.person.page, served.size
    walk.activate("button", "Begin “Visit it” again")
    page.keyboard.insert_text("The light was bad")
    walk.press("Escape", "leave it")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Begin “Visit it” again")).to_be_focused()
    assert served.size == before


@pytest.mark.parametrize("words", ["Begin “Visit it” again", "Pass “Photographs” over"])
def test_a_reason_is_asked_for_and_is_taken_whole(served: House, window: OpenWindow, words: str) -> None:
    instance = waiting(served)
    page = at(window, instance).page
    page.get_by_role("button", name=words).click()
    dialog = page.get_by_role("dialog")
    field, send = dialog.get_by_label("Reason"), dialog.get_by_role("button", name=words)
    for nothing in ("", "   \n\t"):
        field.fill(nothing)
        expect(send).to_be_disabled()
    field.fill("x" * (REASON_MAX + 1))
    expect(send).to_be_disabled()
    expect(dialog).to_contain_text("At most 2,000 characters are taken, and this has 2,001.")
    longest = SMILE * REASON_MAX
    field.fill(f"  {longest}  ")  # what stands around it is no part of it
    expect(dialog.get_by_text("At most 2,000 characters")).to_have_count(0)
    send.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert [reason for _, reason in reasons(served, instance)] == [longest]


def refused(page: Page, words: str, told: str) -> None:
    """The dialog says why, keeps what was written, and may be left."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=words).click()
    expect(dialog).to_contain_text(told)
    expect(dialog.get_by_label("Reason")).to_have_value("The light was bad")
    dialog.get_by_role("button", name="Leave it as it is").click()
    expect(dialog).to_have_count(0)


def test_what_somebody_else_has_done_meanwhile_is_told(served: House, window: OpenWindow) -> None:
    instance = waiting(served)
    person, words = at(window, instance), "Pass “Photographs” over"
    person.page.get_by_role("button", name=words).click()
    person.page.get_by_role("dialog").get_by_label("Reason").fill("The light was bad")
    assert act(served, instance, "/passing-over", "photographs", OTHER).status_code == 200
    refused(person.page, words, "WRONG_STATE")
    person.faults[:] = [fault for fault in person.faults if "409" not in fault]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_questions_keep_the_rules_of_access(served: House, window: OpenWindow, width: int) -> None:
    person = at(window, waiting(served), width=width)
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    for words in ("Begin “Visit it” again", "Pass “Photographs” over"):
        person.page.get_by_role("button", name=words).click()
        dialog = person.page.get_by_role("dialog")
        dialog.get_by_label("Reason").fill("x" * (REASON_MAX + 1))
        assert (person.violations_in_both(), person.overflow()) == ([], 0)
        dialog.get_by_role("button", name="Leave it as it is").click()


def test_they_are_asked_in_german(served: House, window: OpenWindow) -> None:
    instance = waiting(served)
    person = at(window, instance, language="de-DE")
    page = person.page
    page.get_by_role("button", name="„Visit it“ noch einmal beginnen").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("eine Entscheidung darin gilt nicht mehr")
    dialog.get_by_label("Grund").fill("x" * (REASON_MAX + 1))
    expect(dialog).to_contain_text("Höchstens 2.000 Zeichen werden angenommen; hier sind es 2.001.")
    dialog.get_by_role("button", name="So lassen").click()
    page.get_by_role("button", name="„Read the papers“ übergehen").click()
    expect(dialog).to_contain_text("Darauf wird nicht mehr gewartet")
    dialog.get_by_label("Grund").fill("nicht nötig")
    dialog.get_by_role("button", name="„Read the papers“ übergehen").click()
    expect(dialog).to_contain_text("Aufgaben sind getrennt")  # who visited is not who may leave the papers unread
    whole(dialog)
    person.faults[:] = [fault for fault in person.faults if "403" not in fault]


def test_whose_role_was_taken_while_the_question_stood_open_is_told(served: House, window: OpenWindow) -> None:
    """The last of this file: the role is gone for good."""
    instance = waiting(served)
    person, words = at(window, instance, LOST), "Begin “Visit it” again"
    person.page.get_by_role("button", name=words).click()
    person.page.get_by_role("dialog").get_by_label("Reason").fill("The light was bad")
    release(served, "role-assignment", ENDED, 1)
    refused(person.page, words, "NO_RULE")
    assert reasons(served, instance) == []
    assert fork(served, instance)[1] == ["visit"]
    person.faults[:] = [fault for fault in person.faults if "403" not in fault]
