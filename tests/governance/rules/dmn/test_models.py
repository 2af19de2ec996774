"""Requirements, types, knowledge and services: what is evaluated, in which order, and with which values."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from governance.rules.dmn.evaluate import compile_model
from governance.rules.dmn.graph import part_for
from governance.rules.dmn.model import BrokenModel
from governance.rules.errors import LimitBreached
from ledger.errors import BrokenInput
from tests.governance.rules.dmn.files import compiled, decision, given, knowledge, literal, model

GRADE = (
    '<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"A", "B"</text></allowedValues>'
    "</itemDefinition>"
)
GRADES = '<itemDefinition name="tGrades" isCollection="true"><typeRef>tGrade</typeRef></itemDefinition>'
PUPIL = (
    '<itemDefinition name="tPupil"><itemComponent name="full name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="grades" isCollection="true"><typeRef>tGrade</typeRef></itemComponent></itemDefinition>'
)
SERVICE = (
    '<decisionService id="k_s" name="s"><variable name="s"/><outputDecision href="#d_out"/>'
    '<encapsulatedDecision href="#d_inner"/><inputDecision href="#d_given"/><inputData href="#i_a"/></decisionService>'
)
SERVED = (
    given("a")
    + decision("given", literal("100"))
    + decision("inner", literal("a + given"), "i_a d_given")
    + decision("out", literal("inner * 2"), "d_inner")
    + SERVICE
)


def converts(typed: str, value: Any, types: str = "") -> Any:
    """What input data of a type becomes."""
    return compiled(types + given("a", typed) + decision("d", literal("a"), "i_a")).evaluate("d", {"a": value})


@pytest.mark.parametrize(
    ("typed", "value", "wanted"),
    [
        ("number", Decimal(1), Decimal(1)),
        ("number", "x", None),
        ("number", (Decimal(1),), Decimal(1)),
        ("number", ((Decimal(1),),), None),
        ("tGrade", "A", "A"),
        ("tGrade", "C", None),
        ("tGrade", ("A",), "A"),
        ("tGrade", ("C",), None),
        ("tGrades", "A", ("A",)),
        ("tGrades", ("A", "B"), ("A", "B")),
        ("tGrades", ("A", "C"), None),
        ("tGrades", None, None),
        ("tPupil", {"full name": "x", "grades": ("A",)}, {"full name": "x", "grades": ("A",)}),
        ("tPupil", {"full name": "x", "grades": ("Z",)}, None),
        ("tPupil", {"full name": "x"}, None),
        ("date and time", date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)),
        ("Any", (Decimal(1), "x"), (Decimal(1), "x")),
    ],
)
def test_values_are_converted_on_the_way_in(typed: str, value: Any, wanted: Any) -> None:
    assert converts(typed, value, GRADE + GRADES + PUPIL) == wanted


def test_a_constraint_tests_the_whole_and_allowed_values_every_item() -> None:
    pair = (
        '<itemDefinition name="tPair" isCollection="true"><typeRef>number</typeRef>'
        "<allowedValues><text>&gt; 0</text></allowedValues>"
        "<typeConstraint><text>count(?) = 2</text></typeConstraint></itemDefinition>"
    )
    assert converts("tPair", (Decimal(1), Decimal(2)), pair) == (1, 2)
    assert converts("tPair", (Decimal(1), Decimal(-2)), pair) is None
    assert converts("tPair", (Decimal(1),), pair) is None


def test_values_are_converted_on_the_way_out() -> None:
    body = GRADE + decision("d", literal('"C"'), typed="tGrade") + decision("e", literal("d = null"), "d_d")
    assert compiled(body).evaluate("d", {}) is None
    assert compiled(body).evaluate("e", {}) is True


@pytest.mark.parametrize(
    ("types", "message"),
    [
        ('<itemDefinition name="t"><typeRef>u</typeRef></itemDefinition>', "expected a type, found `u`"),
        ('<itemDefinition name="t"><typeRef>t</typeRef></itemDefinition>', "hold itself"),
        (
            '<itemDefinition name="t"><itemComponent name="c"><typeRef>t</typeRef></itemComponent></itemDefinition>',
            "hold itself",
        ),
        (
            '<itemDefinition name="t"><typeRef>number</typeRef><allowedValues><text>&gt;</text></allowedValues>'
            "</itemDefinition>",
            "expected a value",
        ),
    ],
)
def test_types_that_cannot_be_are_refused(types: str, message: str) -> None:
    with pytest.raises(BrokenModel) as caught:
        compiled(types + decision("d", literal("1")))
    assert message in caught.value.findings[0].message
    assert caught.value.findings[0].path.startswith("type `t`")


def test_an_instance_of_a_type_with_allowed_values_is_refused() -> None:
    with pytest.raises(BrokenModel):
        compiled(GRADE + decision("d", literal('"A" instance of tGrade')))
    body = PUPIL.replace("tGrade", "string") + decision("d", literal('{full name: "x", grades: []} instance of tPupil'))
    assert compiled(body).evaluate("d", {}) is True


def test_each_decision_is_made_once_and_after_what_it_needs() -> None:
    body = (
        decision("top", literal("left + right"), "d_left d_right")
        + decision("left", literal("base + 1"), "d_base")
        + decision("right", literal("base + 2"), "d_base")
        + decision("base", literal("a"), "i_a")
        + given("a")
    )
    told = compiled(body).explain("top", {"a": Decimal(1)})
    assert told.value == 5
    assert [step.name for step in told.steps] == ["base", "left", "right", "top"]


def test_a_long_chain_of_decisions_needs_no_deep_interpreter() -> None:
    chain = decision("n0", literal("0"))
    chain += "".join(decision(f"n{n}", literal(f"n{n - 1} + 1"), f"d_n{n - 1}") for n in range(1, 1500))
    assert compiled(chain).evaluate("n1499", {}) == 1499


@pytest.mark.parametrize(
    "body",
    [
        decision("a", literal("b"), "d_b") + decision("b", literal("a"), "d_a"),
        decision("a", literal("a"), "d_a"),
        knowledge("f", "x", literal("g(x)"), "k_g") + knowledge("g", "x", literal("f(x)"), "k_f"),
        knowledge("f", "x", literal("f(x)"), "k_f"),
        decision("out", literal("s()"), "k_s")
        + '<decisionService id="k_s" name="s"><outputDecision href="#d_out"/></decisionService>',
    ],
)
def test_circles_are_refused(body: str) -> None:
    with pytest.raises(BrokenModel) as caught:
        compiled(body)
    assert "expected no circle" in caught.value.findings[0].message


def test_only_what_is_required_is_in_scope() -> None:
    with pytest.raises(BrokenModel):
        compiled(given("a") + given("b") + decision("d", literal("a + b"), "i_a"))
    with pytest.raises(BrokenModel):
        compiled(knowledge("f", "x", literal("x")) + decision("d", literal("f(1)")))


def test_knowledge_is_called_by_place_by_name_and_under_names_with_blanks() -> None:
    body = (
        knowledge("f", "x:number y:number", literal("x - y"))
        + knowledge("g", "x", literal("f(x, 1) * 2"), "k_f").replace("k_g", "k_2").replace('"g"', '"twice less one"')
        + decision("d", literal("[f(5, 3), f(y: 5, x: 3), twice less one(5), f(1)]"), "k_f k_2")
    )
    assert compiled(body).evaluate("d", {}) == (2, -2, 8, None)


def test_an_argument_that_does_not_conform_makes_the_call_null() -> None:
    body = (
        GRADE
        + knowledge("f", "x:number", literal("x = null"))
        + knowledge("g", "x:tGrade", literal("x = null"))
        + decision("d", literal('[f("x"), f(null), g("C"), g("A"), g(null)]'), "k_f k_g")
    )
    assert compiled(body).evaluate("d", {}) == (None, True, None, False, True)


def test_the_result_of_knowledge_is_of_its_type() -> None:
    function = (
        '<itemDefinition name="tF"><functionItem outputTypeRef="number"><parameters name="x" typeRef="Any"/>'
        "</functionItem></itemDefinition>"
    )
    body = function + knowledge("f", "x", literal("x")) + decision("d", literal('[f(1), f("a")]'), "k_f")
    for typed in ("tF", "number"):
        told = body.replace('<variable name="f"/>', f'<variable name="f" typeRef="{typed}"/>')
        assert compiled(told).evaluate("d", {}) == (1, None)


def test_a_service_is_asked_with_its_inputs() -> None:
    made = compiled(SERVED)
    assert made.evaluate("s", {"a": Decimal(1), "given": Decimal(2)}) == 6
    assert made.evaluate("out", {"a": Decimal(1)}) == 202
    assert made.inputs("s").keys() == {"a", "given"}
    assert made.inputs("out").keys() == {"a"}


def test_a_service_is_called_by_name_where_it_takes_data_and_decisions() -> None:
    called = SERVED + decision("caller", literal("s(given: 5, a: 1)"), "k_s")
    assert compiled(called).evaluate("caller", {}) == 12
    with pytest.raises(BrokenModel) as caught:
        compiled(SERVED + decision("caller", literal("s(1, 5)"), "k_s"))
    assert "by name" in caught.value.findings[0].message


def test_a_service_of_several_outputs_gives_a_context() -> None:
    several = SERVED.replace(
        '<outputDecision href="#d_out"/>', '<outputDecision href="#d_out"/><outputDecision href="#d_inner"/>'
    )
    several = several.replace('<encapsulatedDecision href="#d_inner"/>', "")
    assert compiled(several).evaluate("s", {"a": Decimal(1), "given": Decimal(2)}) == {"out": 6, "inner": 3}


def test_a_service_whose_decisions_need_other_data_is_refused() -> None:
    with pytest.raises(BrokenModel) as caught:
        compiled(SERVED.replace('<inputData href="#i_a"/>', ""))
    assert "`a` among its input data" in caught.value.findings[0].message


def test_a_decision_without_logic_is_null_and_may_be_given_to_a_service() -> None:
    body = SERVED.replace(literal("100"), "")
    assert compiled(body).evaluate("given", {}) is None
    assert compiled(body).evaluate("s", {"a": Decimal(1), "given": Decimal(2)}) == 6


def test_names_that_are_not_of_the_model_are_broken_input() -> None:
    made = compiled(SERVED)
    for name, inputs in (("nothing", {}), ("a", {}), ("out", {"b": 1}), ("out", {"given": 1})):
        with pytest.raises(BrokenInput):
            made.evaluate(name, inputs)


def test_one_budget_counts_for_the_whole_evaluation() -> None:
    heavy = literal("count(for i in 1..9000 return for j in 1..4 return i)")
    body = "".join(decision(f"n{n}", heavy) for n in range(12))
    body += decision("all", literal("1"), " ".join(f"d_n{n}" for n in range(12)))
    made = compiled(body)
    assert made.evaluate("n0", {}) == 9000
    with pytest.raises(LimitBreached):
        made.evaluate("all", {})


def test_a_part_of_a_model_holds_what_one_element_needs() -> None:
    whole = model(SERVED + knowledge("f", "x", literal("broken")) + decision("other", literal("f(1)"), "k_f"))
    with pytest.raises(BrokenModel):
        compile_model(whole)
    part = part_for(whole, frozenset(("s",)))
    assert {node.name for node in part.nodes} == {"s", "out", "inner", "given", "a"}
    assert compile_model(part).evaluate("s", {"a": Decimal(1), "given": Decimal(2)}) == 6


def test_what_decisions_hand_on_does_not_outgrow_the_memory() -> None:
    """Each holds the one before twice: the last would have 2 ** 40 members, without anything that repeats."""
    chain = "".join(decision(f"n{n}", literal(f"[n{n - 1}, n{n - 1}]"), f"d_n{n - 1}") for n in range(1, 40))
    grown = compiled(decision("n0", literal("[1, 1]")) + chain)
    assert len(grown.evaluate("n10", {})) == 2
    with pytest.raises(LimitBreached, match="members"):
        grown.evaluate("n39", {})
