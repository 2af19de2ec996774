"""A field without a class is confidential: who does not read that class is shown its commitment, wherever they look."""

from typing import Any

import pytest

from examples.organisation.files import artefact_files
from tests.api.organisation import SERVICES, House
from tests.api.page.browser import signed_in
from tests.api.releasing import SPENDING, release, spend
from tests.api.work import intake

FIELDS = """\
  note: {type: string, required: true}
  box: {required: true, properties: {inner: {type: string}, open: {type: string, class: internal}}}
"""
BLUEPRINT = (
    SPENDING.replace("blueprint: spending", "blueprint: unclassed")
    .replace("start: {", f"{FIELDS}start: {{")
    .replace("shows: [number, amount]", "shows: [number, amount, note, box, box.open]")
    .replace("reason: {required: true, codes: spending}", "reason: {required: true}")
)
NOTE, INNER, OPEN = "the wombat sleeps", "under the third stone", "in the garden"
DATA = {"note": NOTE, "box": {"inner": INNER, "open": OPEN}}
ROLE = """\
  outsider:
    title: Reads what happened, not what is confidential
    reads: [public, internal]
    allow: {instance: [read], task: [read], compliance-record: [read], ledger: [read]}
"""
READER, KNOWS = "outside-reader", "budget-owner-1"


@pytest.fixture(scope="module")
def task(house: House) -> str:
    """The open task of an instance with unclassed data; the reader without the class exists."""
    policy = artefact_files(SERVICES)["access-policy.yaml"].replace("roles:\n", f"roles:\n{ROLE}", 1)
    release(house, "access-policy", policy)
    release(house, "person", f"person: {READER}\nname: {READER}\n")
    assigned = f"role assignment: {READER}\nto: {READER}\nrole: outsider\ndomain: organisation\n"
    release(house, "role-assignment", assigned)
    release(house, "blueprint", BLUEPRINT)
    return spend(house, intake(house), blueprint="unclassed", **DATA)


@pytest.fixture(scope="module")
def decided(house: House, task: str) -> str:
    """The same task, decided."""
    assert house.post(f"/v1/tasks/{task}/claim", KNOWS, {}).status_code == 200
    shown = house.get(f"/v1/tasks/{task}", KNOWS).json()
    assert (shown["shown"]["note"], shown["shown"]["box"]) == (NOTE, DATA["box"])
    said = {"outcome": "approve", "reason": INNER, "shown_digest": shown["shown_digest"]}
    assert house.post(f"/v1/tasks/{task}/completion", KNOWS, said).status_code == 200
    return task


def is_shut(value: Any) -> bool:
    return set(value) == {"$commitment", "reason"} and value["reason"] == "CLASS_NOT_READABLE"


def hides(answer: Any) -> str:
    """The text of an answer in which no unclassed value stands."""
    assert answer.status_code == 200, answer.text
    text: str = answer.text
    assert not [secret for secret in (NOTE, INNER, OPEN) if secret in text]
    return text


def test_the_interface_shows_commitments_with_the_reason(house: House, task: str) -> None:
    instance = task.rpartition(".")[0]
    answer = house.get(f"/v1/process-instances/{instance}", READER)
    hides(answer)
    data = answer.json()["data"]
    assert is_shut(data["note"])
    assert is_shut(data["box"])  # a property may be less strict; it lies in a value that is sealed whole
    known = house.get(f"/v1/process-instances/{instance}", KNOWS).json()["data"]
    assert (known["note"], known["box"]) == (NOTE, DATA["box"])

    answer = house.get(f"/v1/tasks/{task}", READER)
    hides(answer)
    shown = answer.json()["shown"]
    assert [is_shut(shown[name]) for name in ("note", "box", "box.open")] == [True, True, True]
    assert shown["amount"] == {"amount": "500.00", "currency": "GBP"}
    assert answer.json()["shown_digest"] == house.get(f"/v1/tasks/{task}", KNOWS).json()["shown_digest"]
    for path in (f"/v1/process-instances/{instance}/history", "/v1/tasks", "/v1/process-instances"):
        hides(house.get(path, READER))


def test_what_the_console_reads_hides_it_and_says_why(house: House, task: str) -> None:
    """As a browser reads: by the session's cookie."""
    browser, instance = signed_in(house, READER), task.rpartition(".")[0]
    shown = browser.get(f"/v1/tasks/{task}")
    assert [is_shut(shown.json()["shown"][name]) for name in ("note", "box", "box.open")] == [True, True, True]
    data = browser.get(f"/v1/process-instances/{instance}").json()["data"]
    assert (is_shut(data["note"]), is_shut(data["box"])) == (True, True)
    at = f"/v1/process-instances/{instance}"
    for path in (
        f"/v1/tasks/{task}",
        at,
        f"{at}/history",
        f"{at}/diagram",
        "/v1/tasks?explained=1",
        f"/v1/search?q={instance}",
    ):
        hides(browser.get(path))
    hides(browser.get("/v1/process-instances", Accept="text/csv"))
    knows = signed_in(house, KNOWS).get(f"/v1/tasks/{task}").json()["shown"]
    assert (knows["note"], knows["box"], knows["box.open"]) == (NOTE, DATA["box"], OPEN)


def test_the_compliance_record_tells_the_commitment(house: House, decided: str) -> None:
    instance = decided.rpartition(".")[0]
    for about in (f"/v1/decisions/{decided}", f"/v1/process-instances/{instance}"):
        record = house.get(f"{about}/compliance-record", READER)
        hides(record)
        (shown,) = next(one for one in record.json()["sections"] if one["id"] == "shown")["statements"]
        commitment = shown["values"]["shown"]["note"]["$commitment"]
        assert f"`note`: classed, commitment {commitment}" in shown["text"]
        hides(house.get(f"{about}/compliance-record?format=html", READER))
    browser = signed_in(house, READER)
    page = browser.get(f"/v1/process-instances/{instance}/compliance-record", Accept="text/html")
    assert page.headers["content-type"].startswith("text/html")
    assert "classed, commitment" in hides(page)
    hides(browser.get(f"/v1/decisions/{decided}/certificate"))
    hides(house.get(f"/v1/decisions/{decided}", READER))


def test_no_entry_holds_an_unclassed_value(house: House, decided: str) -> None:
    at = f"/v1/process-instances/{decided.rpartition('.')[0]}/history"
    history = house.get(at, READER)
    hides(history)
    assert NOTE in house.get(at, KNOWS).text  # opened for who reads this class, and shut in the entries all the same
    for one in history.json()["items"]:
        hides(house.get(f"/v1/ledger/entries/{one['index']}", "auditor"))
