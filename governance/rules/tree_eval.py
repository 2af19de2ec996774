"""Evaluates the canonical JSON form of a tree, as whoever verifies evidence does: without a parser and without a syntax
tree, node by node, by the same rules as `closures` and within the same limits.

It prepares nothing and has no fast ways; what values mean it asks `operations`, `functions` and `conform`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from governance.rules import limits
from governance.rules import operations as ops
from governance.rules.conform import converted, is_instance
from governance.rules.env import BUDGET, INPUT, MOMENT, Env, inner
from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.functions import invoke
from governance.rules.limits import CONTAINERS, Budget, cost_of, weight_of
from governance.rules.signatures import arranged, way_named
from governance.rules.temporal import parse_date, parse_date_time, parse_duration, parse_time
from governance.rules.tree_read import from_tree_json
from governance.rules.type_text import read_type
from governance.rules.types import Type
from governance.rules.values import NUMBER_TYPES, Function, Range, kind_of, parse_number

Json = dict[str, Any]
_TESTS = ("=", "!=", "<", "<=", ">", ">=", "between", "and", "or", "in", "some", "every", "instance of")


def evaluate_tree(tree: Json, context: Mapping[str, Any], currency: str | None = None) -> Any:
    """The value of an expression for this data (`values` from `from_json`).

    `BrokenInput` for a tree that `from_tree_json` does not take, `RuleError` for a cell and where there is no answer.
    """
    from_tree_json(tree)
    if tree["op"] == "tests":
        raise Unanswerable("expected an expression, found a cell")
    return _Evaluation(currency).run(tree, context)


def tree_holds(cell: Json, value: Any, context: Mapping[str, Any], currency: str | None = None) -> bool | None:
    """Whether a value passes a cell; None where that is not known. Errors as for `evaluate_tree`."""
    from_tree_json(cell)
    if cell["op"] != "tests":
        raise Unanswerable("expected a cell, found an expression")
    evaluation = _Evaluation(currency)
    if not cell["args"]:
        return True
    found = evaluation.any_holds(cell["args"], value, {**context, BUDGET: evaluation.budget})
    return None if found is None else found != cell["negated"]


class _NoList(Exception):
    """A loop over something that is no list and no range."""


class _Evaluation:
    def __init__(self, currency: str | None) -> None:
        self.currency = currency
        self.budget = Budget()

    def run(self, tree: Json, context: Mapping[str, Any]) -> Any:
        try:
            found = self.value(tree, {**context, BUDGET: self.budget})
        except RecursionError:
            raise LimitBreached("expected an evaluation of fewer levels") from None
        if type(found) in CONTAINERS:
            weight_of(found)
        return found

    def value(self, node: Json, context: Mapping[str, Any]) -> Any:
        """The value of a node: by its operator."""
        op, below = node["op"], node.get("args", ())
        if op == "literal":
            return _literal(node["type"], node["value"])
        if op == "name":
            return context.get(node["name"])
        if op == "input":
            return context.get(INPUT)
        special = _SPECIAL.get(op)
        if special is not None:
            return special(self, node, below, context)
        values = [self.value(one, context) for one in below]
        if op in ops.NUMERIC:
            found = ops.arithmetic(op, values[0], values[1], self.currency)
            if type(found) is str:
                self.budget.spend(cost_of(found))
            return found
        if op in ops.COMPARISONS:
            self.walk(*values)
            return ops.compare(op, values[0], values[1], self.currency)
        return _PLAIN[op](self, node, values)

    def walk(self, *values: Any) -> None:
        """Pays for walking through what is compared or tested."""
        if any(type(value) in CONTAINERS for value in values):
            self.budget.spend(sum(map(weight_of, values)))

    def logic(self, node: Json, below: Sequence[Json], context: Mapping[str, Any]) -> Any:
        decides = node["op"] == "or"
        result: bool | None = not decides
        for operand in below:
            found = ops.as_boolean(self.value(operand, context))
            if found is decides:
                return decides
            if found is None:
                result = None
        return result

    def conditional(self, _node: Json, below: Sequence[Json], context: Mapping[str, Any]) -> Any:
        holds = ops.as_boolean(self.value(below[0], context)) is True
        return self.value(below[1] if holds else below[2], context)

    def membership(self, _node: Json, below: Sequence[Json], context: Mapping[str, Any]) -> Any:
        return self.any_holds(below[1:], self.value(below[0], context), context)

    def any_holds(self, tests: Sequence[Json], value: Any, context: Mapping[str, Any]) -> bool | None:
        """Whether one of some tests holds; the first that does ends it."""
        result: bool | None = False
        for test in tests:
            found = self.holds(test, value, context)
            if found is True:
                return True
            if found is None:
                result = None
        return result

    def holds(self, test: Json, value: Any, context: Mapping[str, Any]) -> Any:
        """One test."""
        op, tested = test["test"], test["args"][0]
        if op == "holds":
            return ops.as_boolean(self.value(tested, inner(context, {INPUT: value}, self.budget)))
        operand = self.value(tested, context)
        if operand is None and op == "in" and tested["op"] != "literal":
            return None
        if type(operand) in CONTAINERS:
            self.walk(operand, value)
        return ops.satisfies(op, value, operand, self.currency)

    def call(self, node: Json, below: Sequence[Json], context: Mapping[str, Any]) -> Any:
        name, way = node["function"], None
        order: Sequence[int | None] | None = range(len(below))
        if "names" in node:
            order, way = arranged(name, node["names"]), way_named(name, node["names"])
        if order is None:
            return None
        given = [None if place is None else self.value(below[place], context) for place in order]
        self.budget.spend(limits.cost_of_call(name, given))
        found = invoke(name, given, Env(self.currency, self.budget, context.get(MOMENT)), way)
        self.budget.spend(limits.cost_of_result(name, found))
        return found

    def invoked(self, node: Json, below: Sequence[Json], context: Mapping[str, Any]) -> Any:
        function, *given = [self.value(one, context) for one in below]
        if type(function) is not Function or len(given) != len(function.parameters):
            return None
        if "names" in node:
            if set(node["names"]) != set(function.parameters):
                return None
            given = [given[node["names"].index(name)] for name in function.parameters]
        for one, kind in zip(given, function.types, strict=True):
            if type(one) in CONTAINERS and kind.name != "any":
                self.budget.spend(weight_of(one))
        fitting = [converted(one, kind) for one, kind in zip(given, function.types, strict=True)]
        if any(fit is None and one is not None for fit, one in zip(fitting, given, strict=True)):
            return None
        return function.run(fitting, self.budget)

    def function(self, node: Json, below: Sequence[Json], context: Mapping[str, Any]) -> Function:
        names = tuple(one["name"] for one in node["parameters"])
        around = self.copied(context)
        body, levels = below[0], _levels(below[0])

        def run(arguments: Sequence[Any], budget: Budget) -> Any:
            budget.spend(6 + _repeated(body) + len(around) // 16)
            budget.enter(levels)
            try:
                return self.value(body, inner(around, dict(zip(names, arguments, strict=True)), budget))
            finally:
                budget.leave(levels)

        return Function(names, tuple(read_type(one["type"]) for one in node["parameters"]), run)

    def copied(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """A context of its own, paid."""
        self.budget.spend(1 + len(context) // 2)
        return dict(context)

    def entries(self, node: Json, below: Sequence[Json], context: Mapping[str, Any]) -> dict[str, Any]:
        self.budget.spend(1 + len(context) // 16)
        inside, value = inner(context, {}, self.budget), {}
        for name, entry in zip(node["names"], below, strict=True):
            inside[name] = value[name] = self.value(entry, inside)
        return value

    def filtered(self, _node: Json, below: Sequence[Json], context: Mapping[str, Any]) -> Any:
        given = self.value(below[0], context)
        if given is None:
            return None
        items = given if kind_of(given) == "list" else (given,)
        cost = _repeated(below[1]) + len(context) // 16
        kept = []
        for number, item in enumerate(items):
            fields = item if type(item) is dict else {}
            self.budget.spend(cost + (cost_of(item) if fields else 0))
            found = self.value(below[1], inner(context, {"item": item, **fields}, self.budget))
            if number == 0 and type(found) in NUMBER_TYPES:
                return _item_at(items, found)
            if found is True:
                kept.append(item)
        if not items and below[1]["op"] not in _TESTS:
            found = self.value(below[1], inner(context, {"item": None}, self.budget))
            return None if type(found) in NUMBER_TYPES else ()
        return tuple(kept)

    def loop(self, _node: Json, below: Sequence[Json], context: Mapping[str, Any]) -> Any:
        results: list[Any] = []
        partial = _reads(below[-1], "partial")
        try:
            for inside in self.combinations(below[:-1], below[-1], context):
                if partial:
                    inside["partial"] = tuple(results)
                    self.budget.spend(len(results))
                found = self.value(below[-1], inside)
                self.budget.spend(cost_of(found))
                results.append(found)
                limits.bounded_list(len(results))
        except _NoList:
            return None
        return tuple(results)

    def quantified(self, node: Json, below: Sequence[Json], context: Mapping[str, Any]) -> Any:
        decides = node["op"] == "some"
        result: bool | None = not decides
        try:
            for inside in self.combinations(below[:-1], below[-1], context):
                found = ops.as_boolean(self.value(below[-1], inside))
                if found is decides:
                    return decides
                if found is None:
                    result = None
        except _NoList:
            return None
        return result

    def combinations(
        self, iterations: Sequence[Json], body: Json, context: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """The context of each combination, the last variable fastest."""
        cost, last = _repeated(body), len(iterations) - 1
        running = [(iter(self.span(iterations[0], context)), inner(context, {}, self.budget))]
        while running:
            at = len(running) - 1
            value = next(running[at][0], _END)
            if value is _END:
                running.pop()
                continue
            self.budget.spend(cost)
            inside = {**running[at][1], iterations[at]["name"]: value}
            if at == last:
                yield inside
            else:
                running.append((iter(self.span(iterations[at + 1], inside)), self.copied(inside)))

    def span(self, iteration: Json, context: Mapping[str, Any]) -> Iterable[Any]:
        """What a variable runs over."""
        ends = [self.value(one, context) for one in iteration["args"]]
        if len(ends) == 2:
            return _numbers_or_days(ends[0], ends[1])
        given = ends[0]
        if given is None:
            raise _NoList
        if type(given) is Range:
            if given.low is None or given.high is None or not (given.low_closed and given.high_closed):
                raise Unanswerable("expected a range with both ends to loop over")
            return _numbers_or_days(given.low, given.high)
        items: Sequence[Any] = given if kind_of(given) == "list" else (given,)
        return items


_END = object()


def _numbers_or_days(first: Any, last: Any) -> Iterable[Any]:
    if type(first) in NUMBER_TYPES and type(last) in NUMBER_TYPES:
        if first != int(first) or last != int(last):
            raise Unanswerable("expected whole numbers to loop over")
        distance = int(last) - int(first)
        limits.bounded_list(abs(distance) + 1)
        return (Decimal(int(first) + (step if distance >= 0 else -step)) for step in range(abs(distance) + 1))
    if type(first) is date and type(last) is date:
        distance = (last - first).days
        limits.bounded_list(abs(distance) + 1)
        return (first + timedelta(step if distance >= 0 else -step) for step in range(abs(distance) + 1))
    raise _NoList


def _item_at(items: Sequence[Any], number: Any) -> Any:
    if number != int(number) or not 1 <= abs(number) <= len(items):
        return None
    return items[int(number) - 1 if number > 0 else int(number)]


def _all_below(node: Json) -> Iterator[tuple[int, Json]]:
    """Every node of a tree with its level, from 1."""
    level, number = [node], 1
    while level:
        yield from ((number, one) for one in level)
        level, number = [child for one in level for child in one.get("args", ())], number + 1


def _levels(node: Json) -> int:
    return max(number for number, _ in _all_below(node))


def _repeated(node: Json) -> int:
    """The steps of evaluating a node once more."""
    return 2 + sum(1 for _ in _all_below(node)) // 3


def _reads(node: Json, name: str) -> bool:
    return any(one.get("name") == name or one["op"] == "function" for _, one in _all_below(node))


@lru_cache(maxsize=4096)
def _literal(kind: str, written: Any) -> Any:
    read = _LITERALS.get(kind)
    return written if read is None else read(written)


_LITERALS: dict[str, Callable[[str], Any]] = {
    "number": parse_number,
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "days and time duration": parse_duration,
    "years and months duration": parse_duration,
}


def _range(evaluation: _Evaluation, node: Json, values: list[Any]) -> Any:
    closed = node["low_closed"], node["high_closed"]
    if node["low"] and node["high"]:
        return ops.make_range(values[0], values[1], closed, evaluation.currency)
    return ops.half_range(values[0], node["high"], closed, evaluation.currency)


def _between(evaluation: _Evaluation, _node: Json, values: list[Any]) -> Any:
    given, low, high = values
    above = ops.compare(">=", given, low, evaluation.currency)
    return ops.conjunction([above, ops.compare("<=", given, high, evaluation.currency)])


def _instance_of(evaluation: _Evaluation, node: Json, values: list[Any]) -> bool:
    kind: Type = read_type(node["type"])
    evaluation.walk(values[0])
    return is_instance(values[0], kind)


_PLAIN: dict[str, Callable[[_Evaluation, Json, list[Any]], Any]] = {
    "path": lambda _evaluation, node, values: ops.property_of(values[0], node["name"]),
    "negate": lambda _evaluation, _node, values: ops.negate(values[0]),
    "list": lambda _evaluation, _node, values: tuple(values),
    "range": _range,
    "between": _between,
    "instance of": _instance_of,
}
_SPECIAL: dict[str, Callable[[_Evaluation, Json, Sequence[Json], Mapping[str, Any]], Any]] = {
    "and": _Evaluation.logic,
    "or": _Evaluation.logic,
    "if": _Evaluation.conditional,
    "in": _Evaluation.membership,
    "call": _Evaluation.call,
    "invoke": _Evaluation.invoked,
    "function": _Evaluation.function,
    "context": _Evaluation.entries,
    "filter": _Evaluation.filtered,
    "for": _Evaluation.loop,
    "some": _Evaluation.quantified,
    "every": _Evaluation.quantified,
}
