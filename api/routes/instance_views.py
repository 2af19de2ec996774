"""An instance on the drawing of its blueprint version: how far it is at each step, live."""

import asyncio
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.actor_names import Names
from api.allowing import allow, allowed_domains, not_found
from api.context import service_of, viewing
from api.describing import described
from api.drawings_told import drawing_value
from api.paging import choice, path
from api.preconditions import tagged
from api.problem_texts import tell
from api.reading_as import reading_as
from ledger.clock import Instant
from ledger.entry import parse_entry
from ledger.service import View
from ledger.work import UnitOfWork
from orchestrator import pages
from orchestrator.entry_parts import put_together
from orchestrator.instance import Activation
from orchestrator.plan import plan_of
from orchestrator.ports import BusinessCalendars
from orchestrator.progress import StepProgress, left_out, passed_over, progress, visits
from orchestrator.stopped_clocks import TaskClock, stopped_clocks
from rbac.permission import Action, Object
from versioning.blueprint import BlueprintVersion
from versioning.layout import DIRECTIONS, Direction, layout

router = APIRouter(prefix="/v1/process-instances", tags=["process instances"])

READ = (Object.INSTANCE, Action.READ)
ENTRIES_READ_MAX = 5_000  # of one instance, newest first: what is older than that is not counted


@router.get("/{id}/diagram", **described("drawings.InstanceDiagramAnswer", query=("direction",)))
async def diagram(request: Request) -> Response:
    """The drawing of the instance's version, with each step's status: how often it was entered, since when it waits,
    until when, and who holds it. `direction`: down or right."""
    answer, revision = await asyncio.to_thread(_diagram, request)
    return tagged(request, answer, moving=("as_of",), revision=revision)


def _diagram(request: Request) -> tuple[dict[str, Any], int]:
    direction: Direction = "right" if choice(request, "direction", DIRECTIONS, "down") == "right" else "down"
    with viewing(request) as (view, actor):
        rows = reading_as(view, actor)
        row = pages.instance_row(rows, path(request, "id"))
        if row is None:
            allowed_domains(request, view, actor, READ)
            raise not_found(tell("a-process-instance"))
        allow(request, view, actor, READ, row.domain)
        version = service_of(request).rooms.blueprints.released(rows, row.blueprint, row.number)
        recorded, is_whole = _recorded(view, row.id)
        tasks = {task["number"]: task for task in pages.tasks_of(rows, row.id)}
        seen, names = visits(recorded), Names(view, actor)
        out = left_out(version.blueprint, passed_over(recorded))
        found = progress([step.id for step in version.blueprint.steps], seen, pages.live_of(row), out)
        later = _due_later(rows, service_of(request).rooms.engine.calendars, (row, version), tasks.values())
        steps = [_step(one, row.id, (tasks, names), later) for one in found]
        as_of = view.now
    answer = {
        "name": row.blueprint,
        "version": row.number,
        "digest": version.digest,
        "diagram": drawing_value(layout(version.blueprint, direction)),
        "instance": row.id,
        "instance_status": row.status,
        "steps": steps,
        "visits": [{"activation": number, **visit._asdict()} for number, visit in sorted(seen.items())],
        "is_whole": is_whole,
        "as_of": as_of,
    }
    return answer, row.revision


def _recorded(view: View, instance: str) -> tuple[list[tuple[Instant, Any]], bool]:
    """(instant, transitions) of the newest commands on the instance, oldest first, and whether those are all."""
    found: list[tuple[Instant, Any]] = []
    before = None
    while len(found) < ENTRIES_READ_MAX:
        rows = view.history(instance, before)
        entries = [parse_entry(row.bytes) for row in rows]
        found += [(entry.recorded, entry.payload) for entry in entries]
        if not rows or rows[-1].previous is None:
            return put_together(found[::-1]), True
        before = rows[-1].idx
    return put_together(found[::-1]), False


def _due_later(
    rows: UnitOfWork,
    calendars: BusinessCalendars,
    of: tuple[pages.InstanceRow, BlueprintVersion],
    tasks: Iterable[dict[str, Any]],
) -> set[int]:
    """The visits whose clock stands still for a customer: they are due later than they are told."""
    row, plan = of[0], plan_of(of[1])
    clocks = [TaskClock(row.id, one["number"], one["due_at"], plan) for one in tasks if one["closed_at"] is None]
    stopped = stopped_clocks(rows, calendars, clocks) if plan.stands_still else {}
    own = [one.number for one in pages.live_of(row) if (timer := one.timer("deadline")) and timer.paused_at]
    return {*own, *[number for (_, number), one in stopped.items() if one.moves]}


def _step(
    one: StepProgress, instance: str, known: tuple[dict[int, dict[str, Any]], Names], later: set[int]
) -> dict[str, Any]:
    tasks, names = known
    live = [_live(activation, instance, tasks.get(activation.number), names) for activation in one.live]
    due = [
        (activation.number in later, told["due_at"])
        for activation, told in zip(one.live, live, strict=True)
        if told["due_at"] is not None
    ]
    is_later, due_at = min(due, default=(False, None))
    return {
        "step": one.step,
        "status": one.status,
        "visits": one.visits,
        "since": one.since,
        "done_at": one.done_at,
        "due_at": due_at,
        "is_due_later": is_later,
        "live": live,
    }


def _live(one: Activation, instance: str, task: dict[str, Any] | None, names: Names) -> dict[str, Any]:
    deadline = one.timer("deadline")
    due = None if deadline is None else deadline.due
    return {
        "id": f"{instance}.{one.number}" if task is not None else "",
        "state": one.state,
        "holder": one.holder,
        "holder_ref": names(one.holder),
        "role": "" if task is None else task["role"],
        "decision_kind": "" if task is None else task["decision_kind"],
        "since": one.entered_at,
        "due_at": due if task is None else task["due_at"],
        "incident": f"{instance}.{one.incident}" if one.incident else None,
    }
