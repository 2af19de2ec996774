"""What an id of work names, and by which titles: for who is told of it. No data of a case."""

from typing import Any, NamedTuple

from governance.substituting import substitution
from ledger.service import View
from orchestrator import tables
from orchestrator.commands import split_id
from orchestrator.once_under import version_with
from rbac.service import person_ref
from versioning.graph import step_title
from versioning.service import change_request

_CHANGE, _SUBSTITUTION = "cr_", "su_"


class Titles(NamedTuple):
    """The titles of a step and its blueprint; the first is empty for an instance as a whole, both for nothing known."""

    step: str
    blueprint: str


def titles(rows: View, blueprints: Any, about: str) -> Titles:
    """Of an instance (`pi_...`), a task or an incident (`pi_....7`), of a change request (`cr_...`); of
    a substitution (`su_...`) the organisation's reference of who is stood in for."""
    if about.startswith(_CHANGE):
        change = change_request(rows, about)
        return Titles("", "" if change is None else change.title)
    if about.startswith(_SUBSTITUTION):
        standing = substitution(rows, about)
        return Titles("", "" if standing is None else person_ref(rows, standing.absent) or standing.absent)
    instance_id, number = split_id(about) if "." in about else (about, 0)
    instance = rows.get(tables.INSTANCE, instance_id)
    if instance is None:
        return Titles("", "")
    version = blueprints.version(rows, instance.blueprint, instance.number)
    blueprint = version.blueprint
    row = (
        (rows.get(tables.TASK, instance_id, number) or rows.get(tables.INCIDENT, instance_id, number))
        if number
        else None
    )
    if row is None:
        return Titles("", blueprint.title)
    having = version_with(rows, blueprints, version, row.step).blueprint
    return Titles(step_title(having.step(row.step)), blueprint.title)


def target(rows: View, about: str) -> str:
    """What the id names: `task`, `incident`, `instance`, `change` or `substitution`."""
    if about.startswith(_CHANGE):
        return "change"
    if about.startswith(_SUBSTITUTION):
        return "substitution"
    if "." not in about:
        return "instance"
    return "incident" if rows.get(tables.TASK, *split_id(about)) is None else "task"
