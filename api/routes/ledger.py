"""The ledger itself: entries as their exact bytes, receipts, and proofs from tiles and the leaf hashes beyond."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, not_found
from api.answers import ItemAnswer, PageAnswer, ProofAnswer, ReceiptValue
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.paging import LIMIT_MAX, number, page, path_number, wanted, word
from ledger import canonical
from ledger.canonical import b64url
from ledger.errors import BrokenInput
from ledger.proving import Prover
from ledger.service import View
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])

READ = (Object.LEDGER, Action.READ)
PROVE = (Object.LEDGER, Action.PROVE)


@router.get("/entries", **described(PageAnswer, query=("start", "end", "subject", "limit", "cursor")))
async def entries(request: Request) -> Response:
    """Entries in order from index `start`, or those of one `subject`, newest first."""
    if "subject" in request.query_params:
        return _of_subject(request)
    place = wanted(request, int)
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        start = place.after[0] + 1 if place.after else number(request, "start", 0)
        end = min(number(request, "end", view.head.size), view.head.size)
        rows = view.entries(start, min(end, start + place.limit + 1))
    return json_answer(page(rows, place.limit, lambda row: (row.idx,), _item))


def _of_subject(request: Request) -> Response:
    place = wanted(request, int)
    subject = word(request, "subject")
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        before = place.after[0] if place.after else None
        if before is not None and not _is_of(view, before, subject):
            raise BrokenInput("expected the cursor of a page before this one", "query.cursor")
        rows = view.history(subject, before, min(place.limit, LIMIT_MAX) + 1)
    return json_answer(page(rows, place.limit, lambda row: (row.idx,), _item))


@router.get("/entries/{index}", **described(ItemAnswer))
async def entry(request: Request) -> Response:
    """One entry by its index."""
    index = path_number(request, "index")
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        row = view.entry(index)
    if row is None:
        raise not_found("an entry with this index")
    return json_answer(_item(row))


@router.get("/proofs/inclusion", **described(ProofAnswer, query=("index", "size")))
async def inclusion(request: Request) -> Response:
    """That the entry at `index` is in the tree of `size` (the present one unless given)."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, PROVE)
        head = view.head
    index = number(request, "index")
    size = number(request, "size", head.size)
    if not 0 <= index < size <= head.size:
        raise BrokenInput(f"expected index < size <= {head.size}", "query.index")
    leaf, hashes = await _reading(request, lambda view: Prover(view).inclusion(index, size))
    value = {"index": index, "size": size, "leaf_hash": b64url(leaf)}
    return json_answer({**value, "hashes": [b64url(one) for one in hashes], "checkpoint": head.checkpoint})


@router.get("/proofs/consistency", **described(ProofAnswer, query=("old", "new")))
async def consistency(request: Request) -> Response:
    """That the tree of size `old` is a prefix of the tree of size `new` (the present one unless given)."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, PROVE)
        head = view.head
    old = number(request, "old")
    new = number(request, "new", head.size)
    if not 0 < old <= new <= head.size:
        raise BrokenInput(f"expected 0 < old <= new <= {head.size}", "query.old")
    hashes = await _reading(request, lambda view: Prover(view).consistency(old, new))
    value = {"old": old, "new": new, "hashes": [b64url(one) for one in hashes]}
    return json_answer({**value, "checkpoint": head.checkpoint})


@router.get("/receipts/{index}", **described(ReceiptValue, query=("proof",)))
async def receipt(request: Request) -> Response:
    """The receipt of an entry against the newest checkpoint; with `proof=1` its inclusion proof as well."""
    index = path_number(request, "index")
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        head, row = view.head, view.entry(index)
        name = view.log.name
    if row is None:
        raise not_found("an entry with this index")
    value: dict[str, Any] = {
        "log": name,
        "index": index,
        "leaf_hash": b64url(row.leaf_hash),
        "size": head.size,
        "checkpoint": head.checkpoint,
    }
    if number(request, "proof", 0):
        _, hashes = await _reading(request, lambda view: Prover(view).inclusion(index, head.size))
        value["proof"] = [b64url(one) for one in hashes]
    return json_answer(value)


async def _reading(request: Request, work: Any) -> Any:
    """Run what reads many rows on a thread with a view of its own."""
    reader = service_of(request).reader

    def run() -> Any:
        with reader.view() as view:
            return work(view)

    return await asyncio.to_thread(run)


def _is_of(view: View, index: int, subject: str) -> bool:
    row = view.entry(index)
    return row is not None and canonical.decode(row.bytes)["subject"] == subject


def _item(row: Any) -> dict[str, Any]:
    return {
        "index": row.idx,
        "leaf_hash": b64url(row.leaf_hash),
        "bytes": b64url(row.bytes),
        "entry": canonical.decode(row.bytes),
    }
