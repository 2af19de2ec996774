"""The authority register: instruments, offices, grants in force at an instant, and the check for other systems."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, allowed_domains, not_found
from api.app import json_answer
from api.body import parse_body
from api.context import service_of, viewing
from api.describing import described
from api.paging import instant, page, path, wanted
from api.problem_texts import tell
from api.reading_as import reading_as
from api.schemas import AuthorityCheckBody, MoneyBody
from governance.grant import decimal_text
from governance.service import Decision, DecisionRequest, DutyFacts, Register
from ledger.actor import person_acting
from ledger.refusal import Refusal
from ledger.wording import wording_value
from rbac.permission import Action, Object
from rbac.service import actor_named

router = APIRouter(prefix="/v1", tags=["authority"])

READ = (Object.AUTHORITY, Action.READ)
CHECK = (Object.AUTHORITY, Action.CHECK)


class Amount(NamedTuple):
    """Money as authority measures it."""

    amount: Decimal
    currency: str


@router.get("/authorities", **described("authority.RegisterAnswer"))
async def register(request: Request) -> Response:
    """The register in force: its digest, instruments and offices; grants are listed apart."""
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        found: Register = service_of(request).rooms.authorities.register(view)
    return json_answer(
        {
            "digest": found.digest,
            "instruments": [one.as_value() for one in _newest(found.instruments)],
            "offices": [one.as_value() for one in _newest(found.offices)],
            "grants": len(found.newest_grants()),
        }
    )


@router.get("/authority-grants", **described("authority.GrantsAnswer", query=("in_force_at", "limit", "cursor")))
async def grants(request: Request) -> Response:
    """Grants by id of the domains the caller may read; with `in_force_at` those in force then, as the ledger knew it
    then."""
    place = wanted(request, str)
    at = instant(request, "in_force_at")
    with viewing(request) as (view, actor):
        domains = frozenset(allowed_domains(request, view, actor, READ))
        found: Register = service_of(request).rooms.authorities.register(view)
        now = view.now
    known = found if at is None else found.known(at)
    after = place.after[0] if place.after else ""
    wanted_ones = [
        grant
        for grant in known.newest_grants()
        if grant.id > after and grant.domain in domains and (at is None or known.in_force(grant, at))
    ]
    asked = now if at is None else at
    return json_answer(
        page(
            wanted_ones[: place.limit + 1],
            place.limit,
            lambda grant: (grant.id,),
            lambda grant: {**grant.as_value(), "digest": grant.digest, "in_force": known.in_force(grant, asked)},
        )
    )


@router.get("/authority-grants/{id}", **described("authority.GrantAnswer"))
async def grant(request: Request) -> Response:
    """One grant with its versions, its instrument and who holds it now."""
    wanted_id = path(request, "id")
    with viewing(request) as (view, actor):
        domains = allowed_domains(request, view, actor, READ)
        found: Register = service_of(request).rooms.authorities.register(view)
        now = view.now
    versions = sorted((one for one in found.grants if one.id == wanted_id), key=lambda one: one.version)
    if not versions or versions[-1].domain not in domains:
        raise not_found(tell("an-authority-grant"))
    newest = versions[-1]
    instrument = found.instrument(newest.instrument, now)
    return json_answer(
        {
            **newest.as_value(),
            "digest": newest.digest,
            "in_force": found.in_force(newest, now),
            "holders": sorted(found.persons(newest.grantee, now)),
            "instrument_value": None if instrument is None else instrument.as_value(),
            "versions": [one.as_value() for one in versions],
            "statuses": [one.as_value() for one in found.statuses if one.grant == wanted_id],
        }
    )


@router.post("/authority-checks", **described("authority.AuthorityCheckAnswer", (AuthorityCheckBody,)))
async def check(request: Request) -> Response:
    """May this person take this decision of this size now? The very function that decides; nothing is recorded."""
    rooms = service_of(request).rooms
    with viewing(request) as (view, caller):
        allow(request, view, caller, CHECK)
    body = await parse_body(AuthorityCheckBody, request)
    with service_of(request).reader.view() as view:
        person = actor_named(view, body.person)
        if person is None:
            raise not_found(tell("a-person"))
        as_if = person_acting(person, "password")
        asked = DecisionRequest(
            person=person,
            domain=body.domain,
            decision_kind=body.decision_kind,
            blueprint=body.blueprint,
            step=body.step,
            outcome=body.outcome,
            measure=_measure(body.measure),
            facts=DutyFacts(initiator=body.initiator or None),
            context=body.context,
        )
        answer = rooms.authorities.decide(reading_as(view, as_if), asked)
        value = {"person": person, "asked_at": view.now}
    if isinstance(answer, Refusal):
        why = {"detail": answer.message, "wording": wording_value(answer.message), "details": dict(answer.details)}
        return json_answer({"permitted": False, "reason": answer.reason.value, **value, **why})
    return json_answer({"permitted": True, "reason": None, **value, **_decided(answer)})


def _measure(measure: MoneyBody | str | None) -> Amount | Decimal | None:
    if isinstance(measure, MoneyBody):
        return Amount(Decimal(measure.amount), measure.currency)
    return None if measure is None else Decimal(measure)


def _decided(decision: Decision) -> dict[str, Any]:
    binding = decision.binding
    return {
        "grant": decision.grant.id,
        "capacity": decision.capacity,
        "chain": [link.id for link in decision.chain],
        "limit": None if binding is None else binding.limit.as_value(),
        "headroom": None if binding is None else decimal_text(binding.headroom),
        "conditions": list(decision.conditions),
        "register": decision.register_digest,
    }


def _newest(parts: tuple[Any, ...]) -> list[Any]:
    by_id: dict[str, Any] = {}
    order: Callable[[Any], tuple[str, int]] = lambda part: (part.id, part.version)  # noqa: E731
    for part in sorted(parts, key=order):
        by_id[part.id] = part
    return list(by_id.values())
