"""What is done with a random input: read, printed, read again, checked, told in words, compiled, evaluated.

Each target takes text and ends in a value or in an error of ours. Anything else it raises is a finding.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from governance.rules.check import check, check_tests
from governance.rules.closures import closure_of, closure_of_tests
from governance.rules.compile import Compiled, tree_digest
from governance.rules.errors import BrokenExpression, LimitBreached, RuleError
from governance.rules.parse import parse, parse_tests
from governance.rules.printing import source_of
from governance.rules.scope import reads_of
from governance.rules.syntax import Cell
from governance.rules.table import compile_table, table_to_json
from governance.rules.table_source import read_table
from governance.rules.tree_eval import evaluate_tree, tree_holds
from governance.rules.tree_json import to_tree_json
from governance.rules.tree_read import from_tree_json
from governance.rules.type_text import read_type, type_text
from governance.rules.types import ANY, BOOLEAN, DATE, NUMBER, STRING, list_of, object_of
from governance.rules.values import from_json, kind_of, to_json
from governance.rules.words import condition_in_words, tests_in_words
from ledger.canonical import encode
from ledger.errors import BrokenInput

SCOPE = {
    "a": NUMBER, "b": ANY, "loan amount": NUMBER, "date of birth": DATE, "a-b": NUMBER, "profit and loss": NUMBER,
    "name": STRING, "flag": BOOLEAN, "items": list_of(object_of({"price": NUMBER, "unit price": NUMBER})),
}  # fmt: skip
NAMES = frozenset((*SCOPE, "price", "unit price"))
DATA = {
    "a": Decimal(3), "loan amount": Decimal("250000.00"), "a-b": Decimal(7), "name": "Ann", "flag": True,
    "date of birth": from_json("1990-02-28", DATE),
    "items": ({"price": Decimal(2), "unit price": Decimal(1)}, {"price": Decimal(5)}),
}  # fmt: skip


def outcome(work: Callable[[], Any]) -> str:
    """A value as text or the kind of our error; the limits may be met at different steps by different evaluators."""
    try:
        value = work()
    except LimitBreached:
        return ""
    except RuleError as error:
        return type(error).__name__
    kind_of(value)
    try:
        return json.dumps(to_json(value))
    except RuleError:
        return kind_of(value)


def same(*outcomes: str) -> None:
    """All that met no limit are equal."""
    told = {one for one in outcomes if one}
    assert len(told) <= 1, told


def expression(text: str) -> None:
    """An expression, with everything that is done with one."""
    expr = parse(text, NAMES)
    again = parse(source_of(expr, NAMES), NAMES)
    assert to_tree_json(again) == to_tree_json(expr)
    tree = to_tree_json(expr)
    assert from_tree_json(tree) == expr
    encode(tree)
    check(expr, SCOPE, currency="GBP")
    condition_in_words(expr)
    reads_of(expr)
    compiled = Compiled(text, expr, ANY, frozenset(), frozenset(), tree_digest(expr), closure_of(expr, "GBP"))
    same(outcome(lambda: compiled.evaluate(DATA)), outcome(lambda: evaluate_tree(tree, DATA, "GBP")))


def cell(text: str) -> None:
    """A cell of a rule table."""
    tests = parse_tests(text, NAMES)
    again = parse_tests(source_of(tests, NAMES), NAMES)
    tree = to_tree_json(tests)
    assert to_tree_json(again) == tree
    assert from_tree_json(tree) == tests
    check_tests(tests, NUMBER, SCOPE, "GBP")
    tests_in_words(tests)
    holds = closure_of_tests(tests, "GBP")
    for value in (Decimal(3), "Ann", None):
        same(
            outcome(partial(holds, DATA, value)),
            outcome(partial(tree_holds, tree, value, DATA, "GBP")),
        )


def type_(text: str) -> None:
    """A type as it is written."""
    kind = read_type(text)
    assert read_type(type_text(kind)) == kind


def table(text: str) -> None:
    """A rule table from its YAML."""
    read = read_table(text)
    encode(table_to_json(read))
    compiled = compile_table(read)
    for value in (None, Decimal(1), "a"):
        inputs = {column.name: value for column in read.inputs}
        try:
            compiled.evaluate(inputs)
            compiled.explain(inputs)
        except RuleError:
            pass


def tree(text: str) -> None:
    """A tree from its JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    read = from_tree_json(value)
    assert to_tree_json(read) == value
    if isinstance(read, Cell):
        holds = closure_of_tests(read, None)
        same(outcome(lambda: holds(DATA, None)), outcome(lambda: tree_holds(value, None, DATA)))
    else:
        run = closure_of(read, None)
        same(outcome(lambda: run(DATA)), outcome(lambda: evaluate_tree(value, DATA)))


TARGETS: tuple[Callable[[str], None], ...] = (expression, cell, type_, table, tree)


def one_input(data: bytes) -> None:
    """The first byte chooses the target, the others are its text."""
    if not data:
        return
    text = data[1:].decode("utf-8", "surrogateescape")  # what is no UTF-8 comes as halves of pairs
    try:
        TARGETS[data[0] % len(TARGETS)](text)
    except (BrokenInput, RuleError) as error:
        if isinstance(error, BrokenExpression):
            error.caret()
