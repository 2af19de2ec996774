"""A blueprint as nodes and edges to be drawn: one node for each step, each start, and the join of each fork.

Ways between the same two nodes are one edge. A step that names no next step leads to the join of the fork around it;
outside any branch it leads nowhere (the checks refuse that), and no edge is drawn.
"""

from dataclasses import dataclass
from typing import Literal

from ledger.wording import NOTHING, Wording, as_it_is, joined
from versioning.blueprint import AnyOfStep, Blueprint, Branch, ChooseStep, ForkStep, Step, Watch, heads_of, kind_of
from versioning.branches import branches_of
from versioning.drawing_texts import drawn
from versioning.net import BESIDE
from versioning.net_ways import Way, ways_out
from versioning.passing_over import names_its_ways
from versioning.start_words import start_called
from versioning.words_conditions import condition_words
from versioning.words_parts import duration_words

Mark = Literal["", "added", "removed", "changed"]

START = "/start"  # no step is called so: a name holds no slash
JOIN = "/join"

KIND_WORDS = {
    "start": "Start",
    "task": "Task",
    "decide": "Decision",
    "call": "Call",
    "job": "Job",
    "agent": "Agent",
    "rules": "Rules",
    "choose": "Choice",
    "all": "In parallel",
    "any of": "Any of",
    "wait": "Wait",
    "run": "Run",
    "each": "For each",
    "send": "Send",
    "take back": "Take back",
    "end": "End",
    "join": "All done",
}


@dataclass(frozen=True, slots=True)
class GraphNode:
    """`step` is empty for a start; `kind` is the word of the language, `start` or `join`."""

    id: str
    step: str
    kind: str
    title: str
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """`order` counts the edges out of `source` from 0 as the source text has them; `ways` are (cause, detail).

    `label` tells when this way is taken; empty where there is no other.
    """

    source: str
    target: str
    order: int
    label: Wording
    ways: tuple[tuple[str, str], ...]
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """What is drawn. Edges stand in the order of their sources; every end of one is a node."""

    title: str
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]


def graph_of(blueprint: Blueprint, *, starts_apart: bool = False) -> Graph:
    """The graph of any parsed blueprint, sound or not. Several starts are drawn apart, and one where that is asked."""
    scopes = branches_of(blueprint).scopes
    nodes = _starts(blueprint, starts_apart or bool(blueprint.more_starts))
    begins = (blueprint.first, Way("start", "", blueprint.first), NOTHING)
    errors = [
        (one.next, Way("failed", one.next, one.next), drawn("of-any-step", event=watch_words(blueprint, one)))
        for one in blueprint.watches
    ]
    first, *more = nodes  # what answers for every step is drawn once
    edges = _edges(first.id, [begins, *errors])
    for node in more:
        edges += _edges(node.id, [begins])
    for step in blueprint.steps:
        nodes.append(GraphNode(step.id, step.id, kind_of(step), step_title(step)))
        outer = scopes.get(step.id, ())
        # What runs beside a step ends where it ends; what ends a branch leads to the join.
        after = f"{outer[-1][0]}{JOIN}" if outer and not outer[-1][1].startswith(BESIDE) else ""
        if isinstance(step, ForkStep):
            nodes.append(GraphNode(f"{step.id}{JOIN}", step.id, "join", join_words(step)))
            forked = [(way.target, way, label) for way, label in _forked(blueprint, step)]
            met = [(way.target or after, way, NOTHING) for way in ways_out(step) if way.cause == "join"]
            ways = [way for way in ways_out(step) if way.cause != "join"]
            others = [(way.target or after, way, _label(blueprint, step, way)) for way in ways]
            edges += [*_edges(step.id, [*forked, *others, *_beside(blueprint, step)]), *_edges(f"{step.id}{JOIN}", met)]
            continue
        out = [(way.target or after, way, _label(blueprint, step, way)) for way in ways_out(step)]
        edges += _edges(step.id, [*out, *_beside(blueprint, step)])
    known = {node.id for node in nodes}
    return Graph(blueprint.title, tuple(nodes), tuple([edge for edge in edges if edge.target in known]))


