"""Boxed expressions: what each gives, its declared type, and its place in an error."""

from decimal import Decimal
from typing import Any

import pytest

from governance.rules import limits
from governance.rules.dmn.evaluate import compile_model
from governance.rules.dmn.model import BrokenModel
from governance.rules.errors import LimitBreached, Unanswerable
from tests.governance.rules.dmn.files import compiled, decision, given, literal, model, value


def entry(name: str, logic: str, typed: str = "Any") -> str:
    variable = f'<variable name="{name}" typeRef="{typed}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def function(parameters: str, logic: str) -> str:
    formal = "".join(f'<formalParameter name="{name}"/>' for name in parameters.split())
    return f"<functionDefinition>{formal}{logic}</functionDefinition>"


CONTEXT = "<context>{}</context>"
LOOP = '<{0} iteratorVariable="x"><in>{1}</in><{2}>{3}</{2}></{0}>'
FILTER = "<filter><in>{}</in><match>{}</match></filter>"
IF = "<conditional><if>{}</if><then>{}</then><else>{}</else></conditional>"
PEOPLE = (
    '<relation><column name="name"/><column name="years old" typeRef="number"/>'
    f"<row>{literal(chr(34) + 'Ada' + chr(34))}{literal('36')}</row>"
    f"<row>{literal(chr(34) + 'Bob' + chr(34))}{literal(chr(34) + 'x' + chr(34))}</row></relation>"
)


@pytest.mark.parametrize(
    ("logic", "wanted"),
    [
        (literal("a + 1"), Decimal(4)),
        (literal("a + 1", "string"), None),
        (literal("[a]", "number"), Decimal(3)),
        (literal("a", "list&lt;number&gt;"), (Decimal(3),)),
        (CONTEXT.format(entry("b", literal("a + 1")) + entry("c d", literal("b * 2"))), {"b": 4, "c d": 8}),
        (CONTEXT.format(entry("b", literal("a + 1")) + entry("", literal("b * 2"))), Decimal(8)),
        (CONTEXT.format(entry("b", literal("a"), "string") + entry("", literal("b = null"))), True),
        (CONTEXT.format(entry("f", function("x y", literal("x - y"))) + entry("", literal("f(a, 1)"))), Decimal(2)),
        (CONTEXT.format(entry("f", function("x y", literal("x - y"))) + entry("", literal("f(y: a, x: 1)"))), -2),
        (CONTEXT.format(entry("count", function("x", literal("x"))) + entry("", literal("count(a)"))), Decimal(3)),
        (PEOPLE, ({"name": "Ada", "years old": 36}, {"name": "Bob", "years old": None})),
        (f"<list>{literal('a')}{literal('null')}</list>", (3, None)),
        (IF.format(literal("a = 3"), literal("1"), literal("2")), Decimal(1)),
        (IF.format(literal("a = 4"), literal("1"), literal("2")), Decimal(2)),
        (IF.format(literal("null"), literal("1"), literal("2")), Decimal(2)),
        (IF.format(literal("a"), literal("1"), literal("2")), None),
        (FILTER.format(literal("[1, 2, 3, null]"), literal("item >= 2")), (2, 3)),
        (FILTER.format(PEOPLE, literal("years old > 1")), ({"name": "Ada", "years old": 36},)),
        (FILTER.format(literal("null"), literal("true")), None),
        (LOOP.format("for", literal("[1, 2]"), "return", literal("x * a")), (3, 6)),
        (LOOP.format("for", literal("[1, 2, 3]"), "return", literal("count(partial)")), (0, 1, 2)),
        (LOOP.format("for", PEOPLE, "return", literal("x.years old")), (36, None)),
        (LOOP.format("for", literal("null"), "return", literal("x")), None),
        (LOOP.format("some", literal("[1, 2]"), "satisfies", literal("x = 2")), True),
        (LOOP.format("every", literal("[1, 2]"), "satisfies", literal("x = 2")), False),
        (LOOP.format("every", literal("[]"), "satisfies", literal("x = 2")), True),
        (LOOP.format("every", literal("[1, null]"), "satisfies", literal("x < 2")), None),
    ],
)
def test_each_boxed_expression(logic: str, wanted: Any) -> None:
    assert value(logic, a=Decimal(3)) == wanted


