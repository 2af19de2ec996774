"""Data subjects: what is held about one, its erasure and the certificate; and holds, which stand against an erasure.

A data subject is named by its own id (`ds_...`, `ext_...`, `ms_...`, or `cm_...`, `at_...` of a comment or attachment
on an instance about nobody) or by its instance's (`pi_...`).
Finding one reads every opening there is, so it runs on a thread; no answer here holds a value.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, allowed_domains, not_found, opened, readable
from api.answers.values import CommandAnswer, ItemAnswer, PageAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import caller_of, send_as, service_of, viewing
from api.describing import described
from api.paging import page, path, wanted, word
from api.problem_texts import tell
from api.schemas import ErasureBody, HoldBody, LiftBody
from governance import holds
from governance.holds import LiftHold, PlaceHold
from ledger import certificates
from ledger.actor import Actor
from ledger.erasure import Ground, RequestErasure
from ledger.service import View
from orchestrator import about
from rbac.permission import WHOLE, Action, Object

router = APIRouter(prefix="/v1", tags=["data subjects"])

READ = (Object.DATA_SUBJECT, Action.READ)
READ_HOLD = (Object.HOLD, Action.READ)


class _Found(NamedTuple):
    """A data subject, the instance it belongs to ("" for a foreign one), and their domain."""

    data_subject: str
    instance: str
    status: str
    domain: str


@router.get("/data-subjects/{ref}", **described(ItemAnswer))
async def data_subject(request: Request) -> Response:
    """What is held: openings by class, the instance, holds in force, erasures asked for and carried out; no value."""
    ref = path(request, "ref")

    def read(view: View, found: _Found) -> dict[str, Any]:
        barred = holds.on_hold(view, found.data_subject, found.instance)
        return {
            **certificates.held(view, found.data_subject),
            "instance": found.instance or None,
            "status": found.status or None,
            "domain": found.domain,
            "holds": [] if barred is None else [value for _, value in barred.details],
        }

    return json_answer(await _reading(request, ref, read))


@router.post("/data-subjects/{ref}/erasure", **described(CommandAnswer, (ErasureBody,), command=True))
async def erase(request: Request) -> Response:
    """Ask for the erasure. It is carried out within seconds; the certificate says when it was."""
    actor = caller_of(request)
    body = await parse_body(ErasureBody, request)
    ref = path(request, "ref")
    found = await asyncio.to_thread(_resolved, request, ref)
    if found is None:
        raise not_found(tell("a-data-subject"))
    command = RequestErasure(
        found.data_subject, Ground(body.ground), found.instance, tuple(body.classes), body.reference
    )
    answer = await send_as(request, actor, command)
    service_of(request).erasures.wake()
    return answer


@router.get("/data-subjects/{ref}/erasure/certificate", **described(ItemAnswer, query=("erasure",)))
async def certificate(request: Request) -> Response:
    """The certificate of the newest erasure that was carried out, or of `erasure`, with receipts and proofs."""
    ref, wanted_id = path(request, "ref"), word(request, "erasure", "")

    def read(view: View, found: _Found) -> dict[str, Any] | None:
        carried = [row for row in certificates.erasures(view, found.data_subject) if row.carried_out is not None]
        asked = [row for row in carried if row.id == wanted_id] if wanted_id else carried
        return certificates.certificate(view, asked[-1]) if asked else None

    value = await _reading(request, ref, read)
    if value is None:
        raise not_found(tell("an-erasure-that-was-carried-out"))
    name = f"erasure-{value['erasure']}.json"
    answer = json_answer(value)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@router.get("/holds", **described(PageAnswer, query=("about", "limit", "cursor")))
async def listed(request: Request) -> Response:
    """Holds of the domains the caller may read, lifted ones as well; of one data subject or instance with `about`."""
    place = wanted(request, str)
    of = word(request, "about", "")
    with viewing(request) as (view, actor):
        domains = allowed_domains(request, view, actor, READ_HOLD)
        rows = holds.holds(view, domains, of, str(place.after[0]) if place.after else "", place.limit + 1)
        items = [_hold(request, view, actor, row) for row in rows]
    return json_answer(page(items, place.limit, lambda one: (one["id"],), lambda one: one))


@router.post("/holds", **described(CommandAnswer, (HoldBody,), command=True))
async def place_hold(request: Request) -> Response:
    """Place a hold: nothing that lies under it is erased until it is lifted."""
    actor = caller_of(request)
    body = await parse_body(HoldBody, request)
    return await send_as(request, actor, PlaceHold(body.about, body.instrument, body.reason))


@router.post("/holds/{id}/lifting", **described(CommandAnswer, (LiftBody,), command=True))
async def lift(request: Request) -> Response:
    """Lift a hold; an erasure that waited for it goes on."""
    actor = caller_of(request)
    body = await parse_body(LiftBody, request)
    answer = await send_as(request, actor, LiftHold(path(request, "id"), body.reason))
    service_of(request).erasures.wake()
    return answer


def _hold(request: Request, view: View, actor: Actor, row: holds.Hold) -> dict[str, Any]:
    may = "confidential" in readable(request, view, actor, row.domain)
    return {
        **row._asdict(),
        "instrument": opened(view, (row.id, "instrument"), orjson.loads(row.instrument), may),
        "reason": opened(view, (row.id, "reason"), orjson.loads(row.reason), may),
    }


async def _reading(request: Request, ref: str, read: Callable[[View, _Found], Any]) -> Any:
    """What `read` makes of a data subject the caller may read about."""

    def work() -> Any:
        with viewing(request) as (view, actor):
            found = _find(view, ref)
            if found is None:
                allowed_domains(request, view, actor, READ)
                raise not_found(tell("a-data-subject"))
            allow(request, view, actor, READ, found.domain)
            return read(view, found)

    return await asyncio.to_thread(work)


def _resolved(request: Request, ref: str) -> _Found | None:
    with service_of(request).reader.view() as view:
        return _find(view, ref)


def _find(view: View, ref: str) -> _Found | None:
    if ref.startswith(("ds_", "pi_")):
        found = about.of_instance(view, ref) if ref.startswith("pi_") else about.of_data_subject(view, ref)
        return None if found is None or not found.data_subject else _of(found)
    if ref.startswith(("cm_", "at_")):
        said = about.of_said(view, ref)
        return None if said is None else _of(said)
    known = ref.startswith(("ext_", "ms_")) and certificates.is_subject_known(view, ref)
    return _Found(ref, "", "", WHOLE) if known else None


def _of(found: about.About) -> _Found:
    return _Found(found.data_subject, found.instance, found.status, found.domain)
