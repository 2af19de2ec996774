"""Trees as source again and from their JSON: what is exact, and what is refused."""

import json
from typing import Any

import pytest

from governance.rules import limits
from governance.rules.errors import LimitBreached, RuleError
from governance.rules.parse import parse, parse_tests
from governance.rules.printing import source_of
from governance.rules.tree_eval import evaluate_tree, tree_holds
from governance.rules.tree_json import to_tree_json
from governance.rules.tree_read import from_tree_json
from ledger.errors import BrokenInput

ONE = {"op": "literal", "type": "number", "value": "1"}
A = {"op": "name", "name": "a"}


@pytest.mark.parametrize(
    ("source", "names", "printed"),
    [
        ("(profit) and loss", {"profit and loss"}, "(profit) and loss"),
        ("(x.profit) and loss", {"profit and loss"}, "(x.profit) and loss"),
        ("(a) - b", {"a - b"}, "(a) - b"),
        ("(a).b", {"a.b"}, "(a).b"),
        ('(date) and time("10:00:00")', set(), '(date) and time("10:00:00")'),
        ("for x in (y) return x", {"x in y"}, "for x in (y) return x"),
        ("{a+b: 1, c: a+b, d: a + b}", set(), "{a+b: 1, c: a+b, d: (a) + b}"),
        ("{a + b: 1, c: a + b, d: (a) + b}", set(), "{a + b: 1, c: a + b, d: (a) + b}"),
        ('{"a + b": 1, c: a + b}', set(), '{"a + b": 1, c: a + b}'),
        ('{"a b": 1, "in": 2, "": 3}', set(), '{"a b": 1, "in": 2, "": 3}'),
        ("{a b: 1, c: a b}", set(), "{a b: 1, c: a b}"),
        ("f(a b: 1)", set(), "f(a b: 1)"),
        ("[1..5][1]", set(), "([1..5])[1]"),
        ("(function(a b: list<number>, c) a b)(1, 2)", set(), "(function(a b: list<number>, c) a b)(1, 2)"),
    ],
)
def test_printed_operations_are_read_as_operations(source: str, names: set[str], printed: str) -> None:
    tree = parse(source, names)
    again = source_of(tree, names)
    assert again == printed
    assert parse(again, names) == tree
    assert to_tree_json(parse(again, names)) == to_tree_json(tree)


def _test(op: str, operand: Any) -> dict[str, Any]:
    return {"op": "test", "test": op, "args": [operand]}


