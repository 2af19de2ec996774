"""The ledger itself: entries as their exact bytes, receipts, and proofs from tiles and the leaf hashes beyond."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, not_found
from api.answers.values import ItemAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import service_of, viewing
from api.describing import Media, described
from api.paging import choice, cursor_of, instant, number, path_number, wanted, word
from api.problem_texts import tell
from api.schemas import VerificationBody
from ledger import canonical
from ledger.canonical import b64url
from ledger.cose import MEDIA_TYPE as COSE_MEDIA_TYPE
from ledger.entry_lists import EntriesAsked, entries_of, entry_list
from ledger.errors import BrokenInput
from ledger.note import format_vkey, parse_vkey
from ledger.proving import Prover
from ledger.receipts import (
    COSE,
    FORMATS,
    JSON,
    TLOG_PROOF,
    EntryProof,
    as_cose,
    as_json,
    as_tlog_proof,
    consistency_as_cose,
    prove_entry,
)
from ledger.service import CountTrees, View, newest_count, subject_proof
from ledger.wording import listed
from ledger.work import Receipt
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])

READ = (Object.LEDGER, Action.READ)
PROVE = (Object.LEDGER, Action.PROVE)
VERIFY = (Object.LEDGER, Action.VERIFY)
_TREES = CountTrees()


@router.get(
    "/entries",
    **described(
        "ledger.EntriesAnswer",
        query=("start", "end", "subject", "kind", "actor", "from", "to", "order", "limit", "cursor"),
    ),
)
async def entries(request: Request) -> Response:
    """Entries in order from index `start`, with `order=newest` newest first, or those of one `subject`, newest first.

    `from` and `to` are instants; `kind` and `actor` (an actor's id, or the person behind it) pick among the entries
    they leave. There is no index for those two: a page looks through 2,000 entries at most and may be short; its cursor
    leads on.
    """
    return json_answer(await asyncio.to_thread(_entries, request))


def _entries(request: Request) -> dict[str, Any]:
    place = wanted(request, int)
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        asked = EntriesAsked(
            first=number(request, "start", 0),
            end=min(number(request, "end", view.head.size), view.head.size),
            since=instant(request, "from"),
            until=instant(request, "to"),
            kind=word(request, "kind", ""),
            actor=word(request, "actor", ""),
            newest_first=choice(request, "order", ("oldest", "newest"), "oldest") == "newest",
        )
        after = place.after[0] if place.after else None
        if "subject" in request.query_params:
            subject = word(request, "subject")
            if after is not None and not _is_of(view, after, subject):
                raise BrokenInput(tell("cursor-of-page"), "query.cursor")
            found, cursor = entries_of(view, subject, asked, after, place.limit)
        else:
            found, cursor = entry_list(view, asked, after, place.limit)
        items = [_item(row) for row in found]
        return {"items": items, "cursor": cursor_of(cursor), "size": view.head.size}


@router.get("/entries/{index}", **described("ledger.EntryAnswer"))
async def entry(request: Request) -> Response:
    """One entry by its index."""
    index = path_number(request, "index")
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        row = view.entry(index)
    if row is None:
        raise not_found(tell("an-entry-with-this-index"))
    return json_answer(_item(row))


@router.get("/proofs/inclusion", **described("ledger.InclusionAnswer", query=("index", "size")))
async def inclusion(request: Request) -> Response:
    """That the entry at `index` is in the tree of `size` (the present one unless given)."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, PROVE)
        head = view.head
    index = number(request, "index")
    size = number(request, "size", head.size)
    if not 0 <= index < size <= head.size:
        raise BrokenInput(tell("index-and-size", size=head.size), "query.index")
    leaf, hashes = await _reading(request, lambda view: Prover(view).inclusion(index, size))
    value = {"index": index, "size": size, "leaf_hash": b64url(leaf)}
    return json_answer({**value, "hashes": [b64url(one) for one in hashes], "checkpoint": head.checkpoint})


@router.get(
    "/proofs/consistency",
    **described(Media((COSE_MEDIA_TYPE,), "ledger.ConsistencyAnswer"), query=("old", "new", "format")),
)
async def consistency(request: Request) -> Response:
    """That the tree of size `old` is a prefix of the tree of size `new` (the present one unless given); `format` is
    `json`, or `cose` for a receipt of RFC 9942 up to the present size."""
    form = word(request, "format", JSON)
    with viewing(request) as (view, actor):
        allow(request, view, actor, PROVE)
        head = view.head
    old = number(request, "old")
    new = number(request, "new", head.size)
    if not 0 < old <= new <= head.size:
        raise BrokenInput(tell("old-and-new", size=head.size), "query.old")
    if form not in (JSON, COSE) or (form == COSE and new != head.size):
        raise BrokenInput(tell("json-or-cose"), "query.format")
    hashes = await _reading(request, lambda view: Prover(view).consistency(old, new))
    if form == COSE:
        signer = service_of(request).log.secrets.ring.signer_of(head.checkpoint)
        receipt = consistency_as_cose(head.checkpoint, old, hashes, signer)
        return Response(receipt, media_type=COSE_MEDIA_TYPE)
    value = {"old": old, "new": new, "hashes": [b64url(one) for one in hashes]}
    return json_answer({**value, "checkpoint": head.checkpoint})


@router.get("/proofs/subject", **described(ItemAnswer, query=("subject", "counted")))
async def subject(request: Request) -> Response:
    """How many entries a subject had when its log's subjects were last counted (or at the count at index `counted`),
    or that it had none: a file for `muniment verify --subject-proof`."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, PROVE)
        found = newest_count(view)
    name = word(request, "subject")
    if found is None and "counted" not in request.query_params:
        raise not_found(tell("a-count-of-subjects"))
    counted = number(request, "counted", None if found is None else found[0])
    return json_answer(await _reading(request, lambda view: subject_proof(view, _TREES, name, counted)))


@router.get(
    "/receipts/{index}",
    **described(Media(("text/plain", COSE_MEDIA_TYPE), "ledger.EntryReceipt"), query=("proof", "entry", "format")),
)
async def receipt(request: Request) -> Response:
    """The receipt of an entry against the newest checkpoint: with `proof=1` its inclusion proof as well, with `entry=1`
    its bytes. `format` is `json`, or whole as `tlog-proof` (C2SP) or `cose` (RFC 9942).

    Where receipts wait for witnesses, so does this one.
    """
    index = path_number(request, "index")
    form = word(request, "format", JSON)
    if form not in FORMATS:
        raise BrokenInput(tell("one-of-formats", known=listed(FORMATS)), "query.format")
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        head, row = view.head, view.entry(index)
        name = view.log.name
    if row is None:
        raise not_found(tell("an-entry-with-this-index"))
    given = Receipt(name, index, b64url(row.leaf_hash), head.size, head.checkpoint)
    witnessing = service_of(request).witnessing
    is_hard = witnessing is not None and witnessing.is_hard
    if witnessing is not None and is_hard:
        given = await witnessing.cover(given)
    if form == COSE or (form == TLOG_PROOF and not is_hard):
        return _as_file(request, await _reading(request, lambda view: prove_entry(view, index, form)), form)
    wants_path = form == TLOG_PROOF or bool(number(request, "proof", 0))
    path: tuple[bytes, ...] = ()
    if wants_path:
        _, path = await _reading(request, lambda view: Prover(view).inclusion(index, given.size))
    proof = EntryProof(name, index, row.bytes, row.leaf_hash, given.size, given.checkpoint, path)
    if form == TLOG_PROOF:
        return _as_file(request, proof, form)
    return json_answer(as_json(proof, wants_path, bool(number(request, "entry", 0))))


def _as_file(request: Request, proof: EntryProof, form: str) -> Response:
    """A proof as a file that others' tools read; `BrokenInput` where the format has none."""
    if form == TLOG_PROOF:
        headers = {"Content-Disposition": f'attachment; filename="entry-{proof.index}.tlog-proof"'}
        return Response(as_tlog_proof(proof), 200, headers, "text/plain; charset=utf-8")
    signer = service_of(request).log.secrets.ring.signer_of(proof.note)
    headers = {"Content-Disposition": f'attachment; filename="entry-{proof.index}.cose"'}
    return Response(as_cose(proof, signer), 200, headers, COSE_MEDIA_TYPE)


@router.post("/verification", **described("ledger.VerificationAnswer", takes=(VerificationBody,)))
async def verify(request: Request) -> Response:
    """Begin to verify the whole log, in a process of its own; while one is running that is told of. Nothing is
    recorded."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, VERIFY)
    body = await parse_body(VerificationBody, request)
    vkeys = [format_vkey(parse_vkey(vkey)) for vkey in body.vkeys]
    return json_answer(await asyncio.to_thread(service_of(request).verifications.begin, vkeys))


@router.get("/verification", **described("ledger.VerificationAnswer"))
async def verification(request: Request) -> Response:
    """How far the verification is that was begun last, or its report: the twelve checks, each passed, failed or not
    run with the reason, the first fault with its class and interval, and the strength."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, VERIFY)
    return json_answer(service_of(request).verifications.state())


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
