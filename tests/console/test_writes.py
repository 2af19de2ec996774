"""What a person sees when what they write does not go well: at every place of the console that writes."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, Page, Route, expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import LIST, release
from tests.api.test_any_order import ONE, ORDERED
from tests.api.work import start
from tests.conftest import ROOT
from tests.console.chromium import Person
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.writes import EVERYBODY, FILE, REASON, TASK, WRITES, Write, say

pytestmark = pytest.mark.browser

SENTENCE = "the sentence of the service about this"
FIELDS = "main input:not([type=password]), main textarea, [role=dialog] input, [role=dialog] textarea"
ANSWERS = {
    403: {"reason": "NO_RULE", "title": "Forbidden"},
    409: {"reason": "WRONG_STATE", "title": "Conflict"},
    422: {"reason": "INVALID_DATA", "title": "Unprocessable"},
    429: {"reason": "RATE_LIMITED", "title": "Too many"},
    500: {"reason": "INTERNAL", "title": "Internal"},
}
_WRITTEN_TO = re.compile(r'client\.(?:POST|PUT|DELETE)\(\s*"([^"]+)"')
FOCUS_MS = 5_000  # a control that is gone has lost the focus for some frames before it goes on
_IS_WORKED_AT = "() => document.activeElement !== null && document.activeElement !== document.body"


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("writes") / "data"
    with serving(copied(founded, folder)) as house:
        for who in (*EVERYBODY, ONE):
            house.token(who)
        release(house, "reason-code-list", LIST)
        release(house, "blueprint", ORDERED)
        for _ in range(2):
            start(house)
        yield house


@dataclass
class Line:
    """The network between one window and the service, where one path is written to."""

    person: Person
    path: re.Pattern[str]
    keys: list[str] = field(default_factory=list)
    """The command ids that were sent."""

    is_cut: bool = False
    """Whether nothing is read any more: what is sent last arrives, and what was answered does not."""

    answer: Any = None
    """What becomes of what is sent; None: it goes to the service."""

    def is_at(self, url: str) -> bool:
        """Whether it is what is looked at here."""
        return bool(self.path.fullmatch(url.partition("?")[0]))

    def route(self, route: Route) -> None:
        request = route.request
        if request.method == "GET" and self.is_cut:
            route.abort()
            return
        if request.method in ("GET", "HEAD") or not self.is_at(request.url):
            route.continue_()
            return
        self.keys.append(request.headers["idempotency-key"])
        (self.answer or Route.continue_)(route)


def opened(window: OpenWindow, house: House, write: Write, **looks: str) -> tuple[Line, Locator]:
    """Where it is written, filled in, up to the press that sends it. Nothing tells this window what others do."""
    person = window(**looks)
    person.sign_in(write.who, WORD)
    path = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(write.to))
    line = Line(person, re.compile(re.escape(person.address) + path))
    person.page.route("**/v1/live*", Route.abort)
    person.page.route("**/v1/**", line.route)
    person.open(f"/console/{write.find(house)}")
    send = write.begin(person.page)
    send.wait_for()
    return line, send


def refused(status: int) -> Any:
    body = json.dumps({"status": status, "detail": SENTENCE, **ANSWERS[status]})
    headers = {"Retry-After": "7"} if status == 429 else {}
    return lambda route: route.fulfill(
        status=status, content_type="application/problem+json", body=body, headers=headers
    )


def typed(page: Page) -> list[str]:
    return [one.input_value() for one in page.locator(FIELDS).all() if one.is_visible()]


def forget(person: Person) -> None:
    """What the browser itself logs of an answer or of a lost line."""
    person.faults[:] = [one for one in person.faults if "Failed to load resource" not in one]


def told(page: Page, words: str) -> None:
    """One alert, in sight, with these words in it."""
    alert = page.get_by_role("alert").filter(visible=True)
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text(words, ignore_case=True)
    expect(alert).to_be_in_viewport()


SLICE = ("claim", "cancel", "comment")  # of every sort one: a form, a dialog, a field; all of them take minutes


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SLICE else pytest.mark.long) for name in WRITES]
)
def test_what_does_not_go_well_is_told_and_done_once(served: House, window: OpenWindow, name: str) -> None:
    write = WRITES[name]
    line, send = opened(window, served, write)
    every_fault(line, send, write, is_lost=not write.is_own)


def every_fault(line: Line, send: Locator, write: Write, *, is_lost: bool) -> None:
    """One after the other over the same place; `is_lost`: also that the answer does not arrive."""
    turned_down(line, send, write)
    out_of_reach(line, send, write)
    pressed_twice(line, send)
    if is_lost:
        answer_lost(line, send, write)
    forget(line.person)


def again(write: Write) -> str:
    if write.is_signed:
        return say("sign.unknown")
    return say("write.look" if write.is_own else "write.again")


def no_answer(write: Write) -> str:
    return say("sign.unknown" if write.is_signed else "write.no-answer")


def turned_down(line: Line, send: Locator, write: Write) -> None:
    """One sentence, what was typed stays, the focus too, and the button works again."""
    page, before = line.person.page, typed(line.person.page)
    said = {403: SENTENCE, 409: SENTENCE, 422: SENTENCE, 429: "7 seconds", 500: again(write)}
    for status in write.statuses:
        words = said[status]
        line.answer = refused(status)
        send.click()
        told(page, words)
        line.person.settled()
        assert (status, typed(page)) == (status, before)
        page.wait_for_function(_IS_WORKED_AT, timeout=FOCUS_MS)
        expect(send).to_be_enabled()
    assert len(line.keys) == len(write.statuses)


def out_of_reach(line: Line, send: Locator, write: Write) -> None:
    """Whether a line is lost or known to be: it is said at once, and nothing waits to be sent unseen."""
    page, before = line.person.page, typed(line.person.page)
    line.answer = Route.abort
    send.click()
    told(page, no_answer(write))
    told(page, again(write))
    line.person.settled()
    line.person.context.set_offline(True)
    send.click()
    told(page, no_answer(write))
    assert typed(page) == before
    line.person.context.set_offline(False)
    line.person.settled()
    line.keys.clear()


def pressed_twice(line: Line, send: Locator) -> None:
    """However often, and by whatever key, while the first is under way."""
    page, held = line.person.page, list[Route]()
    line.answer = held.append
    send.dblclick()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    while not held:  # a passkey signs before anything is sent
        page.wait_for_timeout(20)
    page.wait_for_timeout(100)
    assert len(held) == 1
    held[0].abort()
    expect(send).to_be_enabled()
    line.person.settled()


def answer_lost(line: Line, send: Locator, write: Write) -> None:
    """It is on record, and nobody here knows: tried again it is the same command, with the one answer."""
    page, answers = line.person.page, list[Any]()
    line.keys.clear()

    def lose(route: Route) -> None:
        got = route.fetch()
        assert got.status == 200, got.text()
        answers.append(got.json())
        route.abort()

    line.is_cut = True
    line.person.settled()  # what was read before tells nothing of what follows
    line.answer = lose
    with page.expect_event("requestfailed", lambda one: one.method != "GET" and line.is_at(one.url)):
        send.click()
    told(page, no_answer(write))
    line.answer = None
    with page.expect_response(lambda answer: answer.request.method != "GET" and line.is_at(answer.url)) as got:
        send.click()
    assert got.value.status == 200, got.value.text()
    if write.is_command:
        assert len(set(line.keys)) == 1
        assert got.value.json()[write.told] == answers[0][write.told]
    line.is_cut = False
    line.person.settled()
    page.wait_for_function(_IS_WORKED_AT)


_PRESSED_AND_LEFT = """async (send) => {
  send.click();
  await null;
  send.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
}"""


def test_no_key_is_quicker_than_a_dialog_over_its_write(served: House, window: OpenWindow) -> None:
    """A hand is slower than this: what is under way has to show before anything else is heard."""
    line, send = opened(window, served, WRITES["cancel"])
    line.answer = Route.abort
    send.evaluate(_PRESSED_AND_LEFT)
    told(line.person.page, say("write.no-answer"))
    expect(line.person.page.get_by_role("dialog")).to_have_count(1)
    forget(line.person)


ELSEWHERE = {
    "/v1/change-requests/{id}/reviews": "signed: test_signed_writes.py",
    "/v1/change-requests/{id}/statement": "before it is signed: test_changes.py",
    "/v1/tasks/{id}/reassign": "by the hook and the dialog of a delegation",
    "/v1/tasks/{id}/attachments": "by the hook; no button sends it, but a chosen file: below",
    "/v1/notifications/read": "nothing is typed, and read twice is read: test_people.py",
    "/v1/source-checks": "records nothing: test_changes.py",
    "/v1/password": "one's own account: test_account.py",
    "/v1/sign-in/renewal": "of the frame: test_account.py",
    "/v1/sign-out": "of the frame: test_frame.py",
}
"""What is written to without an example above, and where it is tried."""


def test_no_write_of_the_console_is_forgotten() -> None:
    sources = [file.read_text("utf-8") for file in (ROOT / "console" / "src").rglob("*.ts*")]
    found = {path for text in sources for path in _WRITTEN_TO.findall(text)}
    left = {path for path in found if not path.startswith("/v1/me/")}
    assert len(found) > 40
    assert left - {write.to for write in WRITES.values()} == set(ELSEWHERE)


def test_a_file_whose_answer_was_lost_is_attached_once(served: House, window: OpenWindow) -> None:
    at = f"{TASK}/attachments"
    line, _ = opened(window, served, replace(WRITES["comment"], to=at))
    page, chosen = line.person.page, line.person.page.locator("input[type=file]")
    indexes = []

    def lose(route: Route) -> None:
        indexes.append(route.fetch().json()["receipt"]["index"])
        route.abort()

    line.answer = lose
    chosen.set_input_files([FILE])
    told(page, say("write.no-answer"))
    line.answer = None
    with page.expect_response(lambda answer: answer.request.method != "GET" and line.is_at(answer.url)) as got:
        chosen.set_input_files([FILE])
    assert got.value.json()["receipt"]["index"] == indexes[0]
    assert len(set(line.keys)) == 1
    expect(page.get_by_role("link", name="note.txt")).to_have_count(1)
    forget(line.person)


def test_a_comment_and_a_reason_outlive_the_session(served: House, window: OpenWindow) -> None:
    """And a dialog that is closed by mistake; whoever else signs in here finds nothing."""
    line, _ = opened(window, served, WRITES["comment"])
    page = line.person.page
    ended = {"status": 401, "reason": "NO_CREDENTIAL", "title": "Unauthorized", "detail": SENTENCE}
    body = json.dumps(ended)
    page.route(re.compile("/v1/(me|tasks/[^/]+/comments)$"), lambda route: route.fulfill(status=401, body=body))
    page.get_by_role("button", name=say("people.comment.add"), exact=True).click()
    page.get_by_role("alertdialog", name=say("shell.signed-out.title")).wait_for()
    page.unroute_all()
    page.reload()
    field = page.get_by_label(say("people.comment"), exact=True)
    expect(field).to_have_value(REASON)
    page.get_by_role("button", name=say("people.comment.add"), exact=True).click()
    expect(page.get_by_text(REASON)).to_have_count(1)
    expect(field).to_have_value("")
    page.reload()
    expect(page.get_by_label(say("people.comment"), exact=True)).to_have_value("")
    forget(line.person)


def test_what_fails_after_its_screen_was_left_is_told(served: House, window: OpenWindow) -> None:
    line, send = opened(window, served, WRITES["comment"])
    page, held = line.person.page, list[Route]()
    line.answer = held.append
    send.click()
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    refused(409)(held[0])
    bar = page.get_by_role("alert")
    expect(bar).to_contain_text(SENTENCE, ignore_case=True)
    expect(bar).to_contain_text("was not done")
    assert line.person.violations() == []
    bar.get_by_role("button").click()
    expect(bar).to_have_count(0)
    forget(line.person)


def test_a_page_asks_before_it_closes_on_a_command_under_way(served: House, window: OpenWindow) -> None:
    line, send = opened(window, served, WRITES["comment"])
    page, held, asked = line.person.page, list[Route](), list[str]()

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    line.answer = held.append
    send.click()
    with page.expect_event("dialog"):
        page.evaluate("() => { window.location.href = '/healthz' }")
    assert asked == ["beforeunload"]
    held[0].continue_()
    line.person.settled()
    page.evaluate("() => { window.location.href = '/healthz' }")
    page.wait_for_url("**/healthz")
    page.remove_listener("dialog", stay)
    assert asked == ["beforeunload"]
    forget(line.person)


def test_a_slow_answer_is_said_to_be_waited_for(served: House, window: OpenWindow) -> None:
    line, send = opened(window, served, WRITES["comment"])
    page, held = line.person.page, list[Route]()
    page.evaluate(
        "() => { const wait = setTimeout; window.setTimeout = (told, span, ...rest) => wait(told, span / 40) }"
    )
    line.answer = held.append
    send.click()
    expect(page.get_by_role("status").filter(has_text=say("button.still"))).to_be_visible()
    held[0].continue_()
    expect(page.get_by_text(say("button.still"))).to_have_count(0)
    forget(line.person)
