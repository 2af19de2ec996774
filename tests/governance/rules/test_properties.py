"""What holds for every expression, well typed or not."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rules.check import check
from governance.rules.closures import closure_of, closure_of_tests
from governance.rules.compile import compile_expression
from governance.rules.errors import BrokenExpression, RuleError
from governance.rules.parse import parse, parse_tests
from governance.rules.printing import source_of
from governance.rules.syntax import OPERATORS
from governance.rules.tree_json import to_tree_json
from governance.rules.types import ANY, Type
from governance.rules.values import from_json, kind_of, to_json
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


@settings(max_examples=400)
@given(sources(), contexts)
def test_compiled_is_what_the_direct_interpreter_says(source: str, context: dict[str, Any]) -> None:
    expr = parse(source, NAMES)
    fast = outcome(lambda: closure_of(expr, "GBP")(context))
    slow = outcome(lambda: direct.evaluate(expr, context, "GBP"))
    assert fast == slow


@settings(max_examples=200)
@given(cells(), values, contexts)
def test_compiled_cells_are_what_the_direct_interpreter_says(cell: str, value: Any, context: dict[str, Any]) -> None:
    tests = parse_tests(cell, NAMES)
    fast = outcome(lambda: closure_of_tests(tests, "GBP")(context, value))
    assert fast == outcome(lambda: direct.passes(tests, value, context, "GBP"))


@settings(max_examples=300)
@given(sources())
def test_a_printed_tree_reads_back_the_same(source: str) -> None:
    expr = parse(source, NAMES)
    assert parse(source_of(expr), NAMES) == expr


@given(cells())
def test_a_printed_cell_reads_back_the_same(cell: str) -> None:
    tests = parse_tests(cell, NAMES)
    assert parse_tests(source_of(tests), NAMES) == tests


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


@settings(max_examples=300)
@given(sources(), st.lists(st.sampled_from(sorted(_TYPES)), min_size=len(NAMES), max_size=len(NAMES)))
def test_a_checked_expression_evaluates_to_its_static_type(source: str, kinds: list[str]) -> None:
    """Soundness of the check: on data of the declared types a typed expression gives that type, null or our error."""
    scope = {name: _TYPES[kind] for name, kind in zip(NAMES, kinds, strict=True)}
    samples = {
        "number": from_json("1.50", Type("number")),
        "money": from_json({"amount": "10.00", "currency": "GBP"}, Type("money")),
        "string": "abc",
        "date": from_json("2026-01-31", Type("date")),
        "boolean": True,
        "any": None,
    }
    expr = parse(source, NAMES)
    checked = check(expr, scope, currency="GBP")
    if checked.findings:
        return
    context = {name: samples[kind] for name, kind in zip(NAMES, kinds, strict=True)}
    found, value = outcome(lambda: closure_of(expr, "GBP")(context))
    if value is not None and checked.type != ANY and found != "range":
        to_json(value, checked.type)


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
    outcome(lambda: compiled.evaluate({}))


@settings(max_examples=200)
@given(values)
def test_values_survive_json(value: Any) -> None:
    data = to_json(value)
    encode(data)
    assert from_json(data) == value
    assert to_json(from_json(data)) == data
