"""A blueprint that asks an agent before money is spent, its agents, and a runner that asks them over HTTP."""

from typing import Any

from api.egress import Egress
from api.running import Connectors, make_runner
from examples.services import agents as server
from tests.api.organisation import House
from tests.api.releasing import release
from tests.api.work import intake

PROFILE = """\
agent: NAME
title: Reads the report
endpoint: ENDPOINT
model: by-rules
version: "1"
parameters: {temperature: 0}
prompt: Grade the report.
sees: confidential
serves: [{task: grade-report}]
"""
SCORED = """\
blueprint: scored-spending
title: Scored spending
purpose: Grade what is asked for before it is spent.
owner: finance-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  report: {class: confidential, required: true, properties: {score: integer, defaults: integer}}
  risk: {class: confidential, properties: {grade: integer, summary: string, confidence: number, findings: [string]}}
start: {by: api, requires: role invoice-intake, key: number}
first: grading
steps:
  grading:
    agent: reader
    shows: [report]
    expects: {type: object, required: [grade, summary, confidence, findings]}
    accept when: = confidence >= 0.80 and count(findings) = 0
    otherwise: {review by: role accounts-payable, within: 4 hours}
    into: risk
    next: seen
  seen: {task: See the grade, role: role budget-owner, shows: [risk], expects: [number], next: done}
  done: {end: done}
"""
DOMAIN = "finance"


def employ(house: House, running: server.Running, *names: str) -> None:
    """Put agents of these names, and the blueprint, in force."""
    for name in names:
        release(house, "agent", PROFILE.replace("NAME", name).replace("ENDPOINT", running.address))
    if "reader" in names:
        release(house, "blueprint", SCORED)


def asked(house: House, running: server.Running, mode: str = "", **report: int) -> str:
    """A new instance whose agent has answered in this mode; its id."""
    house.count += 1
    running.state.set(mode)
    data = {"report": {"score": 800, "defaults": 0, **report}}
    body = {"blueprint": "scored-spending", "business_key": f"G-{house.count}", "data": data, "domain": DOMAIN}
    started = house.post("/v1/process-instances", intake(house), body)
    assert started.status_code == 200, started.text
    make_calls(house, running)
    return str(started.json()["instance"])


def make_calls(house: House, running: server.Running) -> None:
    """One round of a runner."""
    service = house.service
    egress = Egress(running.host)
    connectors = Connectors(service.reader, service.rooms.versions, egress, service.rooms.clock)
    try:
        make_runner(service.writer._writer.submit, service.reader, connectors, service.rooms.clock).round()
    finally:
        egress.close()


def open_task(house: House, instance: str, who: str) -> Any:
    """The open task of an instance, as this person reads it."""
    (found,) = [
        one for one in house.get("/v1/tasks?list=open&limit=100", who).json()["items"] if one["instance"] == instance
    ]
    return house.get(f"/v1/tasks/{found['id']}", who).json()
