"""Two blueprints in one drawing, for a review: what is new, gone or changed is marked where it lies.

A step that is gone stands where it was, between the steps around it; a renamed one is one node, under its new name.
"""

from dataclasses import replace
from typing import TypeVar

from ledger.wording import as_it_is
from versioning.blueprint import Blueprint
from versioning.diff import WAY, BlueprintDiff, StepChange
from versioning.flows import renamed
from versioning.graph import START, Graph, GraphEdge, GraphNode, Mark, graph_of, start_node
from versioning.words_parts import joined_words

K = TypeVar("K")


def merged_graph(before: Blueprint, after: Blueprint, found: BlueprintDiff) -> Graph:
    """Both graphs as one, marked as `found`, the diff of the two, says."""
    apart = bool(before.more_starts or after.more_starts)
    had = graph_of(renamed(before, dict(found.renamed)), starts_apart=apart)
    has = graph_of(after, starts_apart=apart)
    changed = {change.step for change in found.steps if _is_marked(change)} | {new for _, new in found.renamed}
    for field in found.head:
        if field.field.startswith(WAY):
            changed.add(start_node(field.field.removeprefix(WAY)))
        elif field.field.startswith("start."):
            changed.add(START)
    nodes = _nodes(had, has, changed)
    place = {node.id: number for number, node in enumerate(nodes)}
    return Graph(has.title, nodes, tuple(sorted(_edges(had, has), key=lambda edge: place[edge.source])))


def marks_words(graph: Graph) -> str:
    """What is marked in a merged graph, for those who do not see it."""
    said = []
    for mark in ("added", "removed", "changed"):
        titles = [as_it_is(node.title) for node in graph.nodes if node.mark == mark and node.kind != "join"]
        ways = sum(1 for edge in graph.edges if edge.mark == mark)
        if titles:
            said.append(f"Steps {mark}: {joined_words(titles)}.")
        if ways:
            said.append(f"Ways {mark}: {ways}.")
    return " ".join(said) or "Nothing is marked."


def _is_marked(change: StepChange) -> bool:
    """A step that only leads elsewhere is no changed step: its ways are marked."""
    return bool(change.fields) or change.what == "replaced" or any(flow.what == "moved" for flow in change.flows)


def _nodes(had: Graph, has: Graph, changed: set[str]) -> tuple[GraphNode, ...]:
    old, new = {node.id: node for node in had.nodes}, {node.id: node for node in has.nodes}
    nodes = []
    for name in _woven([*new], [*old]):
        if name not in new:
            nodes.append(replace(old[name], mark="removed"))
        elif name not in old:
            nodes.append(replace(new[name], mark="added"))
        else:
            mark: Mark = "changed" if (new[name].step or name) in changed and new[name].kind != "join" else ""
            nodes.append(replace(new[name], mark=mark))
    return tuple(nodes)


def _edges(had: Graph, has: Graph) -> list[GraphEdge]:
    old = {(edge.source, edge.target): edge for edge in had.edges}
    new = {(edge.source, edge.target): edge for edge in has.edges}
    orders: dict[str, int] = {}
    edges = []
    for ends in _woven([*new], [*old]):
        edge = new.get(ends) or old[ends]
        mark: Mark = "removed" if ends not in new else "added" if ends not in old else ""
        if not mark and _told(new[ends]) != _told(old[ends]):
            mark = "changed"
        orders[edge.source] = order = orders.get(edge.source, -1) + 1
        edges.append(replace(edge, order=order, mark=mark))
    return edges


def _told(edge: GraphEdge) -> tuple[str, tuple[str, ...]]:
    """What of an edge counts: a way out of a choice that has only another number is the same way."""
    return edge.label, tuple([cause for cause, _ in edge.ways])


def _woven(first: list[K], second: list[K]) -> list[K]:
    """The first list, with what only the second has put after what it follows there."""
    known = set(first)
    after: dict[K | None, list[K]] = {}
    last: K | None = None
    for one in second:
        if one in known:
            last = one
        else:
            after.setdefault(last, []).append(one)
    return [*after.get(None, []), *(item for one in first for item in (one, *after.get(one, [])))]
