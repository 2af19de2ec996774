"""What lists of instances tell of each, and the same as a file for a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from api.log_service import Service
from api.reading_as import reading_as
from ledger.actor import Actor
from ledger.clock import Instant, instant_text
from ledger.service import View
from orchestrator.instance_lists import InstanceListed, due_of
from orchestrator.plan import plan_of
from orchestrator.stopped_clocks import TaskClock, stopped_clocks
from versioning.graph import step_title

CSV_ROWS_MAX = 10_000  # of one file: more is an export of the ledger, not a list somebody looks at
_COLUMNS = (
    "id", "business_key", "title", "blueprint", "version", "status", "outcome", "steps", "domain", "started_at",
    "due_at", "updated_at", "ended_at",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula when a cell begins with it


def listed_values(service: Service, view: View, actor: Actor, found: Sequence[InstanceListed]) -> list[dict[str, Any]]:
    """Instances as lists tell them: with title, steps, and when they were touched last."""
    rows, blueprints = reading_as(view, actor), service.rooms.blueprints
    keys = {(one.value["blueprint"], one.value["number"]) for one in found}
    designs = {key: blueprints.released(rows, *key).blueprint for key in keys}
    due = _due(service, view, actor, found)
    times = view.times([one.newest for one in found])
    return [
        {
            **one.value,
            "title": designs[one.value["blueprint"], one.value["number"]].title,
            "steps": list(one.steps),
            "step_titles": [
                step_title(designs[one.value["blueprint"], one.value["number"]].step(step)) for step in one.steps
            ],
            "due_at": due.get(one.id, (None, False))[0],
            "is_due_later": due.get(one.id, (None, False))[1],
            "updated_at": times[one.newest],
            "updated_index": one.newest,
        }
        for one in found
    ]


def _due(service: Service, view: View, actor: Actor, found: Sequence[InstanceListed]) -> dict[str, tuple[int, bool]]:
    """By instance, when its first open task is due, and whether that moves on: only where no other task is due."""
    rows, plans = reading_as(view, actor), {}
    for one in found:
        version = service.rooms.blueprints.released(rows, one.value["blueprint"], one.value["number"])
        plans[one.id] = plan_of(version)
    tasks = due_of(rows, list(plans))
    clocks = [TaskClock(instance, number, due, plans[instance]) for instance, number, due in tasks]
    still = [clock for clock in clocks if clock.plan.stands_still]
    stopped = stopped_clocks(rows, service.rooms.engine.calendars, still)
    told: dict[str, tuple[int, bool]] = {}
    for instance, number, due in tasks:
        clock = stopped.get((instance, number))
        moves = clock is not None and clock.moves
        if instance not in told or (told[instance][1] and not moves):
            told[instance] = (due, moves)
    return told


def instances_csv(items: Sequence[dict[str, Any]]) -> bytes:
    """The file: UTF-8 with its mark, a row for each instance, instants in UTC; a shut key is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for item in items:
        told = {**item, "version": item["number"], "steps": " ".join(item["steps"])}
        writer.writerow([_cell(name, told[name]) for name in _COLUMNS])
    return text.getvalue().encode("utf-8-sig")


def _cell(name: str, value: Any) -> str:
    if value is None or type(value) is dict:
        return ""
    said = instant_text(Instant(value)) if name.endswith("_at") else str(value)
    return f"'{said}" if said.startswith(_FORMULA) else said
