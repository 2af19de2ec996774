"""Every write of the console: who does it, where, everything up to the press that sends it, and where that goes.

A path that the console writes to and no example goes to fails `test_writes.py`, so that none is forgotten.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page

from tests.api.organisation import House
from tests.api.releasing import SPENDING
from tests.api.test_any_order import ONE
from tests.console.looking import messages
from tests.console.taking import offered_to_teams, ticked
from tests.console.write_places import (
    branched,
    branched_on,
    delegated,
    failed,
    form,
    held,
    of_two_versions,
    offered,
    proposed,
    running,
    suspended,
    talk,
)

OWNER, DIRECTOR, CLERK = "budget-owner-1", "finance-director", "accounts-payable-clerk"
AUTHOR, REVIEWER, AUDITOR = "process-owner", "change-reviewer", "auditor"
EVERYBODY = (OWNER, DIRECTOR, CLERK, AUTHOR, REVIEWER, AUDITOR)
REASON = "typed with care"
FILE: FilePayload = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"words"}


def say(key: str, **values: str) -> str:
    """A message in English, with plain values in its places."""
    text = messages("en")[key]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def button(page: Page, key: str, **values: str) -> Locator:
    """The last button of this name: that of the dialog, where there is one."""
    return page.get_by_role("button", name=say(key, **values), exact=True).last


def reason(page: Page) -> None:
    page.get_by_role("dialog").get_by_label("Reason").fill(REASON)


def option(page: Page, text: str) -> None:
    page.get_by_role("option").filter(has_text=text).first.click()


@dataclass(frozen=True)
class Write:
    """One of them. `find` gives the place, and makes there what is to be written about."""

    who: str
    find: Callable[[House], str]
    begin: Callable[[Page], Locator]
    to: str
    """The path that it is sent to, as the interface has it."""

    is_command: bool = True
    """Whether it is a command with a receipt; else it can be done twice with the same outcome."""

    told: str = "receipt"
    """The member of its answer that another command would not have."""

    statuses: tuple[int, ...] = (403, 409, 422, 429, 500)
    """With what it is turned down and can be sent again as it stands."""

    is_signed: bool = False
    """Whether the box that signs tells what became of it."""

    is_own: bool = False
    """Whether it is about one's own account: no command, so that it may be done again."""


def change(house: House, *, draft: bool = False) -> str:
    """A change request of a new blueprint; each has another name."""
    house.count += 1
    source = SPENDING.replace("blueprint: spending", f"blueprint: spending-{house.count}")
    body: dict[str, Any] = {"kind": "blueprint", "source": source, "title": "Look at this", "reason": "r"}
    made = house.post("/v1/change-requests", AUTHOR, {**body, "draft": draft})
    assert made.status_code == 200, made.text
    return f"changes/{made.json()['change_request']}"


def draft_of_change(house: House) -> str:
    return change(house, draft=True)


def edited_change(house: House) -> str:
    return f"{change(house)}/edit"


def approved_change(house: House) -> str:
    place = change(house)
    at = f"/v1/change-requests/{place.removeprefix('changes/')}"
    read = house.get(at, REVIEWER).json()
    said = {"verdict": "approve", "reason": "r", "digest": read["digest"], "expected_revision": read["revision"]}
    given = house.review(at, REVIEWER, said)
    assert given.status_code == 200, given.text
    return place


def place(path: str) -> Callable[[House], str]:
    return lambda _: path


def on_more(key: str, *, with_reason: bool = True, sends: str = "") -> Callable[[Page], Locator]:
    """An act of the menu of an instance."""

    def begin(page: Page) -> Locator:
        page.get_by_role("button", name=say("steering.more")).click()
        page.get_by_role("menuitem", name=say(f"steering.act.{key}")).click()
        if with_reason:
            reason(page)
        return button(page, sends or f"steering.act.{key}")

    return begin


def move(page: Page) -> Locator:
    on_more("modify", sends="steering.propose")(page)
    page.get_by_label(say("steering.move.to")).click()
    option(page, "Settle the mismatch")
    return button(page, "steering.propose")


def migrate(page: Page) -> Locator:
    send = on_more("migrate")(page)
    page.get_by_role("dialog").get_by_label(say("steering.version")).click()
    option(page, "Version 2")
    page.get_by_role("dialog").get_by_text(say("steering.place.same")).wait_for()
    return send


def correct(page: Page) -> Locator:
    on_more("correct", sends="steering.propose")(page)
    field_and_value(page)
    return button(page, "steering.propose")


def field_and_value(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name=re.compile(say("incidents.correct.field"))).click()
    page.get_by_role("option", name=re.compile("^invoice.number$", re.I)).click()
    page.get_by_role("dialog").get_by_label(say("incidents.correct.value")).fill("INV-1")


