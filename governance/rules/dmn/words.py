"""A decision model in plain words: every decision, what it rests on, and its rules as sentences.

Words are made of the trees that are evaluated, so that the two cannot disagree; an expression that has no words of its
own is told as it is written.
"""

import json
from collections.abc import Iterator

from governance.rules.dmn.evaluate import CompiledModel, Explained
from governance.rules.dmn.model import (
    BoxedFunction,
    BoxedTable,
    Decision,
    DecisionService,
    Expression,
    InputData,
    Knowledge,
    LiteralExpression,
    Node,
    Source,
    parts_of,
)
from governance.rules.dmn.reading import Path, told
from governance.rules.dmn.tables import TableTrace
from governance.rules.syntax import Cell, Constant, ListOf, Name, Part, RangeOf, UnaryTest, children
from governance.rules.syntax import Path as Property
from governance.rules.values import to_json
from governance.rules.words import in_words, tests_in_words
from ledger.errors import MunimentError

_HITS = {
    "UNIQUE": "at most one rule may match",
    "FIRST": "the first rule that matches counts",
    "PRIORITY": "of the rules that match, the one whose output comes first in the order of outputs counts",
    "ANY": "rules that match together say the same",
    "COLLECT": "the result is the list of what all rules that match give",
    "RULE ORDER": "the result is the list of what all rules that match give, in the order of the rules",
    "OUTPUT ORDER": "the result is the list of what all rules that match give, in the order of outputs",
}
_AGGREGATIONS = {
    "SUM": "the result is the sum of what all rules that match give",
    "MIN": "the result is the least that a rule that matches gives",
    "MAX": "the result is the greatest that a rule that matches gives",
    "COUNT": "the result is the number of rules that match",
}
_WITH_WORDS = (Constant, Name, Property, ListOf, RangeOf, UnaryTest)
_BOXES = {
    "BoxedContext": "A context:",
    "Invocation": "A call:",
    "Relation": "A table of values:",
    "BoxedList": "A list:",
    "Conditional": "Depending on a condition:",
    "BoxedFilter": "Those items of a list that match:",
    "Loop": "For each item of a list:",
}


def model_in_words(compiled: CompiledModel) -> tuple[str, ...]:
    """The model, line by line."""
    return tuple(_Words(compiled).lines())


def explained_in_words(explained: Explained) -> tuple[str, ...]:
    """The decisions that were made, their values, and the rules that matched and failed."""
    lines = []
    for step in explained.steps:
        lines.append(f"`{step.name}` is {_shown(step.value)}")
        for trace in step.tables:
            lines += [f"  {line}" for line in _trace(trace)]
    return tuple(lines)


def _trace(trace: TableTrace) -> Iterator[str]:
    yield f"{trace.path}: {_numbered_rules(trace.matched)}"
    for missed in trace.missed:
        why = "is not known" if missed.held is None else "does not hold"
        yield f"  rule {missed.rule} did not match: {missed.input}: {missed.test} {why}"


def _numbered_rules(rules: tuple[int, ...]) -> str:
    if not rules:
        return "no rule matched"
    return f"rule {rules[0]} matched" if len(rules) == 1 else f"rules {', '.join(map(str, rules))} matched"


def _shown(value: object) -> str:
    try:
        return json.dumps(to_json(value), ensure_ascii=False)
    except MunimentError:
        return "a value that has no text"


