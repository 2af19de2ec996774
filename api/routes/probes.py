"""Probes and metrics: alive, ready to take commands, and counts for Prometheus."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow
from api.answers.values import ItemAnswer
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import Media, described
from api.gauges import gauges, gauges_of
from api.log_service import Service
from api.problem_texts import tell
from api.services import services_of
from ledger.errors import MunimentError
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
    """Commands are taken and the log can be read; 503 otherwise. `demo`: whether it was founded as a demo.

    Of several logs one that is ready is enough, since the others must not take the process away from it; `logs_closed`
    says how many are not. `witnesses`, where there are any: `fine`, or `contradicted` when one knows another history
    of a log.
    """
    services = services_of(request)
    open_ones = [service for _, service in services.every() if service is not None]
    ready = [found for service in open_ones if (found := _ready(service)) is not None]
    if not ready:
        return problems.problem(503, problems.NOT_READY, tell("not-ready"), {}, {"Retry-After": "1"})
    told: dict[str, object] = {"status": "ready", "demo": any(ready)}
    witnessed = [service.witnessing for service in open_ones if service.witnessing is not None]
    if witnessed:
        told["witnesses"] = "contradicted" if any(one.contradiction for one in witnessed) else "fine"
    if services.only is None:
        told["logs_closed"] = len(services.every()) - len(ready)
    return json_answer(told)


def _ready(service: Service) -> bool | None:
    """Whether the log is a demo; None while it cannot be used."""
    if not getattr(service.writer, "is_open", True):
        return None
    try:
        with service.reader.view() as view:
            return bool(demo_accounts(view))
    except MunimentError:
        return None


@router.get("/metrics", **described(Media(("text/plain",))))
async def metrics(request: Request) -> Response:
    """Prometheus exposition, for the permission `metrics: read` or from a loopback address.

    A caller with a credential is told of the log it belongs to; from a loopback address all logs are told.
    """
    services = services_of(request)
    if request.client is not None and request.client.host in LOOPBACK and "authorization" not in request.headers:
        told = {name: gauges_of(service) for name, service in services.every() if service is not None}
        logs = ("", *told)
    else:
        with viewing(request) as (view, actor):
            allow(request, view, actor, (Object.METRICS, Action.READ))
            told = {view.log.name: gauges(service_of(request), view)}
        logs = (*told,) if services.only is None else ("",)
    text = request.app.state.counts.text(told, logs)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