def test_an_invocation_gives_arguments_by_name() -> None:
    def call(names: str) -> Any:
        bindings = "".join(
            f'<binding><parameter name="{name}"/>{literal(text)}</binding>'
            for name, text in (one.split("=") for one in names.split())
        )
        invocation = f"<invocation>{literal('f')}{bindings}</invocation>"
        return value(CONTEXT.format(entry("f", function("x y", literal("x - y"))) + entry("", invocation)))

    assert call("x=5 y=3") == 2
    assert call("y=5 x=3") == -2
    assert call("x=5") is None
    assert call("x=5 z=3") is None


def test_a_number_as_match_of_a_filter_has_no_answer() -> None:
    with pytest.raises(Unanswerable):
        value(FILTER.format(literal("[1, 2]"), literal("1")))


def test_the_entries_of_an_item_stand_before_it() -> None:
    found = value(FILTER.format(literal("[{item: 1, a: 2}, {item: 2, a: 1}]"), literal("item = 1 and a = 2")))
    assert found == ({"item": 1, "a": 2},)


def test_what_repeats_is_paid_for() -> None:
    numbers = literal(f"for i in 1..{limits.LIST_ITEMS_MAX} return i")
    inner = LOOP.format("for", numbers, "return", literal("1"))
    with pytest.raises(LimitBreached):
        value(LOOP.format("for", numbers, "return", inner))


def test_functions_inside_each_other_are_limited() -> None:
    chain = entry("f0", function("x", literal("x")))
    for number in range(limits.CALLS_DEEP_MAX + 1):
        chain += entry(f"f{number + 1}", function("x", literal(f"f{number}(x)")))
    with pytest.raises(LimitBreached):
        value(CONTEXT.format(chain + entry("", literal(f"f{limits.CALLS_DEEP_MAX + 1}(1)"))))


@pytest.mark.parametrize(
    ("logic", "path", "message"),
    [
        (literal("b + 1"), "decision `d`", "found `b`"),
        (literal("a +"), "decision `d`", "expected a value"),
        (literal("frobnicate(a)"), "decision `d`", "frobnicate"),
        (literal(""), "decision `d`", "expected an expression"),
        (literal("a", "tUnknown"), "decision `d`", "expected a type, found `tUnknown`"),
        (CONTEXT.format(entry("x", literal("y")) + entry("y", literal("1"))), "decision `d`, entry `x`", "`y`"),
        (FILTER.format(literal("a"), literal("frobnicate(item)")), "decision `d`, match", "frobnicate"),
        (LOOP.format("for", literal("x"), "return", literal("x")), "decision `d`, in", "found `x`"),
        (PEOPLE.replace(">36<", ">z<"), "decision `d`, row 1, column `years old`", "found `z`"),
    ],
)
def test_what_is_wrong_with_an_expression_is_told_with_its_place(logic: str, path: str, message: str) -> None:
    body = given("a", "Any") + decision("d", logic, "i_a")
    with pytest.raises(BrokenModel) as caught:
        compile_model(model(body))
    (finding,) = caught.value.findings
    assert finding.path == path
    assert message in finding.message


def test_a_finding_shows_the_expression_with_a_caret() -> None:
    with pytest.raises(BrokenModel) as caught:
        compiled(given("a", "Any") + decision("d", literal("a > 1\nand b"), "i_a"))
    (finding,) = caught.value.findings
    assert (finding.line, finding.column) == (3, 5)
    assert finding.caret() == "and b\n    ^"
    assert finding.text("m.dmn").startswith("m.dmn:3:5: error: expected a declared name, found `b`")