class _Words:
    def __init__(self, compiled: CompiledModel) -> None:
        self._model = compiled.model
        self._trees = compiled.trees

    def lines(self) -> Iterator[str]:
        """Input data, then knowledge, decisions and services in the order of the file."""
        yield f"Model `{self._model.name}`."
        data = [_variable(node.name, node.variable.type) for node in self._model.of_kind(InputData)]
        if data:
            yield f"Input data: {', '.join(data)}."
        for node in self._model.nodes:
            if not isinstance(node, InputData):
                yield from self._node(node)

    def _node(self, node: Node) -> Iterator[str]:
        yield ""
        match node:
            case Decision():
                yield f"Decision {_variable(node.name, node.variable.type)}{_needs(node.information, node.knowledge)}"
                if node.question:
                    yield f"  Question: {node.question}"
                if node.logic is None:
                    yield "  It has no logic and is given."
                else:
                    yield from self._expression(node.logic, (f"decision `{node.name}`",), 1)
            case Knowledge():
                function = node.function or BoxedFunction((), None)
                parameters = ", ".join(_variable(one.name, one.type) for one in function.parameters) or "nothing"
                yield f"Knowledge `{node.name}`, a function of {parameters}{_needs((), node.knowledge)}"
                if function.body is not None:
                    yield from self._expression(function.body, (f"knowledge `{node.name}`",), 1)
            case DecisionService():
                taken = _quoted((*node.input_data, *node.input_decisions)) or "nothing"
                yield f"Decision service `{node.name}` takes {taken} and gives {_quoted(node.outputs)}."

    def _expression(self, box: Expression, path: Path, depth: int) -> Iterator[str]:
        space = "  " * depth
        match box:
            case LiteralExpression(source=source):
                yield f"{space}It is {self._value(source, path)}."
            case BoxedTable():
                yield from (f"{space}{line}" for line in self._table(box, (*path, "table")))
            case BoxedFunction(parameters=parameters, body=body):
                named = ", ".join(_variable(one.name, one.type) for one in parameters) or "nothing"
                yield f"{space}A function of {named}:"
                if body is not None:
                    yield from self._expression(body, path, depth + 1)
            case _:
                yield f"{space}{_BOXES[type(box).__name__]}"
                for label, one in parts_of(box):
                    here = (*path, *label.split(", "))
                    if isinstance(one, LiteralExpression):
                        yield f"{space}  {label}: {self._value(one.source, here)}"
                    else:
                        yield f"{space}  {label}:"
                        yield from self._expression(one, here, depth + 2)

    def _table(self, box: BoxedTable, path: Path) -> Iterator[str]:
        policy = _AGGREGATIONS[box.aggregation] if box.aggregation is not None else _HITS[box.hit]
        yield f"A table of {len(box.rules)} rules; {policy}."
        for number, rule in enumerate(box.rules, start=1):
            here = (*path, f"rule {number}")
            clauses = [
                f"{self._value(asked.expression, (*path, f'input {index}'))} {self._tests(test, here, index)}"
                for index, (asked, test) in enumerate(zip(box.inputs, rule.tests, strict=True), start=1)
                if test.text not in ("", "-")
            ]
            results = [
                f"{f'{output.name} is ' if output.name else ''}{self._value(source, (*here, f'output {index}'))}"
                for index, (output, source) in enumerate(zip(box.outputs, rule.outputs, strict=True), start=1)
            ]
            condition = f"if {' and '.join(clauses)}" if clauses else "always"
            yield f"{number}. {condition}: {', '.join(results)}"
        for index, output in enumerate(box.outputs, start=1):
            if output.default is not None:
                value = self._value(output.default, (*path, f"output {index}", "default"))
                yield f"Where no rule matches{f', {output.name} is' if output.name else ''} {value}."

    def _value(self, source: Source, path: Path) -> str:
        tree = self._trees.get(told(path))
        if tree is None or isinstance(tree, Cell) or not _has_words(tree):
            return f"`{source.text}`"
        return in_words(tree)

    def _tests(self, source: Source, path: Path, index: int) -> str:
        tree = self._trees.get(told((*path, f"test {index}")))
        if not isinstance(tree, Cell) or not all(map(_has_words, tree.tests)):
            return f"passes `{source.text}`"
        return tests_in_words(tree)


def _has_words(node: Part) -> bool:
    """Whether the words of a part read better than the part as written."""
    if isinstance(node, UnaryTest) and node.op == "holds":
        return False
    return isinstance(node, _WITH_WORDS) and all(map(_has_words, children(node)))


def _variable(name: str, kind: str | None) -> str:
    return f"`{name}`" if kind in (None, "Any") else f"`{name}` ({kind})"


def _quoted(names: tuple[str, ...]) -> str:
    told_names = [f"`{name}`" for name in names]
    return " and ".join([", ".join(told_names[:-1]), told_names[-1]]) if len(names) > 1 else "".join(told_names)


def _needs(information: tuple[str, ...], knowledge: tuple[str, ...]) -> str:
    parts = [*([f"needs {_quoted(information)}"] if information else [])]
    parts += [f"calls {_quoted(knowledge)}"] if knowledge else []
    return f", which {' and '.join(parts)}:" if parts else ":"
