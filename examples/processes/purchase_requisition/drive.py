"""Requisitions: one within a line manager's limit, one cut into two, one beyond the budget, one refused."""

from typing import Any

from examples.demo.deciding import attempt, task_of
from examples.demo.organisation import Organisation
from examples.processes.acting import Acting, Driven

DOMAIN, CART = "purchasing", "svc:shopping-cart"
REASON = "needed and within the budget"
WHY = {"explanation": "the second machine was added a day later"}


def acting(organisation: Organisation, starter: str = CART) -> Acting:
    """Who asks for purchases, and where."""
    return Acting(organisation, "purchase-requisition", DOMAIN, starter)


def wanted(amount: str, supplier: str = "Example Tools", **changes: Any) -> dict[str, Any]:
    """First data of a requisition."""
    return {
        "requester": "Requester 1",
        "cost_centre": "workshop",
        "supplier": supplier,
        "item": "Drilling machine",
        "amount": {"amount": amount, "currency": "GBP"},
        **changes,
    }


def run(organisation: Organisation, _services: str) -> Driven:
    """Each way out but withdrawing, with what a limit and a splitting refuse."""
    asks = acting(organisation)
    first = asks.start("PR-1", wanted("3000.00"))
    asks.decide("line-manager", first, "approval", "approve", REASON)
    asks.ends(first)
    second = asks.start("PR-2", wanted("2500.00"))
    asks.fill_in("purchasing-controller", second, "explain", WHY)
    task = task_of(organisation.person("line-manager"), second, "approval-of-the-whole")["id"]
    asks.refused(
        "one purchase cut into two, each within the limit",
        "LIMIT_CASE",
        lambda: attempt(organisation, "line-manager", task, "approve", REASON),
    )
    asks.decide("head-of-workshop", second, "approval-of-the-whole", "approve", REASON)
    asks.ends(second)
    asks.ends(asks.start("PR-3", wanted("95000.00", "Example Engines")))
    refused = asks.start("PR-4", wanted("400.00", "Example Paints"))
    asks.decide("line-manager", refused, "approval", "refuse", "there is enough in the store")
    asks.ends(refused)
    return asks.driven
