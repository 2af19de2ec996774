"""Vendors of three countries: checks by the rule table, and a process of the country where it has one."""

from typing import Any

from examples.demo.deciding import attempt, task_of
from examples.demo.organisation import Organisation
from examples.processes.acting import Acting, Driven

DOMAIN, PORTAL = "vendors", "svc:vendor-portal"
FORM = {"taxpayer_number": "00-0000000", "is_certified": True}
DECLARED = {"goods": "Fittings", "origins": ["DE", "PT"]}
REASON = "needed, and the checks are passed"


def acting(organisation: Organisation, starter: str = PORTAL) -> Acting:
    """Who asks for vendors, and where."""
    return Acting(organisation, "vendor-approval", DOMAIN, starter)


def vendor(country: str, spend: str = "20000.00", name: str = "Example Supplies") -> dict[str, Any]:
    """First data of a vendor."""
    return {
        "name": name,
        "country": country,
        "tax_number": f"{country}-123456789",
        "spend": {"amount": spend, "currency": "GBP"},
    }


def run(organisation: Organisation, _services: str) -> Driven:
    """One vendor of each country with checks, one of a country without business."""
    vendors = acting(organisation)
    british = vendors.start("VE-1", vendor("GB", "60000.00"))
    task = task_of(organisation.person("category-manager"), british, "approval")["id"]
    vendors.refused(
        "a vendor above the limit of the category manager",
        "LIMIT_CASE",
        lambda: attempt(organisation, "category-manager", task, "approve", REASON),
    )
    vendors.decide("head-of-purchasing", british, "approval", "approve", REASON)
    vendors.ends(british)
    german = vendors.start("VE-2", vendor("DE"))
    vendors.child("vendor-diligence-de", german)
    vendors.tell("supply-chain-declared", "VE-2", DECLARED)
    judged = vendors.child("vendor-diligence-de", german)
    vendors.decide("supply-chain-officer", judged, "judgement", "not acceptable", "the origin of two goods is unknown")
    vendors.decide("head-of-purchasing", german, "approval-of-exception", "refuse", "another vendor delivers the same")
    vendors.ends(german)
    american = vendors.start("VE-3", vendor("US"))
    form = vendors.child("vendor-form-us", american)
    vendors.comes_to(form, "form")
    vendors.tell("form-w9-received", "VE-3", FORM)
    vendors.decide("category-manager", american, "approval", "approve", REASON)
    vendors.ends(american)
    vendors.ends(vendors.start("VE-4", vendor("AQ")))
    return vendors.driven
