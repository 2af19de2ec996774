"""Probes and metrics: alive, ready to take commands, and counts for Prometheus."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow
from api.answers import ItemAnswer
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from ledger.errors import MunimentError
from ledger.showing import reached
from rbac.permission import Action, Object
from rbac.service import demo_accounts

router = APIRouter(tags=["probes"])

LOOPBACK = frozenset(("127.0.0.1", "::1"))


@router.get("/healthz", **described(ItemAnswer, public=True))
async def healthz(_: Request) -> Response:
    """The process answers; says nothing of the database."""
    return json_answer({"status": "alive"})


@router.get("/readyz", **described(ItemAnswer, public=True))
async def readyz(request: Request) -> Response:
    """Commands are taken and the log can be read; 503 otherwise. `demo`: whether it was founded as a demo."""
    service = service_of(request)
    is_ready = getattr(service.writer, "is_open", True)
    is_demo = False
    if is_ready:
        try:
            with service.reader.view() as view:
                is_demo = bool(demo_accounts(view))
        except MunimentError:
            is_ready = False
    if not is_ready:
        return problems.problem(
            503, problems.NOT_READY, "expected an open log, found one that cannot be used yet", {}, {"Retry-After": "1"}
        )
    return json_answer({"status": "ready", "demo": is_demo})


@router.get("/metrics", **described(ItemAnswer))
async def metrics(request: Request) -> Response:
    """Prometheus exposition, for the permission `metrics: read` or from a loopback address."""
    if request.client is not None and request.client.host in LOOPBACK and "authorization" not in request.headers:
        with service_of(request).reader.view() as view:
            size, how_far = view.head.size, reached(view)
    else:
        with viewing(request) as (view, actor):
            allow(request, view, actor, (Object.METRICS, Action.READ))
            size, how_far = view.head.size, reached(view)
    return Response(request.app.state.counts.text(size, how_far), media_type="text/plain; version=0.0.4; charset=utf-8")
