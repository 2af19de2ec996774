"""New employees: one who starts, one whose access an owner refuses, one whose start is called off."""

from datetime import UTC, datetime, timedelta
from typing import Any

from examples.demo.deciding import attempt, task_of
from examples.demo.organisation import Organisation
from examples.processes.acting import Acting, Driven

DOMAIN, DESK = "people", "svc:people-desk"
OFFICE = timedelta(days=30)  # a first day that lies well ahead
KEEP = "PT1H"  # a start may be called off while the directory is being asked
REASON = "the job needs it"


def acting(organisation: Organisation) -> Acting:
    """Who announces new employees, and where."""
    return Acting(organisation, "new-employee-access", DOMAIN, DESK)


def start_data(job: str, first_day: datetime) -> dict[str, Any]:
    """First data of a start in this job."""
    employee = {"name": "Newcomer 1", "email": "newcomer.1@example.com"}
    first = first_day.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"employee": employee, "job": job, "unit": "Customer service", "first_day": first}


def ahead(seconds: float) -> datetime:
    """An instant from now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)


def call_off(starts: Acting, key: str) -> None:
    """Say that who was announced does not come."""
    body = {"name": "start-cancelled", "key": key, "domain": DOMAIN, "keep_for": KEEP}
    starts.door.post("/v1/messages", body)


def run(organisation: Organisation, _services: str) -> Driven:
    """Each way out once, and two who may not agree."""
    starts = acting(organisation)
    working = starts.start("NE-1", start_data("accountant", ahead(0)))
    task = task_of(organisation.person("service-manager"), working, "manager")["id"]
    starts.refused(
        "access above what the manager may agree to",
        "LIMIT_CASE",
        lambda: attempt(organisation, "service-manager", task, "agree", REASON),
    )
    starts.decide("head-of-service", working, "manager", "agree", REASON)
    owned = task_of(organisation.person("head-of-service"), working, "crm-owner")["id"]
    starts.refused(
        "the same person as manager and as owner of the system",
        "SOD",
        lambda: attempt(organisation, "head-of-service", owned, "agree", REASON),
    )
    for owner in ("crm", "ledger"):
        starts.decide(f"{owner}-owner", working, f"{owner}-owner", "agree", REASON)
    starts.ends(working)
    refused = starts.start("NE-2", start_data("accountant", ahead(OFFICE.total_seconds())))
    starts.decide("head-of-service", refused, "manager", "agree", REASON)
    starts.decide("crm-owner", refused, "crm-owner", "agree", REASON)
    starts.decide("ledger-owner", refused, "ledger-owner", "refuse", "two duties would meet")
    starts.ends(refused)
    off = starts.start("NE-3", start_data("service clerk", ahead(OFFICE.total_seconds())))
    starts.decide("service-manager", off, "manager", "agree", REASON)
    starts.decide("crm-owner", off, "crm-owner", "agree", REASON)
    starts.comes_to(off, "first-day")
    call_off(starts, "NE-3")
    starts.ends(off)
    return starts.driven
