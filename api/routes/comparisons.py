"""Any two released versions of a blueprint, compared as a review compares a change with its base."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allowed_domains, not_found
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.drawings_told import drawing_value, words_value
from api.paging import choice, number, path, path_number
from api.problem_texts import tell
from api.reading_as import reading_as
from api.routes.change_drawings import compared
from rbac.permission import Action, Object
from versioning.layout import DIRECTIONS, graph_layout

router = APIRouter(prefix="/v1", tags=["blueprints"])

READ = (Object.BLUEPRINT, Action.READ)


@router.get(
    "/blueprints/{id}/versions/{n}/comparison", **described("drawings.ComparisonAnswer", query=("base", "direction"))
)
async def comparison(request: Request) -> Response:
    """What this version has against the version `base`, older or newer: one drawing of both, the words of each
    difference, and a table of fields. `direction`: down or right."""
    return json_answer(await asyncio.to_thread(_comparison, request))


def _comparison(request: Request) -> dict[str, Any]:
    blueprints = service_of(request).rooms.blueprints
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        way = choice(request, "direction", DIRECTIONS, "down")
        name, wanted, base = path(request, "id"), path_number(request, "n"), number(request, "base")
        rows = reading_as(view, actor)
        after, before = (blueprints.version(rows, name, one) for one in (wanted, base))
    if before is None or after is None:
        raise not_found(tell("two-released-blueprint-versions"))
    from versioning.merged import marks_words

    graph, said, fields = compared(before.blueprint, after.blueprint)
    return {
        "name": name,
        "version": wanted,
        "digest": after.digest,
        "base_version": base,
        "base_digest": before.digest,
        "diagram": drawing_value(graph_layout(graph, "right" if way == "right" else "down")),
        "marks": marks_words(graph),
        **words_value(said),
        "fields": fields,
    }
