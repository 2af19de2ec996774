"""Loans: applications over the portal's key, decisions under named authority, and the refusals that belong to them."""

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from examples.demo.deciding import attempt, decide, task_of, wait_for_end
from examples.demo.door import Expected, expect_refusal
from examples.demo.organisation import Organisation
from examples.load import LOAN_STEPS, LoanApplication, LoanStep, loan_application

OFFICER_LIMIT = Decimal(100_000)  # Credit Officer 1, see organisation/grants
JUNIOR_LIMIT = Decimal(25_000)  # Credit Officer 2
REASON = "income and history support the amount"


@dataclass(slots=True)
class Lending:
    """What came of it."""

    instances: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    refusals: list[Expected] = field(default_factory=list)


def applications(each: int, seed: int = 1) -> list[LoanApplication]:
    """`each` applications for every way through the process, the first of their kind in the generator's order."""
    wanted: dict[LoanStep, int] = dict.fromkeys(LOAN_STEPS, each)
    found = []
    for number in count(1):
        application = loan_application(number, seed)
        if wanted[application.waits_at]:
            wanted[application.waits_at] -= 1
            found.append(application)
        if not any(wanted.values()):
            return found
    return found


def amount_of(application: LoanApplication) -> Decimal:
    """What was applied for."""
    return Decimal(application.data["amount"]["amount"])


def run(organisation: Organisation, each: int) -> Lending:
    """Start the applications and take every one to its end."""
    lending = Lending()
    portal = organisation.service("svc:loan-portal")
    started = []
    for application in applications(each):
        body = _start_of(application)
        answer = portal.post("/v1/process-instances", body)
        lending.instances.append(answer["instance"])
        started.append((application, answer["instance"], body))
    application, _, body = started[0]
    lending.refusals.append(
        expect_refusal(
            "the same application again", "BUSINESS_KEY_TAKEN", lambda: portal.post("/v1/process-instances", body)
        )
    )
    for application, instance, _ in started:
        _take(organisation, lending, application, instance)
        ended = wait_for_end(portal, instance)
        lending.outcomes[ended] = lending.outcomes.get(ended, 0) + 1
    return lending


def leave_waiting(organisation: Organisation, each: int) -> int:
    """Start more applications and leave them to whoever signs in; how many."""
    portal = organisation.service("svc:loan-portal")
    more = applications(each, seed=2)
    for application in more:
        portal.post("/v1/process-instances", _start_of(application))
    return len(more)


def _start_of(application: LoanApplication) -> dict[str, Any]:
    return {
        "blueprint": "loan-origination",
        "business_key": application.business_key,
        "data": application.data,
        "domain": "lending",
    }


def _take(organisation: Organisation, lending: Lending, application: LoanApplication, instance: str) -> None:
    if application.waits_at == "ask-applicant":
        organisation.service("svc:loan-portal").post(
            "/v1/messages",
            {
                "name": "documents-received",
                "key": application.business_key,
                "data": {"documents": ["proof of identity", "proof of income"]},
                "domain": "lending",
            },
        )
    step = task_of(organisation.person("head-of-lending"), instance, "compliance", "officer", "officer-high")["step"]
    if step == "compliance":
        _decide(organisation, lending, "compliance-officer", (instance, step, "clear"))
        step = "officer-high"
    if step == "officer":
        _refuse(organisation, lending, application, instance)
        who = "credit-officer-1" if _fits(application) else "credit-officer-3"
    else:
        who = "head-of-lending"
    _decide(organisation, lending, who, (instance, step, "approve"))


def _fits(application: LoanApplication) -> bool:
    return amount_of(application) <= OFFICER_LIMIT and application.grade < 7


def _decide(organisation: Organisation, lending: Lending, who: str, what: tuple[str, str, str]) -> None:
    instance, step, outcome = what
    task = task_of(organisation.person(who), instance, step)
    decide(organisation, who, task["id"], outcome, REASON)
    lending.decided.append(task["id"])


def _refuse(organisation: Organisation, lending: Lending, application: LoanApplication, instance: str) -> None:
    """What must not go through, once each: too little authority, none at all, and a machine."""
    known = {refusal.what for refusal in lending.refusals}
    task = task_of(organisation.person("credit-officer-1"), instance, "officer")["id"]
    if amount_of(application) > JUNIOR_LIMIT and application.grade <= 4 and "a loan above the limit" not in known:
        lending.refusals.append(
            expect_refusal(
                "a loan above the limit",
                "LIMIT_CASE",
                lambda: attempt(organisation, "credit-officer-2", task, "approve", REASON),
            )
        )
    if "a decision without a grant for it" not in known:
        lending.refusals.append(
            expect_refusal(
                "a decision without a grant for it",
                "WRONG_POWER",
                lambda: attempt(organisation, "compliance-officer", task, "approve", REASON),
            )
        )
        portal = organisation.service("svc:loan-portal")
        lending.refusals.append(
            expect_refusal(
                "a decision by a machine",
                "NOT_A_PERSON",
                lambda: portal.post(f"/v1/tasks/{task}/completion", {"outcome": "approve", "reason": REASON}),
            )
        )
