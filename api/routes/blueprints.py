"""Released blueprints, and the other artefacts that are listed like them: rule tables, lists of codes.

They lie in no domain: whoever may read them in one, since they work there, may read them.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allowed_domains, domains_of, not_found
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import Media, described
from api.drawings_told import drawing_value, words_value
from api.naming import people
from api.paging import page, path, path_number, wanted, word
from api.problem_texts import tell
from api.reading_as import reading_as
from ledger.entry import Entry
from ledger.errors import BrokenInput
from ledger.wording import listed
from orchestrator.figures import active_by_blueprint
from orchestrator.schedule_told import schedule_told
from rbac.permission import Action, Object
from versioning import pages
from versioning.change_lists import open_by_name
from versioning.layout import DIRECTIONS, layout
from versioning.pages import ListingRow, Released
from versioning.words import words, words_text

router = APIRouter(prefix="/v1", tags=["blueprints"])

READ = (Object.BLUEPRINT, Action.READ)
READ_INSTANCE = (Object.INSTANCE, Action.READ)


@router.get("/blueprints", **described("changes.BlueprintsAnswer", query=("limit", "cursor")))
async def blueprints(request: Request) -> Response:
    """Blueprints by name, with the version in force, open change requests, and active instances the caller may read."""
    place = wanted(request, str)
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        rows, after = reading_as(view, actor), place.after[0] if place.after else ""
        found = pages.listing(rows, "blueprint", after, place.limit + 1)
        names = [row.name for row in found[: place.limit]]
        waiting = open_by_name(rows, "blueprint", names)
        running = active_by_blueprint(rows, domains_of(request, view, actor, READ_INSTANCE), names)

    def told(row: ListingRow) -> dict[str, Any]:
        return {
            **_listed(row),
            "open_changes": waiting.get(row.name, 0),
            "active_instances": running.get(row.name, 0),
        }

    return json_answer(page(found, place.limit, lambda row: (row.name,), told))


@router.get("/rule-tables", **described("changes.ArtefactsAnswer", query=("limit", "cursor")))
async def rule_tables(request: Request) -> Response:
    """Rule tables by name, with the version in force."""
    return _listing(request, "rule-table", READ)


@router.get("/reason-code-lists", **described("changes.ArtefactsAnswer", query=("limit", "cursor")))
async def reason_code_lists(request: Request) -> Response:
    """Lists of reason codes by name, with the version in force."""
    return _listing(request, "reason-code-list", READ)


def _listing(request: Request, kind: str, act: tuple[Object, Action]) -> Response:
    place = wanted(request, str)
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, act)
        after = place.after[0] if place.after else ""
        rows = pages.listing(reading_as(view, actor), kind, after, place.limit + 1)
    return json_answer(page(rows, place.limit, lambda row: (row.name,), _listed))


def _listed(row: ListingRow) -> dict[str, Any]:
    return {**row._asdict(), "retired": bool(row.retired)}


@router.get("/blueprints/{id}/versions", **described("changes.VersionsAnswer", query=("limit", "cursor")))
async def versions(request: Request) -> Response:
    """Released versions, newest first: who wrote, who approved and who put each in force, and when."""
    place = wanted(request, int)
    name = path(request, "id")
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        before = place.after[0] if place.after else 0
        rows = pages.versions(reading_as(view, actor), ("blueprint", name), before, place.limit + 1)
        released = view.newest_entries([row.change_request for row in rows[: place.limit]])
        told = [_released(row, released) for row in rows[: place.limit]]
        named = {who for row in told for who in (*row["authors"], *row["approvers"], row["released_by"])}
        called = people(request, view, actor, named)
    if not rows and not place.after:
        raise not_found(tell("a-blueprint"))
    answer = page(rows, place.limit, lambda row: (row.version,), lambda row: row)
    return json_answer({**answer, "items": told, "people": called})


def _released(row: Released, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """A version with who put it in force: the last that its change request tells of."""
    entry = entries[row.change_request]
    return {
        **row._asdict(),
        "approvals": [one._asdict() for one in row.approvals],
        "released_by": str(entry.actor.get("person") or entry.actor["id"]),
        "entry_index": entry.index,
    }


@router.get("/blueprints/{id}", **described("changes.BlueprintAnswer"))
async def blueprint(request: Request) -> Response:
    """The version in force: words, source and value."""
    return _version(request, None)


@router.get("/blueprints/{id}/versions/{n}", **described("changes.BlueprintAnswer"))
async def version(request: Request) -> Response:
    """One version by its number: words, source and value."""
    return _version(request, path_number(request, "n"))


@router.get("/blueprints/{id}/versions/{n}/diagram", **described("drawings.DiagramAnswer", query=("direction",)))
async def diagram(request: Request) -> Response:
    """The drawing of one version, as positions: nodes, edges with their corners, labels. `direction`: down or right."""
    direction = word(request, "direction", "down")
    if direction not in DIRECTIONS:
        raise BrokenInput(tell("one-of", known=listed(DIRECTIONS)), "query.direction")
    rooms, name, number = service_of(request).rooms, path(request, "id"), path_number(request, "n")
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        found = rooms.blueprints.version(reading_as(view, actor), name, number)
    if found is None:
        raise not_found(tell("a-released-blueprint-version"))
    drawn = await asyncio.to_thread(layout, found.blueprint, direction)
    return json_answer({"name": name, "version": number, "digest": found.digest, "diagram": drawing_value(drawn)})


@router.get("/blueprints/{id}/versions/{n}/words", **described("changes.WordsAnswer"))
async def version_words(request: Request) -> Response:
    """One version in plain words."""
    rooms, name, number = service_of(request).rooms, path(request, "id"), path_number(request, "n")
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        found = rooms.blueprints.version(reading_as(view, actor), name, number)
    if found is None:
        raise not_found(tell("a-released-blueprint-version"))
    said = {**words_value(words(found.blueprint)), "words_text": words_text(found.blueprint)}
    return json_answer({"name": name, "version": number, "digest": found.digest, **said})


@router.get("/blueprints/{id}/versions/{n}/source", **described(Media(("text/yaml",))))
async def version_source(request: Request) -> Response:
    """The source text of one version, as it was approved: a YAML file."""
    rooms, name, number = service_of(request).rooms, path(request, "id"), path_number(request, "n")
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        found = rooms.versions.version(reading_as(view, actor), "blueprint", name, number)
    if found is None or found.source is None:
        raise not_found(tell("a-released-blueprint-version"))
    headers = {"Content-Disposition": f'attachment; filename="{found.name}-{number}.yaml"', "ETag": f'"{found.digest}"'}
    return Response(found.source, 200, headers, "text/yaml; charset=utf-8")


def _version(request: Request, number: int | None) -> Response:
    rooms = service_of(request).rooms
    name = path(request, "id")
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        rows = reading_as(view, actor)
        found = rooms.versions.current(rows, "blueprint", name) if number is None else None
        if number is not None:
            found = rooms.versions.version(rows, "blueprint", name, number)
        read = None if found is None or found.retired else rooms.blueprints.version(rows, name, found.number)
        called = [] if found is None else people(request, view, actor, (*found.authors, *found.approvers))
        current = pages.current_version(rows, "blueprint", name)
        schedule = None
        if read is not None and read.number == current:
            schedule = schedule_told(rows, rooms.engine.calendars, read)
    if found is None:
        raise not_found(tell("a-released-blueprint-version"))
    return json_answer(
        {
            "name": found.name,
            "version": found.number,
            "digest": found.digest,
            "retired": found.retired,
            "current_version": current,
            "title": "" if read is None else read.blueprint.title,
            "owner": "" if read is None else read.blueprint.owner,
            "authors": list(found.authors),
            "approvers": list(found.approvers),
            "change_request": found.change_request,
            "released_at": found.released_at,
            **words_value(() if read is None else words(read.blueprint)),
            "words_text": "" if read is None else words_text(read.blueprint),
            "source": found.source,
            "value": found.value,
            "schedule": schedule,
            "people": called,
        },
        headers={"ETag": f'"{_state_of(found.digest, schedule)}"'},
    )


def _state_of(digest: str, schedule: Mapping[str, Any] | None) -> str:
    """What an answer about a version depends on: one that starts by schedule tells its next occurrences besides."""
    ahead = schedule["next_occurrences"] if schedule is not None else ()
    return f"{digest}-{ahead[0]['local']}" if ahead else digest
