"""What lists of incidents tell of each: what its step is called, what can be done about it, what bars the caller."""

from collections.abc import Sequence
from typing import Any

from api.actor_names import Names
from api.log_service import Service
from api.problems import refusal_value
from api.reading_as import reading_as
from ledger.actor import Actor
from ledger.service import View
from orchestrator.incident_lists import Cause, IncidentRead
from orchestrator.once_under import version_with
from orchestrator.resume import can_skip
from orchestrator.service import incident_barred
from versioning.blueprint import Blueprint, Step
from versioning.graph import step_title

WAYS = ("retry", "correct", "skip", "other")


class _Room:
    """What one answer asks more than once."""

    def __init__(self, service: Service, view: View, actor: Actor) -> None:
        self._rows = reading_as(view, actor)
        self._rooms = service.rooms
        self._engine = service.rooms.engine
        self._barred: dict[tuple[str, str], Any] = {}

    def blueprint(self, name: str, version: int) -> Blueprint:
        """From the cache of versions."""
        return self._rooms.blueprints.released(self._rows, name, version).blueprint

    def step(self, name: str, version: int, step: str) -> Step:
        """One that an instance under this version is at, or was before it went on under it."""
        under = self._rooms.blueprints.released(self._rows, name, version)
        return version_with(self._rows, self._rooms.blueprints, under, step).blueprint.step(step)

    def barred(self, domain: str, role: str) -> Any:
        """Why the caller could not resolve incidents held for this role here; the same for all of them."""
        if (domain, role) not in self._barred:
            self._barred[domain, role] = refusal_value(incident_barred(self._engine, self._rows, domain, role))
        return self._barred[domain, role]


def listed_incidents(service: Service, view: View, actor: Actor, found: Sequence[IncidentRead]) -> list[dict[str, Any]]:
    """Incidents as lists tell them."""
    room, names = _Room(service, view, actor), Names(view, actor)
    told = []
    for one in found:
        step = room.step(one.value["blueprint"], one.version, one.value["step"])
        is_open = one.value["state"] == "open"
        skips = is_open and one.activation is not None and can_skip(step, one.activation)
        moves = is_open and one.activation is not None and one.activation.watch is None
        told.append(
            {
                **one.value,
                "version": one.version,
                "step_title": step_title(step),
                "assignee": names(one.value["assignee"]),
                "ways": [way for way, can in zip(WAYS, (is_open, is_open, skips, moves), strict=True) if can],
                "barred": room.barred(one.value["domain"], one.value["role"]) if is_open else None,
            }
        )
    return told


def told_causes(service: Service, view: View, actor: Actor, found: Sequence[Cause]) -> list[dict[str, Any]]:
    """Causes as they are told; a step is called as in the newest version among its instances."""
    room = _Room(service, view, actor)
    told = []
    for one in found:
        blueprint, value = room.blueprint(one.blueprint, one.version), one._asdict()
        told.append(
            {
                "count": value.pop("held"),
                **value,
                "title": blueprint.title,
                "step_title": step_title(blueprint.step(one.step)),
                "barred": room.barred(one.domain, one.role),
            }
        )
    return told
