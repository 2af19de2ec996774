"""Who may read, follow, comment and attach: one rule for each act, asked of each sort of caller over HTTP.

Reading and following take `task: read` in the domain of the instance; a comment or a file `task: comment` as well, and
a person. Starting instances gives neither: who takes cases in works on them only by another role.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.api.organisation import House
from tests.api.test_comments import PDF
from tests.api.test_erasure import ask, certified, loan, over
from tests.api.work import start

YES, NO, MACHINE = (200, ""), (403, "NO_RULE"), (403, "NOT_A_PERSON")
ACTS = ("read", "history", "comments", "files", "download", "comment", "attach", "watch", "task comment", "task watch")
READS = dict.fromkeys(ACTS[:5], YES)
WORKS = dict.fromkeys(ACTS, YES)
FOLLOWS = {**dict.fromkeys(ACTS, YES), "comment": NO, "attach": NO, "task comment": NO}
NOTHING = dict.fromkeys(ACTS, NO)
READS_ALONE = {**dict.fromkeys(ACTS, MACHINE), **READS}
INVOICE = {
    "budget-owner-1": WORKS,
    "finance-director": WORKS,
    "accounts-payable-clerk": WORKS,
    "compliance-officer": WORKS,
    "auditor": FOLLOWS,
    "process-owner": {**FOLLOWS, "download": NO},  # reads no confidential data
    "credit-officer-1": NOTHING,  # of another domain
    "key:invoice-intake": READS_ALONE,
    "key:siem": {**NOTHING, **dict.fromkeys(("comment", "attach", "watch", "task comment", "task watch"), MACHINE)},
}
LOAN = {
    "credit-officer-1": WORKS,
    "credit-operator": WORKS,
    "intake-clerk": FOLLOWS,  # takes applications in, and works on none
    "budget-owner-1": NOTHING,
    "key:loan-portal": READS_ALONE,
}
KEYS = {
    "key:invoice-intake": ("svc:invoice-intake", "invoice-intake", "finance"),
    "key:siem": ("svc:siem", "feed-reader", "organisation"),
    "key:loan-portal": ("svc:loan-portal", "loan-intake", "lending"),
}


def attach(house: House, at: str, who: str, query: str = "?name=scan.pdf") -> Any:
    return house.post(f"{at}/attachments{query}", who, content=PDF, headers={"Content-Type": "application/pdf"})


class Place(NamedTuple):
    """An instance with a comment and a file on it, and its task where it has one."""

    at: str
    task: str
    file: str


def place_of(house: House, instance: str, worker: str) -> Place:
    at = f"/v1/process-instances/{instance}"
    tasks = house.get(at, worker).json()["tasks"]
    said = house.post(f"{at}/comments", worker, {"text": "a first word"})
    file = attach(house, at, worker)
    assert (said.status_code, file.status_code) == (200, 200), (said.text, file.text)
    return Place(at, f"/v1/tasks/{tasks[0]['id']}" if tasks else "", file.json()["attachment"])


@pytest.fixture(scope="module")
def places(house: House) -> dict[str, Place]:
    return {
        "invoice": place_of(house, start(house), "budget-owner-1"),
        "loan": place_of(house, loan(house, 31)[0], "credit-officer-1"),
    }


def asked(house: House, place: Place) -> dict[str, Callable[[str], Any]]:
    at, task = place.at, place.task
    acts: dict[str, Callable[[str], Any]] = {
        "read": lambda who: house.get(at, who),
        "history": lambda who: house.get(f"{at}/history", who),
        "comments": lambda who: house.get(f"{at}/comments", who),
        "files": lambda who: house.get(f"{at}/attachments", who),
        "download": lambda who: house.get(f"{at}/attachments/{place.file}", who),
        "comment": lambda who: house.post(f"{at}/comments", who, {"text": "words"}),
        "attach": lambda who: attach(house, at, who),
        "watch": lambda who: house.call("PUT", f"{at}/watch", who),
    }
    if task:
        acts["task comment"] = lambda who: house.post(f"{task}/comments", who, {"text": "words"})
        acts["task watch"] = lambda who: house.call("PUT", f"{task}/watch", who)
    return acts


ROWS = [(name, who, may) for name, table in (("invoice", INVOICE), ("loan", LOAN)) for who, may in table.items()]


@pytest.mark.parametrize(("name", "who", "may"), ROWS, ids=[f"{name}-{who}" for name, who, _ in ROWS])
def test_each_caller_may_do_what_the_table_says(
    house: House, places: dict[str, Place], name: str, who: str, may: dict[str, tuple[int, str]]
) -> None:
    caller = who
    if who in KEYS:
        service, role, domain = KEYS[who]
        caller = house.key(service, role, domain=domain)
    found = {}
    for act, call in asked(house, places[name]).items():
        answer = call(caller)
        found[act] = (answer.status_code, "" if answer.status_code == 200 else answer.json()["reason"])
    assert found == {act: may[act] for act in found}


def test_a_file_goes_with_a_comment_of_ones_own(house: House) -> None:
    at = f"/v1/process-instances/{start(house)}"
    said = house.post(f"{at}/comments", "budget-owner-1", {"text": "I agree"}).json()["comment"]
    house.refused(attach(house, at, "finance-director", f"?name=x.pdf&comment={said}"), 409, "CLAIMED_BY_OTHER")
    assert attach(house, at, "budget-owner-1", f"?name=x.pdf&comment={said}").status_code == 200


PATHS = ("..%5C..%5Cx.pdf", "C:%5Cx.pdf", "..", ".", "a%0Ab.pdf", "%E2%80%AEfdp.exe", "a%7F.pdf", "%20", "x.pdf%20")


@pytest.mark.parametrize("name", PATHS)
def test_the_name_of_a_file_is_no_path_and_is_read_as_it_is(house: House, name: str) -> None:
    at = f"/v1/process-instances/{start(house)}"
    house.refused(attach(house, at, "budget-owner-1", f"?name={name}"), 422, "INVALID_DATA")
    assert house.get(f"{at}/attachments", "budget-owner-1").json()["items"] == []


def test_nothing_is_said_about_whom_was_erased(house: House) -> None:
    instance, _ = loan(house, 32)
    at = f"/v1/process-instances/{instance}"
    over(house, instance)
    assert house.post(f"{at}/comments", "credit-officer-1", {"text": "after the end"}).status_code == 200
    assert ask(house, instance).status_code == 200
    for _ in ("asked for", "carried out"):
        for act in (
            house.post(f"{at}/comments", "credit-officer-1", {"text": "she is called Smith"}),
            attach(house, at, "credit-officer-1"),
        ):
            house.refused(act, 409, "WRONG_STATE")
        certified(house, instance)
    held = house.get(f"/v1/data-subjects/{instance}", "compliance-officer").json()
    assert held["classes"] == []
    assert len(house.get(f"{at}/comments", "credit-officer-1").json()["items"]) == 1
