"""The compliance record of an instance as a page, and the evidence pack to build and download."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api import packs
from api.allowing import readable
from api.evidence import compliance_record
from api.page.instances import PACK, READ_RECORD, head_of, row_of
from api.page.refusals import told
from api.page.rendering import Filled
from api.page.session import Visit
from api.page.visiting import draw, must, visited
from api.problems import status_of
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.service import View
from ledger.work import Answer, Request
from rbac.permission import DataClass

router = APIRouter(include_in_schema=False)

MEDIA_TYPE = "application/zip"
WHOLE = "organisation"


async def record(visit: Visit) -> Response:
    """The compliance record."""
    return draw(visit, "record", await asyncio.to_thread(_record, visit))


def _record(visit: Visit) -> dict[str, Any]:
    with visit.service.reader.view() as view:
        row = row_of(visit, view)
        must(visit, view, READ_RECORD, row.domain)
        made = compliance_record(view, row.id, _allowed(visit, view, row.domain))
        head = head_of(visit, view, row)
    if made is None:
        raise BrokenInput("expected an instance whose first entry is at hand")
    value = made.as_value()
    cited = {
        one["index"]: one["leaf_hash"]
        for section in value["sections"]
        for said in section["statements"]
        for one in said["evidence"]
    }
    return {**head, "record": value, "cited": sorted(cited.items())}


async def pack_form(visit: Visit) -> Response:
    """What a pack is built for, and for whom."""
    return await _draw(visit, {}, 200)


async def pack(visit: Visit) -> Response:
    """The pack as a download; it leaves only after its entry is durable."""
    purpose, recipient = visit.field("purpose").strip(), visit.field("recipient").strip()
    loop = asyncio.get_running_loop()

    async def submit(request: Request) -> Answer:
        return await visit.service.writer.submit(request)

    def run(request: Request) -> Answer:
        return asyncio.run_coroutine_threadsafe(submit(request), loop).result()

    try:
        built = await asyncio.to_thread(_build, visit, run, (purpose, recipient))
    except BrokenInput as error:
        return await _draw(visit, {"fault": error.message, "fault_at": error.location or ""}, 422)
    if isinstance(built, Refusal):
        return await _draw(visit, {"told": told(built)}, status_of(built.reason))
    name = f"{built.pack}.zip"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "x-muniment-pack-sha256": built.digest,
    }
    return Response(built.data, 200, headers, MEDIA_TYPE)


def _build(visit: Visit, run: Callable[[Request], Answer], said: tuple[str, str]) -> packs.BuiltPack | Refusal:
    with visit.service.reader.view() as view:
        row = row_of(visit, view)
        must(visit, view, PACK, WHOLE)
        allowed = _allowed(visit, view, row.domain)
    log, rooms = visit.service.log, visit.service.rooms
    room = packs.EvidenceRoom(log, visit.service.reader, run, log.secrets.sign_bytes, rooms.ids, rooms.clock.wall)
    request = packs.PackRequest((row.id,), said[0], said[1], allowed)
    return packs.build_pack(room, visit.actor, rooms.ids.random("f_"), request)


def _allowed(visit: Visit, view: View, domain: str) -> Callable[[str, str], bool]:
    """Which classed values this reader may be shown: those of the classes their roles read in the domain."""
    classes = readable(visit.request, view, visit.actor, domain)
    return lambda data_class, _: data_class in set(map(str, DataClass)) and DataClass(data_class) in classes


async def _draw(visit: Visit, values: dict[str, Any], status: int) -> Response:
    def look() -> dict[str, Any]:
        with visit.service.reader.view() as view:
            row = row_of(visit, view)
            must(visit, view, PACK, WHOLE)
            return head_of(visit, view, row)

    nothing: dict[str, Any] = {"fault": "", "fault_at": "", "told": None}
    head = await asyncio.to_thread(look)
    return draw(visit, "pack", {**head, **nothing, **values, "form": Filled(visit.form)}, status)


router.get("/instances/{id}/record")(visited(record))
router.get("/instances/{id}/pack")(visited(pack_form))
router.post("/instances/{id}/pack")(visited(pack))
