"""Search over what the caller may read: instances, tasks, blueprints, change requests, persons, entries.

Each group says what was found, or why the caller may not search it; each is bounded, and says when it was.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import readable
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.paging import word
from api.problems import refusal_value
from api.reading_as import reading_as
from api.refusal_texts import why
from ledger.actor import Actor
from ledger.canonical import b64url
from ledger.entry import parse_entry
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.service import View
from orchestrator import pages
from orchestrator.pages import InstanceRow
from orchestrator.searching import beginning_with, open_tasks_of, with_key
from rbac import pages as people
from rbac.permission import WHOLE, Action, Ask, Object
from rbac.service import actor_named
from versioning import pages as artefacts
from versioning.change_lists import ChangesAsked, change_list

router = APIRouter(prefix="/v1/search", tags=["search"])

FOUND_MAX = 10  # of one group: what fits under a search field
LISTED_MAX = 200  # blueprints and change requests that are looked through
HASHES_MAX = 20_000  # leaf hashes, newest first: there is no index of them
_INDEX = re.compile(r"#?(\d{1,15})", re.ASCII)
_HASH = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class _Asked(NamedTuple):
    request: Request
    view: View
    actor: Actor
    text: str
    domains: tuple[str, ...] = ()  # in which the caller may do what the group asks for


class _Found(NamedTuple):
    items: Sequence[dict[str, Any]]
    is_partial: bool = False


@router.get("", **described("searching.SearchAnswer", query=("q",)))
async def search(request: Request) -> Response:
    """What has this name, key, id, entry number (`#17`) or leaf hash, as far as the caller may read it.

    Beginnings of business keys are found among the newest 20,000 instances, whole keys of any age; leaf hashes among
    the newest 20,000 entries. A group the caller may not search says why.
    """
    return json_answer(await asyncio.to_thread(_search, request))


def _search(request: Request) -> dict[str, Any]:
    with viewing(request) as (view, actor):
        text = word(request, "q").strip()
        if not text:
            raise BrokenInput(why("search-text"), "query.q")
        asked = _Asked(request, view, actor, text)
        return {"q": text, "groups": [_group(asked, *one) for one in _GROUPS], "as_of": view.now}


def _group(asked: _Asked, kind: str, act: tuple[Object, Action], look: Callable[[_Asked], _Found]) -> dict[str, Any]:
    domains = _domains(asked, act)
    if isinstance(domains, Refusal):
        return {"kind": kind, "items": [], "is_partial": False, "refused": refusal_value(domains)}
    found = look(asked._replace(domains=domains))
    is_partial = found.is_partial or len(found.items) > FOUND_MAX
    return {"kind": kind, "items": [*found.items[:FOUND_MAX]], "is_partial": is_partial, "refused": None}


def _domains(asked: _Asked, act: tuple[Object, Action]) -> tuple[str, ...] | Refusal:
    """The domains in which the caller may do this, or why in none; what belongs to no domain is asked of the whole, but
    for blueprints, which are read by whoever works by them."""
    access = service_of(asked.request).rooms.access
    if act[0] not in (Object.INSTANCE, Object.TASK, Object.BLUEPRINT):
        whole = access.read_check(asked.view, asked.view.now, asked.actor, Ask(WHOLE, *act))
        return whole if isinstance(whole, Refusal) else (WHOLE,)
    snapshot = access.snapshot(asked.view)
    if isinstance(snapshot, Refusal):
        return snapshot
    names = snapshot.policy.domain_names()
    answers = {name: access.read_check(asked.view, asked.view.now, asked.actor, Ask(name, *act)) for name in names}
    refused = {name: answer for name, answer in answers.items() if isinstance(answer, Refusal)}
    return tuple([name for name in names if name not in refused]) or refused[WHOLE]


def _instances(asked: _Asked) -> _Found:
    rows = reading_as(asked.view, asked.actor)
    versions = service_of(asked.request).rooms
    begun, is_partial = beginning_with(rows, asked.domains, asked.text, FOUND_MAX + 1)
    blueprints = versions.versions.names(rows, "blueprint")
    exact = [
        row
        for row in with_key(rows, blueprints, asked.text)
        if row.domain in asked.domains and _key(asked, row) == asked.text
    ]
    found = {row.id: row for row in (*exact, *begun)}
    if asked.text.startswith("pi_") and (row := pages.instance_row(rows, asked.text)) is not None:
        found |= {row.id: row} if row.domain in asked.domains else {}
    items = []
    for row in found.values():
        key, title = _key(asked, row), versions.blueprints.released(rows, row.blueprint, row.number).blueprint.title
        said = key if type(key) is str else row.id
        items.append(_item(row.id, said, f"/v1/process-instances/{row.id}", title, row.status))
    return _Found(items, is_partial)


def _key(asked: _Asked, row: InstanceRow) -> Any:
    classes = readable(asked.request, asked.view, asked.actor, row.domain)
    rooms = service_of(asked.request).rooms
    return pages.key_of(reading_as(asked.view, asked.actor), rooms.blueprints, row, classes)


def _tasks(asked: _Asked) -> _Found:
    """A task by its id, and what is open in the instances that are found."""
    rows = reading_as(asked.view, asked.actor)
    about = asked._replace(text=asked.text.partition(".")[0]) if asked.text.startswith("pi_") else asked
    instances = [one["id"] for one in _instances(about).items]
    tasks = [one for one in open_tasks_of(rows, instances, FOUND_MAX + 1) if one["domain"] in asked.domains]
    if "." in asked.text and asked.text.startswith("pi_"):
        tasks = [one for one in tasks if one["id"] == asked.text]
    return _Found(
        [_item(str(one["id"]), str(one["step"]), f"/v1/tasks/{one['id']}", "", str(one["state"])) for one in tasks]
    )


def _blueprints(asked: _Asked) -> _Found:
    listed = artefacts.listing(reading_as(asked.view, asked.actor), "blueprint", "", LISTED_MAX)
    wanted = asked.text.casefold()
    return _Found(
        [
            _item(one.name, one.title, f"/v1/blueprints/{one.name}", "", str(one.version))
            | {"text": f"version {one.version}"}
            for one in listed
            if wanted in one.name.casefold() or wanted in one.title.casefold()
        ],
        len(listed) == LISTED_MAX,
    )


def _changes(asked: _Asked) -> _Found:
    rows = reading_as(asked.view, asked.actor)
    listed = change_list(rows, ChangesAsked(asked.actor), "", LISTED_MAX)
    wanted = asked.text.casefold()
    return _Found(
        [
            _item(
                one["id"],
                one["title"],
                f"/v1/change-requests/{one['id']}",
                f"{one['kind']} {one['name']}",
                one["status"],
            )
            for one in listed
            if asked.text == one["id"] or wanted in one["title"].casefold() or wanted in one["name"].casefold()
        ],
        len(listed) == LISTED_MAX,
    )


def _persons(asked: _Asked) -> _Found:
    named = actor_named(asked.view, asked.text)
    exact = None if named is None else people.person(asked.view, named)
    after = people.persons(asked.view, asked.text, FOUND_MAX + 1)
    found = [*([exact] if exact else []), *[one for one in after if one.ref.startswith(asked.text)]]
    return _Found([_item(one.id, one.ref, f"/v1/persons/{one.id}", "", one.status) for one in found])


def _entries(asked: _Asked) -> _Found:
    view = asked.view
    if (number := _INDEX.fullmatch(asked.text)) is not None:
        return _Found(_entry(view, int(number.group(1))))
    if _HASH.fullmatch(asked.text) is None:
        return _Found([])
    first = max(0, view.head.size - HASHES_MAX)
    for place, leaf in enumerate(view.leaf_hashes(first, view.head.size)):
        if b64url(leaf) == asked.text:
            return _Found(_entry(view, first + place))
    return _Found([], first > 0)


def _entry(view: View, index: int) -> list[dict[str, Any]]:
    row = view.entry(index)
    if row is None:
        return []
    entry = parse_entry(row.bytes)
    return [_item(str(index), f"#{index}", f"/v1/ledger/entries/{index}", entry.kind, entry.recorded_at)]


def _item(name: str, title: str, href: str, about: str, status: str) -> dict[str, Any]:
    text = f"{about}, {status}" if about else status
    return {"id": name, "title": title, "text": text, "href": href, "about": about, "status": status}


_GROUPS: tuple[tuple[str, tuple[Object, Action], Callable[[_Asked], _Found]], ...] = (
    ("instances", (Object.INSTANCE, Action.READ), _instances),
    ("tasks", (Object.TASK, Action.READ), _tasks),
    ("blueprints", (Object.BLUEPRINT, Action.READ), _blueprints),
    ("change-requests", (Object.CHANGE_REQUEST, Action.READ), _changes),
    ("persons", (Object.PERSON, Action.READ), _persons),
    ("entries", (Object.LEDGER, Action.READ), _entries),
)