def resolve(how: str, sends: str = "") -> Callable[[Page], Locator]:
    """One incident, in one of the four ways."""

    def begin(page: Page) -> Locator:
        page.get_by_role("checkbox").last.check(force=True)
        page.get_by_role("button", name=re.compile("^Resolve")).last.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_text(say(f"incidents.how.{how}"), exact=True).first.click()
        if how == "correct":
            field_and_value(page)
        if how == "other":
            dialog.get_by_label(say("incidents.other.to")).click()
            option(page, "Settle the mismatch")
        reason(page)
        return button(page, sends or f"incidents.how.{how}")

    return begin


def assign(page: Page) -> Locator:
    page.get_by_role("checkbox").last.check(force=True)
    page.get_by_role("button", name=re.compile("^Assign")).last.click()
    page.get_by_role("dialog").get_by_label("To (required)").click()
    option(page, CLERK)
    return button(page, "incidents.assign.do")


def hand(act_: str) -> Callable[[Page], Locator]:
    def begin(page: Page) -> Locator:
        page.get_by_role("button", name=say(f"people.{act_}")).click()
        page.get_by_role("dialog").get_by_label("To (required)").click()
        option(page, "budget-owner-2" if act_ == "reassign" else DIRECTOR)
        reason(page)
        return button(page, f"people.{act_}.do")

    return begin


def give_back(page: Page) -> Locator:
    page.get_by_role("button", name=say("people.return")).click()
    page.get_by_role("dialog").locator("label").filter(has_text="approve").click()
    reason(page)
    return button(page, "people.return.do")


def comment(page: Page) -> Locator:
    page.get_by_label(say("people.comment"), exact=True).fill(REASON)
    return button(page, "people.comment.add")


def statement(page: Page) -> Locator:
    page.get_by_role("radio", name=re.compile("^Approve")).check(force=True)
    page.get_by_label("Reason").fill(REASON)
    page.get_by_text(re.compile("Draft saved")).wait_for()
    return button(page, "task.review")


def filled(page: Page) -> Locator:
    page.get_by_label("Resolution, action").fill("accept")
    page.get_by_label("Resolution, note").fill(REASON)
    page.get_by_text(re.compile("Draft saved")).wait_for()
    return button(page, "task.complete")


def cancel(page: Page) -> Locator:
    button(page, "instances.cancel").click()
    reason(page)
    return button(page, "instances.cancel")


def bulk(page: Page) -> Locator:
    for box in page.get_by_role("row").get_by_role("checkbox").all()[-2:]:
        box.check(force=True)
    page.get_by_role("button", name=re.compile("^Suspend")).click()
    reason(page)
    return page.get_by_role("dialog").get_by_role("button", name=re.compile("^Suspend"))


def on_branch(begins: str, asks: bool) -> Callable[[Page], Locator]:
    def begin(page: Page) -> Locator:
        pressed = page.get_by_role("button", name=re.compile(begins)).first
        if not asks:
            return pressed
        pressed.click()
        reason(page)
        return page.get_by_role("dialog").get_by_role("button").last

    return begin


def write_change(page: Page) -> Locator:
    page.get_by_role("textbox", name=say("changes.write.name")).fill("A new one")
    page.get_by_role("textbox", name=say("changes.write.reason")).fill(REASON)
    page.locator("textarea").last.fill(SPENDING.replace("blueprint: spending", "blueprint: spending-written"))
    page.get_by_text(re.compile("Draft saved")).wait_for()
    return button(page, "changes.propose")


def edit_change(page: Page) -> Locator:
    source = page.locator("textarea").last
    source.fill(source.input_value().replace("purpose: ", "purpose: Again. ", 1))
    page.get_by_text(re.compile("Draft saved")).wait_for()
    return button(page, "changes.write.save")


def confirm(name: str) -> Callable[[Page], Locator]:
    def begin(page: Page) -> Locator:
        button(page, f"changes.act.{name}").click()
        page.get_by_role("dialog").wait_for()
        return button(page, f"changes.act.{name}")

    return begin


def press(key: str) -> Callable[[Page], Locator]:
    return lambda page: button(page, key)


def build(page: Page) -> Locator:
    page.get_by_label(say("instances.pack.purpose")).fill(REASON)
    page.get_by_label(say("instances.pack.recipient")).fill("Auditor")
    return button(page, "instances.pack.build")


def preferences(page: Page) -> Locator:
    page.get_by_label(say("notifications.address")).fill("owner@bank.example")
    return button(page, "notifications.save")


def follow(page: Page) -> Locator:
    return page.get_by_text(say("people.watch"), exact=True)


def app(page: Page) -> Locator:
    """An authenticator app that has the secret, and a code of it."""
    button(page, "account.factor.set-up").click()
    page.get_by_label(say("account.factor.code")).fill("123456")
    return button(page, "account.factor.confirm")


