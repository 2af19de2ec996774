"""One instance: where it stands, its data as this reader may see it, and its timeline with proofs."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.allowing import allowed_domains, not_found, opened, readable
from api.page.proving import Blocks, Prover
from api.page.session import Visit
from api.page.showing import label, shown
from api.page.telling import Item, People, Teller
from api.page.visiting import draw, may, must, visited
from api.paging import number, path
from api.reading_as import reading_as
from ledger.entry import parse_entry
from ledger.errors import BrokenInput
from ledger.service import View
from orchestrator import pages
from orchestrator.pages import InstanceRow
from orchestrator.sealing import reason_path
from rbac.permission import Action, DataClass, Object

router = APIRouter(include_in_schema=False)

ENTRIES_SHOWN = 25  # of a timeline on one page
READ = (Object.INSTANCE, Action.READ)
READ_RECORD = (Object.COMPLIANCE_RECORD, Action.READ)
READ_AUTHORITY = (Object.AUTHORITY, Action.READ)
PACK = (Object.EVIDENCE_PACK, Action.PACK)
_BLOCKS: dict[str, Blocks] = {}  # by origin: this process serves one log, tests serve several

STANDS = {
    "offered": "waits for a person to take it",
    "claimed": "is with a person",
    "created": "waits for a worker",
    "requested": "waits for its call to be made",
    "backing off": "failed and is tried again",
    "waiting": "waits for a message or a time",
    "running": "runs another instance",
    "joining": "waits until its branches have ended",
    "held": "is held until its incident is resolved",
}


async def instance(visit: Visit) -> Response:
    """The instance page."""
    before = number(visit.request, "before", 0)
    recorded = number(visit.request, "recorded", 0)
    return draw(visit, "instance", await asyncio.to_thread(_instance, visit, before, recorded))


def row_of(visit: Visit, view: View) -> InstanceRow:
    """The row of the instance in the path, for a visitor who may read it."""
    row = pages.instance_row(reading_as(view, visit.actor), path(visit.request, "id"))
    if row is None:
        allowed_domains(visit.request, view, visit.actor, READ)
        raise not_found("a process instance")
    must(visit, view, READ, row.domain)
    return row


def people_of(visit: Visit, view: View, domain: str) -> People:
    """Names for this visitor: opened only for who may read personal data in the domain."""
    classes = readable(visit.request, view, visit.actor, domain)
    return People(view, visit.person, DataClass.PERSONAL in classes)


def head_of(visit: Visit, view: View, row: InstanceRow) -> dict[str, Any]:
    """What every page about an instance begins with."""
    rows = reading_as(view, visit.actor)
    classes = readable(visit.request, view, visit.actor, row.domain)
    found = pages.instance(rows, visit.service.rooms.blueprints, row, classes)
    version = visit.service.rooms.blueprints.version(rows, row.blueprint, row.number)
    return {
        "id": row.id,
        "row": row,
        "title": label(row.blueprint) if version is None else version.blueprint.title,
        "purpose": "" if version is None else version.blueprint.purpose,
        "key": shown(found.business_key),
        "found": found,
        "may_record": may(visit, view, READ_RECORD, row.domain),
        "may_pack": may(visit, view, PACK, "organisation"),
    }


def _instance(visit: Visit, before: int, recorded: int) -> dict[str, Any]:
    with visit.service.reader.view() as view:
        row = row_of(visit, view)
        head = head_of(visit, view, row)
        people = people_of(visit, view, row.domain)
        found: pages.InstanceRead = head["found"]
        prover = Prover(view, _BLOCKS.setdefault(view.origin, Blocks()))
        indexes, older = _indexes(view, row.id, before)
        teller = _teller(visit, view, row, people)
        return {
            **head,
            "initiator": people.label(row.initiator),
            "steps": [_step(row, one, people) for one in found.live],
            "data": [(label(name), shown(value)) for name, value in found.data.items()],
            "timeline": [(_item(view, teller, index), prover.state(index), index) for index in indexes],
            "older": older,
            "is_first": not before,
            "recorded": recorded if recorded in indexes else 0,
            "standing": prover.standing,
            "now": view.now,
        }


def _teller(visit: Visit, view: View, row: InstanceRow, people: People) -> Teller:
    is_shown = may(visit, view, READ_AUTHORITY, row.domain)
    register = visit.service.rooms.authorities.register(view) if is_shown else None
    may_read = DataClass.CONFIDENTIAL in readable(visit.request, view, visit.actor, row.domain)

    def open_reason(subject: str, number_: int, sealed: Any) -> Any:
        return shown(opened(view, (subject, reason_path(number_)), sealed, may_read))

    return Teller(people, pages.names_of(reading_as(view, visit.actor), row.id), register, open_reason)


def _indexes(view: View, subject: str, before: int) -> tuple[list[int], int]:
    """The entries of one page of a timeline, newest first, as stored; and where the next page begins, or 0."""
    index: int | None = view.newest(subject)
    if before:
        row = view.stored(before)
        if row is None or row.previous is None or parse_entry(row.bytes).subject != subject:
            raise BrokenInput("expected the address of a page before this one", "query.before")
        index = row.previous
    found: list[int] = []
    while index is not None and len(found) < ENTRIES_SHOWN:
        row = view.stored(index)
        found.append(index)
        index = None if row is None else row.previous
    return found, found[-1] if index is not None else 0


def _item(view: View, teller: Teller, index: int) -> Item | None:
    """The entry in words; None when its bytes are no entry any more, which its proof says too."""
    row = view.stored(index)
    try:
        return None if row is None else teller.tell(parse_entry(row.bytes), row.leaf_hash)
    except (BrokenInput, KeyError, TypeError, ValueError):
        return None


def _step(row: InstanceRow, one: Any, people: People) -> dict[str, Any]:
    is_task = one.state in ("offered", "claimed")
    deadline = one.timer("deadline")
    return {
        "title": label(one.step),
        "stands": STANDS.get(one.state, one.state),
        "since": one.entered_at,
        "holder": people.label(one.holder) if one.holder.startswith("person:") else "",
        "task": f"{row.id}.{one.number}" if is_task else "",
        "due": None if deadline is None else deadline.due,
        "tries": one.tries,
    }


router.get("/instances/{id}")(visited(instance))
