"""Instances, tasks and statements of the demo organisation, as the tests of the door need them."""

from typing import Any

from tests.api.organisation import WORD, House

FINANCE = "finance"


def invoice(house: House, **changes: Any) -> dict[str, Any]:
    """Data of an invoice that matches; a new document each time."""
    house.count += 1
    amount = {"amount": changes.pop("amount", "5000.00"), "currency": changes.pop("currency", "GBP")}
    return {
        "document_sha256": "ab",
        "invoice_number": f"INV-{house.count}",
        "order_number": "PO-1",
        "issued_on": "2026-01-01",
        "supplier": {"name": "Supplier", "tax_number": "T-1"},
        "amount": amount,
        "payable": amount,
        "lines": [{"item": "paper", "quantity": 2}],
        "duplicate": False,
        "mismatches": [],
        **changes,
    }


def intake(house: House) -> str:
    """The API key of the intake service."""
    key = house.tokens.get("key:intake")
    if key is None:
        key = house.tokens["key:intake"] = house.key("svc:invoice-intake", "invoice-intake", domain=FINANCE)
    return key


def start(house: House, *, test: bool = False, **changes: Any) -> str:
    """A new instance that waits for the decision of a budget owner, in test mode where it is said so; its id."""
    data = invoice(house, **changes)
    body: dict[str, Any] = {"blueprint": "invoice-approval", "business_key": f"D-{house.count}", "data": data}
    body |= {"domain": FINANCE, "test": test}
    answer = house.post("/v1/process-instances", intake(house), body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["instance"])


def claimed(house: House, instance: str, who: str = "budget-owner-1") -> Any:
    """What is answered to this person who claims the open task of an instance."""
    [found] = house.get(f"/v1/process-instances/{instance}", who).json()["tasks"][:1]
    return house.post(f"/v1/tasks/{found['id']}/claim", who, {"expected_revision": found["revision"]})


def task_of(house: House, instance: str, who: str = "budget-owner-1") -> dict[str, Any]:
    """The open task of an instance, claimed by this person, as they see it."""
    answer = claimed(house, instance, who)
    assert answer.status_code == 200, answer.text
    read = house.get(f"/v1/tasks/{answer.json()['task']}", who)
    assert read.status_code == 200, read.text
    value: dict[str, Any] = read.json()
    return value


def stated(house: House, task: dict[str, Any], who: str = "budget-owner-1", outcome: str = "approve") -> dict[str, Any]:
    """The body that completes the task, with a statement made for it."""
    said = {"outcome": outcome, "reason": "within budget"}
    answer = house.post(f"/v1/tasks/{task['id']}/statement", who, {**said, "shown_digest": task["shown_digest"]})
    assert answer.status_code == 200, answer.text
    return {
        **said,
        "statement_nonce": answer.json()["nonce"],
        "shown_digest": task["shown_digest"],
        "password": WORD,
    }


def waiting_task(house: House, who: str = "budget-owner-1") -> dict[str, Any]:
    """The task of a new instance, claimed by this person."""
    return task_of(house, start(house), who)


def decide(house: House, task: dict[str, Any], who: str = "budget-owner-1", outcome: str = "approve") -> Any:
    """State, sign, complete; the response."""
    return house.post(f"/v1/tasks/{task['id']}/completion", who, stated(house, task, who, outcome))
