"""Requests for prior authorization through their ways: approved, pended and approved, denied with the reason."""

from functools import partial
from typing import Any

from examples.authorizations.generate import NEEDS, document
from examples.authorizations.intake import take_in
from examples.demo.deciding import attempt, task_of
from examples.demo.door import until
from examples.demo.organisation import Organisation
from examples.processes.acting import Acting, Driven

BLUEPRINT, DOMAIN, GATEWAY = "prior-authorization", "health", "svc:provider-gateway"
NURSE, RESPIRATORY, REHABILITATION = "nurse-reviewer-1", "physician-reviewer-1", "physician-reviewer-2"
DENIAL = {
    "criterion": "Oxygen at home, 3.2: saturation of 88 percent or less",
    "words": "The saturation is 94 percent.",
}


def run(organisation: Organisation, services: str) -> Driven:  # noqa: ARG001 - every driver is asked alike
    """A standard request approved, one pended and then approved, an expedited one denied."""
    acting = Acting(organisation, BLUEPRINT, DOMAIN, GATEWAY)
    approved = start(acting, document(1))
    acting.decide(NURSE, approved, "standard-review", "approve", "the criterion is met")
    acting.ends(approved)
    pended = start(acting, document(2))
    acting.decide(NURSE, pended, "standard-review", "ask for more", "the blood gas analysis is missing")
    inform(acting, pended, "PA-000002")
    acting.decide(RESPIRATORY, pended, "standard-second-review", "approve", "the analysis shows the criterion is met")
    acting.ends(pended)
    denied = start(acting, document(3, NEEDS[0], "stat"))
    refused(acting, denied, "expedited-review")
    judge(acting, denied, "expedited-review", "deny", "saturation above the criterion")
    acting.fill_in(RESPIRATORY, denied, "expedited-denial", {"denial": DENIAL})
    acting.ends(denied)
    return acting.driven


def judge(acting: Acting, instance: str, step: str, outcome: str, reason: str) -> None:
    """The physician of the field takes the decision on a task that is theirs already."""
    task = task_of(acting.organisation.person(RESPIRATORY), instance, step)["id"]
    attempt(acting.organisation, RESPIRATORY, task, outcome, reason)
    acting.driven.decided.append(task)


def start(acting: Acting, received: bytes) -> str:
    """An instance for a bundle that came in; `BrokenInput` names the element that is missing."""
    data = take_in(received)
    return acting.start(data["request_number"], data)


def inform(acting: Acting, instance: str, number: str) -> None:
    """What was asked for comes in, once it is waited for."""
    told = {"documents": ["QuestionnaireResponse/answers", "Observation/blood-gas"], "note": "as asked"}
    wait_for_step(acting, instance, "-information")
    acting.tell("information-received", number, told)


def wait_for_step(acting: Acting, instance: str, step: str) -> None:
    """The instance is at a step whose name ends so."""

    def look() -> bool:
        return any(one["step"].endswith(step) for one in acting.door.get(f"/v1/process-instances/{instance}")["steps"])

    until(f"step {step} of {instance}", look)


def refused(acting: Acting, instance: str, step: str) -> None:
    """A denial by somebody whose credential does not reach so far, and one that gives no specific reason."""
    task = task_of(acting.organisation.person(RESPIRATORY), instance, step)["id"]
    for what, code, who in (
        ("a denial by a nurse", "WRONG_POWER", NURSE),
        ("a denial by a physician of another field", "CONDITION_FAILED", REHABILITATION),
    ):
        denying = partial(attempt, acting.organisation, who, task, "deny", "not needed")
        acting.refused(what, code, denying)
    acting.refused("a denial without a specific reason", "REASON_MISSING", lambda: _without_code(acting, task))


def _without_code(acting: Acting, task: str) -> Any:
    door = acting.organisation.person(RESPIRATORY)
    door.post(f"/v1/tasks/{task}/claim")
    shown = door.get(f"/v1/tasks/{task}")["shown_digest"]
    said = {"outcome": "deny", "reason": "not needed", "shown_digest": shown}
    stated = door.post(f"/v1/tasks/{task}/statement", said)
    signed = {"statement_nonce": stated["nonce"], "password": acting.organisation.passwords[RESPIRATORY]}
    return door.post(f"/v1/tasks/{task}/completion", {**said, **signed})
