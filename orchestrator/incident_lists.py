"""Lists of incidents for doors: by instance as keyset pages, and counted by cause.

What was tried to get an activation going again is only over when its step is: a retried incident says what became of
the activation since, from the marking of its instance.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import orjson

from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.commands import split_id
from orchestrator.instance import CANCELLED, Activation, parse_marking
from orchestrator.pages import shut
from orchestrator.task_terms import marks

INCIDENT_COLUMNS = (
    "instance", "number", "activation", "step", "code", "place", "role", "state", "how", "raised_at", "resolved_at",
    "assignee",
)  # fmt: skip
ORDERS = ("id", "newest")
CAUSES_MAX = 200  # kinds of causes told at once, the most frequent first

Since = Literal["", "under way", "held again", "finished", "cancelled"]
"""What became of the activation after its incident was resolved; empty while it is open. `cancelled`: the instance was
cancelled since, so it may not have got to its end."""


class IncidentsAsked(NamedTuple):
    """Which incidents: of instances in these domains; empty texts and None ask for nothing.

    `test` 1: of instances in test mode alone; 0: without them.
    """

    domains: Sequence[str]
    state: str
    blueprint: str = ""
    code: str = ""
    step: str = ""
    instance: str = ""
    order: str = "id"
    test: int | None = 0


class IncidentRead(NamedTuple):
    """An incident as a value, with the number of its blueprint version and the activation it holds, if it is live."""

    value: dict[str, Any]
    version: int
    activation: Activation | None


class Cause(NamedTuple):
    """Open incidents of one blueprint at one step with one code; `version` is the newest among their instances'."""

    blueprint: str
    step: str
    code: str
    role: str
    domain: str
    held: int
    first_at: int
    last_at: int
    version: int


class HeldFor(NamedTuple):
    """For whom an incident is held."""

    domain: str
    role: str


def open_incident(rows: UnitOfWork, incident_id: str) -> HeldFor | None:
    """For whom an open incident is held; None where there is no such one."""
    instance_id, number = split_id(incident_id)
    row, instance = rows.get(tables.INCIDENT, instance_id, number), rows.get(tables.INSTANCE, instance_id)
    if row is None or instance is None or row.state != "open":
        return None
    return HeldFor(instance.domain, row.role)


def incident_list(rows: UnitOfWork, asked: IncidentsAsked, after: tuple[str, int], limit: int) -> list[IncidentRead]:
    """In the order of their ids, or the newest instance's first, with the business key of their instance."""
    columns = ", ".join(f"incident.{name}" for name in INCIDENT_COLUMNS)
    terms: list[str] = [f"instance.domain IN ({marks(asked.domains)})"]
    values: list[Any] = [*asked.domains]
    for term, value in (
        ("incident.state = ?", asked.state),
        ("instance.blueprint = ?", asked.blueprint),
        ("incident.code = ?", asked.code),
        ("incident.step = ?", asked.step),
        ("incident.instance = ?", asked.instance),
    ):
        if value:
            terms.append(term)
            values.append(value)
    if asked.test is not None:
        terms.append("instance.test = ?")
        values.append(asked.test)
    is_newest = asked.order == "newest"
    than, way = ("<", "DESC") if is_newest else (">", "ASC")
    behind: tuple[Any, ...] = ()
    if after[0]:
        terms.append(f"(incident.instance {than} ? OR (incident.instance = ? AND incident.number {than} ?))")
        behind = (after[0], after[0], after[1])
    found = rows.query(
        f"SELECT {columns}, instance.blueprint, instance.domain, instance.business_key, instance.test, instance.number,"
        " instance.status, instance.marking FROM incident JOIN instance"
        " ON instance.log_id = incident.log_id AND instance.id = incident.instance"
        f" WHERE incident.log_id = {{log}} AND {' AND '.join(terms)}"
        f" ORDER BY incident.instance {way}, incident.number {way} LIMIT ?",
        (*values, *behind, limit),
    )
    return [_read(row) for row in found]


def _read(row: tuple[Any, ...]) -> IncidentRead:
    names = (*INCIDENT_COLUMNS, "blueprint", "domain", "business_key", "test")
    value = dict(zip(names, row[: len(names)], strict=True))
    version, status, marking = row[len(names) :]
    live = next((one for one in parse_marking(marking) if one.number == value["activation"]), None)
    value = {
        "id": f"{value['instance']}.{value['number']}",
        **value,
        "business_key": shut(orjson.loads(value["business_key"])),
        "test": bool(value["test"]),
        "since": _since(value["state"], status, live),
    }
    return IncidentRead(value, int(version), live)


def _since(state: str, status: str, live: Activation | None) -> Since:
    if state == "open":
        return ""
    if live is not None:
        return "held again" if live.incident else "under way"
    return "cancelled" if status == CANCELLED else "finished"


def causes(rows: UnitOfWork, domains: Sequence[str], test: int | None = 0) -> list[Cause]:
    """Open incidents by cause: blueprint, step, code, who has to resolve them and where; the most frequent first.

    `test` as in `IncidentsAsked`.
    """
    mode = "" if test is None else f" AND instance.test = {int(test)}"
    by = "instance.blueprint, incident.step, incident.code, incident.role, instance.domain"
    found = rows.query(
        f"SELECT {by}, COUNT(*) AS held, MIN(incident.raised_at), MAX(incident.raised_at), MAX(instance.number)"
        " FROM incident JOIN instance ON instance.log_id = incident.log_id AND instance.id = incident.instance"
        f" WHERE incident.log_id = {{log}} AND incident.state = 'open' AND instance.domain IN ({marks(domains)}){mode}"
        f" GROUP BY {by} ORDER BY held DESC, {by} LIMIT ?",
        (*domains, CAUSES_MAX),
    )
    return [Cause(*row) for row in found]
