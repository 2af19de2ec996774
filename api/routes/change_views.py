"""Reading change requests: lists, one with its source, reviews and findings, what it changes, and its checks today."""

import asyncio
import difflib
from typing import Any, cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, not_found, opened, readable
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.field_changes import changed_fields
from api.findings_told import finding_value
from api.naming import people
from api.paging import choice, flag, page, path, wanted, word
from api.preconditions import is_unchanged, tag_of, unchanged
from api.problem_texts import tell
from api.reading_as import reading_as
from ledger.actor import Actor
from ledger.errors import BrokenInput
from ledger.service import View
from ledger.wording import as_it_is
from rbac.permission import Action, DataClass, Object
from versioning import pages
from versioning.artefact import as_finding, source_class
from versioning.change import OPEN, Status
from versioning.change_lists import AMONG, Among, ChangesAsked, change_list, counts
from versioning.pages import ChangeRead, Place

router = APIRouter(prefix="/v1/change-requests", tags=["change requests"])

READ = (Object.CHANGE_REQUEST, Action.READ)
DIFF_LINES_MAX = 4_000  # two sources of 40 KiB differ in no more lines than this


@router.get(
    "", **described("changes.ChangesAnswer", query=("list", "status", "kind", "name", "counts", "limit", "cursor"))
)
async def listed(request: Request) -> Response:
    """Change requests, newest first; by status, kind and name of the artefact. `list` is `open`, `review` (in review,
    and the caller neither wrote nor approved it), `mine` (written by the caller) or `release` (approved). `counts=1`
    tells how many there are among each.
    """
    place = wanted(request, str)
    status, among = word(request, "status", ""), choice(request, "list", AMONG)
    if status and status not in set(Status):
        raise BrokenInput(tell("one-of", known=as_it_is(", ".join(Status))), "query.status")
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        rows, before = reading_as(view, actor), place.after[0] if place.after else ""
        asked = ChangesAsked(actor, cast(Among, among), status, word(request, "kind", ""), word(request, "name", ""))
        found = change_list(rows, asked, before, place.limit + 1)
        authors = {author for row in found[: place.limit] for author in row["authors"]}
        told = {
            "people": people(request, view, actor, authors),
            "counts": counts(rows, actor) if flag(request, "counts") else None,
        }
    return json_answer({**page(found, place.limit, lambda row: (row["id"],), lambda row: row), **told})


@router.get("/{id}", **described("changes.ChangeAnswer"))
async def read(request: Request) -> Response:
    """One change request: source, findings at its newest edit, reviews with fresh and stale approvals told apart."""
    with viewing(request) as (view, actor):
        found, classes = found_change(request, view, actor)
        tag = tag_of(view, actor, found.row.revision, (found.row.id, found.row.status, *sorted(classes)))
        if is_unchanged(request, tag):
            return unchanged(tag)
        answer = _answer(request, view, found, classes)
    return json_answer(answer, headers={"ETag": tag})


@router.get("/{id}/diff", **described("changes.DiffAnswer"))
async def diff(request: Request) -> Response:
    """What the newest edit changes against its base version: unified text, and a table of fields."""
    with viewing(request) as (view, actor):
        found, classes = found_change(request, view, actor)
        row, rows = found.row, reading_as(view, actor)
        base = pages.version_source(rows, row.kind, row.name, row.base_version)
        before_value = pages.version_value(rows, row.kind, row.name, row.base_version)
        may = may_see_source(request, row.kind, classes)
        after = opened(view, found.source[:2], found.source.sealed, may)
        before = "" if base is None else opened(view, base[:2], base.sealed, may)
        value = None if before_value is None else opened(view, before_value[:2], before_value.sealed, may)
    told = {"base_version": row.base_version, "digest": row.digest}
    if type(after) is not str or type(before) is not str:
        return json_answer({**told, "text": "", "fields": None, "shut": before if type(after) is str else after})
    read_value = None if row.retires else _value_of(request, row.kind, after)
    fields = [dict(zip(("path", "before", "after"), one, strict=True)) for one in changed_fields(value, read_value)]
    return json_answer({**told, "text": _unified(before, after), "fields": fields, "shut": None})


@router.get("/{id}/checks", **described("changes.ChecksAnswer"))
async def checks(request: Request) -> Response:
    """What the checks of the artefact's kind find today, against the registers as they stand."""
    with viewing(request) as (view, actor):
        found, classes = found_change(request, view, actor)
        source = opened(view, found.source[:2], found.source.sealed, may_see_source(request, found.row.kind, classes))
    if type(source) is not str or found.row.retires:
        return json_answer({"findings": None, "shut": None if type(source) is str else source})
    service = service_of(request)

    def run() -> list[dict[str, Any]]:
        owner = service.rooms.kinds[found.row.kind]
        with service.reader.view() as view:
            said = [as_finding(one) for one in owner.check(reading_as(view, actor), owner.read(source))]
        return [finding_value(one) for one in said]

    return json_answer({"findings": await asyncio.to_thread(run), "shut": None})


def found_change(request: Request, view: View, actor: Actor) -> tuple[ChangeRead, frozenset[DataClass]]:
    """The change request in the path, and the classes its caller may read; a problem when there is none."""
    allow(request, view, actor, READ)
    found = pages.change_request(reading_as(view, actor), path(request, "id"))
    if found is None:
        raise not_found(tell("a-change-request"))
    return found, readable(request, view, actor)


def may_see_source(request: Request, kind: str, classes: frozenset[DataClass]) -> bool:
    """Whether a reader of these classes sees the source of an artefact of this kind."""
    return DataClass(source_class(service_of(request).rooms.kinds[kind])) in classes


def _answer(request: Request, view: View, found: ChangeRead, classes: frozenset[DataClass]) -> dict[str, Any]:
    row, change = found.row, found.change
    confidential = DataClass.CONFIDENTIAL in classes

    def reason_of(place: Place) -> Any:
        return opened(view, place[:2], place.sealed, confidential)

    fresh = sum(1 for review in found.reviews if review.standing == "fresh")
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "title": change.title,
        "reason": reason_of(found.reason),
        "status": row.status,
        "open": change.status in OPEN,
        "revision": row.revision,
        "base_version": row.base_version,
        "version": row.version,
        "retires": change.retires,
        "digest": row.digest,
        "edit": row.edit,
        "source": opened(view, found.source[:2], found.source.sealed, may_see_source(request, row.kind, classes)),
        "authors": list(change.authors),
        "risk": row.risk,
        "approvals": fresh,
        "approvals_needed": row.approvals_needed,
        "reviews": [
            {**review._asdict(), "reason": reason_of(review.reason), "standing": review.standing or None}
            for review in found.reviews
        ],
        "not_before": row.not_before,
        "expires_at": row.expires_at,
        "proposed_at": row.proposed_at,
        "changed_at": row.changed_at,
    }


def _value_of(request: Request, kind: str, source: str) -> Any:
    try:
        return service_of(request).rooms.kinds[kind].read(source).value
    except BrokenInput:
        return None


def _unified(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "base", "proposed", lineterm="", n=3)
    return "\n".join(line for line, _ in zip(lines, range(DIFF_LINES_MAX), strict=False))
