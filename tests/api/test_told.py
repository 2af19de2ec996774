"""What a person is told of an instance and its tasks, by the reads of the console, and what is kept from whom."""

import json
import re
from typing import Any

import pytest
from lxml import html

from api.showing import visible
from ledger.service import View
from tests.api.organisation import House
from tests.api.work import claimed, decide, start, stated, task_of
from tests.conftest import CASES

WHO, OTHER, READER, KEEPER = "budget-owner-1", "budget-owner-2", "auditor", "compliance-officer"
REASON = "ordered, received & within budget\nchecked <twice>"


def history(house: House, instance: str, who: str = WHO) -> list[dict[str, Any]]:
    """The history of a short instance, newest first."""
    answer = house.get(f"/v1/process-instances/{instance}/history", who)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def offered(house: House, instance: str, who: str = WHO) -> dict[str, Any]:
    """The open task of an instance, taken by nobody, as this person sees it."""
    [row] = house.get(f"/v1/process-instances/{instance}", who).json()["tasks"]
    task: dict[str, Any] = house.get(f"/v1/tasks/{row['id']}", who).json()
    return task


def test_a_decision_is_told_with_its_reason_its_authority_and_its_entry(house: House) -> None:
    instance = start(house, amount="4321.00")
    task = offered(house, instance)
    assert (task["title"], task["holder_name"]) == ("Approval", "")
    assert task["shown"]["amount"] == {"amount": "4321.00", "currency": "GBP"}
    taken = task_of(house, instance)
    said = {"outcome": "approve", "reason": REASON, "shown_digest": taken["shown_digest"]}
    statement = house.post(f"/v1/tasks/{task['id']}/statement", WHO, said)
    assert "I approve this expense within my budget authority" in statement.text
    signed = {**stated(house, taken), **said, "statement_nonce": statement.json()["nonce"]}
    wrong = house.post(f"/v1/tasks/{task['id']}/completion", WHO, {**signed, "password": "another word entirely"})
    house.refused(wrong, 422, "SIGNATURE_WRONG")
    done = house.post(f"/v1/tasks/{task['id']}/completion", WHO, signed)
    assert done.status_code == 200, done.text
    index = done.json()["receipt"]["index"]

    told = next(one for one in history(house, instance) if one["index"] == index)
    assert (told["who"], told["reason"], told["refused"]) == (WHO, REASON, None)
    assert told["decision"]["outcome"] == "approve"
    assert told["decision"]["grant"]
    entry = house.get(f"/v1/ledger/entries/{index}", READER).json()
    assert (told["leaf_hash"], told["kind"]) == (entry["leaf_hash"], entry["entry"]["kind"])
    record = house.get(f"/v1/decisions/{task['id']}/compliance-record?format=html", WHO)
    text = html.fromstring(record.text).text_content()
    assert "measured 4321.00 GBP, at most 10000.00 GBP per case, 5679.00 left" in text
    assert "attested by the service, factor password" in text
    assert re.search(r"<time>[0-9-]{10}T[0-9:.]{15}Z</time>", record.text)
    closed = house.get(f"/v1/tasks/{task['id']}", WHO).json()
    assert (closed["state"], closed["outcome"]) == ("completed", "approve")


def test_whoever_may_not_decide_is_told_before_typing(house: House) -> None:
    task = offered(house, start(house, amount="20000.00"))
    assert {one["outcome"]: one["barred"] and one["barred"]["reason"] for one in task["choices"]} == {
        "approve": "LIMIT_CASE",
        "refuse": "LIMIT_CASE",
    }
    assert {one["barred"] for one in offered(house, task["instance"], "finance-director")["choices"]} == {None}


def test_a_refusal_is_told_and_recorded(house: House) -> None:
    instance = start(house, amount="20000.00")
    problem = house.refused(claimed(house, instance), 403, "LIMIT_CASE")
    [told] = [one for one in history(house, instance) if one["refused"] is not None]
    assert told["index"] == problem["receipt"]["index"]
    # The entry holds the sentence alone: its wording is told again from it, and is the one that was told at the time.
    said_again = {"message": problem["detail"], "wording": problem["wording"]}
    assert told["refused"] == {"reason": "LIMIT_CASE", **said_again}
    assert "expected 0 to 10000.00 GBP" in problem["detail"]
    assert offered(house, instance)["holder"] == ""


@pytest.mark.parametrize(("missing", "reason"), [("reason", "REASON_MISSING"), ("outcome", "UNKNOWN_OUTCOME")])
def test_what_is_missing_is_asked_for(house: House, missing: str, reason: str) -> None:
    task = task_of(house, start(house))
    body = {**stated(house, task), missing: ""}
    house.refused(house.post(f"/v1/tasks/{task['id']}/completion", WHO, body), 422, reason)
    assert house.get(f"/v1/tasks/{task['id']}", WHO).json()["state"] == "claimed"


