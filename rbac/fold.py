"""Folds: entries of this room into its tables. Only what stands in the entry; nothing is worked out here."""

from collections.abc import Mapping
from typing import Any

from ledger import canonical
from ledger.entry import Entry
from ledger.rows import Folds, FoldView
from rbac import attributes, entries
from rbac.tables import (
    ACTOR,
    ASSIGNMENT,
    ASSIGNMENT_NAME,
    CEREMONY,
    PERSON,
    PERSON_REF,
    POLICY_VERSION,
    ActorRow,
    AssignmentNameRow,
    AssignmentRow,
    CeremonyRow,
    PersonRefRow,
    PersonRow,
    PolicyVersionRow,
)


def folds() -> Folds:
    """Every fold of the room by (kind, schema)."""
    return {
        (entries.PERSON_REGISTERED, 1): _person_registered,
        (entries.PERSON_CHANGED, 1): _person_changed,
        (entries.ACTOR_REGISTERED, 1): _actor_registered,
        (entries.ACTOR_CHANGED, 1): _actor_changed,
        (entries.ROLE_ASSIGNED, 1): _role_assigned,
        (entries.ROLE_UNASSIGNED, 1): _role_unassigned,
        (entries.PERSON_ATTRIBUTE_GIVEN, 1): attributes.fold_given,
        (entries.PERSON_ATTRIBUTE_ENDED, 1): attributes.fold_ended,
        (entries.ACCESS_POLICY_RELEASED, 1): _policy_released,
        (entries.CEREMONY_HELD, 1): _ceremony_held,
        (entries.CEREMONY_HELD, 2): _demo_ceremony_held,
    }


def _text(value: Any) -> str:
    return canonical.encode(value).decode("utf-8")


def _put_person(view: FoldView, entry: Entry, body: Mapping[str, Any], path: str) -> None:
    person = body["person"]
    sealed = _text(body["name"])
    row = PersonRow(person, body["ref"], sealed, entry.subject, path, body["status"], entry.recorded, entry.index)
    view.put(PERSON, row)
    view.put(PERSON_REF, PersonRefRow(body["ref"], person))
    view.put(ACTOR, ActorRow(body["actor"], "person", person, "", body["status"], entry.recorded, entry.index))


def _put_actor(view: FoldView, entry: Entry, body: Mapping[str, Any]) -> None:
    row = ActorRow(body["actor"], body["kind"], None, body["title"], body["status"], entry.recorded, entry.index)
    view.put(ACTOR, row)


def _put_assignment(view: FoldView, entry: Entry, body: Mapping[str, Any]) -> None:
    row = AssignmentRow(
        body["actor"],
        body["assignment"],
        body["name"],
        body["role"],
        body["domain"],
        body["valid_from"],
        body["valid_until"],
        entry.index,
        None,
    )
    view.put(ASSIGNMENT, row)
    view.put(ASSIGNMENT_NAME, AssignmentNameRow(body["name"], body["actor"], body["assignment"]))


def _put_policy(view: FoldView, entry: Entry, body: Mapping[str, Any]) -> None:
    value = _text(body["value"])
    row = PolicyVersionRow(body["number"], body["name"], body["digest"], value, entry.recorded, entry.index)
    view.put(POLICY_VERSION, row)


def _person_registered(view: FoldView, entry: Entry) -> None:
    _put_person(view, entry, entry.payload, "name")


def _person_changed(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    row = view.get(PERSON, body["person"])
    assert row is not None
    name = _text(body["name"])
    view.put(
        PERSON,
        row._replace(name=name, sealed_subject=entry.subject, sealed_path="name", status=body["status"],
                     entry_index=entry.index),
    )  # fmt: skip
    actor = view.get(ACTOR, body["person"])
    if actor is not None:
        view.put(ACTOR, actor._replace(status=body["status"], entry_index=entry.index))


def _actor_registered(view: FoldView, entry: Entry) -> None:
    _put_actor(view, entry, entry.payload)


def _actor_changed(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    row = view.get(ACTOR, body["actor"])
    assert row is not None
    view.put(ACTOR, row._replace(title=body["title"], status=body["status"], entry_index=entry.index))


def _role_assigned(view: FoldView, entry: Entry) -> None:
    _put_assignment(view, entry, entry.payload)


def _role_unassigned(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    row = view.get(ASSIGNMENT, body["actor"], body["assignment"])
    assert row is not None
    view.put(ASSIGNMENT, row._replace(valid_until=body["valid_until"], ended_index=entry.index))


def _policy_released(view: FoldView, entry: Entry) -> None:
    _put_policy(view, entry, entry.payload)


def _ceremony_held(view: FoldView, entry: Entry) -> None:
    _put_ceremony(view, entry, "")


def _demo_ceremony_held(view: FoldView, entry: Entry) -> None:
    _put_ceremony(view, entry, _text(entry.payload["demo"]))


def _put_ceremony(view: FoldView, entry: Entry, demo: str) -> None:
    body = entry.payload
    for place, person in enumerate(body["persons"]):
        _put_person(view, entry, person, f"persons.{place}.name")
    for actor in body["actors"]:
        _put_actor(view, entry, actor)
    _put_policy(view, entry, body["policy"])
    for assignment in body["assignments"]:
        _put_assignment(view, entry, assignment)
    first, second = body["holders"]
    view.put(CEREMONY, CeremonyRow("bootstrap", first, second, entry.recorded, entry.index, demo))
