"""An organisation with agents: a blueprint with an `agent` step, profiles, a gate table, and the local agent server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from api.egress import Egress
from api.outgoing.agents import AgentCalls
from examples.services import agents as server
from governance.rules.dmn.as_table import read_any_table
from governance.rules.table import compile_table
from ledger.actor import Actor
from ledger.canonical import digest
from ledger.clock import SystemClock
from ledger.entry import Entry
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.feel import evaluate_at, rule
from orchestrator.runner import CallAnswer, CallFailure, Runner
from tests.orchestrator.house import BOB, House
from tests.orchestrator.memory import MemoryLog, MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.test_work import runner
from versioning.blueprint import BlueprintVersion
from versioning.kinds.agent import read_agent
from versioning.kinds.connector import read_connector
from versioning.parse import parse_blueprint

BLUEPRINT = """\
blueprint: toy
title: Credit
purpose: Say how risky a credit is.
owner: owners
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal}
  score: {type: integer, class: internal}
  bureau: {type: object, class: internal}
  secret: {class: personal, data_subject: true, properties: {name: string}}
  risk: {class: internal, properties: {grade: integer, summary: string, confidence: number, findings: [string]}}
start: {by: api, requires: role starters, key: number}
first: summary
steps:
  summary:
    agent: AGENT
    shows: [SHOWS]
    expects:
      type: object
      required: [grade, summary, confidence, findings]
      properties: {grade: {type: integer, minimum: 1, maximum: 9}, confidence: {type: number}}
    otherwise: {review by: role clerks, within: 4 hours}
    into: risk
    KEYS
    next: done
  done: {end: done}
  turned-down: {end: turned down}
"""
CONDITION = "accept when: = confidence >= 0.80 and count(findings) = 0"
GATE = """\
rule-table: sane-grade
title: Whether a grade can follow from the score
inputs: {grade: integer, score: integer}
output: sane
type: boolean
hit: first
rules:
  - {grade: "< 4", score: "< 500", then: "false"}
  - {grade: "-", score: "-", then: "true"}
"""
PROFILE = """\
agent: summariser
endpoint: ENDPOINT
model: by-rules
version: "1"
parameters: {temperature: 0, top_p: 0.5}
prompt: Summarise the report.
sees: internal
time_out: 2 seconds
"""
BUREAU = """\
connector: bureau
base_url: ENDPOINT
operations:
  read_report: {method: GET, path: /report, takes: {number: {in: query, type: string}}}
  order_report: {method: POST, path: /report}
"""


@dataclass(frozen=True)
class Released:
    """A released artefact."""

    kind: str
    name: str
    value: Any

    @property
    def digest(self) -> str:
        return digest([self.kind, self.value])


class AgentHouse(House):
    """A house with artefacts in force and a table that gates."""

    def __init__(self) -> None:
        super().__init__()
        self.expressions = evaluate_at
        self.artefacts: dict[tuple[str, str], Released] = {}
        self.agents = self
        self.table: Any = None

    def put_in_force(self, kind: str, source: str) -> Released:
        value = {"agent": read_agent, "connector": read_connector}[kind](source)
        found = self.artefacts[kind, value["name"]] = Released(kind, value["name"], value)
        return found

    def named(self, uow: Any, name: str) -> Released | None:
        return self.artefacts.get(("agent", name))

    def every(self, uow: Any) -> tuple[Released, ...]:
        return tuple([one for (kind, _), one in sorted(self.artefacts.items()) if kind == "agent"])

    def evaluate(self, uow: Any, version: BlueprintVersion, table: str, given: tuple[Mapping[str, Any], Any]) -> Any:
        assert table == "sane-grade"
        return rule(self.table, "digest-of-the-table", dict(given[0]), given[1])


class Artefacts:
    """The artefacts in force, as the runner asks for them."""

    def __init__(self, house: AgentHouse) -> None:
        self.house = house

    def current(self, view: Any, kind: str, name: str) -> Any:
        return self.house.artefacts.get((kind, name))


_open: list[Egress] = []  # closed with the server


class Calls:
    """Calls agents over HTTP as the service does."""

    def __init__(self, house: AgentHouse, log: MemoryLog, allow: str) -> None:
        self.log = log
        self.egress = Egress(allow)
        _open.append(self.egress)
        self.calls = AgentCalls(Artefacts(house), self.egress, SystemClock())
        self.answers: list[CallAnswer | CallFailure] = []

    def call(self, operation: str, arguments: Mapping[str, Any], key: str) -> CallAnswer | CallFailure:
        asking = self.calls.prepared(MemoryUow(self.log, BOB), operation, arguments)
        self.answers.append(asking if isinstance(asking, CallFailure) else self.calls.converse(asking, key))
        return self.answers[-1]


class Agency(Office):
    """An office whose first step asks an agent that is served over HTTP."""

    house: AgentHouse

    def __init__(
        self, running: server.Running, keys: str = CONDITION, agent: str = "summariser", shows: str = "bureau"
    ):
        self.server = running
        self.house = AgentHouse()
        text = BLUEPRINT.replace("AGENT", agent).replace("SHOWS", shows).replace("KEYS", keys.replace("\n", "\n    "))
        if "turned-down" not in keys:
            text = text.replace("  turned-down: {end: turned down}\n", "")
        blueprint = parse_blueprint(text)
        self.house.release(BlueprintVersion(blueprint, 1, "digest-1", ("person:author",), (), text, 0))
        self.profile()
        self.log = self.house.log()
        self.calls = Calls(self.house, self.log, running.host)

    def profile(self, *changes: tuple[str, str], address: str = "") -> Released:
        """Put a profile in force: the usual one with these changes."""
        source = PROFILE.replace("ENDPOINT", address or self.server.address)
        for old, new in changes:
            assert old in source
            source = source.replace(old, new)
        return self.house.put_in_force("agent", source)

    def gate(self, source: str = GATE) -> None:
        self.house.table = compile_table(read_any_table(source))

    def begin(self, score: int = 800, defaults: int = 0, key: str = "A-1", **data: Any) -> str:
        """A new instance, after one round of the runner."""
        instance = self.start(key, score=score, bureau={"score": score, "defaults": defaults}, **data)
        self.runner().round()
        return instance

    def runner(self) -> Runner:
        return runner(self, self.calls)

    def transitions(self, *kinds: str) -> list[dict[str, Any]]:
        entries: list[Entry] = self.log.entries
        return [dict(t) for entry in entries for t in entry.payload["transitions"] if t["t"] in kinds]

    def gated(self) -> tuple[str, str]:
        """The gate and the code of the newest proposal."""
        found = self.transitions("proposal.gated")[-1]
        return found.get("gate", ""), found.get("code", "")

    def risk(self, instance: str) -> Any:
        row = self.row(tables.VARIABLE, instance, "risk")
        return None if row is None else orjson.loads(row.value)


@contextmanager
def agent() -> Iterator[server.Running]:
    """The local agent server."""
    running = server.start()
    try:
        yield running
    finally:
        while _open:
            _open.pop().close()
        running.stop()


def incident(office: Agency) -> tuple[str, str]:
    """Code and place of the one open incident."""
    row = office.only(tables.INCIDENT, state="open")
    return row.code, row.place


def reviewed(office: Agency, outcome: str, actor: Actor = BOB, **fields: Any) -> Any:
    """Claim the review and do this."""
    task = office.task_id("summary")
    office.done(c.ClaimTask(task), actor)
    return office.send(c.CompleteTask(task, outcome, shown_digest=office.shown(task).shown_digest, **fields), actor)