INSTANCE, TASK, INCIDENT, CHANGE = (
    f"/v1/{name}/{{id}}" for name in ("process-instances", "tasks", "incidents", "change-requests")
)

ME = "/v1/me"
ACCOUNT = place("account")

ELSEWHERE_LOOKED_AT: dict[str, Write] = {
    "reassign": Write(DIRECTOR, held, hand("reassign"), f"{TASK}/reassign"),
    "have a secret made": Write(
        REVIEWER, ACCOUNT, press("account.factor.set-up"), f"{ME}/second-factor", is_command=False, is_own=True
    ),
    "prove an app": Write(REVIEWER, ACCOUNT, app, f"{ME}/second-factor/confirmation", is_command=False, is_own=True),
}
"""Those about one's own second factor, and of a dialog that another row opens: `test_own_writes.py` tries them."""

WRITES: dict[str, Write] = {
    "claim": Write(OWNER, offered, press("task.claim"), f"{TASK}/claim"),
    "take many": Write(OWNER, offered_to_teams, ticked, "/v1/tasks/claims", told="items"),
    "release": Write(OWNER, held, press("task.release"), f"{TASK}/release"),
    "state": Write(OWNER, held, statement, f"{TASK}/statement", is_command=False),
    "complete": Write(CLERK, form, filled, f"{TASK}/completion"),
    "delegate": Write(OWNER, held, hand("delegate"), f"{TASK}/delegate"),
    "return": Write(DIRECTOR, delegated, give_back, f"{TASK}/return"),
    "take back": Write(OWNER, delegated, press("people.take-back"), f"{TASK}/return"),
    "comment": Write(OWNER, talk, comment, f"{TASK}/comments"),
    "follow": Write(OWNER, talk, follow, f"{TASK}/watch", is_command=False),
    "preferences": Write(
        OWNER, place("notifications"), preferences, "/v1/me/notification-preferences", is_command=False
    ),
    "suspend": Write(DIRECTOR, running, on_more("suspend"), f"{INSTANCE}/suspension"),
    "resume": Write(DIRECTOR, suspended, on_more("resume"), f"{INSTANCE}/resumption"),
    "move": Write(CLERK, running, move, f"{INSTANCE}/modification"),
    "migrate": Write(DIRECTOR, of_two_versions, migrate, f"{INSTANCE}/migration"),
    "correct": Write(CLERK, running, correct, f"{INSTANCE}/correction"),
    "cancel": Write(DIRECTOR, running, cancel, f"{INSTANCE}/cancellation"),
    "bulk": Write(DIRECTOR, place("instances?status=active"), bulk, "/v1/process-instances/bulk"),
    "begin a branch": Write(ONE, branched, on_branch("^Visit", False), f"{INSTANCE}/branches"),
    "begin again": Write(ONE, branched_on, on_branch("again$", True), f"{INSTANCE}/branches/repetition"),
    "pass over": Write(ONE, branched_on, on_branch("Photographs” over$", True), f"{INSTANCE}/branches/passing-over"),
    "confirm": Write(DIRECTOR, proposed, press("steering.confirm"), f"{INSTANCE}/proposals/{{proposal}}/confirmation"),
    "reject": Write(DIRECTOR, proposed, press("steering.reject"), f"{INSTANCE}/proposals/{{proposal}}/rejection"),
    "retry": Write(CLERK, failed, resolve("retry"), f"{INCIDENT}/resolution"),
    "skip": Write(CLERK, failed, resolve("skip", "steering.propose"), f"{INCIDENT}/resolution"),
    "correct and retry": Write(CLERK, failed, resolve("correct", "steering.propose"), f"{INCIDENT}/resolution"),
    "go on elsewhere": Write(CLERK, failed, resolve("other", "steering.propose"), f"{INCIDENT}/resolution"),
    "assign": Write(DIRECTOR, failed, assign, f"{INCIDENT}/assignment"),
    "propose a change": Write(AUTHOR, place("changes/new"), write_change, "/v1/change-requests"),
    "edit a change": Write(AUTHOR, edited_change, edit_change, f"{CHANGE}/source"),
    "submit": Write(AUTHOR, draft_of_change, confirm("submit"), f"{CHANGE}/submission"),
    "withdraw": Write(AUTHOR, change, confirm("withdraw"), f"{CHANGE}/withdrawal"),
    "release a change": Write(REVIEWER, approved_change, confirm("release"), f"{CHANGE}/release"),
    "build a pack": Write(
        AUDITOR, lambda house: f"{running(house)}?tab=evidence", build, "/v1/evidence-packs", told="pack"
    ),
    "verify": Write(
        AUDITOR, place("ledger/verify?whole=1"), press("whole.begin"), "/v1/ledger/verification", is_command=False
    ),
    "end sessions": Write(
        OWNER, place("account"), press("account.sessions.end-all"), "/v1/me/sessions/end", is_command=False, is_own=True
    ),
}
