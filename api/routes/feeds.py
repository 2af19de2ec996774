"""Feeds: who gets what and how far they are, dead letters and their replay, and entries to be fetched."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow, not_found
from api.answers.values import CommandAnswer, ItemAnswer, PageAnswer
from api.app import json_answer
from api.context import caller, send, service_of, viewing
from api.describing import Media, described
from api.feeds.choosing import Limits, choice_of, start_of, window
from api.feeds.commands import ReplayLetter, open_letters
from api.feeds.formats import LINE, NDJSON
from api.feeds.standing import Told, told
from api.feeds.tables import LETTER, LetterRow
from api.paging import LIMIT_MAX, LIMIT_USUAL, number, page, path, path_number, wanted, word
from api.problem_texts import tell
from api.streams import EVENTS, Piece, stream, streams_of
from ledger.actor import Actor
from ledger.clock import SECOND
from ledger.delivery import LetterState
from ledger.disclosed import Choice
from ledger.errors import BrokenInput
from ledger.service import View
from ledger.wording import listed
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1", tags=["feeds"])

LIST = (Object.REGISTER, Action.READ)
FETCH = (Object.FEED, Action.READ)
READ_LEDGER = (Object.LEDGER, Action.READ)
WAIT_SECONDS_MAX = 30  # of a long poll: shorter than what proxies let pass
AFTER = "Feed-After"  # header: the index to ask on after, whether anything of it was told or not
PIECE_BYTES_MAX = 256 * 1024  # of events that one stream holds in memory


class Fetched(NamedTuple):
    """What is read by a fetch: in which form, and which entries."""

    form: str
    choice: Choice


@router.get("/feeds", **described(PageAnswer, query=("limit", "cursor")))
async def feeds(request: Request) -> Response:
    """Feeds in force by name: what each tells of, to whom, and how far it is."""
    place = wanted(request, str)
    versions = service_of(request).rooms.versions
    with viewing(request) as (view, actor):
        allow(request, view, actor, LIST)
        after = place.after[0] if place.after else ""
        names = [name for name in sorted(versions.names(view, "feed")) if name > after][: place.limit + 1]
        standing = {one.cursor.feed: one for one in told(view)}
        rows = [_item(view, versions.current(view, "feed", name), standing.get(name)) for name in names]
    return json_answer(page(rows, place.limit, lambda row: (row["name"],), lambda row: row))


@router.get("/feeds/{id}", **described(ItemAnswer))
async def feed(request: Request) -> Response:
    """One feed: what it tells of, to whom, how far it is and why it does not get on."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, LIST)
        found = _version(request, view)
        standing = {one.cursor.feed: one for one in told(view)}
        item = _item(view, found, standing.get(found.name))
    return json_answer(item)


@router.get("/feeds/{id}/dead-letters", **described(PageAnswer, query=("limit", "cursor")))
async def letters(request: Request) -> Response:
    """What the sink did not take, and what waits behind it, in order."""
    place = wanted(request, int)
    with viewing(request) as (view, actor):
        allow(request, view, actor, FETCH)
        found = _version(request, view)
        after = place.after[0] if place.after else -1
        rows = [row for row in open_letters(view, found.name) if row.idx > after][: place.limit + 1]
    return json_answer(page(rows, place.limit, lambda row: (row.idx,), _letter))


@router.get("/feeds/{id}/dead-letters/{n}", **described(ItemAnswer))
async def letter(request: Request) -> Response:
    """One letter by the index of its first entry."""
    first = path_number(request, "n")
    with viewing(request) as (view, actor):
        allow(request, view, actor, FETCH)
        row = view.get(LETTER, _version(request, view).name, first)
    if row is None or row.state == LetterState.DONE:
        raise not_found(tell("a-dead-letter"))
    return json_answer(_letter(row))


@router.post("/feeds/{id}/dead-letters/{n}/replay", **described(CommandAnswer, command=True))
async def replay(request: Request) -> Response:
    """Send a dead letter again, then what waits behind it; starts a feed that stopped. An entry records it."""
    return await send(request, ReplayLetter(path(request, "id"), path_number(request, "n")))


@router.get("/feeds/{id}/entries", **described(Media((NDJSON,)), query=("after", "limit", "wait_seconds")))
async def entries(request: Request) -> Response:
    """What a feed to be fetched tells of, behind index `after`, one JSON text a line; waits for the first if asked.

    Only its readers may. The header `Feed-After` holds the index to ask on after; whole commands, in order.
    """

    def fetched(view: View, actor: Actor) -> Fetched:
        value = _fetchable(request, view, actor)
        return Fetched(value["format"], choice_of(value))

    with viewing(request) as (view, actor):
        start = _start(request, view, _fetchable(request, view, actor))
    return await _fetch(request, start, fetched, str(actor.id))


