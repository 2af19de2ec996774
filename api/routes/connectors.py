"""Connectors in force and how they stand; and the door through which other systems' events become messages."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allowed_domains, not_found
from api.answers.values import CommandAnswer
from api.app import json_answer
from api.body import parse_json, read_body
from api.context import send_to, service_of, viewing
from api.describing import Media, described
from api.headers import header
from api.hooks import HOOK_BYTES_MAX, Hook, actor_of, command_id, hook_of, is_from, is_json, message_of
from api.paging import page, path, wanted
from api.problem_texts import tell
from api.reading_as import reading_as
from api.refusal_texts import why
from api.running import limits_of
from api.services import services_of
from ledger.clock import SECOND
from ledger.errors import BrokenState
from ledger.refusal import Reason, Refusal
from ledger.webhook import Signed
from ledger.work import Request as WriteRequest
from orchestrator.breaker import Standing
from orchestrator.connector_lists import standings
from rbac.permission import Action, Object
from versioning import pages
from versioning.artefact import ArtefactVersion
from versioning.kinds.other_operations import INCOMING
from versioning.pages import ListingRow

router = APIRouter(prefix="/v1", tags=["connectors"])

READ = (Object.REGISTER, Action.READ)
MS = SECOND // 1_000
_UNSIGNED = Refusal(Reason.BAD_CREDENTIALS, why("event-unsigned"))


@router.get("/connectors", **described("connectors.ConnectorsAnswer", query=("limit", "cursor")))
async def connectors(request: Request) -> Response:
    """Connectors by name, with the version in force and whether their breakers are open."""
    place = wanted(request, str)
    versions = service_of(request).rooms.versions
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        rows = reading_as(view, actor)
        found = pages.listing(rows, "connector", place.after[0] if place.after else "", place.limit + 1)
        released = {row.name: versions.version(rows, "connector", row.name, row.version) for row in found}
        known, now = standings(rows), view.now

    def told(row: ListingRow) -> dict[str, Any]:
        breaker = _breaker(known.get(row.name, Standing(row.name)), now)
        return {**row._asdict(), "retired": bool(row.retired), **_way(released[row.name]), "breaker": breaker}

    return json_answer(page(found, place.limit, lambda row: (row.name,), told))


@router.get("/connectors/{id}", **described("connectors.ConnectorAnswer"))
async def connector(request: Request) -> Response:
    """One connector: its operations and their types, its limits, its breaker and last failure."""
    name, versions = path(request, "id"), service_of(request).rooms.versions
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        rows = reading_as(view, actor)
        version = versions.current(rows, "connector", name)
        known, now = standings(rows), view.now
    if version is None:
        raise not_found(tell("a-connector"))
    value = version.value
    limits = limits_of(name, value)
    return json_answer(
        {
            "name": name,
            "version": version.number,
            "digest": version.digest,
            "title": value["title"],
            **_way(version),
            "leads_to": value.get("base_url") or value.get("from") or value.get("folder") or "",
            "actor": value.get("actor"),
            "domain": value.get("domain"),
            "credential": value.get("credential"),
            "limits": {
                "at_once": limits.at_once,
                "per_minute": limits.per_minute or None,
                "failures": limits.failures,
                "within_ms": limits.within // MS,
                "pause_ms": limits.pause // MS,
            },
            "breaker": _breaker(known.get(name, Standing(name)), now),
            "operations": [_operation(one, spec) for one, spec in sorted(value["operations"].items())],
            "messages": {event: one["message"] for event, one in value.get("messages", {}).items()},
        }
    )


def _way(version: ArtefactVersion | None) -> dict[str, Any]:
    """By what it reaches the other system, and whether events come in or calls go out."""
    if version is None:
        raise BrokenState("expected the released version of a connector, found it gone")
    via = version.value.get("via", "http")
    return {"via": via, "direction": "in" if via in INCOMING else "out"}


def _breaker(standing: Standing, now: int) -> dict[str, Any]:
    return {
        "state": standing.state(now),
        "failures": standing.failures,
        "open_until": standing.open_until or None,
        "failed_at": standing.failed_at or None,
        "failed_with": standing.failed_with or None,
    }


def _operation(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "title": spec.get("title", ""),
        "takes": spec.get("takes"),
        "answer": spec.get("answer"),
        "has_example": "example" in spec,
    }


@router.post("/hooks/{id}", **described(CommandAnswer, Media(("application/json",)), query=("log",), public=True))
async def hook(request: Request) -> Response:
    """An event of another system, signed by the Standard Webhooks scheme, as a message by name and key.

    The signature is the credential: it stands for the service that the connector names. An event sent twice is one; one
    that nobody waits for yet is kept for a day. What is declared to be something else than JSON in UTF-8 is refused.
    """
    body = await read_body(request, HOOK_BYTES_MAX)
    signed = Signed(*[header(request, f"webhook-{name}".encode(), "") for name in ("id", "timestamp", "signature")])
    service = services_of(request).at_entrance(request)
    found = None if service is None else _hook(service, path(request, "id"))
    # Whether there is such a hook is told to those alone who can sign for it.
    if service is None or found is None or not is_from(found, signed, body, service.rooms.clock.wall()):
        raise problems.Refused(problems.of_refusal(_UNSIGNED))
    if not is_json(header(request, b"content-type", "")):
        raise problems.Refused(problems.not_json())
    command = message_of(found, parse_json(body))
    return await send_to(service, WriteRequest(actor_of(found), command, command_id(found, signed)))


def _hook(service: Any, name: str) -> Hook | None:
    with service.reader.view() as view:
        return hook_of(view, service.rooms.versions, service.secrets, name)
