"""Notifications of steps as who was told reads them: the text and the data of that moment, from the entry on record."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ledger.certificates import told_erased
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.once_under import version_with
from orchestrator.pages import NOT_READABLE, shut
from orchestrator.paths import is_commitment
from orchestrator.plan import Plan, plan_of
from orchestrator.ports import Versions
from orchestrator.sealing import argument_path, opened, text_path
from orchestrator.tables import InstanceRow
from orchestrator.told_transitions import persons_of
from versioning.blueprint import DataClass, TellStep
from versioning.graph import step_title


class Notice(NamedTuple):
    """What one step told, as far as who reads it now may; `shown` by path."""

    activation: int
    step: str
    title: str
    text: Any
    shown: dict[str, Any]


def notices(
    rows: UnitOfWork, versions: Versions, entry: Mapping[str, Any], person: str, readable: frozenset[DataClass]
) -> tuple[Notice, ...]:
    """What an entry of an instance told a person, in order. `readable` are the classes they may open."""
    told = [one for one in entry["payload"].get("transitions", ()) if one["t"] == "people.told"]
    told = [one for one in told if person in persons_of(one["to"])]
    row = rows.get(tables.INSTANCE, entry["subject"]) if told else None
    if row is None:
        return ()
    return tuple([_notice((rows, _plan(rows, versions, entry, one), row), one, readable) for one in told])


def notice_read(
    rows: UnitOfWork, versions: Versions, row: InstanceRow, readable: frozenset[DataClass]
) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Notice]:
    """What a step told, by its entry and the transition in it, for a reader of the instance who may open these
    classes."""
    return lambda entry, told: _notice((rows, _plan(rows, versions, entry, told), row), told, readable)


def _plan(rows: UnitOfWork, versions: Versions, entry: Mapping[str, Any], told: Mapping[str, Any]) -> Plan:
    """Of the version under which a step told something: it may be another in the one the instance is under since."""
    digest = entry["basis"]["blueprint"]
    for one in entry["payload"]["transitions"]:
        if one is told:
            break
        if one["t"] == "instance.migrated":
            digest = one["version"]
    version = versions.by_digest(rows, digest)
    assert version is not None
    return plan_of(version_with(rows, versions, version, told["step"], (TellStep,)))


def _notice(
    at: tuple[UnitOfWork, Plan, InstanceRow], told: Mapping[str, Any], readable: frozenset[DataClass]
) -> Notice:
    plan, number = at[1], told["activation"]
    step = plan.steps[told["step"]]
    assert isinstance(step, TellStep)
    text = _read(at, (text_path(number), step.text), told["text"], readable)
    shown = {
        path: _read(at, (argument_path(number, path), path), value, readable)
        for path, value in told.get("shown", {}).items()
    }
    return Notice(number, step.id, step_title(step), text, shown)


def _read(
    at: tuple[UnitOfWork, Plan, InstanceRow], place: tuple[str, str], value: Any, readable: frozenset[DataClass]
) -> Any:
    """The value at a place (where it is sealed, and the expression it is of), or why it is not told."""
    rows, plan, row = at
    sealed_at, source = place
    if value is None:
        return None
    if plan.class_of(source) not in readable:
        return shut(value) if is_commitment(value) else {"reason": NOT_READABLE}
    found = opened(rows, row.id, sealed_at, value)
    return {"$commitment": value["$commitment"], **told_erased(rows, row.data_subject)} if found is None else found
