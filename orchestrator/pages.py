"""What others may read of instances, tasks, incidents and waiting work: keyset pages and single values, for doors.

`rows` is a unit of work or a read-only view. Lists hold what stands in rows: a classed value is its commitment there.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from ledger.certificates import told_erased
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.deadlines import urgency_of
from orchestrator.fold_rows import instance_of
from orchestrator.instance import Activation
from orchestrator.paths import is_commitment
from orchestrator.plan import Plan, plan_of
from orchestrator.ports import Versions
from orchestrator.sealing import opened
from versioning.agent_steps import members_of, schema_of
from versioning.blueprint import AgentStep, Blueprint, DataClass, DataField
from versioning.starts import start_of

InstanceRow = tables.InstanceRow  # the row as those may name it who read it here

NOT_READABLE = "CLASS_NOT_READABLE"

INSTANCE_COLUMNS = (
    "id", "blueprint", "version", "number", "status", "outcome", "revision", "business_key", "initiator", "domain",
    "parent", "started_at", "ended_at", "suspended_at", "test", "begun_by",
)  # fmt: skip
TASK_COLUMNS = (
    "instance", "number", "step", "blueprint", "domain", "state", "role", "decision_kind", "above", "holder",
    "outcome", "revision", "due_at", "opened_at", "closed_at", "urgency",
    "delegate", "skill", "unit", "stands_in_for", "turn",
)  # fmt: skip


class InstanceRead(NamedTuple):
    """One instance: its row, what of its data this reader may see, and its live activations."""

    row: InstanceRow
    business_key: Any
    data: dict[str, Any]
    live: tuple[Activation, ...]


class Candidate(NamedTuple):
    """Whose tasks are asked for: the person who holds, and the roles and decision kinds that are offered.

    `takes` says of a task that was passed on to a higher authority whether it is offered to this person. `has` are
    the skills and units of the person, and then those of each they stand in for; `stands_in_for` are these.
    """

    person: str
    roles: tuple[str, ...]
    decision_kinds: tuple[str, ...]
    takes: Callable[[str], bool]
    has: tuple["Has", ...] = ()
    stands_in_for: tuple[str, ...] = ()


class Has(NamedTuple):
    """What one person has. `roles` are theirs where it is somebody who is stood in for: what is offered to another role
    would not be offered to them."""

    skills: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    roles: tuple[str, ...] | None = None


def has_of(attributes: Sequence[tuple[str, str]], roles: tuple[str, ...] | None = None) -> Has:
    """Of a person's (attribute, value)."""
    skills, units = ([value for name, value in attributes if name == wanted] for wanted in ("skill", "unit"))
    return Has(tuple(skills), tuple(units), roles)


def instance_row(rows: UnitOfWork, instance_id: str) -> InstanceRow | None:
    """The row of one instance."""
    return rows.get(tables.INSTANCE, instance_id)


def instance(rows: UnitOfWork, versions: Versions, row: InstanceRow, readable: frozenset[DataClass]) -> InstanceRead:
    """One instance for a reader of these classes; what they may not read stays a commitment, with the reason."""
    plan = _plan(rows, versions, row)
    reader = _Reader(rows, plan, row, readable)
    key = reader.key(orjson.loads(row.business_key))
    variables = rows.group(tables.VARIABLE, row.id)
    data = {one.name: reader.value(one.name, orjson.loads(one.value)) for one in variables}
    return InstanceRead(row, key, data, instance_of(row).live)


def key_of(rows: UnitOfWork, versions: Versions, row: InstanceRow, readable: frozenset[DataClass]) -> Any:
    """The business key of one instance for a reader of these classes."""
    return _Reader(rows, _plan(rows, versions, row), row, readable).key(orjson.loads(row.business_key))


class RecordedRead(NamedTuple):
    """What was recorded of an instance as one reader sees it: data by their path, reasons somebody gave."""

    value: Callable[[str, Any], Any]
    reason: Callable[[str, Any], Any]


