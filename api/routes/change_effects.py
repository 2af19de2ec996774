"""Who gains and who loses what by a change of the access policy: what its reviewers answer for."""

import asyncio
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow, opened
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.routes.access import READ
from api.routes.change_views import found_change, may_see_source
from ledger.clock import Instant
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from rbac.artefacts import AccessPolicyKind
from rbac.effective import diff_by_effect
from rbac.pages import everybody
from rbac.permission import Ask
from rbac.roles import parse_policy
from rbac.service import every_held
from versioning.change import OPEN

router = APIRouter(prefix="/v1/change-requests", tags=["change requests"])

GROUPS_MAX = 200  # of people for whom it means the same: more are no list to read


@router.get("/{id}/effect", **described("access.EffectAnswer"))
async def effect(request: Request) -> Response:
    """Who gains and who loses which acts by a change of the access policy. Of an open change: were it in force now
    instead of the policy that is. Of one that is over: when it closed, against the policy of then. Takes the right to
    read access as well."""
    return json_answer(await asyncio.to_thread(_effect, request))


def _effect(request: Request) -> dict[str, Any]:
    with viewing(request) as (view, actor):
        found, classes = found_change(request, view, actor)
        allow(request, view, actor, READ)
        row = found.row
        told = {"digest": row.digest, "groups": None, "left_out": 0, "shut": None}
        if row.kind != AccessPolicyKind.kind:
            return told
        source = opened(view, found.source[:2], found.source.sealed, may_see_source(request, row.kind, classes))
        if type(source) is not str:
            return {**told, "shut": source}
        try:
            after = None if row.retires else parse_policy(source)
        except BrokenInput:  # what is wrong with it is told by the checks
            return told
        access, is_open = service_of(request).rooms.access, found.change.status in OPEN
        at = view.now if is_open else Instant(row.changed_at)
        present = access.snapshot(view) if is_open else access.snapshot_before(view, at)
        if isinstance(present, Refusal):
            raise problems.Refused(problems.of_refusal(present))
        held = every_held(view)
        if is_open:  # who has left gains nothing; who had left by then is on no row
            at_work = {one.id for one in everybody(view) if one.status == "active"}
            held = tuple([one for one in held if one.actor in at_work])
        gains = diff_by_effect(present.policy, after, held, at)
    groups = [
        {"actors": list(gain.actors), "gained": _acts(gain.gained), "lost": _acts(gain.lost)}
        for gain in gains[:GROUPS_MAX]
    ]
    return {**told, "groups": groups, "left_out": sum(len(gain.actors) for gain in gains[GROUPS_MAX:])}


def _acts(asked: Iterable[Ask]) -> list[dict[str, Any]]:
    """Each act once, with all domains it is gained or lost in."""
    domains: dict[tuple[str, str], list[str]] = {}
    for ask in asked:
        domains.setdefault((ask.object, ask.action), []).append(ask.domain)
    return [{"object": of, "action": act, "domains": where} for (of, act), where in sorted(domains.items())]
