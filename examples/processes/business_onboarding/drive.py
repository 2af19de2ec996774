"""Businesses from the CRM to an account: opened, stopped by compliance, turned down, and undone when a step fails."""

import json
import urllib.request
from typing import Any

from examples.demo.deciding import attempt, task_of
from examples.demo.organisation import Organisation
from examples.processes.acting import Acting, Driven

BLUEPRINT, DOMAIN, CRM = "business-onboarding", "business", "svc:crm"
OFFICER = "compliance-officer"
RELATIONSHIP, RISK, LEGAL = "relationship-manager-2", "risk-officer-1", "legal-counsel-1"
APPROVALS = ((RELATIONSHIP, "relationship", "accept"), (RISK, "risk", "approve"), (LEGAL, "legal", "approve"))
REASON = "within the acceptance policy"


def run(organisation: Organisation, services: str) -> Driven:
    """One of each: opened, cleared and opened, stopped, turned down, and not opened since a later step failed."""
    acting = Acting(organisation, BLUEPRINT, DOMAIN, CRM)
    opened = won(acting, "DEAL-1")
    refused(acting, opened)
    agree(acting, opened, APPROVALS[1:])
    acting.ends(opened)
    cleared = won(acting, "DEAL-2-LISTED")
    acting.decide(OFFICER, cleared, "compliance", "clear", "another person of the same name")
    agree(acting, cleared)
    acting.ends(cleared)
    stopped = won(acting, "DEAL-3-ELSEWHERE")
    acting.decide(OFFICER, stopped, "compliance", "stop", "who owns it could not be established")
    acting.ends(stopped)
    turned_down = won(acting, "DEAL-4")
    acting.decide(LEGAL, turned_down, "legal-approval", "turn down", "the terms asked for are not offered")
    acting.ends(turned_down)
    undone = won(acting, "DEAL-5")
    plan(services, "mark_customer", 422)
    agree(acting, undone)
    acting.ends(undone)
    return acting.driven


def won(acting: Acting, deal: str, credit_line: str = "100000.00") -> str:
    """The CRM tells of a deal that was won, which starts an instance; its id."""
    message = {"name": "deal-won", "key": deal, "data": won_data(deal, credit_line), "domain": acting.domain}
    instance: str = acting.door.post("/v1/messages", message)["instance"]
    acting.driven.instances.append(instance)
    return instance


def won_data(deal: str, credit_line: str = "100000.00") -> dict[str, Any]:
    """What the CRM says of the deal."""
    contact = {"name": f"Contact of {deal}", "email": f"{deal.lower()}@example.com"}
    return {"deal_number": deal, "contact": contact, "credit_line": {"amount": credit_line, "currency": "GBP"}}


def agree(acting: Acting, instance: str, parts: tuple[tuple[str, str, str], ...] = APPROVALS) -> None:
    """All three give their approval, or those who have not yet."""
    for who, part, outcome in parts:
        acting.decide(who, instance, f"{part}-approval", outcome, REASON)


def refused(acting: Acting, instance: str) -> None:
    """One person for two of the three parts, and one part by whom it does not belong to."""
    head = "head-of-business-banking"
    acting.decide(head, instance, "relationship-approval", "accept", REASON)
    task = task_of(acting.organisation.person(head), instance, "risk-approval")["id"]
    acting.refused(
        "two approvals by one person", "SOD", lambda: attempt(acting.organisation, head, task, "approve", REASON)
    )
    acting.refused(
        "an approval without authority",
        "WRONG_POWER",
        lambda: attempt(acting.organisation, LEGAL, task, "approve", REASON),
    )


def plan(services: str, operation: str, status: int, times: int = 1) -> None:
    """Let the next requests of an operation fail; 422 is not tried again, 503 is."""
    body = json.dumps({"operation": operation, "times": times, "status": status}).encode()
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{services}/faults", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own address
        pass