@pytest.mark.parametrize(
    "tree",
    [
        None, [], "name", {}, {"op": 1}, {"op": "nothing"}, {"op": "eval", "args": []}, {"op": "name"},
        {"op": "name", "name": 1}, {"op": "name", "name": "a", "args": []}, {"op": "name", "name": "a", "": 1},
        {"op": "literal", "type": "number", "value": 1}, {"op": "literal", "type": "number", "value": "-1"},
        {"op": "literal", "type": "number", "value": "01"}, {"op": "literal", "type": "number", "value": "1E+2"},
        {"op": "literal", "type": "number", "value": "NaN"}, {"op": "literal", "type": "boolean", "value": 1},
        {"op": "literal", "type": "null", "value": False}, {"op": "literal", "type": "object", "value": {}},
        {"op": "literal", "type": ["number"], "value": "1"}, {"op": "literal", "type": "date", "value": "2026-02-30"},
        {"op": "literal", "type": "days and time duration", "value": "P0D"},
        {"op": "literal", "type": "days and time duration", "value": "P1Y"},
        {"op": "+", "args": [ONE]}, {"op": "+", "args": [ONE, ONE, ONE]}, {"op": "+", "args": {"0": ONE}}, {"op": "+"},
        {"op": "and", "args": [A]}, {"op": "between", "args": [A, A]}, {"op": "if", "args": [A, A]},
        {"op": "path", "args": [A]}, {"op": "negate", "args": []}, {"op": "in", "args": [A]},
        {"op": "in", "args": [A, A]}, {"op": "in", "args": [_test("in", A), _test("in", A)]}, _test("in", A),
        {"op": "each", "name": "a", "args": [A]},
        {"op": "in", "args": [A, _test("like", A)]}, {"op": "in", "args": [A, _test("holds", A)]},
        {"op": "in", "args": [A, _test("in", {"op": "input"})]}, {"op": "list", "args": [_test("in", A)]},
        {"op": "tests", "negated": True, "args": []}, {"op": "tests", "negated": 0, "args": []},
        {"op": "tests", "negated": False, "args": [A]},
        {"op": "list", "args": [{"op": "tests", "negated": False, "args": []}]},
        {"op": "range", "low": False, "high": False, "low_closed": False, "high_closed": False, "args": []},
        {"op": "range", "low": True, "high": False, "low_closed": True, "high_closed": True, "args": [ONE]},
        {"op": "range", "low": True, "high": True, "low_closed": True, "high_closed": True, "args": [ONE]},
        {"op": "call", "function": "exec", "args": [A]}, {"op": "call", "function": "not", "names": [], "args": [A]},
        {"op": "call", "function": "not", "names": ["a", "b"], "args": [A]},
        {"op": "call", "function": "contains", "names": ["a", "a"], "args": [A, A]}, {"op": "invoke", "args": []},
        {"op": "filter", "args": [A]}, {"op": "for", "args": [A]}, {"op": "for", "args": [A, A]},
        {"op": "some", "args": [{"op": "each", "name": "x", "args": [A]}]},
        {"op": "for", "args": [{"op": "each", "name": "x", "args": [A, A, A]}, A]},
        {"op": "instance of", "type": "nothing", "args": [A]}, {"op": "instance of", "type": "dateTime", "args": [A]},
        {"op": "function", "parameters": [{"name": "x"}], "args": [A]},
        {"op": "function", "parameters": [{"name": "x", "type": "Any"}] * 2, "args": [A]},
        {"op": "context", "names": ["a"], "args": []}, {"op": "context", "names": ["a", "a"], "args": [A, A]},
        {"op": "context", "names": [1], "args": [A]}, {"op": "input", "args": []},
    ],
)  # fmt: skip
def test_what_no_source_gives_is_no_tree(tree: Any) -> None:
    with pytest.raises(BrokenInput):
        from_tree_json(tree)
    with pytest.raises(BrokenInput):
        evaluate_tree(tree, {})


def test_trees_too_large_are_limits() -> None:
    tree: Any = ONE
    for _ in range(100_000):
        tree = {"op": "negate", "args": [tree]}
    wide = {"op": "list", "args": [ONE] * limits.NODES_MAX}
    for large in (tree, wide):
        with pytest.raises(LimitBreached):
            from_tree_json(large)
    deep: Any = ONE
    for _ in range(limits.DEPTH_MAX - 1):
        deep = {"op": "negate", "args": [deep]}
    assert evaluate_tree(deep, {}) in (1, -1)


def test_a_tree_from_a_pack_is_evaluated_without_its_source() -> None:
    source = "{f: function(x: number) x * 2, r: for i in 1..3 return f(i)}.r[item > 2]"
    told = json.loads(json.dumps(to_tree_json(parse(source))))
    assert evaluate_tree(told, {}) == (4, 6)
    cell = json.loads(json.dumps(to_tree_json(parse_tests("not(? > limit, 7)"))))
    assert tree_holds(cell, 7, {"limit": 100}) is False
    assert tree_holds(cell, 8, {"limit": 100}) is True
    assert tree_holds(to_tree_json(parse_tests("-")), None, {}) is True


def test_cells_and_expressions_are_not_taken_for_each_other() -> None:
    with pytest.raises(RuleError):
        evaluate_tree(to_tree_json(parse_tests("1")), {})
    with pytest.raises(RuleError):
        tree_holds(to_tree_json(parse("1")), 1, {})
