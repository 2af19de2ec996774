"""The inbox of somebody whose tasks are of several domains: one domain at a time, and what is most urgent."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import release
from tests.api.test_in_one_domain import CLERK, IN_LENDING, LOOK
from tests.api.work import start
from tests.console.chromium import Person
from tests.console.conftest import OpenWindow
from tests.console.looking import focus
from tests.console.served import serving
from tests.console.test_inbox import WHO, key_to

pytestmark = pytest.mark.browser

IN_FINANCE, IN_LENDING_ALL = 3, 52  # tasks; of those in lending there is more than one page
PAGE = 50
WIDTHS = (1440, 390, 320)
# What is wider than its place, but for what only other programs are to see.
_CUT = """at => [...at.querySelectorAll('*')]
    .filter(one => one.scrollWidth > one.clientWidth + 1 && one.closest('[aria-hidden=true]') === null)
    .filter(one => getComputedStyle(one).display !== 'inline').map(one => one.outerHTML.slice(0, 300))"""


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with serving(copied(founded, tmp_path_factory.mktemp("domains") / "data")) as house:
        release(house, "role-assignment", IN_LENDING)
        release(house, "blueprint", LOOK)
        for _ in range(IN_FINANCE):
            start(house, mismatches=["quantity"])
        for number in range(IN_LENDING_ALL):
            data = {"number": f"L-{number}", "note": "n"}
            body = {"blueprint": "look", "business_key": f"L-{number}", "data": data, "domain": "lending"}
            assert house.post("/v1/process-instances", "intake-clerk", body).status_code == 200
        for who in (WHO, CLERK):
            house.token(who)
        yield house


def opened(window: OpenWindow, path: str, who: str = CLERK, **looks: str | int) -> Person:
    person = window(**looks)
    person.sign_in(who, WORD)
    person.open(f"/console/{path}")
    return person


def field(page: Page, name: str = "Domain") -> Locator:
    return page.get_by_role("search").get_by_role("button", name=re.compile(name))


def rows(page: Page) -> Locator:
    return page.locator(".table-row")


def narrow(page: Page, domain: str) -> None:
    field(page).click()
    page.get_by_role("option", name=domain, exact=True).click()


def test_one_domain_is_chosen_and_kept_with_paging_tasks_and_the_way_back(served: House, window: OpenWindow) -> None:
    page = opened(window, "inbox?list=team").page
    expect(rows(page)).to_have_count(PAGE)
    tab = page.get_by_role("link", name=re.compile("My teams"))
    counted = f"My teams{IN_FINANCE + IN_LENDING_ALL}"
    expect(tab).to_have_text(counted)
    expect(field(page)).to_contain_text("All domains")
    field(page).click()
    expect(page.get_by_role("option")).to_have_text(["All domains", "finance", "lending"])
    page.get_by_role("option", name="finance").click()
    expect(rows(page)).to_have_count(IN_FINANCE)
    page.wait_for_url(re.compile(r"inbox\?list=team&domain=finance$"))
    expect(tab).to_have_text(counted)  # what waits, whatever is looked for
    narrow(page, "lending")
    expect(rows(page)).to_have_count(PAGE)
    page.get_by_role("button", name="Show more").click()
    expect(rows(page)).to_have_count(IN_LENDING_ALL)
    expect(rows(page).filter(has_text="Have a look")).to_have_count(IN_LENDING_ALL)
    rows(page).first.get_by_text("Look at it").click()
    page.wait_for_url(re.compile(r"/tasks/.*domain=lending"))
    page.go_back()
    page.wait_for_url(re.compile(r"/inbox\?.*domain=lending$"))
    expect(field(page)).to_contain_text("lending")
    page.go_forward()
    page.wait_for_url(re.compile(r"/tasks/.*domain=lending"))
    page.goto(page.url.partition("/tasks/")[0] + "/inbox")
    page.wait_for_url(re.compile(r"/inbox\?.*domain=lending$"))  # as it was set last in this window
    expect(rows(page)).to_have_count(PAGE)


def test_nobody_with_tasks_of_one_domain_has_the_field(served: House, window: OpenWindow) -> None:
    page = opened(window, "inbox?list=team", WHO).page
    expect(page.get_by_role("search").get_by_role("button", name=re.compile("Process"))).to_be_visible()
    expect(field(page)).to_have_count(0)


def test_the_field_stays_while_another_list_is_read(served: House, window: OpenWindow) -> None:
    page = opened(window, "inbox?list=team").page
    expect(field(page)).to_be_visible()
    page.route("**/v1/tasks?list=mine*", lambda route: None)  # never answered
    page.get_by_role("link", name=re.compile("^Mine")).click()
    page.wait_for_url(re.compile("list=mine"))
    expect(page.locator(".loading")).to_be_visible()
    expect(field(page)).to_be_visible()
    page.unroute_all()
    page.reload()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    expect(field(page)).to_be_visible()  # where the tasks are of, in whichever list


def test_nothing_in_a_domain_is_told_and_cleared(served: House, window: OpenWindow) -> None:
    person = opened(window, "inbox?list=mine&domain=lending")
    page = person.page
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    assert person.violations_in_both() == []
    page.get_by_role("button", name="Clear filters").click()
    page.wait_for_url(re.compile(r"inbox\?list=mine$"))
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    expect(field(page)).to_contain_text("All domains")


def test_a_domain_that_was_lost_is_left_by_its_field(
    served: House, window: OpenWindow, provoked: Callable[..., None]
) -> None:
    person = opened(window, "inbox?list=team&domain=retail")
    provoked(person, "403")
    page = person.page
    expect(page.get_by_text("NO_RULE")).to_be_visible()
    expect(field(page)).to_contain_text("retail")
    narrow(page, "All domains")
    expect(rows(page)).to_have_count(PAGE)


def test_tasks_of_one_domain_are_taken_together(served: House, window: OpenWindow) -> None:
    page = opened(window, "inbox?list=team&domain=finance").page
    expect(rows(page)).to_have_count(IN_FINANCE)
    for place in (0, 1):
        rows(page).nth(place).locator("label").click()
    page.get_by_role("button", name="Take 2 tasks").click()
    expect(rows(page)).to_have_count(IN_FINANCE - 2)
    assert page.url.endswith("list=team&domain=finance")
    page.get_by_role("link", name=re.compile("^Mine")).click()
    page.wait_for_url(re.compile(r"list=mine&domain=finance$"))
    expect(rows(page)).to_have_count(2)
    narrow(page, "lending")
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    for one in served.get("/v1/tasks?list=mine", CLERK).json()["items"]:
        assert served.post(f"/v1/tasks/{one['id']}/release", CLERK, {}).status_code == 200


def test_domain_and_urgency_are_chosen_by_keyboard_alone(served: House, window: OpenWindow) -> None:
    page = opened(window, "inbox?list=team").page
    expect(rows(page)).to_have_count(PAGE)
    expect(field(page, "Urgency")).to_have_count(0)
    choose_by_keys(page, field(page), "finance")
    page.wait_for_url(re.compile(r"domain=finance$"))
    expect(field(page)).to_be_focused()
    choose_by_keys(page, field(page, "What stands first"), "Most urgent")
    with page.expect_response(re.compile(r"/v1/tasks\?.*urgency_from=60")) as answered:
        choose_by_keys(page, field(page, "Urgency"), "60 of 100 or more")
    assert answered.value.status == 200
    page.wait_for_url(re.compile(r"domain=finance&order=urgency&urgency=60$"))
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    choose_by_keys(page, field(page, "What stands first"), "Due soonest", "ArrowUp")
    page.wait_for_url(re.compile(r"list=team&domain=finance$"))
    expect(rows(page)).to_have_count(IN_FINANCE)
    expect(field(page, "Urgency")).to_have_count(0)


def choose_by_keys(page: Page, button: Locator, option: str, arrow: str = "ArrowDown") -> None:
    key_to(page, button)
    page.keyboard.press("Enter")
    wanted = page.get_by_role("option", name=option, exact=True)
    key_to(page, wanted, arrow)
    page.keyboard.press("Enter")
    expect(wanted).to_have_count(0)


@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_fields_keep_the_rules_of_access(served: House, window: OpenWindow, width: int, language: str) -> None:
    person = opened(window, "inbox?list=team&domain=lending&order=urgency", width=width, language=language)
    page = person.page
    expect(rows(page)).to_have_count(PAGE)
    button = field(page, "Domäne" if language == "de-DE" else "Domain")
    expect(button).to_be_visible()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    assert page.get_by_role("search").evaluate(_CUT) == []
    button.click()
    expect(page.get_by_role("option")).to_have_count(3)
    assert (person.violations_in_both(), person.overflow()) == ([], 0)


def test_lists_and_tasks_are_walked_by_keyboard_at_four_times_the_usual_size(served: House, window: OpenWindow) -> None:
    [task] = served.get("/v1/tasks?list=team&domain=finance&limit=1", CLERK).json()["items"]
    for path in ("inbox?list=team&domain=finance&order=urgency", f"tasks/{task['id']}?domain=finance"):
        person = opened(window, path, width=320)
        person.page.set_viewport_size({"width": 320, "height": 225})
        expect(person.page.get_by_text(re.compile("Settle the mismatch")).last).to_be_attached()
        assert (focus(person), person.overflow()) == ([], 0)