def recorded_read(
    rows: UnitOfWork, versions: Versions, row: InstanceRow, readable: frozenset[DataClass]
) -> RecordedRead:
    """For a reader of these classes; reasons are confidential."""
    reader = _Reader(rows, _plan(rows, versions, row), row, readable)
    may = "confidential" in readable
    return RecordedRead(reader.value, lambda path, sealed: reader.opened(path, sealed) if may else _shut(sealed))


class ProposedRead(NamedTuple):
    """What was proposed for an instance as one reader sees it: a value by path, what stands there now, the reason by
    the path at which it is sealed."""

    proposed: Callable[[str, Any], Any]
    present: Callable[[str], Any]
    reason: Callable[[str, str], Any]


def proposed_read(
    rows: UnitOfWork, versions: Versions, row: InstanceRow, readable: frozenset[DataClass]
) -> ProposedRead:
    """For a reader of these classes; reasons are confidential."""
    plan = _plan(rows, versions, row)
    reader = _Reader(rows, plan, row, readable)
    recorded = {one.name: one.value for one in rows.group(tables.VARIABLE, row.id)}

    def proposed(path: str, value: Any) -> Any:
        if plan.class_of_recorded(path) not in readable:
            return _shut(value) if is_commitment(value) else {"reason": NOT_READABLE}
        return reader.opened(f"act.{path}", value) if is_commitment(value) else value

    def present(path: str) -> Any:
        at, _, rest = path.partition(".")
        told = reader.value(at, orjson.loads(recorded[at])) if at in recorded else None
        for name in rest.split(".") if rest else ():
            told = told.get(name) if type(told) is dict and "reason" not in told else told
        return told

    def reason(at: str, text: str) -> Any:
        sealed = orjson.loads(text)
        if sealed is None:
            return None
        return reader.opened(at, sealed) if "confidential" in readable else _shut(sealed)

    return ProposedRead(proposed, present, reason)


def _plan(rows: UnitOfWork, versions: Versions, row: InstanceRow) -> Plan:
    version = versions.version(rows, row.blueprint, row.number)
    assert version is not None
    return plan_of(version)


def live_of(row: InstanceRow) -> tuple[Activation, ...]:
    """What is live in an instance."""
    return instance_of(row).live


class _Reader:
    """Opens, of one instance's data, what a reader of these classes may see."""

    def __init__(self, rows: UnitOfWork, plan: Plan, row: InstanceRow, readable: frozenset[DataClass]) -> None:
        self._rows = rows
        self._plan = plan
        self._row = row
        self._readable = readable

    def key(self, key: Any) -> Any:
        """The business key, for this reader."""
        if not is_commitment(key):
            return key
        start = start_of(self._plan.version.blueprint.starts, self._row.begun_by)
        may = self._plan.class_of(start.key) in self._readable
        return self.opened("business_key", key) if may else _shut(key)

    def value(self, path: str, value: Any) -> Any:
        """The value at a path, for this reader."""
        if is_commitment(value):
            may = self._plan.class_of_recorded(path) in self._readable
            return self.opened(path, value) if may else _shut(value)
        if type(value) is dict and "$decimal" not in value:
            return {name: self.value(f"{path}.{name}", member) for name, member in value.items()}
        field = self._plan.field_at(path)
        if field is not None and field.data_class not in self._readable:
            return {"reason": NOT_READABLE}
        return value

    def opened(self, path: str, sealed: Any) -> Any:
        """The value behind a commitment; where it was erased, the commitment with that and the certificate's index."""
        value = opened(self._rows, self._row.id, path, sealed)
        if value is not None:
            return value
        return {"$commitment": sealed["$commitment"], **told_erased(self._rows, self._row.data_subject)}


def _shut(value: Any) -> Any:
    """A commitment as a reader sees it: without where it lies, with the reason."""
    return {"$commitment": value["$commitment"], "reason": NOT_READABLE} if is_commitment(value) else value


