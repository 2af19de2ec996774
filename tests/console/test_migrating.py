"""An instance is moved to another version in a real browser: told place by place, proposed by one, done by another."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.test_migrating import CLERK, DIRECTOR, READER, begun, put_in_force
from tests.console.chromium import Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_cases import go
from tests.console.test_inbox import key_to

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("migrated") / "data"
    with serving(copied(founded, folder)) as house:
        put_in_force(house)
        for who in (CLERK, READER, DIRECTOR):
            house.token(who)
        yield house


def choose(person: Person, field: str, words: str) -> None:
    person.page.get_by_role("dialog").get_by_role("button", name=field).click()
    person.page.get_by_role("option").filter(has_text=words).first.click()


def test_an_instance_is_moved_to_another_version(served: House, window: OpenWindow) -> None:
    instance = begun(served)
    person = window()
    person.sign_in(DIRECTOR, WORD)
    go(person, f"instances/{instance}?tab=timeline")
    person.page.get_by_role("button", name="More acts").click()
    person.page.get_by_role("menuitem", name="Move to another version").click()
    dialog = person.page.get_by_role("dialog")
    do = dialog.get_by_role("button", name="Move to another version")
    dialog.get_by_text("It is under version 1 now.").wait_for()
    dialog.get_by_role("button", name="Version it goes on under").click()
    options = person.page.get_by_role("option")
    expect(options.first).to_contain_text("Version 5")  # newest first, and not the one it is under
    assert [one.inner_text().split()[1] for one in options.all()] == ["5", "4", "3", "2"]
    options.filter(has_text="Version 3").click()
    dialog.get_by_text("step look is not in the new version", exact=False).wait_for()
    dialog.get_by_label("Reason").fill("It is read through now")
    assert do.is_disabled()
    choose(person, "Look at it", "Ends; Read through it begins")
    do.click()
    person.page.get_by_text("Moved to another version by a person", exact=True).wait_for()
    person.page.get_by_text("It goes on under version 3").wait_for()
    person.page.get_by_role("link", name="Outlay, version 3").wait_for()
    now = served.get(f"/v1/process-instances/{instance}", READER).json()
    assert (now["number"], [one["step"] for one in now["steps"]]) == (3, ["read"])


def test_one_proposes_it_and_another_reads_what_it_comes_to(served: House, window: OpenWindow) -> None:
    instance = begun(served, 4)
    clerk = window()
    clerk.sign_in(CLERK, WORD)
    go(clerk, f"instances/{instance}")
    clerk.page.get_by_role("button", name="More acts").click()
    clerk.page.get_by_role("menuitem", name="Move to another version").click()
    dialog = clerk.page.get_by_role("dialog")
    choose(clerk, "Version it goes on under", "Version 5")
    dialog.get_by_text("Not under this version").wait_for()
    dialog.get_by_text("expected a place of the same kind and class").wait_for()
    dialog.get_by_label("Reason").fill("As it was")
    assert dialog.get_by_role("button", name="Propose").is_disabled()
    choose(clerk, "Version it goes on under", "Version 1")
    choose(clerk, "Read through it", "Ends; Look at it begins")
    dialog.get_by_role("button", name="Propose").click()
    clerk.page.get_by_role("region", name="Proposed: move it to another version").wait_for()
    director = window()
    director.sign_in(DIRECTOR, WORD)
    go(director, f"instances/{instance}?tab=timeline")
    pane = director.page.get_by_role("region", name="Proposed: move it to another version")
    pane.get_by_text("It goes on under version 1; it is under version 4 now.").wait_for()
    pane.get_by_text("Read through it ends, and Look at it begins in its place.").wait_for()
    pane.get_by_role("button", name="Confirm").click()
    director.page.get_by_text("Moved to another version by a person", exact=True).wait_for()
    director.page.get_by_role("link", name="Outlay, version 1").wait_for()


@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_asked_in_german_and_by_the_keyboard(served: House, window: OpenWindow, width: int) -> None:
    instance = begun(served)
    person = window(width=width, language="de-DE")
    person.sign_in(DIRECTOR, WORD)
    go(person, f"instances/{instance}")
    page = person.page
    page.get_by_role("button", name="Weitere Handlungen").focus()
    page.keyboard.press("Enter")
    key_to(page, page.get_by_role("menuitem", name="In eine andere Version versetzen"), "ArrowDown")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_focused()
    version = dialog.get_by_role("button", name="Version, unter der sie weitergeht")
    expect(version).to_be_enabled()  # it knows the versions: until then it takes no focus
    key_to(page, version)
    page.keyboard.press("Enter")
    key_to(page, page.get_by_role("option").filter(has_text="Version 3"), "ArrowDown")
    page.keyboard.press("Enter")
    dialog.get_by_text("gibt es in der neuen Version nicht").wait_for()
    assert dialog.locator("[lang=en]").count() == 0
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
