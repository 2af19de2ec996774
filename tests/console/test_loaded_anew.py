"""A command whose answer was lost, in a page that is loaded anew: told, done once, and forgotten with the session."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.console.chromium import Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.write_places import talk
from tests.console.writes import OWNER, REASON, TASK, button, comment, say

pytestmark = pytest.mark.browser

COMMENTS = re.compile(re.escape(TASK).replace(r"\{id\}", "[^/]+") + "/comments$")
KEPT = "() => sessionStorage.getItem('muniment.commands') ?? ''"


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("anew") / "data"
    with serving(copied(founded, folder)) as house:
        house.token(OWNER)
        yield house


@pytest.fixture
def lost(served: House, window: OpenWindow) -> Iterator[Person]:
    """Somebody whose comment is on record and whose browser was not told."""
    person = window()
    person.sign_in(OWNER, WORD)
    person.page.route("**/v1/live*", lambda route: route.abort())
    person.open(f"/console/{talk(served)}")

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            assert route.fetch().status == 200
            route.abort()
        else:
            route.continue_()

    person.page.route(COMMENTS, lose)
    comment(person.page).click()
    expect(person.page.get_by_role("alert").filter(visible=True)).to_contain_text(say("write.no-answer"))
    person.settled()
    person.page.unroute(COMMENTS)
    yield person
    person.faults[:] = [one for one in person.faults if "Failed to load resource" not in one]


def test_a_comment_is_made_once_over_a_page_that_is_loaded_anew(lost: Person) -> None:
    page = lost.page
    assert REASON not in page.evaluate(KEPT)
    page.reload()
    bar = page.get_by_role("alert").filter(visible=True)
    expect(bar).to_contain_text(say("shell.earlier.unanswered"))
    assert lost.violations() == []
    page.set_viewport_size({"width": 360, "height": 900})
    assert lost.overflow() == 0
    bar.get_by_role("link").click()
    lost.settled()
    expect(page.get_by_text(REASON).first).to_be_visible()
    field = page.get_by_label(say("people.comment"), exact=True)
    field.fill(REASON)
    with page.expect_response(COMMENTS) as got:
        button(page, "people.comment.add").click()
    assert got.value.headers["idempotent-replayed"] == "true"
    expect(bar).to_contain_text(say("shell.earlier.repeated"))
    lost.settled()
    expect(page.locator(".comment-text").filter(has_text=REASON)).to_have_count(1)
    bar.get_by_role("button").click()
    expect(bar).to_have_count(0)
    page.reload()
    lost.settled()
    expect(bar).to_have_count(0)


def test_signing_out_forgets_what_had_no_answer(lost: Person) -> None:
    page = lost.page
    assert page.evaluate(KEPT) != ""
    page.get_by_role("button", name=re.compile("^Account of")).first.click()
    page.get_by_role("button", name=say("shell.sign-out")).click()
    page.wait_for_url("**/sign-in?*")
    assert page.evaluate(KEPT) == ""
