"""The requirements of a model as a graph: what needs what, in which order, and whether something needs itself."""

from dataclasses import replace

from governance.rules.dmn.model import (
    Decision,
    DecisionService,
    Definitions,
    Finding,
    Knowledge,
    Node,
)


def needs(node: Node) -> tuple[str, ...]:
    """The names an element needs to be evaluated; what a service is given is not needed for that."""
    match node:
        case Decision():
            return (*node.information, *node.knowledge)
        case Knowledge():
            return node.knowledge
        case DecisionService():
            return (*node.outputs, *node.encapsulated)
    return ()


def cycles(model: Definitions) -> tuple[Finding, ...]:
    """An error for each circle of requirements."""
    nodes = {node.name: node for node in model.nodes}
    done: set[str] = set()
    found = []
    for start in nodes:
        trail: list[str] = []
        stack: list[tuple[str, bool]] = [(start, False)]  # the second says that all below it have been seen
        while stack:
            name, is_left = stack.pop()
            if is_left:
                done.add(name)
                trail.pop()
            elif name in trail:
                circle = [*trail[trail.index(name) :], name]
                node = nodes[name]
                told = " needs ".join(f"`{one}`" for one in circle)
                found.append(Finding("error", f"`{name}`", f"expected no circle, found that {told}", *node.place))
                done.add(name)
            elif name not in done and name in nodes:
                trail.append(name)
                stack.append((name, True))
                stack.extend((one, False) for one in reversed(needs(nodes[name])))
    return tuple(found)


def order(model: Definitions, wanted: tuple[str, ...], given: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The input data and decisions that have to be known for some decisions, each after what it needs.

    What is `given` is taken as it is. The model is without circles.
    """
    nodes = {node.name: node for node in model.nodes}
    ordered: dict[str, None] = {}
    stack = [(name, False) for name in reversed(wanted)]
    while stack:
        name, is_left = stack.pop()
        if is_left:
            ordered[name] = None
        elif name not in ordered and name not in given:
            stack.append((name, True))
            node = nodes[name]
            if isinstance(node, Decision):
                stack.extend((one, False) for one in reversed(node.information))
    return tuple(ordered)


def part_for(model: Definitions, names: frozenset[str]) -> Definitions:
    """The part of a model that some of its elements need; types stay."""
    nodes = {node.name: node for node in model.nodes}
    kept: set[str] = set()
    pending = [name for name in names if name in nodes]
    while pending:
        name = pending.pop()
        if name not in kept and name in nodes:
            kept.add(name)
            pending.extend(needs(nodes[name]))
            if isinstance(node := nodes[name], DecisionService):
                pending.extend((*node.input_data, *node.input_decisions))
    return replace(model, nodes=tuple(node for node in model.nodes if node.name in kept))