def test_names_are_opened_only_for_who_may_read_personal_data(house: House) -> None:
    instance = start(house)
    task = task_of(house, instance)
    for who, name in ((KEEPER, "Budget Owner 1"), (OTHER, WHO), ("process-owner", WHO)):
        assert house.get(f"/v1/tasks/{task['id']}", who).json()["holder_name"] == name, who
    assert decide(house, task).status_code == 200
    at = f"/v1/process-instances/{instance}"
    for path in (f"/v1/tasks/{task['id']}", at, f"{at}/history", f"{at}/diagram"):
        unseen = house.get(path, "process-owner")
        assert unseen.status_code == 200, path
        assert "Budget Owner 1" not in unseen.text
        assert "within budget" not in unseen.text
        assert "T-1" not in unseen.text
    [decided] = [one for one in history(house, instance, "process-owner") if one["kind"] == "task.completed"]
    assert decided["reason"]["reason"] == "CLASS_NOT_READABLE"
    assert house.get(at, "process-owner").json()["data"]["supplier"]["reason"] == "CLASS_NOT_READABLE"
    assert house.get(at, WHO).json()["data"]["supplier"] == {"name": "Supplier", "tax_number": "T-1"}
    house.refused(house.get(f"{at}/compliance-record", "process-owner"), 403, "NO_RULE")


def test_a_long_history_goes_on(house: House) -> None:
    instance = start(house)
    decide(house, task_of(house, instance))
    at = f"/v1/process-instances/{instance}/history"
    seen: list[int] = []
    where: str | None = f"{at}?limit=2"
    while where:
        page = house.get(where, WHO).json()
        seen += [one["index"] for one in page["items"]]
        where = f"{at}?limit=2&cursor={page['cursor']}" if page["cursor"] else None
    entries = house.get(f"/v1/ledger/entries?subject={instance}&limit=200", READER).json()["items"]
    assert len(entries) > 2
    assert seen == [one["index"] for one in entries]
    other = start(house)
    decide(house, task_of(house, other))
    foreign = house.get(f"/v1/process-instances/{other}/history?limit=2", WHO).json()["cursor"]
    house.refused(house.get(f"{at}?limit=2&cursor={foreign}", WHO), 400, "MALFORMED")


def test_an_altered_entry_is_never_handed_out_and_hides_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = start(house)
    decide(house, task_of(house, instance))
    entries = house.get(f"/v1/ledger/entries?subject={instance}", READER).json()["items"]
    altered = entries[0]["index"]
    real = View.read

    def tampered(self: View, table: Any, key: Any) -> Any:
        row = real(self, table, key)
        if table.name != "entry" or row is None or row.idx != altered:
            return row
        return row._replace(bytes=row.bytes.replace(b'"approve"', b'"refuse"'))

    monkeypatch.setattr(View, "read", tampered)
    for path in (f"/v1/process-instances/{instance}/history", f"/v1/ledger/entries/{altered}"):
        answer = house.get(path, READER)
        house.refused(answer, 500, "ENTRY_ALTERED")
        assert answer.json()["details"] == {"entry": str(altered)}
        assert "refuse" not in answer.text
    for one in entries[1:]:
        assert house.get(f"/v1/ledger/entries/{one['index']}", READER).json()["leaf_hash"] == one["leaf_hash"]
    assert house.get(f"/v1/process-instances/{instance}", READER).status_code == 200


def strings() -> list[str]:
    texts = json.loads((CASES / "hostile-strings" / "blns.json").read_text())
    return [text for text in texts if (text and text.isprintable()) or "\t" in text]


ELEMENTS = frozenset(
    (
        "html", "head", "meta", "title", "link", "body", "main", "article", "section", "header", "footer", "h1", "h2",
        "p", "ul", "li", "span", "a", "code", "strong", "time", "table", "caption", "thead", "tbody", "tr", "th", "td",
    )
)  # fmt: skip
ATTRIBUTES = re.compile(r"on|style|src|srcdoc|srcset|formaction|xlink")


def check(text: str) -> str:
    """Only our own elements and attributes stand in the page; its text."""
    page = html.fromstring(text)
    elements = {element.tag for element in page.iter()}
    assert elements <= ELEMENTS
    for element in page.iter():
        for name, value in element.attrib.items():
            assert ATTRIBUTES.match(name) is None, (name, value)
            if name == "href":
                assert value.startswith(("/", "#")), value
    return str(page.text_content())


@pytest.mark.cases
def test_hostile_strings_in_a_record_are_text(house: House) -> None:
    texts = [*strings(), "pay\u202e001"]
    for part in range(0, len(texts), 60):
        some = texts[part : part + 60]
        lines = [{"item": text, "quantity": 1} for text in some]
        instance = start(house, lines=lines, order_number=" | ".join(some))
        task = task_of(house, instance)
        read = house.get(f"/v1/tasks/{task['id']}", WHO)
        assert read.headers["content-type"] == "application/json"
        assert read.headers["x-content-type-options"] == "nosniff"
        assert [one["item"] for one in read.json()["shown"]["lines"]] == some
        assert decide(house, task).status_code == 200
        told = []
        for about in (f"/v1/process-instances/{instance}", f"/v1/decisions/{task['id']}"):
            record = house.get(f"{about}/compliance-record?format=html", WHO)
            assert record.status_code == 200
            told.append(check(record.text))
        for text in some:
            assert all(visible(text).replace("`", "") in one for one in told), text  # what stands in backticks is code
