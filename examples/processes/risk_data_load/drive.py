"""Loads of risk data: a source that is down, desks that do not map, figures held back beside the stages."""

from typing import Any

from examples.demo.deciding import attempt, task_of
from examples.demo.door import until
from examples.demo.organisation import Organisation
from examples.processes.acting import Acting, Driven, Worker
from examples.services.risk_loads import ask, extracted, mapped

DOMAIN, SCHEDULER, WORKER = "risk-data", "svc:risk-scheduler", "svc:risk-worker"
DESKS = ["rates", "credit", "equity"]
REASON = "the figures agree with the source"


def acting(organisation: Organisation) -> Acting:
    """Who starts loads, and where."""
    return Acting(organisation, "risk-data-load", DOMAIN, SCHEDULER)


def load_data(*desks: str) -> dict[str, Any]:
    """First data of a load of these desks."""
    mapping = {"version": 1, "note": "as approved"}
    return {"day": "2026-03-02", "source": "positions", "desks": list(desks), "mapping": mapping}


def worker(organisation: Organisation, services: str) -> Worker:
    """Does the first two stages: it asks the source over HTTP, and maps what came."""
    does = {"extract-partition": lambda job: extracted(services, job), "transform-partition": mapped}
    return Worker(organisation.service(WORKER), DOMAIN, does)


def run(organisation: Organisation, services: str) -> Driven:
    """A load with an outage of the source and a desk that does not map, and one that its owner holds back."""
    loads, works = acting(organisation), worker(organisation, services)
    plan_outage(services, 1)
    first = loads.start("RL-1", load_data("rates", "exotic-credit"))
    until_task(works, organisation, first, "mend")
    loads.fill_in("data-steward", first, "mend", {"mapping": {"version": 2, "note": "the new curve is mapped"}})
    task = task_of(organisation.person("data-owner"), first, "approval")["id"]
    loads.refused(
        "publication by who does not answer for the figures",
        "NO_GRANT",
        lambda: attempt(organisation, "compliance-officer", task, "publish", REASON),
    )
    loads.decide("data-owner", first, "approval", "publish", REASON)
    until_ended(works, loads, first)
    loads.ends(first)
    second = loads.start("RL-2", load_data(*DESKS))
    loads.decide("data-owner", second, "approval", "hold back", "the source told of a fault")
    loads.ends(second)
    return loads.driven


def until_task(works: Worker, organisation: Organisation, instance: str, step: str) -> None:
    """Work until the instance waits for a person at this step."""
    door = organisation.service(SCHEDULER)

    def look() -> bool:
        works.round()
        tasks = door.get(f"/v1/process-instances/{instance}")["tasks"]
        return any(task["step"] == step and task["state"] == "offered" for task in tasks)

    until(f"task {step} of {instance}", look)


def until_ended(works: Worker, loads: Acting, instance: str) -> None:
    """Work until the instance is over."""

    def look() -> bool:
        works.round()
        return bool(loads.door.get(f"/v1/process-instances/{instance}")["status"] != "active")

    until(f"the end of {instance}", look)


def plan_outage(services: str, times: int, status: int = 503) -> None:
    """Let the next requests of the source meet an outage, or another answer that is none."""
    ask(f"{services}/faults", {"operation": "extract", "times": times, "status": status}, "")
