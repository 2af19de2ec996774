"""The keys of the log and its witnesses: which sign for it, up to which size, and the lists that a verifier keeps."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow_any
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.log_service import Service
from ledger.entry import parse_entry
from ledger.key_life import keys_value, signed_lists
from ledger.note import format_vkey
from ledger.policy import NONE
from ledger.publication_tables import PUBLISHED, REACHED
from ledger.service import View
from ledger.showing import newest
from ledger.witnessed import newest_witnessed
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1", tags=["keys"])

READ = ((Object.REGISTER, Action.READ), (Object.LEDGER, Action.READ))


@router.get("/keys", **described("ledger.KeysAnswer"))
async def keys(request: Request) -> Response:
    """Every key of the log with its verifier key and the sizes it signs, and the lists the identity key signed."""
    with viewing(request) as (view, actor):
        allow_any(request, view, actor, READ)
        found = [{**key, "changed_at": _recorded_at(view, key["changed"])} for key in keys_value(view)]
        lists = signed_lists(view)
    return json_answer({"items": found, "lists": lists})


@router.get("/witnesses", **described("ledger.WitnessesAnswer"))
async def witnesses(request: Request) -> Response:
    """Where the log stands and who else has seen it: newest checkpoint, what is published, each witness with its lag,
    and up to which size enough of them cosigned."""
    with viewing(request) as (view, actor):
        allow_any(request, view, actor, READ)
    service = service_of(request)

    def read() -> dict[str, Any]:
        with service.reader.view() as view:
            return _standing(view, service)

    return json_answer(await asyncio.to_thread(read))  # lines of witnesses are verified again, which takes its time


def _standing(view: View, service: Service) -> dict[str, Any]:
    witnessing = service.witnessing
    shown = newest(view)
    row = None if shown is None else view.get(PUBLISHED, shown.size)
    covered = None if witnessing is None else newest_witnessed(view, witnessing.policy)
    return {
        "size": view.head.size,
        "checkpoint": view.head.checkpoint,
        "recorded_at": view.head.recorded_at,
        "published": None
        if shown is None or row is None
        else {"size": shown.size, "note": shown.note, "published_at": row.published_at},
        "mode": "none" if witnessing is None else "hard" if witnessing.is_hard else "soft",
        "quorum": None if witnessing is None or witnessing.policy.quorum == NONE else witnessing.policy.quorum,
        "witnessed": None if covered is None else {"names": list(covered.names), "size": covered.size},
        "items": [] if witnessing is None else _items(view, witnessing),
    }


def _items(view: View, witnessing: Any) -> list[dict[str, Any]]:
    found = []
    for lag, asked in zip(witnessing.lags(view), witnessing.contributors, strict=True):
        reached = view.get(REACHED, asked.name)
        found.append(
            {
                "name": lag.witness,
                "vkeys": _vkeys(witnessing, lag.witness),
                "size": 0 if reached is None else reached.size,
                "seen_at": None if reached is None else reached.at,
                "lag_entries": lag.entries,
                "lag_seconds": int(lag.seconds),
                "contradicts": lag.contradicts,
            }
        )
    return found


def _vkeys(witnessing: Any, name: str) -> Sequence[str]:
    return [format_vkey(one.key) for one in witnessing.policy.witnesses if name in (one.name, one.key.name)]


def _recorded_at(view: View, index: int) -> int:
    row = view.entry(index)
    return 0 if row is None else int(parse_entry(row.bytes).recorded)
