"""Layout: nothing lies on anything else, no line runs through what it does not end at, and it is quick and the same."""

import json
import time
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.canonical import encode
from ledger.wording import NOTHING, as_it_is
from tests.versioning.structured import blueprint_of, decision, structured
from versioning.blueprint import AllStep, Blueprint, Branch, ChooseStep, EndStep, JobStep, Place, Step, Watch
from versioning.files import check_file
from versioning.forms import STEP_SHAPE
from versioning.graph import KIND_WORDS, START, Graph, GraphEdge, GraphNode, graph_of
from versioning.layout import (
    DIRECTIONS,
    Direction,
    Layout,
    LayoutEdge,
    LayoutLabel,
    LayoutNode,
    graph_layout,
    layout,
    layout_value,
)
from versioning.net_ways import ways_out
from versioning.text_measure import text_width, wrapped

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples/organisation/blueprints").glob("*.yaml"))
LOAN = Path(__file__).parent / "golden/loan.yaml"

Box = tuple[int, int, int, int]  # left, top, right, bottom


def read(path: Path) -> Blueprint:
    blueprint = check_file(path.read_text(encoding="utf-8")).blueprint
    assert blueprint is not None
    return blueprint


def box(thing: LayoutNode | LayoutLabel) -> Box:
    return thing.x, thing.y, thing.x + thing.width, thing.y + thing.height


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def touch(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def assert_clear(drawn: Layout) -> None:
    """Everything that holds of any layout."""
    nodes = {node.id: box(node) for node in drawn.nodes}
    labels = {(edge.source, edge.target): box(edge.label) for edge in drawn.edges if edge.label is not None}
    things = [*nodes.items(), *labels.items()]
    for thing, another in combinations(things, 2):
        assert not touch(thing[1], another[1]), (thing[0], another[0])
    for _, (left, top, right, bottom) in things:
        assert 0 < left < right < drawn.width
        assert 0 < top < bottom < drawn.height
    for edge in drawn.edges:
        assert len(edge.points) >= 2
        for one, other in pairwise(edge.points):
            assert (one.x == other.x) != (one.y == other.y), "right-angled, and every corner is one"
            segment = (min(one.x, other.x), min(one.y, other.y), max(one.x, other.x), max(one.y, other.y))
            assert 0 <= segment[0] <= segment[2] <= drawn.width
            assert 0 <= segment[1] <= segment[3] <= drawn.height
            for name, there in nodes.items():
                if name not in (edge.source, edge.target):
                    assert not touch(segment, there), (edge.source, edge.target, name)
                inside = (there[0] + 1, there[1] + 1, there[2] - 1, there[3] - 1)
                assert not touch(segment, inside), (edge.source, edge.target, name)
            for ends, there in labels.items():
                assert ends == (edge.source, edge.target) or not touch(segment, there), (edge.source, ends)
        assert_ends(drawn, edge, nodes)
    assert_apart(drawn)


def runs(edge: LayoutEdge) -> Iterator[tuple[bool, int, int, int]]:
    """Each straight part: whether it stands, where it lies, and from where to where it runs."""
    for one, other in pairwise(edge.points):
        (x, y), (u, v) = sorted((one, other))
        yield (True, x, y, v) if x == u else (False, y, x, u)


def assert_apart(drawn: Layout) -> None:
    """Lines that share neither source nor target may cross and never run over each other."""
    for one, other in combinations(drawn.edges, 2):
        if one.source != other.source and one.target != other.target:
            for part, there in product(runs(one), runs(other)):
                is_over = part[:2] == there[:2] and part[2] < there[3] and there[2] < part[3]
                assert not is_over, (one.source, one.target, other.source, other.target)


def assert_ends(drawn: Layout, edge: LayoutEdge, nodes: dict[str, Box]) -> None:
    """An edge leaves its source on the far side and reaches its target on the near one; a label lies on it."""
    first, last = edge.points[0], edge.points[-1]
    source, target = nodes[edge.source], nodes[edge.target]
    if drawn.direction == "right":
        assert (first.x, last.x) == (source[2], target[0])
        assert source[1] < first.y < source[3]
        assert target[1] < last.y < target[3]
    else:
        assert (first.y, last.y) == (source[3], target[1])
        assert source[0] < first.x < source[2]
        assert target[0] < last.x < target[2]
    if edge.label is not None:
        left, top, right, bottom = box(edge.label)
        middle = ((left + right) // 2, (top + bottom) // 2)
        on = [
            touch((min(a.x, b.x), min(a.y, b.y), max(a.x, b.x), max(a.y, b.y)), (*middle, *middle))
            for a, b in pairwise(edge.points)
        ]
        assert any(on), "the label lies on its line"


def assert_complete(blueprint: Blueprint, drawn: Layout) -> None:
    """Every step is a node, and every way out of one that leads to a step is told by an edge."""
    assert [node.step for node in drawn.nodes if node.kind not in ("start", "join")] == [s.id for s in blueprint.steps]
    told = {(edge.source.removesuffix("/join"), edge.target, way) for edge in drawn.edges for way in edge.ways}
    for step in blueprint.steps:
        for way in ways_out(step):
            if way.target:
                assert (step.id, way.target, (way.cause, way.detail)) in told
    assert (START, blueprint.first, ("start", "")) in told


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("path", [*EXAMPLES, LOAN], ids=lambda path: path.stem)
def test_every_example_is_drawn_clearly(path: Path, direction: Direction) -> None:
    blueprint = read(path)
    drawn = layout(blueprint, direction)
    assert_clear(drawn)
    assert_complete(blueprint, drawn)


@given(structured(), st.sampled_from(DIRECTIONS))
@settings(max_examples=80, deadline=None)
def test_every_sound_blueprint_is_drawn_clearly(blueprint: Blueprint, direction: Direction) -> None:
    drawn = layout(blueprint, direction)
    assert_clear(drawn)
    assert_complete(blueprint, drawn)
    assert layout(blueprint, direction) == drawn


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph at all: loops into themselves, parts that hang nowhere, labels of every length."""
    count = draw(st.integers(1, 12))
    titles = st.text("ab é漢", max_size=90)
    nodes = [
        GraphNode(f"n{n}", f"n{n}", draw(st.sampled_from(("call", "end", "join"))), draw(titles)) for n in range(count)
    ]
    place = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(place, place), max_size=24, unique=True))
    labels = st.sampled_from(("", "x", "when late", "long " * 30)).map(as_it_is)
    edges = [
        GraphEdge(f"n{a}", f"n{b}", order, draw(labels), (("done", ""),)) for order, (a, b) in enumerate(sorted(pairs))
    ]
    return Graph("Any", tuple(nodes), tuple(edges))


@given(graphs(), st.sampled_from(DIRECTIONS))
@settings(max_examples=120, deadline=None)
def test_any_graph_at_all_is_drawn_clearly(graph: Graph, direction: Direction) -> None:
    assert_clear(graph_layout(graph, direction))


def test_an_edge_is_back_exactly_where_it_closes_a_loop() -> None:
    drawn = layout(read(LOAN), "right")
    backs = {(edge.source, edge.target) for edge in drawn.edges if edge.is_back}
    assert backs
    left = {node.id: node.x for node in drawn.nodes}
    for edge in drawn.edges:
        assert ((edge.source, edge.target) in backs) == (left[edge.target] <= left[edge.source])


def test_ways_to_the_same_step_are_one_edge_with_both_labels() -> None:
    steps = (
        decision({"id": "s", "place": Place(1, 1)}, (("yes", "e"), ("no", "e"))),
        EndStep("e", Place(2, 1), outcome="o"),
    )
    [edge] = [edge for edge in graph_of(blueprint_of(steps, "s")).edges if edge.source == "s"]
    assert edge.label == "yes or no"
    assert edge.ways == (("outcome", "yes"), ("outcome", "no"))


def test_the_value_is_canonical_data_with_named_members() -> None:
    value = layout_value(layout(read(LOAN)))
    assert json.loads(encode(value)) == value
    assert encode(layout_value(layout(read(LOAN)))) == encode(value)
    assert set(value["edges"][0]["points"][0]) == {"x", "y"}


def chained(count: int) -> Blueprint:
    steps = [JobStep(f"s{n}", Place(n, 1), type="work", next=f"s{n + 1}") for n in range(count - 1)]
    return blueprint_of((*steps, EndStep(f"s{count - 1}", Place(count, 1), outcome="done")), "s0")


def tangled(count: int) -> Blueprint:
    """Choices that lead far ahead and back: the most that points and lanes cost."""
    steps = [
        decision(
            {"id": f"s{n}", "place": Place(n, 1)},
            tuple(
                [(f"o{k}", f"s{target}") for k, target in enumerate(sorted({n + 1, (n * 7) % count, (n * 13) % count}))]
            ),
        )
        for n in range(count - 1)
    ]
    return blueprint_of((*steps, EndStep(f"s{count - 1}", Place(count, 1), outcome="done")), "s0")


def spread(count: int) -> Blueprint:
    """Rows of choices each of which leads to each of the next row: more ways than the longest source text can hold."""
    row = 8
    steps = []
    for n in range(count - 1):
        heads = [min((n // row + 1) * row + k, count - 1) for k in range(row)]
        branches = tuple([Branch(None if k == row - 1 else f"a{k}", f"s{head}") for k, head in enumerate(heads)])
        steps.append(ChooseStep(f"s{n}", Place(n, 1), branches=branches))
    return blueprint_of((*steps, EndStep(f"s{count - 1}", Place(count, 1), outcome="done")), "s0")


@pytest.mark.parametrize("build", [chained, tangled, spread])
def test_the_largest_blueprint_is_drawn_within_a_second(build: Callable[[int], Blueprint]) -> None:
    blueprint = build(400)
    spent = []
    for _ in range(3):
        start = time.process_time()
        layout(blueprint)
        spent.append(time.process_time() - start)
    assert min(spent) < 1.0


def test_lines_are_wrapped_within_their_width_and_shortened() -> None:
    assert wrapped("a short title", 14, 400, 3) == ("a short title",)
    assert wrapped("", 14, 100, 3) == ("",)
    for text in ("x" * 90, "words of a title " * 9, "漢字" * 40, "a  b\n c"):
        lines = wrapped(text, 14, 120, 3)
        assert 1 <= len(lines) <= 3
        assert all(text_width(line, 14) <= 120 for line in lines)
        assert lines[-1].endswith("…") == ("".join(lines).replace(" ", "") != "".join(text.split()))


def test_what_runs_beside_a_step_leads_to_no_join() -> None:
    watch = Watch("after", "P1D", "remind", meanwhile=True)
    steps: tuple[Step, ...] = (
        AllStep("both", Place(1, 1), branches=("a", "b"), next="done", need=1, watches=(watch,)),
        *[JobStep(name, Place(2, 1), type="work") for name in ("a", "b", "remind")],
        EndStep("done", Place(3, 1), outcome="done"),
    )
    graph = graph_of(blueprint_of(steps, "both"))
    assert {
        (edge.source, edge.target, edge.label) for edge in graph.edges if "remind" in (edge.source, edge.target)
    } == {("both", "remind", "after 1 day, beside it")}
    assert [node.title for node in graph.nodes if node.kind == "join"] == ["1 of 2 done"]


def test_every_kind_of_step_has_its_word() -> None:
    """A kind without one could not be drawn."""
    kinds = {kind for kind, _ in STEP_SHAPE.forms}
    assert kinds | {"start", "join"} == set(KIND_WORDS)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_lines_that_cross_in_pairs_do_not_run_over_each_other(direction: Direction) -> None:
    """Two nodes that both lead to two others below them: in no order are their lines apart without moving aside."""
    nodes = tuple([GraphNode(name, name, "call", name) for name in "abcd"])
    edges = tuple([GraphEdge(a, b, 0, NOTHING, (("done", ""),)) for a in "ab" for b in "cd"])
    assert_clear(graph_layout(Graph("Pairs", nodes, edges), direction))
