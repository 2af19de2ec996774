"""What holds for every expression, well typed or not."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rules.check import check
from governance.rules.closures import closure_of, closure_of_tests
from governance.rules.compile import compile_expression
from governance.rules.conform import conforms
from governance.rules.errors import BrokenExpression, RuleError
from governance.rules.parse import parse, parse_tests
from governance.rules.printing import source_of
from governance.rules.syntax import OPERATORS, Cell
from governance.rules.tree_eval import evaluate_tree, tree_holds
from governance.rules.tree_json import to_tree_json
from governance.rules.tree_read import from_tree_json
from governance.rules.types import Type, list_of, object_of
from governance.rules.values import from_json, kind_of, number_text, to_json
from ledger.canonical import encode
from ledger.errors import BrokenInput
from tests.governance.rules import direct
from tests.governance.rules.strategies import NAMES, cells, contexts, sources, values


def outcome(run: Any) -> tuple[str, Any]:
    """What happened: a value with its kind, or the kind of error."""
    try:
        value = run()
    except RuleError as error:
        return type(error).__name__, None
    return kind_of(value), value


def told(outcome: tuple[str, Any]) -> Any:
    """An outcome so that only like values are equal: no boolean is a number, no time one with another offset."""
    kind, value = outcome
    return shown(value) if value is not None else kind


def shown(value: Any) -> Any:
    kind = kind_of(value)
    if kind == "list":
        return [shown(member) for member in value]
    if kind == "object":
        return {name: shown(member) for name, member in value.items()}
    if kind == "range":
        return "range", shown(value.low), shown(value.high), value.low_closed, value.high_closed
    if kind == "number":
        return kind, number_text(value)
    if kind == "money":
        return kind, number_text(value.amount), value.currency
    return kind, value.parameters if kind == "function" else repr(value)


@settings(max_examples=600)
@given(sources(), contexts)
def test_compiled_is_what_the_direct_interpreter_and_the_tree_as_json_say(source: str, context: dict[str, Any]) -> None:
    expr = parse(source, NAMES)
    fast = told(outcome(lambda: closure_of(expr, "GBP")(context)))
    assert fast == told(outcome(lambda: direct.evaluate(expr, context, "GBP")))
    assert fast == told(outcome(lambda: evaluate_tree(to_tree_json(expr), context, "GBP")))


@settings(max_examples=300)
@given(cells(), values, contexts)
def test_compiled_cells_are_what_the_direct_interpreter_and_the_tree_as_json_say(
    cell: str, value: Any, context: dict[str, Any]
) -> None:
    tests = parse_tests(cell, NAMES)
    fast = told(outcome(lambda: closure_of_tests(tests, "GBP")(context, value)))
    assert fast == told(outcome(lambda: direct.passes(tests, value, context, "GBP")))
    assert fast == told(outcome(lambda: tree_holds(to_tree_json(tests), value, context, "GBP")))


@settings(max_examples=400)
@given(sources())
def test_a_printed_tree_reads_back_the_same(source: str) -> None:
    expr = parse(source, NAMES)
    again = parse(source_of(expr, NAMES), NAMES)
    assert again == expr
    assert to_tree_json(again) == to_tree_json(expr)


@given(cells())
def test_a_printed_cell_reads_back_the_same(cell: str) -> None:
    tests = parse_tests(cell, NAMES)
    again = parse_tests(source_of(tests, NAMES), NAMES)
    assert again == tests
    assert to_tree_json(again) == to_tree_json(tests)


@settings(max_examples=300)
@given(st.one_of(sources().map(lambda one: parse(one, NAMES)), cells().map(lambda one: parse_tests(one, NAMES))))
def test_a_tree_comes_back_from_its_json(tree: Any) -> None:
    told_of = to_tree_json(tree)
    assert from_tree_json(told_of) == tree
    assert to_tree_json(from_tree_json(told_of)) == told_of
    assert from_tree_json(json.loads(encode(told_of))) == tree


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from((*OPERATORS, "number", "a", "1", "x"))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(("op", "args", "name", "names", "type", "value", "test", "negated")), inner),
    ),
    max_leaves=8,
)


@settings(max_examples=400)
@given(sources(depth=2), st.data())
def test_a_tree_that_was_changed_is_read_whole_or_refused(source: str, data: st.DataObject) -> None:
    """One place of a sound tree holds something else: what is taken is a tree that evaluates, and the same again."""
    tree = to_tree_json(parse(source, NAMES))
    places = list(_places(tree))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(st.one_of(_JSON, st.sampled_from([other[place] for other, place in places])))
    try:
        taken = from_tree_json(tree)
    except BrokenInput:
        return
    assert to_tree_json(taken) == tree
    if isinstance(taken, Cell):
        outcome(lambda: tree_holds(tree, None, {}))
    else:
        assert told(outcome(lambda: evaluate_tree(tree, {}))) == told(outcome(lambda: closure_of(taken, None)({})))


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)


@given(sources())
def test_the_tree_has_a_canonical_form_of_known_operators(source: str) -> None:
    tree = to_tree_json(parse(source, NAMES))
    encode(tree)
    pending = [tree]
    while pending:
        node = pending.pop()
        assert node["op"] in OPERATORS
        pending.extend(node.get("args", ()))


_TYPES = {kind: Type(kind) for kind in ("number", "money", "string", "date", "boolean", "any")}
_TYPES["list"] = list_of(Type("number"))
_TYPES["object"] = object_of({"grade": Type("number")})
_SAMPLES: dict[str, Any] = {
    "number": from_json("1.50", Type("number")),
    "money": from_json({"amount": "10.00", "currency": "GBP"}, Type("money")),
    "string": "abc",
    "date": from_json("2026-01-31", Type("date")),
    "boolean": True,
    "any": None,
    "list": (Decimal(1), Decimal(2)),
    "object": {"grade": Decimal(3)},
}


@settings(max_examples=600)
@given(sources(), st.lists(st.sampled_from(sorted(_TYPES)), min_size=len(NAMES), max_size=len(NAMES)))
def test_a_checked_expression_evaluates_to_its_static_type(source: str, kinds: list[str]) -> None:
    """Soundness of the check: on data of the declared types a typed expression gives that type, null or our error."""
    scope = {name: _TYPES[kind] for name, kind in zip(NAMES, kinds, strict=True)}
    expr = parse(source, NAMES)
    checked = check(expr, scope, currency="GBP")
    if checked.findings:
        return
    context = {name: _SAMPLES[kind] for name, kind in zip(NAMES, kinds, strict=True)}
    _, value = outcome(lambda: closure_of(expr, "GBP")(context))
    assert conforms(value, checked.type), (checked.type, value)


@settings(max_examples=300)
@given(st.text(st.sampled_from('ab1.,()[]<>=-+*/"\\ @?{}:notifhelsdryu\n'), max_size=60))
def test_any_text_is_an_expression_or_broken_input_with_a_place(text: str) -> None:
    for read in (parse, parse_tests):
        broken = None
        try:
            read(text)
        except BrokenExpression as error:
            broken = error
        assert broken is None or (broken.line >= 1 and broken.column >= 1 and broken.caret().endswith("^"))


@settings(max_examples=100)
@given(st.text(max_size=40))
def test_compiling_any_text_raises_nothing_but_broken_input(text: str) -> None:
    try:
        compiled = compile_expression(text, {})
    except BrokenInput:
        return
    assert told(outcome(lambda: compiled.evaluate({}))) is not None


@settings(max_examples=200)
@given(values)
def test_values_survive_json(value: Any) -> None:
    data = to_json(value)
    encode(data)
    assert from_json(data) == value
    assert to_json(from_json(data)) == data