def start_node(name: str) -> str:
    """The node of a start among several, by its name."""
    return f"{START}/{name.replace(' ', '/')}"


def _starts(blueprint: Blueprint, apart: bool) -> list[GraphNode]:
    if not apart:
        return [GraphNode(START, "", "start", KIND_WORDS["start"])]
    names = dict.fromkeys(start.name for start in blueprint.starts)
    return [GraphNode(start_node(name), "", "start", f"Start {start_called(name)}") for name in names]


def join_words(step: ForkStep) -> str:
    """What has happened at the join of a fork when it fires."""
    return KIND_WORDS["join"] if not step.need else f"{step.need} of {len(step.branches)} done"


def _forked(blueprint: Blueprint, step: ForkStep) -> list[tuple[Way, Wording]]:
    if isinstance(step, AnyOfStep):
        ways = enumerate(step.branches)
        return [(Way("branch", str(number), one.next), _condition(blueprint, one)) for number, one in ways]
    return [(Way("fork", head, head), NOTHING) for head in heads_of(step)]


def step_title(step: Step) -> str:
    """What people read for a step: its title, else its name, on one line."""
    said = " ".join(step.title.split()) or step.id.replace("-", " ").replace("_", " ")
    return f"{said[:1].upper()}{said[1:]}"


def _edges(source: str, ways: list[tuple[str, Way, Wording]]) -> list[GraphEdge]:
    """One edge for each target; a way without a condition makes the edge one without a label."""
    found: dict[str, list[tuple[Way, Wording]]] = {}
    for target, way, label in ways:
        found.setdefault(target, []).append((way, label))
    edges = []
    for order, (target, taken) in enumerate(found.items()):
        labels = list(dict.fromkeys(label for _, label in taken))
        label = NOTHING if "" in labels else joined(labels, "list.or", " or ")
        edges.append(GraphEdge(source, target, order, label, tuple([(way.cause, way.detail) for way, _ in taken])))
    return edges


def _label(blueprint: Blueprint, step: Step, way: Way) -> Wording:
    if way.cause in ("late", "rejected"):
        return drawn("late" if way.cause == "late" else "rejected")
    if way.cause == "outcome":
        return as_it_is(way.detail)
    if way.cause == "watch":
        return watch_words(blueprint, step.watches[int(way.detail)])
    if way.cause == "failed":
        return drawn("fails")
    if way.cause == "skipped" and names_its_ways(step):
        return drawn("passed-over")
    if isinstance(step, ChooseStep) and way.cause == "branch":
        return _condition(blueprint, step.branches[int(way.detail)])
    return NOTHING


def _beside(blueprint: Blueprint, step: Step) -> list[tuple[str, Way, Wording]]:
    watches = [(number, watch) for number, watch in enumerate(step.watches) if watch.meanwhile]
    return [
        (one.next, Way("watch", str(number), one.next), drawn("beside", event=watch_words(blueprint, one)))
        for number, one in watches
    ]


def watch_words(blueprint: Blueprint, watch: Watch) -> Wording:
    """An event on the line to what it leads to."""
    if watch.kind == "condition":
        return drawn("when", condition=condition_words(watch.on, blueprint.data, blueprint.currency))
    if watch.kind == "after":
        return drawn("after", duration=duration_words(watch.on))
    if watch.kind == "message":
        return drawn("message", message=as_it_is(watch.on))
    if watch.kind == "error":
        return drawn("any-error") if watch.on == "any" else drawn("error", error=as_it_is(watch.on))
    return drawn("time-has-come")


def _condition(blueprint: Blueprint, branch: Branch) -> Wording:
    if branch.when is None:
        return drawn("otherwise")
    return drawn("condition", condition=condition_words(branch.when, blueprint.data, blueprint.currency))
