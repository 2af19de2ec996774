"""A change of a blueprint as one drawing of both sides, with the words of each change and a table of fields.

What compares is imported by the first request that needs it: starts do without.
"""

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import opened
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.drawings_told import drawing_value, row_value, words_value
from api.paging import choice
from api.reading_as import reading_as
from api.routes.change_views import found_change, may_see_source
from ledger.wording import Wording
from versioning.blueprint import Blueprint
from versioning.graph import Graph, graph_of
from versioning.layout import DIRECTIONS, graph_layout
from versioning.parse import read_blueprint
from versioning.words import words

router = APIRouter(prefix="/v1/change-requests", tags=["change requests"])

BLUEPRINT = "blueprint"


@router.get("/{id}/diagram", **described("drawings.ChangeDiagramAnswer", query=("direction",)))
async def diagram(request: Request) -> Response:
    """What the newest edit of a blueprint changes, drawn over its base version: nodes and lines added, removed and
    changed are marked; with the words of each change, and a table of fields. `direction`: down or right."""
    return json_answer(await asyncio.to_thread(_diagram, request))


def _diagram(request: Request) -> dict[str, Any]:
    way = choice(request, "direction", DIRECTIONS, "down")
    with viewing(request) as (view, actor):
        found, classes = found_change(request, view, actor)
        row = found.row
        source = opened(view, found.source[:2], found.source.sealed, may_see_source(request, row.kind, classes))
        base = None
        if row.kind == BLUEPRINT and row.base_version:
            base = service_of(request).rooms.blueprints.version(reading_as(view, actor), row.name, row.base_version)
    told = {"change_request": row.id, "base_version": row.base_version, "digest": row.digest}
    from versioning.merged import marks_words

    proposed, why_not = _proposed(row.kind, bool(row.retires), source)
    if proposed is None:
        return {**told, "diagram": None, "why_not": why_not, "marks": "", **words_value([]), "fields": []}
    graph, said, fields = compared(None if base is None else base.blueprint, proposed)
    drawn = drawing_value(graph_layout(graph, "right" if way == "right" else "down"))
    return {**told, "diagram": drawn, "why_not": "", "marks": marks_words(graph), **words_value(said), "fields": fields}


def _proposed(kind: str, is_retired: bool, source: Any) -> tuple[Blueprint | None, str]:
    """The blueprint as proposed, or why there is none to draw."""
    if kind != BLUEPRINT:
        return None, "NOT_A_BLUEPRINT"
    if is_retired:
        return None, "RETIRES"
    if type(source) is not str:
        return None, "CLASS_NOT_READABLE"
    blueprint = read_blueprint(source).blueprint
    return blueprint, "NOT_READABLE_AS_BLUEPRINT" if blueprint is None else ""


def compared(before: Blueprint | None, after: Blueprint) -> tuple[Graph, tuple[Wording, ...], list[dict[str, Any]]]:
    """Both as one graph, the changes in words and as a table; of a new blueprint everything is added."""
    from versioning.diff import diff
    from versioning.diff_table import diff_table
    from versioning.diff_words import diff_words
    from versioning.merged import merged_graph

    if before is None:
        graph = graph_of(after)
        nodes = tuple([replace(node, mark="added") for node in graph.nodes])
        edges = tuple([replace(edge, mark="added") for edge in graph.edges])
        return Graph(graph.title, nodes, edges), words(after), []
    found = diff(before, after)
    table = [row_value(one) for one in diff_table(found)]
    return merged_graph(before, after, found), diff_words(found), table
