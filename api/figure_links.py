"""Where each figure of the overview leads: the address of the list it counts, with the same filters."""

from typing import Any
from urllib.parse import urlencode

from ledger.canonical import SAFE_INTEGER
from orchestrator.figures import Asked

INSTANCES = "/v1/process-instances"
TASKS = "/v1/tasks"
INCIDENTS = "/v1/incidents"


def with_links(figures: dict[str, Any], asked: Asked, domain: str) -> dict[str, Any]:
    """The figures, each group with `href`, and `links` for the single ones. `domain` is empty for all allowed ones."""
    within = {"blueprint": asked.blueprint, "domain": domain}
    started = {"started_from": asked.start, "started_to": "" if asked.end == SAFE_INTEGER else asked.end}
    opened = {"opened_from": asked.start, "opened_to": started["started_to"]}
    waiting = figures["waiting"]
    tests = figures["test"]
    real = {"test": "without"} if tests["active"] or tests["started"] else {}  # lists of tasks have them as well
    return {
        **figures,
        "waiting": {
            "steps": None if waiting["steps"] is None else [_step(one, domain) for one in waiting["steps"]],
            "tasks": [
                {**one, "href": address(TASKS, domain=domain, blueprint=one["blueprint"], step=one["step"], **real)}
                for one in waiting["tasks"]
            ],
            "jobs": [_waits(one, "job", "type", domain) for one in waiting["jobs"]],
            "calls": [_waits(one, "call", "operation", domain) for one in waiting["calls"]],
            "messages": [_waits(one, "message", "message", domain) for one in waiting["messages"]],
        },
        "incidents": [_incident(one, domain) for one in figures["incidents"]],
        "test": {**tests, "href": address(INSTANCES, **within, test="only")},
        "links": {
            "active": address(INSTANCES, **within, status="active"),
            "started": address(INSTANCES, **within, **started),
            "completed": address(INSTANCES, **within, **started, status="ended"),
            "cancelled": address(INSTANCES, **within, **started, status="cancelled"),
            "failed": address(INSTANCES, **within, **started, status="failed"),
            "tasks_with_deadline": address(TASKS, **within, **opened, list="any", has_due=1, **real),
            "tasks_late": address(TASKS, **within, **opened, list="any", late=1, **real),
        },
    }


def address(path: str, **query: Any) -> str:
    """A path with what is asked of it; what is empty is left out."""
    asked = {name: value for name, value in query.items() if value != ""}
    return f"{path}?{urlencode(asked)}" if asked else path


def _step(one: dict[str, Any], domain: str) -> dict[str, Any]:
    return {**one, "href": address(INSTANCES, domain=domain, blueprint=one["blueprint"], step=one["step"])}


def _waits(one: dict[str, Any], kind: str, name: str, domain: str) -> dict[str, Any]:
    waits = f"{kind}:{one[name]}"
    return {**one, "href": address(INSTANCES, domain=domain, blueprint=one["blueprint"], waits_for=waits)}


def _incident(one: dict[str, Any], domain: str) -> dict[str, Any]:
    named = {name: one[name] for name in ("blueprint", "code", "step")}
    return {**one, "href": address(INCIDENTS, domain=domain, **named)}
