"""Signed statements for other tools: DSSE envelopes by the log's key, verified with its vkey and nothing of ours."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, allowed_domains, not_found
from api.context import service_of, viewing
from api.describing import Media, described
from api.paging import path, path_number
from api.problem_texts import tell
from api.reading_as import reading_as
from api.statements import decision_statement, release_statement
from governance.pages import decision
from ledger.dsse import DECISION, IN_TOTO, MEDIA_TYPE, write_envelope
from ledger.receipts import vouched_bytes
from ledger.service import View
from rbac.permission import Action, Object
from versioning import pages

router = APIRouter(prefix="/v1", tags=["statements"])

READ = (Object.COMPLIANCE_RECORD, Action.READ)
READ_BLUEPRINT = (Object.BLUEPRINT, Action.READ)


@router.get("/decisions/{id}/statement", **described(Media((MEDIA_TYPE,))))
async def of_decision(request: Request) -> Response:
    """A decision as a signed statement (DSSE): what its entry says and where it stands; classed values stay shut."""
    with viewing(request) as (view, actor):
        row = decision(view, path(request, "id"))
        if row is None:
            allowed_domains(request, view, actor, READ)
            raise not_found(tell("a-decision"))
        allow(request, view, actor, READ, row.domain)
    index = row.entry_index

    def body(view: View, vkey: str) -> bytes:
        return decision_statement(vouched_bytes(view, index, vkey))

    return await _signed(request, DECISION, body, row.id)


@router.get("/blueprints/{id}/versions/{n}/statement", **described(Media((MEDIA_TYPE,))))
async def of_release(request: Request) -> Response:
    """Where a released blueprint version comes from, as a signed in-toto statement (DSSE)."""
    name, number = path(request, "id"), path_number(request, "n")
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ_BLUEPRINT)
        found = pages.versions(reading_as(view, actor), ("blueprint", name), number + 1, 1)
        if not found or found[0].version != number:
            raise not_found(tell("a-released-blueprint-version"))
        trail = [row.idx for row in reversed(view.history(found[0].change_request))]

    def body(view: View, vkey: str) -> bytes:
        return release_statement([vouched_bytes(view, index, vkey) for index in trail])

    return await _signed(request, IN_TOTO, body, f"{name}-{number}")


async def _signed(request: Request, payload_type: str, body: Callable[[View, str], bytes], name: str) -> Response:
    """The envelope of a body that is read, proved and signed on a thread."""
    service = service_of(request)

    def make() -> bytes:
        with service.reader.view() as view:
            signer = service.log.secrets.ring.signer_of(view.head.checkpoint)  # another process may have rotated keys
            return write_envelope(payload_type, body(view, signer.vkey), [signer.sign_bytes])

    headers = {"Content-Disposition": f'attachment; filename="{name}.dsse.json"'}
    return Response(await asyncio.to_thread(make), 200, headers, MEDIA_TYPE)