@router.get("/feeds/{id}/live", **described(Media((EVENTS,)), query=("after",)))
async def live(request: Request) -> Response:
    """The same as server-sent events, each with its index as id; `Last-Event-ID` goes on behind it."""
    reader = service_of(request).reader
    with viewing(request) as (view, actor):
        value = _fetchable(request, view, actor)
        last = request.headers.get("last-event-id")
        if last is not None and not (last.isascii() and last.isdigit() and len(last) <= 16):
            raise BrokenInput(tell("index-of-entry"), "Last-Event-ID")
        start = _start(request, view, value) if last is None else int(last) + 1
        log = view.log.name

    def admit() -> str:
        with reader.view() as view:
            actor = caller(request, view)
            _fetchable(request, view, actor)
            return str(actor.id)

    def read(start: int) -> Piece:
        with reader.view() as view:
            value = _version(request, view).value  # the one in force now: it may tell less than when this was opened
            found = window(view, start, choice_of(value), Limits(LIMIT_MAX, size_bytes=PIECE_BYTES_MAX))
        told = [entry for group in found.groups for entry in group.entries]
        return Piece(b"".join(_event(value["format"], log, entry) for entry in told), found.end)

    return stream(request, reader, admit, read, start)


@router.get("/ledger/feed", **described(Media((NDJSON,)), query=("after", "format", "limit", "wait_seconds")))
async def ledger_feed(request: Request) -> Response:
    """All entries behind index `after` as `cloudevents` or `ocsf`, one a line; waits for the first if asked."""
    form = word(request, "format", "cloudevents")
    if form not in LINE:
        raise BrokenInput(tell("one-of", known=listed(LINE)), "query.format")

    def fetched(view: View, actor: Actor) -> Fetched:
        allow(request, view, actor, READ_LEDGER)
        return Fetched(form, Choice())

    with viewing(request) as (view, actor):
        fetched(view, actor)
    start = number(request, "after") + 1 if "after" in request.query_params else 0
    return await _fetch(request, start, fetched, str(actor.id))


async def _fetch(request: Request, start: int, fetched: Callable[[View, Actor], Fetched], actor: str) -> Response:
    """A page of lines; waits up to `wait_seconds` for something to tell, and while it waits it counts as a stream.

    `fetched` says what of each look may be told, or raises `Refused`: who waits may have lost the right meanwhile.
    """
    limit = number(request, "limit", LIMIT_USUAL)
    seconds = number(request, "wait_seconds", 0)
    if not 1 <= limit <= LIMIT_MAX or seconds > WAIT_SECONDS_MAX:
        raise BrokenInput(tell("feed-limits", most=LIMIT_MAX, seconds=WAIT_SECONDS_MAX), "query")
    service = service_of(request)
    until = service.rooms.clock.monotonic() + seconds * SECOND

    def read(start: int) -> tuple[list[bytes], int]:
        with service.reader.view() as view:
            asked = fetched(view, caller(request, view))
            found = window(view, start, asked.choice, Limits(limit))
            line, log = LINE[asked.form], view.log.name
            return [line(log, entry) + b"\n" for group in found.groups for entry in group.entries], found.end

    lines, end = await asyncio.to_thread(read, start)
    if not lines and seconds:
        streams = streams_of(request)
        streams.enter(actor)
        try:
            while not lines and (left := until - service.rooms.clock.monotonic()) > 0:
                if await request.is_disconnected():
                    break
                if end == start:
                    await streams.grown(service.reader, start, min(left / SECOND, 1.0))
                start = end
                lines, end = await asyncio.to_thread(read, start)
        finally:
            streams.leave(actor)
    headers = {AFTER: str(end - 1)} if end else {}
    return Response(b"".join(lines), 200, headers, NDJSON)


def _version(request: Request, view: View) -> Any:
    found = service_of(request).rooms.versions.current(view, "feed", path(request, "id"))
    if found is None:
        raise not_found(tell("a-feed-in-force"))
    return found


def _fetchable(request: Request, view: View, actor: Actor) -> Mapping[str, Any]:
    """The value of a feed that this caller may fetch: with the permission, and named as its reader."""
    allow(request, view, actor, FETCH)
    value: Mapping[str, Any] = _version(request, view).value
    if value["sink"]["kind"] != "pull" or actor.id not in value["sink"]["readers"]:
        message = tell("not-reader-of-feed")
        raise problems.Refused(problems.problem(403, "DENIED", message, {}))
    return value


def _start(request: Request, view: View, value: Mapping[str, Any]) -> int:
    if "after" in request.query_params:
        return number(request, "after") + 1
    return start_of(view, value)


def _event(form: str, log: str, entry: Any) -> bytes:
    """One server-sent event; JSON texts of ours hold no line end."""
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (entry.index, entry.value["kind"].encode(), LINE[form](log, entry))


def _item(view: View, found: Any, standing: Told | None) -> dict[str, Any]:
    item = {**found.value, "version": found.number, "digest": found.digest, "released_at": found.released_at}
    item["size"] = view.head.size
    if standing is None:
        return {**item, "delivery": None}
    row = standing.cursor
    delivery = {
        "next_index": row.next_idx,
        "state": row.state,
        "lag_entries": standing.lag_entries,
        "lag_seconds": standing.lag_seconds,
        "attempts": row.attempts,
        "next_try_at": row.next_try_at or None,
        "last_fault": row.fault or None,
        "failing_seconds": standing.failing_seconds,
        "dead_letters": standing.dead,
        "letters": row.letters,
        "sent": row.sent,
    }
    return {**item, "delivery": delivery}


def _letter(row: LetterRow) -> dict[str, Any]:
    return {
        "first": row.idx,
        "end": row.upto,
        "subjects": orjson.loads(row.subjects),
        "state": row.state,
        "fault": row.fault or None,
        "held_at": row.held_at,
    }
