"""Where the steps and flows of a blueprint lie in its drawing: the same blueprint, the same positions, everywhere.

Screen, print and evidence draw what stands here. Nodes lie in layers that follow each other along the flow, left to
right or from the top down; edges are right-angled, pass no node but their ends, and meet only where they leave the
same node or reach the same; edges that lead back run around. Lengths are whole pixels from the upper left corner.
Text is measured by `versioning.text_measure`, without a font.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ledger.wording import Wording
from versioning.blueprint import Blueprint
from versioning.columns import columns
from versioning.graph import Graph, GraphNode, Mark, graph_of
from versioning.layers import Layered, layered
from versioning.routes import Routed, Router, Size
from versioning.text_measure import text_width, wrapped

Direction = Literal["right", "down"]
DIRECTIONS: tuple[Direction, ...] = ("right", "down")

MARGIN = 20  # around the drawing
TITLE_SIZE, TITLE_LINE, TITLE_LINES_MAX = 14, 18, 3
TITLE_MEASURE = 16  # titles are in bold: measured as text of this size
SMALL_SIZE, SMALL_LINE, LABEL_LINES_MAX = 12, 16, 4
STEP_WIDTH, LABEL_WIDTH_MAX = 200, 148
PADDING_X, PADDING_Y = 14, 10
PILL_HEIGHT = 32  # start and joins
LABEL_PADDING_X, LABEL_PADDING_Y = 6, 2


class Point(NamedTuple):
    """A place in pixels from the upper left corner."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class LayoutNode:
    """A box. `step` is empty for the start; `kind` is a word of the language, `start` or `join`; `lines` are its title.

    A join carries the step of its `all`. `id` is the step's name, or has a slash in it.
    """

    id: str
    step: str
    kind: str
    mark: Mark
    x: int
    y: int
    width: int
    height: int
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LayoutLabel:
    """When a way is taken: the box on its line that holds it, and the whole text where `lines` are shortened."""

    x: int
    y: int
    width: int
    height: int
    text: Wording
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LayoutEdge:
    """A line from node `source` to node `target` with its corners. `order` counts ways out of `source` from 0.

    `is_back` where it closes a loop; `ways` are (cause, detail) as `versioning.net` names them.
    """

    source: str
    target: str
    order: int
    is_back: bool
    mark: Mark
    ways: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]
    label: LayoutLabel | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole drawing. Nodes stand in the order of the source text, the start first."""

    title: str
    direction: Direction
    width: int
    height: int
    nodes: tuple[LayoutNode, ...]
    edges: tuple[LayoutEdge, ...]


def layout(blueprint: Blueprint, direction: Direction = "down") -> Layout:
    """The layout of a parsed blueprint, sound or not."""
    return graph_layout(graph_of(blueprint), direction)


def graph_layout(graph: Graph, direction: Direction = "down") -> Layout:
    """The layout of a graph, for instance of two versions in one drawing."""
    numbers = {node.id: number for number, node in enumerate(graph.nodes)}
    ends = [(numbers[edge.source], numbers[edge.target]) for edge in graph.edges]
    found = layered(graph)
    turned = _Turned(direction)
    boxes = [_node_box(node) for node in graph.nodes]
    labels = {number: _label_box(edge.label) for number, edge in enumerate(graph.edges) if edge.label}
    sizes = [turned.size(box) for box in boxes] + [Size(0, 0)] * (len(found.layer) - len(boxes))
    for item, edge in found.labels.items():
        sizes[item] = turned.size(labels[edge])
    at = columns(found, [size.breadth for size in sizes], len(boxes))
    beside = {edge: turned.size(box) for edge, box in labels.items() if edge not in found.chains}
    routed = Router(found, ends, at, sizes, beside).route()
    return _placed(graph, _Drawn(found, routed, boxes, labels), turned)


def layout_value(drawn: Layout) -> dict[str, Any]:
    """The layout as canonical data: named members, whole numbers, nothing left out."""
    return {
        "title": drawn.title,
        "direction": drawn.direction,
        "width": drawn.width,
        "height": drawn.height,
        "nodes": [{name: _listed(getattr(node, name)) for name in LayoutNode.__slots__} for node in drawn.nodes],
        "edges": [_edge_value(edge) for edge in drawn.edges],
    }


def _edge_value(edge: LayoutEdge) -> dict[str, Any]:
    value = {name: getattr(edge, name) for name in LayoutEdge.__slots__}
    value["ways"] = [{"cause": cause, "detail": detail} for cause, detail in edge.ways]
    value["points"] = [{"x": point.x, "y": point.y} for point in edge.points]
    if edge.label is not None:
        label = {name: _listed(getattr(edge.label, name)) for name in LayoutLabel.__slots__}
        value["label"] = {**label, "text": str(edge.label.text)}
    return value


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


class _Box(NamedTuple):
    width: int
    height: int
    lines: tuple[str, ...]


class _Drawn(NamedTuple):
    found: Layered
    routed: Routed
    boxes: Sequence[_Box]
    labels: Mapping[int, _Box]


class _Turned(NamedTuple):
    """Between (along, across) the flow and (x, y)."""

    direction: Direction

    def size(self, box: _Box) -> Size:
        return Size(box.width, box.height) if self.direction == "right" else Size(box.height, box.width)

    def point(self, place: tuple[int, int]) -> Point:
        return Point(*place) if self.direction == "right" else Point(place[1], place[0])


def _node_box(node: GraphNode) -> _Box:
    if node.kind in ("start", "join"):
        return _Box(_even(text_width(node.title, SMALL_SIZE) + 2 * PADDING_X), PILL_HEIGHT, (node.title,))
    lines = wrapped(node.title, TITLE_MEASURE, STEP_WIDTH - 2 * PADDING_X, TITLE_LINES_MAX)
    return _Box(STEP_WIDTH, 2 * PADDING_Y + SMALL_LINE + TITLE_LINE * len(lines), lines)


def _label_box(text: str) -> _Box:
    lines = wrapped(text, SMALL_SIZE, LABEL_WIDTH_MAX, LABEL_LINES_MAX)
    width = max(text_width(line, SMALL_SIZE) for line in lines) + 2 * LABEL_PADDING_X
    return _Box(_even(width), SMALL_LINE * len(lines) + 2 * LABEL_PADDING_Y, lines)


def _even(length: int) -> int:
    """Rounded up, so that its half is whole."""
    return length + length % 2


def _placed(graph: Graph, drawn: _Drawn, turned: _Turned) -> Layout:
    """Everything moved to the upper left corner, with the margin around it."""
    centres = [turned.point(centre) for centre in drawn.routed.centres]
    lines = [[turned.point(point) for point in points] for points in drawn.routed.points]
    on_label = {edge: centres[item] for item, edge in drawn.found.labels.items()}
    on_label |= {edge: turned.point(centre) for edge, centre in drawn.routed.beside.items()}
    boxes = [*zip(centres, drawn.boxes, strict=False), *((on_label[edge], box) for edge, box in drawn.labels.items())]
    bends = [point for points in lines for point in points]
    left = min([*(centre.x - box.width // 2 for centre, box in boxes), *(point.x for point in bends)]) - MARGIN
    top = min([*(centre.y - box.height // 2 for centre, box in boxes), *(point.y for point in bends)]) - MARGIN
    right = max([*(centre.x + box.width // 2 for centre, box in boxes), *(point.x for point in bends)]) + MARGIN
    bottom = max([*(centre.y + box.height // 2 for centre, box in boxes), *(point.y for point in bends)]) + MARGIN

    def corner(centre: Point, box: _Box) -> tuple[int, int, int, int]:
        return centre.x - box.width // 2 - left, centre.y - box.height // 2 - top, box.width, box.height

    nodes = [
        LayoutNode(node.id, node.step, node.kind, node.mark, *corner(centre, box), node.title, box.lines)
        for node, centre, box in zip(graph.nodes, centres, drawn.boxes, strict=False)
    ]
    edges = []
    for number, edge in enumerate(graph.edges):
        box = drawn.labels.get(number)
        label = None if box is None else LayoutLabel(*corner(on_label[number], box), edge.label, box.lines)
        points = tuple([Point(point.x - left, point.y - top) for point in lines[number]])
        is_back = number in drawn.found.backs
        ends = (edge.source, edge.target, edge.order)
        edges.append(LayoutEdge(*ends, is_back, edge.mark, edge.ways, points, label))
    return Layout(graph.title, turned.direction, right - left, bottom - top, tuple(nodes), tuple(edges))
