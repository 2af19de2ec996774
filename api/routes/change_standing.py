"""Where a change request stands for whoever reads it: what they could do now, who may review it, what moved since."""

import asyncio
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import opened
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.field_changes import changed_fields
from api.naming import people
from api.problems import refusal_value
from api.reading_as import reading_as
from api.routes.change_views import found_change, may_see_source
from ledger.actor import Actor, person_acting
from ledger.clock import parse_instant
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.service import View
from rbac.effective import Right, who_could
from rbac.permission import WHOLE, Action, Ask, DataClass, Object
from rbac.roles import AccessPolicy
from rbac.service import every_held, person_is_active
from versioning import pages
from versioning.change import OPEN, ChangeRequest, Verdict
from versioning.foreseen import ACTIONS, foreseen, refused_review
from versioning.pages import ChangeRead

router = APIRouter(prefix="/v1/change-requests", tags=["change requests"])

REVIEWERS_MAX = 200  # more who may is no list to look through: the access screen answers that
STALE_MAX = 20  # approvals whose changes are told; those before them are stale all the same
_OWN = (Reason.OWN_CHANGE, Reason.ALREADY_APPROVED)  # what bars one person, rather than everybody for now


@router.get("/{id}/standing", **described("changes.StandingAnswer"))
async def standing(request: Request) -> Response:
    """What the caller could do to a change request now, each act with why it would be refused; who may review it, by
    which role, and what bars them; whether its base moved; what was edited since each stale approval."""
    return json_answer(await asyncio.to_thread(_standing, request))


def _standing(request: Request) -> dict[str, Any]:
    with viewing(request) as (view, actor):
        found, classes = found_change(request, view, actor)
        change = found.change
        current = pages.current_version(reading_as(view, actor), change.kind, change.name)
        judged = foreseen(change, actor, current, view.now)
        acts = {name: _permitted(request, view, actor, action) or judged[name] for name, action in ACTIONS.items()}
        reviewers = _reviewers(request, view, change)
        stale = _stale(request, view, actor, (found, classes))
        releasers = _releasers(request, view, change)
        newest = pages.edits(reading_as(view, actor), change, change.digest)[1]
        last = view.newest_entries([change.id])[change.id]
        by = str(last.actor.get("person") or last.actor["id"])
        named = {one["person"] for one in (*reviewers, *releasers)} | {one.person for one in found.reviews}
        return {
            "change_request": change.id,
            "revision": change.revision,
            "digest": change.digest,
            "current_version": current,
            "base_moved": change.status in OPEN and current != change.base_version,
            "acts": {name: refusal_value(refusal) for name, refusal in acts.items()},
            "reviewers": reviewers,
            "releasers": releasers,
            "stale": stale,
            "edited_by": newest.author,
            "edited_at": newest.written_at,
            "last": {"kind": last.kind, "by": by, "recorded_at": parse_instant(last.recorded_at), "index": last.index},
            "people": people(request, view, actor, named | {*change.authors, newest.author, by}),
        }


def _permitted(request: Request, view: View, actor: Actor, action: str) -> Refusal | None:
    ask = Ask(WHOLE, Object.CHANGE_REQUEST, Action(action))
    answer = service_of(request).rooms.access.read_check(view, view.now, actor, ask)
    return answer if isinstance(answer, Refusal) else None


def _reviewers(request: Request, view: View, change: ChangeRequest) -> list[dict[str, Any]]:
    """Persons who may approve it, then those who may only ask for changes; none once it is closed."""
    told: dict[str, dict[str, Any]] = {}
    if change.status not in OPEN:
        return []
    for action, verdict in ((Action.APPROVE, Verdict.APPROVE), (Action.REVIEW, Verdict.REQUEST_CHANGES)):
        for one in _who_could(request, view, action):
            if one["person"] in told or len(told) >= REVIEWERS_MAX:
                continue
            refusal = refused_review(change, person_acting(one["person"], "password"), verdict, view.now)
            barred = refusal if refusal is not None and refusal.reason in _OWN else None
            more = {"may_approve": action is Action.APPROVE, "barred": refusal_value(barred)}
            told[one["person"]] = {**one, **more}
    return list(told.values())


def _releasers(request: Request, view: View, change: ChangeRequest) -> list[dict[str, Any]]:
    """Persons who may put it in force; none once it is closed."""
    return _who_could(request, view, Action.RELEASE)[:REVIEWERS_MAX] if change.status in OPEN else []


def _who_could(request: Request, view: View, action: Action) -> list[dict[str, Any]]:
    """Active persons who may do this with change requests now, and the roles they were assigned it by."""
    snapshot = service_of(request).rooms.access.snapshot(view)
    if isinstance(snapshot, Refusal):
        return []
    rights = who_could(snapshot.policy, every_held(view), Ask(WHOLE, Object.CHANGE_REQUEST, action), view.now)
    return [
        {"person": right.actor, "roles": _roles(snapshot.policy, right)}
        for right in rights
        if right.actor.startswith("person:") and person_is_active(view, right.actor)
    ]


def _roles(policy: AccessPolicy, right: Right) -> list[dict[str, str]]:
    names = sorted({path[0] for path in right.paths if path})
    return [{"name": name, "title": role.title if (role := policy.role(name)) else name} for name in names]


def _stale(
    request: Request, view: View, actor: Actor, about: tuple[ChangeRead, frozenset[DataClass]]
) -> list[dict[str, Any]]:
    """Each stale approval with the fields that were edited since; null where a side may not be read."""
    found, classes = about
    rows, kind = reading_as(view, actor), service_of(request).rooms.kinds[found.row.kind]
    may = may_see_source(request, found.row.kind, classes)
    told = []
    for review in [one for one in found.reviews if one.standing == "stale"][-STALE_MAX:]:
        before, newest = pages.edits(rows, found.change, review.digest)
        texts = [
            None if one is None else opened(view, one.source[:2], one.source.sealed, may) for one in (before, newest)
        ]
        told.append({"review": review.number, "edited_at": newest.written_at, "changed": _changed(kind, texts)})
    return told


def _changed(kind: Any, texts: list[Any]) -> list[dict[str, Any]] | None:
    if not all(type(text) is str for text in texts):
        return None
    try:
        before, after = (kind.read(text).value for text in texts)
    except BrokenInput:
        return None
    return list(_fields(before, after))


def _fields(before: Any, after: Any) -> Iterator[dict[str, Any]]:
    for place, old, new in changed_fields(before, after):
        yield {"path": place, "before": old, "after": new}
