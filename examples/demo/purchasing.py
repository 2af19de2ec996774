"""Invoices: parsed and matched by intake, mismatches to people, approval by budget, posting and payment outside."""

import json
import urllib.request
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from examples.demo.deciding import attempt, decide, task_of, wait_for_end
from examples.demo.door import Expected, expect_refusal, until
from examples.demo.history import cases_folder
from examples.demo.organisation import Organisation
from examples.invoices.generate import CHANGES
from examples.invoices.match import match
from examples.invoices.model import Receipt
from examples.invoices.read import read_invoice, read_order
from examples.load import ReceivedInvoice, received_invoice
from ledger.errors import BrokenInput

LIMITS = (("budget-owner-1", Decimal(10_000)), ("budget-owner-2", Decimal(50_000)))  # see organisation/grants
REASON = "ordered, received and within budget"
INVOICES = ("factur-x-basic.xml", "factur-x-minimum.xml", "ubl-21-en16931.xml", "zugferd-basic.xml")
ORDER = "order-x-basic.xml"


@dataclass(slots=True)
class Purchasing:
    """What came of it. `published` tells per published invoice how many mismatches it has with the published order."""

    instances: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    refusals: list[Expected] = field(default_factory=list)
    published: dict[str, Any] = field(default_factory=dict)


def run(organisation: Organisation, services: str) -> Purchasing:
    """One invoice that agrees in each syntax, one with each mismatch; posting fails once and is tried again."""
    purchasing = Purchasing()
    _fail_once(services, "post_invoice")
    received = [received_invoice(number, change=None, seed=7) for number in range(1, 40)]
    chosen = [one for one in received if one.change is None][:2]
    chosen += [received_invoice(100 + place, change=change) for place, change in enumerate(CHANGES)]
    for invoice in chosen:
        _start(organisation, purchasing, invoice.data)
        _take(organisation, purchasing, invoice)
    purchasing.published = published()
    return purchasing


def _start(organisation: Organisation, purchasing: Purchasing, data: dict[str, Any]) -> str:
    body = {
        "blueprint": "invoice-approval",
        "business_key": data["document_number"],
        "data": data,
        "domain": "finance",
    }
    answer = organisation.service("svc:invoice-intake").post("/v1/process-instances", body)
    purchasing.instances.append(answer["instance"])
    instance: str = answer["instance"]
    return instance


def _take(organisation: Organisation, purchasing: Purchasing, invoice: ReceivedInvoice) -> None:
    instance = purchasing.instances[-1]
    intake = organisation.service("svc:invoice-intake")
    step = "approval"
    if invoice.goes_to == "exception":
        clerk = organisation.person("accounts-payable-clerk")
        task = task_of(clerk, instance, "exception")["id"]
        clerk.post(f"/v1/tasks/{task}/claim")
        shown = clerk.get(f"/v1/tasks/{task}")["shown_digest"]
        settled = {"resolution": {"action": "accept", "note": "settled with the supplier"}}
        clerk.post(f"/v1/tasks/{task}/completion", {"data": settled, "shown_digest": shown})
        step = "approval-of-exception"
    if invoice.goes_to != "tell-supplier":
        _approve(organisation, purchasing, instance, step)
        _archive(organisation, instance)
    ended = wait_for_end(intake, instance)
    purchasing.outcomes[ended] = purchasing.outcomes.get(ended, 0) + 1


def _approve(organisation: Organisation, purchasing: Purchasing, instance: str, step: str) -> None:
    task = task_of(organisation.person("budget-owner-1"), instance, step)["id"]
    measure = organisation.person("budget-owner-1").get(f"/v1/process-instances/{instance}")["data"]["amount"]
    amount, currency = Decimal(measure["amount"]), measure["currency"]
    if currency != "GBP":
        purchasing.refusals.append(
            expect_refusal(
                "an invoice in another currency",
                "CURRENCY_UNCONVERTIBLE",
                lambda: attempt(organisation, "finance-director", task, "approve", REASON),
            )
        )
        decide(organisation, "finance-director", task, "refuse", "no rate is declared for this currency")
        purchasing.decided.append(task)
        return
    who = next((reference for reference, limit in LIMITS if amount <= limit), "finance-director")
    if who != "budget-owner-1" and not any(one.reason == "LIMIT_CASE" for one in purchasing.refusals):
        purchasing.refusals.append(
            expect_refusal(
                "an invoice above the budget owner's limit",
                "LIMIT_CASE",
                lambda: attempt(organisation, "budget-owner-1", task, "approve", REASON),
            )
        )
    decide(organisation, who, task, "approve", REASON)
    purchasing.decided.append(task)


def _archive(organisation: Organisation, instance: str) -> None:
    """The example worker: takes the archive job of this instance, if its way leads there, and completes it."""
    worker = organisation.service("svc:document-archive")
    intake = organisation.service("svc:invoice-intake")

    def look() -> bool:
        if intake.get(f"/v1/process-instances/{instance}")["status"] != "active":
            return True
        asked = {"type": "archive-document", "worker": "archive-1", "limit": 10, "domain": "finance"}
        found = worker.post("/v1/jobs/activation", asked)
        for job in found["jobs"]:
            worker.post(f"/v1/jobs/{job['job']}/completion", {"lease": job["lease"], "result": None})
        return bool(found["jobs"])

    until(f"the archive job of {instance}", look)


def published() -> dict[str, Any]:
    """Published documents belong to different orders: they are read, do not match, and so would be held."""
    folder = cases_folder() / "invoices"
    if not folder.is_dir():
        return {"left out": "the published files are not at hand (MUNIMENT_CASES)"}
    order = read_order((folder / ORDER).read_bytes())
    receipt = Receipt("GR-0", order.number, order.issued_on, ())
    return {name: _read_published(folder / name, order, receipt) for name in INVOICES}


def _read_published(path: Path, order: Any, receipt: Receipt) -> Any:
    try:
        invoice = read_invoice(path.read_bytes())
    except BrokenInput as broken:
        return {"refused": str(broken)}
    return {"mismatches": len(match(order, receipt, invoice).mismatches)}


def _fail_once(services: str, operation: str) -> None:
    body = json.dumps({"operation": operation, "times": 1, "status": 503}).encode()
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{services}/faults", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own address
        pass
