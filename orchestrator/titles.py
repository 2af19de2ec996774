"""What an id of work names, and by which titles: for who is told of it. No data of a case."""

from typing import Any, NamedTuple, Protocol

from ledger.rows import R, Table
from orchestrator import tables
from orchestrator.commands import split_id
from versioning.graph import step_title


class _Rows(Protocol):
    def get(self, table: Table[R], *key: Any) -> R | None: ...


class Titles(NamedTuple):
    """The titles of a step and its blueprint; the first is empty for an instance as a whole, both for nothing known."""

    step: str
    blueprint: str


def titles(rows: _Rows, blueprints: Any, about: str) -> Titles:
    """Of an instance (`pi_...`), a task or an incident (`pi_....7`)."""
    instance_id, number = split_id(about) if "." in about else (about, 0)
    instance = rows.get(tables.INSTANCE, instance_id)
    if instance is None:
        return Titles("", "")
    blueprint = blueprints.version(rows, instance.blueprint, instance.number).blueprint
    row = (
        (rows.get(tables.TASK, instance_id, number) or rows.get(tables.INCIDENT, instance_id, number))
        if number
        else None
    )
    return Titles("" if row is None else step_title(blueprint.step(row.step)), blueprint.title)


def target(rows: _Rows, about: str) -> str:
    """What the id names: `task`, `incident` or `instance`."""
    if "." not in about:
        return "instance"
    return "incident" if rows.get(tables.TASK, *split_id(about)) is None else "task"
