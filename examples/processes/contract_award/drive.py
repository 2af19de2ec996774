"""Public contracts to their award: without a clearance, with all of them, refused by one, and beyond a warrant."""

from functools import partial
from typing import Any

from examples.demo.deciding import attempt, task_of
from examples.demo.organisation import Organisation
from examples.processes.acting import Acting, Driven

BLUEPRINT, DOMAIN, SPECIALIST = "contract-award", "contracts", "contract-specialist-1"
COUNSEL, SMALL_BUSINESS, COMPETITION = "contract-counsel", "small-business-specialist", "competition-advocate"
HEAD = "head-of-contracting"
CLEARANCES = {"legal": COUNSEL, "small-business": SMALL_BUSINESS, "competition": COMPETITION}
OFFICERS = tuple([f"contracting-officer-{number}" for number in (1, 2, 3)])
NOT_NEEDED = {
    "market-research": "the report of this spring still holds",
    "clarification": "the offer leaves nothing open",
}
REASON = "what law and regulation ask for is met"


def preparing(organisation: Organisation, who: str = SPECIALIST) -> Acting:
    """Contracts as this person prepares them."""
    return Acting(organisation, BLUEPRINT, DOMAIN, who)


def run(organisation: Organisation, services: str) -> Driven:  # noqa: ARG001 - every driver is asked alike
    """A micro-purchase, a sole source that needs every clearance, and one that counsel refuses."""
    acting = preparing(organisation)
    small = prepared(acting, "C-1", "9500.00")
    acting.decide(OFFICERS[0], small, "award", "award", "the price is fair and reasonable")
    acting.ends(small)
    sole = started(acting, "C-2", "1200000.00", sole_source=True)
    clarified_twice(acting, sole)
    refused_early(acting, sole)
    clear(acting, sole, *CLEARANCES)
    refused(acting, sole)
    acting.decide(OFFICERS[1], sole, "award", "award", "only this source can do it, at a fair price")
    acting.ends(sole)
    returned = prepared(acting, "C-3", "800000.00")
    acting.decide(COUNSEL, returned, "legal", "refuse", "the liability clause cannot stand")
    acting.ends(returned)
    return acting.driven


def prepared(acting: Acting, number: str, amount: str, *, sole_source: bool = False, set_aside: bool = False) -> str:
    """A contract whose file is ready, by who prepares it: nothing is unclear, the market is known; its instance."""
    instance = started(acting, number, amount, sole_source=sole_source, set_aside=set_aside)
    for step, reason in NOT_NEEDED.items():
        acting.choose(acting.starter, (instance, step), "pass over", reason)
    analysed(acting, instance)
    return instance


def analysed(acting: Acting, instance: str) -> None:
    """The price of the offer is compared."""
    acting.choose(acting.starter, (instance, "price-analysis"))
    acting.fill_in(acting.starter, instance, "price-analysis", {"price": "Within the prices of three like contracts"})


def clarified_twice(acting: Acting, instance: str) -> None:
    """The first answer of the offeror raises another question; what is known of the market is recent enough."""
    acting.choose(acting.starter, (instance, "clarification"))
    answered(acting, instance, "Maintenance every month, parts at cost")
    acting.choose(acting.starter, (instance, "clarification"), "begin again", "are filters parts, or maintenance?")
    answered(acting, instance, "Maintenance every month, filters included")
    acting.choose(acting.starter, (instance, "market-research"), "pass over", NOT_NEEDED["market-research"])
    analysed(acting, instance)


def answered(acting: Acting, instance: str, terms: str) -> None:
    """The offeror has said what was unclear."""
    acting.fill_in(acting.starter, instance, "clarification", {"contractor": {"terms": terms}})


def started(acting: Acting, number: str, amount: str, *, sole_source: bool = False, set_aside: bool = False) -> str:
    """A contract whose file is to be prepared; the id of its instance."""
    data: dict[str, Any] = {
        "contract_number": number,
        "far_edition": "codified, FAC 2025-06",
        "requirement": "Maintenance of laboratory equipment",
        "amount": {"amount": amount, "currency": "USD"},
        "sole_source": sole_source,
        "set_aside": set_aside,
        "contractor": {
            "name": f"Contractor of {number}",
            "offers": 1 if sole_source else 3,
            "terms": "Maintenance every month",
        },
        "market": "Three firms maintain such equipment; report of this spring",
    }
    return acting.start(number, data)


def clear(acting: Acting, instance: str, *steps: str) -> None:
    """Each of these clearances is given."""
    for step in steps:
        acting.decide(CLEARANCES[step], instance, step, "clear", REASON)


def refused_early(acting: Acting, instance: str) -> None:
    """A clearance by whom it does not belong to."""
    task = task_of(acting.organisation.person(COUNSEL), instance, "competition")["id"]
    wrong = partial(attempt, acting.organisation, COUNSEL, task, "clear", REASON)
    acting.refused("a clearance by somebody else", "WRONG_POWER", wrong)


def refused(acting: Acting, instance: str) -> None:
    """An award beyond the amount of a warrant, and one beyond what a warrant is for."""
    task = task_of(acting.organisation.person(OFFICERS[0]), instance, "award")["id"]
    over = partial(attempt, acting.organisation, OFFICERS[0], task, "award", REASON)
    acting.refused("an award above the warrant", "LIMIT_CASE", over)
    sole = partial(attempt, acting.organisation, OFFICERS[2], task, "award", REASON)
    acting.refused("a sole source under a warrant for what was competed", "CONDITION_FAILED", sole)
