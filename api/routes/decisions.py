"""Decisions on record, and the overview: figures that equal a count over the entries."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.allowing import allow, allowed_domains, not_found
from api.app import json_answer
from api.certificate import Told, certificate_html
from api.context import service_of, viewing
from api.describing import Media, described
from api.figure_links import with_links
from api.headers import PAGE_POLICY
from api.inbox import not_past_due
from api.paging import instant, page, path, wanted, word
from api.preconditions import tagged
from api.problem_texts import tell
from api.reading_as import reading_as
from api.routes.evidence import STYLE
from api.since_decided import LISTED_MAX, SinceDecided
from api.statements import SAID
from governance.pages import decision, decisions
from ledger.canonical import SAFE_INTEGER, b64url
from ledger.entry import parse_entry
from ledger.errors import BrokenInput
from orchestrator.figures import Asked, overview
from orchestrator.pages import shut
from rbac import pages as people
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1", tags=["decisions"])

READ = (Object.COMPLIANCE_RECORD, Action.READ)
READ_OVERVIEW = (Object.OVERVIEW, Action.READ)


@router.get(
    "/decisions",
    **described("authority.DecisionsAnswer", query=("person", "grant", "decision_kind", "limit", "cursor")),
)
async def listed(request: Request) -> Response:
    """Decisions of the domains the caller may read, newest first; of each, whether it is void since, and which of the
    data it was taken over were corrected since."""
    place = wanted(request, str)
    about = (word(request, "person", ""), word(request, "grant", ""), word(request, "decision_kind", ""))

    def look() -> dict[str, Any]:
        with viewing(request) as (view, actor):
            domains = allowed_domains(request, view, actor, READ)
            rows = decisions(view, domains, about, place.after[0] if place.after else "", place.limit + 1)
            since = SinceDecided(view, LISTED_MAX)
            return page(rows, place.limit, lambda row: (row.id,), lambda row: {**row._asdict(), **since.listed(row.id)})

    return json_answer(await asyncio.to_thread(look))


@router.get("/decisions/{id}", **described("authority.DecisionAnswer"))
async def read(request: Request) -> Response:
    """One decision with everything its entry says it rests on; classed values are commitments."""
    with viewing(request) as (view, actor):
        row = decision(view, path(request, "id"))
        if row is None:
            allowed_domains(request, view, actor, READ)
            raise not_found(tell("a-decision"))
        allow(request, view, actor, READ, row.domain)
        entry_row, since = view.entry(row.entry_index), SinceDecided(view).listed(row.id)
    assert entry_row is not None
    entry = parse_entry(entry_row.bytes)
    said: dict[str, Any] = {name: shut(entry.payload[name]) for name in SAID if name in entry.payload}
    return json_answer({**row._asdict(), **since, **said, "recorded": entry.recorded_at, "basis": dict(entry.basis)})


@router.get("/decisions/{id}/certificate", **described(Media(("text/html",))))
async def certificate(request: Request) -> Response:
    """A decision on one page to print, with a QR code of its address and leaf hash; HTML."""
    about = path(request, "id")
    with viewing(request) as (view, actor):
        row = decision(view, about)
        if row is None:
            allowed_domains(request, view, actor, READ)
            raise not_found(tell("a-decision"))
        allow(request, view, actor, READ, row.domain)
        entry_row, size = view.entry(row.entry_index), view.head.size
        person, since = people.person(view, row.person), SinceDecided(view).of(row.id)
    assert entry_row is not None
    base = request.app.state.public_url or str(request.base_url)
    address = f"{base.rstrip('/')}/v1/decisions/{about}/certificate"
    told = Told(about, row.person if person is None else person.ref, address, size, since)
    made = await asyncio.to_thread(certificate_html, entry_row.bytes, told, STYLE)
    policy = PAGE_POLICY.replace("style-src 'self'", f"style-src 'self' {made.style_source}")
    return HTMLResponse(made.html, headers={"content-security-policy": policy})


@router.get("/overview", **described("overview.OverviewAnswer", query=("blueprint", "domain", "from", "to")))
async def figures(request: Request) -> Response:
    """Active, waiting, completed, rates, ages and incidents by cause; by blueprint, domain and period. Each figure
    leads to the list it counts; with one blueprint the steps its instances are at are counted for its drawing."""
    start, end = instant(request, "from") or 0, instant(request, "to")
    blueprint, domain = word(request, "blueprint", ""), word(request, "domain", "")
    with viewing(request) as (view, actor):
        every = domains = allowed_domains(request, view, actor, READ_OVERVIEW)
        if domain:
            allow(request, view, actor, READ_OVERVIEW, domain)
            domains = (domain,)
        if blueprint and service_of(request).rooms.versions.newest(view, "blueprint", blueprint) is None:
            raise not_found(tell("a-blueprint-that-was-released"))
    asked = Asked(domains, blueprint, start, SAFE_INTEGER if end is None else end)
    if asked.end <= asked.start:
        raise BrokenInput(tell("period"), "query.to")
    reader = service_of(request).reader

    def count() -> dict[str, Any]:
        with reader.view() as view:
            late = asked._replace(beside=not_past_due(service_of(request), view, actor, domains))
            found = with_links(overview(reading_as(view, actor), late), asked, domain)
            log = {"size": view.head.size, "head": b64url(view.head.chain_hash)}
            return {**found, "domains": sorted(every), "at": view.now, "as_of": view.now, **log}

    return tagged(request, await asyncio.to_thread(count), moving=("at", "as_of", "size", "head"))