def shut(value: Any) -> Any:
    """Every commitment in a value as a reader sees it."""
    if is_commitment(value):
        return _shut(value)
    if type(value) is dict:
        return {name: shut(member) for name, member in value.items()}
    if type(value) is list:
        return [shut(member) for member in value]
    return value


def tasks(
    rows: UnitOfWork, domains: Sequence[str], candidate: Candidate | None, after: tuple[str, int], limit: int
) -> list[dict[str, Any]]:
    """Open tasks in the order of their ids; with a candidate only those offered to or held by them."""
    if candidate is None:
        return [task_value(row) for row in _open(rows, domains, None, after, limit)]
    kept: list[tables.TaskRow] = []
    while len(kept) < limit:  # a page is full, or it is the last one, whatever was passed on to others
        found = _open(rows, domains, candidate, after, limit)
        kept += [row for row in found if not row.above or row.holder or candidate.takes(f"{row.instance}.{row.number}")]
        if len(found) < limit:
            break
        after = found[-1].instance, found[-1].number
    return [task_value(row) for row in kept[:limit]]


def _open(
    rows: UnitOfWork, domains: Sequence[str], candidate: Candidate | None, after: tuple[str, int], limit: int
) -> list[tables.TaskRow]:
    mine, values = "", []
    if candidate is not None:
        mine = (
            f" AND (holder = ? OR (state = 'offered' AND (role IN ({_marks(candidate.roles)})"
            f" OR (role = '' AND decision_kind IN ({_marks(candidate.decision_kinds)})))))"
        )
        values = [candidate.person, *candidate.roles, *candidate.decision_kinds]
    found = rows.query(
        f"SELECT {', '.join(TASK_COLUMNS)} FROM task WHERE log_id = {{log}} AND state IN ('offered', 'claimed')"
        f" AND domain IN ({_marks(domains)}){mine} AND (instance > ? OR (instance = ? AND number > ?))"
        " ORDER BY instance, number LIMIT ?",
        (*domains, *values, after[0], after[0], after[1], limit),
    )
    return [tables.TaskRow(*row) for row in found]


def tasks_of(rows: UnitOfWork, instance_id: str) -> list[dict[str, Any]]:
    """The open tasks of one instance."""
    found = rows.query(
        f"SELECT {', '.join(TASK_COLUMNS)} FROM task WHERE log_id = {{log}} AND instance = ?"
        " AND state IN ('offered', 'claimed') ORDER BY number LIMIT 200",
        (instance_id,),
    )
    whole = rows.get(tables.INSTANCE, instance_id)
    values = [task_value(tables.TaskRow(*row)) for row in found]
    return [{**one, "urgency": urgency_of(one["urgency"], 0 if whole is None else whole.urgency)} for one in values]


def task_value(row: tables.TaskRow) -> dict[str, Any]:
    """A task as doors tell it."""
    told = {"id": f"{row.instance}.{row.number}", **row._asdict(), "above": bool(row.above)}
    told.pop("turn")  # told by its urgency
    return told


def _marks(values: Sequence[Any]) -> str:
    """As many question marks as there are values; for none a term that nothing equals."""
    return ", ".join("?" * len(values)) if values else "NULL"


class Expected(NamedTuple):
    """One field a form expects. `field` is how it is declared; None where an object without properties is free."""

    path: str
    field: DataField | None


def expected(rows: UnitOfWork, versions: Versions, row: InstanceRow, paths: Sequence[str]) -> tuple[Expected, ...]:
    """The declared fields at these paths, in the blueprint version of the instance."""
    version = versions.version(rows, row.blueprint, row.number)
    assert version is not None
    plan = plan_of(version)
    return tuple([Expected(path, plan.field_at(path)) for path in paths])


def corrected(blueprint: Blueprint, step: AgentStep) -> tuple[Expected, ...]:
    """The members of an agent's answer, as a reviewer who corrects it fills them in."""
    required = schema_of(step).get("required", ())
    members = members_of(step, blueprint.data)
    return tuple([Expected(one.name, replace(one, required=one.name in required)) for one in members])
