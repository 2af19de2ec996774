"""Loans as the page of the language has them: votes of the committee, a veto, a sanctions hit, what is incomplete."""

from typing import Any

from examples.demo.deciding import attempt, task_of
from examples.demo.door import until
from examples.demo.organisation import Organisation
from examples.organisation.files import APPROVER, author_of, release_waves
from examples.processes import loading
from examples.processes.acting import Acting, Driven, Worker
from examples.services.risk_desk import summary

DOMAIN, PORTAL, DESK = "lending", "svc:loan-portal", "svc:risk-desk"
MEMBERS = ("committee-member-1", "committee-member-2", "committee-member-3", "committee-member-4")
CHAIR = "committee-chair"
REASON = "judged on what is shown"
SURE, LISTED = "1980-05-17", "1961-05-17"  # reports the summariser is sure of: of Jo Doe, of a listed person
UNSURE = "1970-05-17"  # and one that it is not sure of
KINDS = {"blueprints": "blueprint", "connectors": "connector", "rule-tables": "rule-table"}


def put_in_force(organisation: Organisation, services: str) -> None:
    """Propose, approve and release the next versions of what the demo organisation has."""
    files = loading.next_versions("loan_origination", services)
    for wave in release_waves(files):
        for path in wave:
            _release(organisation, path, files[path])


def _release(organisation: Organisation, path: str, source: str) -> None:
    author, reviewer = organisation.person(author_of(path)), organisation.person(APPROVER)
    body = {"kind": KINDS[path.partition("/")[0]], "source": source, "base_version": 1}
    proposed = author.post("/v1/change-requests", {**body, "title": path, "reason": "as the design has it"})
    change = f"/v1/change-requests/{proposed['change_request']}"
    approval = {"verdict": "approve", "digest": proposed["digest"]}
    nonce = reviewer.post(f"{change}/statement", approval)["nonce"]
    signed = {"statement_nonce": nonce, "password": organisation.passwords[APPROVER]}
    reviewer.post(f"{change}/reviews", {**approval, **signed, "expected_revision": proposed["revision"]})
    reviewer.post(f"{change}/release")


def acting(organisation: Organisation) -> Acting:
    """Who asks for loans, and where."""
    return Acting(organisation, "loan-origination", DOMAIN, PORTAL)


def desk(organisation: Organisation) -> Worker:
    """The risk summariser: it grades the report it is shown."""
    return Worker(organisation.service(DESK), DOMAIN, {"summarise-risk": summary})


def application(amount: str, name: str = "Jo Doe", born: str = SURE, purpose: str = "A car") -> dict[str, Any]:
    """First data of an application."""
    return {
        "applicant": {"name": name, "email": "jo@example.com", "date_of_birth": born},
        "amount": {"amount": amount, "currency": "GBP"},
        "purpose": purpose,
    }


def start(loans: Acting, key: str, data: dict[str, Any]) -> str:
    """A new application; its id."""
    return loans.start(key, {"application_number": key, **data})


def summarise(loans: Acting, instance: str) -> None:
    """Let the desk work until the instance has a summary, or somebody has to review one."""
    worker = desk(loans.organisation)

    def look() -> bool:
        worker.round()
        found = loans.door.get(f"/v1/process-instances/{instance}")
        return any(one["state"] in ("offered", "claimed") for one in found["tasks"]) or found["status"] != "active"

    until(f"the summary of {instance}", look)


def vote(loans: Acting, instance: str, outcome: str, *members: str) -> dict[str, Any]:
    """Each of these votes for the outcome; the answer to the last."""
    answer: dict[str, Any] = {}
    for member in members:
        task = task_of(loans.organisation.person(member), instance, "committee")["id"]
        answer = attempt(loans.organisation, member, task, outcome, REASON)
        loans.driven.decided.append(f"{instance}.{answer['vote']}")
    return answer


def run(organisation: Organisation, services: str) -> Driven:
    """Agreed, vetoed, failed by a tie; a hit that is stopped; an application that was incomplete at first."""
    put_in_force(organisation, services)
    loans = acting(organisation)
    agreed = start(loans, "LO-1", application("400000.00"))
    summarise(loans, agreed)
    vote(loans, agreed, "approve", *MEMBERS[:2])
    task = task_of(organisation.person(CHAIR), agreed, "committee")["id"]
    again = "a second vote of one member"
    loans.refused(again, "ALREADY_VOTED", lambda: attempt(organisation, MEMBERS[0], task, "approve", REASON))
    vote(loans, agreed, "approve", MEMBERS[2])
    loans.ends(agreed)
    vetoed = start(loans, "LO-2", application("900000.00"))
    summarise(loans, vetoed)
    vote(loans, vetoed, "approve", *MEMBERS[:2])
    vote(loans, vetoed, "decline", CHAIR)
    loans.ends(vetoed)
    listed = start(loans, "LO-3", application("20000.00", "Listed Person", LISTED))
    summarise(loans, listed)
    loans.decide("compliance-officer", listed, "compliance", "stop", "it is the person on the list")
    loans.ends(listed)
    incomplete = start(loans, "LO-4", application("300000.00", purpose=""))
    loans.comes_to(incomplete, "ask-applicant")
    correct(loans, incomplete, "A house")
    loans.tell("documents-received", "LO-4")
    summarise(loans, incomplete)
    vote(loans, incomplete, "approve", *MEMBERS[:2])
    vote(loans, incomplete, "decline", *MEMBERS[2:])
    vote(loans, incomplete, "approve", CHAIR)
    loans.ends(incomplete)
    return loans.driven


def correct(loans: Acting, instance: str, purpose: str) -> None:
    """Credit operations record what the applicant has told them since."""
    person = loans.organisation.person("credit-operator")
    body = {"values": {"purpose": purpose}, "reason": "told by the applicant"}
    person.post(f"/v1/process-instances/{instance}/correction", body)
