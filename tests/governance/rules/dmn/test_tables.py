"""Decision tables of models: every hit policy, allowed values, defaults, and what an explanation says."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from governance.rules.closures import RunTest
from governance.rules.dmn.evaluate import Explained, compile_model
from governance.rules.dmn.item_types import FREE
from governance.rules.dmn.model import BoxedTable, BrokenModel, Decision
from governance.rules.dmn.sources import Scope, Sources
from governance.rules.dmn.tables import Missed, TableNeeds, compile_boxed_table
from governance.rules.errors import NotAllowed, OverlappingRules, RuleError, UnlikeOutputs
from tests.governance.rules.dmn.files import compiled, decision, given, knowledge, literal, model

VALUES = "<outputValues><text>3, 2, 1, 9</text></outputValues>"


def cell(kind: str, text: str) -> str:
    return literal(text).replace("literalExpression", kind)


def rules(*rows: tuple[str, str]) -> str:
    return "".join(f"<rule>{cell('inputEntry', test)}{cell('outputEntry', out)}</rule>" for test, out in rows)


def table(policy: str, output: str, *rows: tuple[str, str], asked: str = "") -> str:
    return (
        f"<decisionTable {policy}><input><inputExpression><text>a</text></inputExpression>{asked}</input>"
        f"{output}{rules(*rows)}</decisionTable>"
    )


def ask(logic: str, a: Any, typed: str = "Any") -> Any:
    return compiled(given("a", "Any") + decision("d", logic, "i_a", typed)).evaluate("d", {"a": a})


ROWS = (("> 0", "1"), ("> 1", "2"), ("> 2", "3"), ("> 2", "3"))


@pytest.mark.parametrize(
    ("policy", "a", "wanted"),
    [
        ('hitPolicy="UNIQUE"', 1, 1),
        ('hitPolicy="UNIQUE"', 0, None),
        ("", 1, 1),
        ('hitPolicy="FIRST"', 5, 1),
        ('hitPolicy="ANY"', 1, 1),
        ('hitPolicy="PRIORITY"', 5, 3),
        ('hitPolicy="PRIORITY"', 2, 2),
        ('hitPolicy="PRIORITY"', 0, None),
        ('hitPolicy="OUTPUT ORDER"', 5, (3, 3, 2, 1)),
        ('hitPolicy="RULE ORDER"', 5, (1, 2, 3, 3)),
        ('hitPolicy="RULE ORDER"', 0, ()),
        ('hitPolicy="COLLECT"', 2, (1, 2)),
        ('hitPolicy="COLLECT"', 0, ()),
        ('hitPolicy="COLLECT" aggregation="SUM"', 5, 9),
        ('hitPolicy="COLLECT" aggregation="SUM"', 0, None),
        ('hitPolicy="COLLECT" aggregation="MIN"', 5, 1),
        ('hitPolicy="COLLECT" aggregation="MAX"', 5, 3),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 5, 4),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 0, 0),
    ],
)
def test_each_hit_policy(policy: str, a: int, wanted: Any) -> None:
    assert ask(table(policy, f"<output>{VALUES}</output>", *ROWS), Decimal(a)) == wanted


@pytest.mark.parametrize(("policy", "error"), [("UNIQUE", OverlappingRules), ("ANY", UnlikeOutputs)])
def test_rules_that_may_not_differ_are_no_answer(policy: str, error: type[Any]) -> None:
    with pytest.raises(error) as caught:
        ask(table(f'hitPolicy="{policy}"', "<output/>", *ROWS), Decimal(2))
    assert caught.value.rules == (1, 2)


def test_any_takes_rules_that_say_the_same() -> None:
    assert ask(table('hitPolicy="ANY"', "<output/>", ("> 0", "1"), ("> 1", "1.0")), Decimal(5)) == 1


def test_default_outputs_count_where_no_rule_matches() -> None:
    output = f"<output>{VALUES}<defaultOutputEntry><text>9</text></defaultOutputEntry></output>"
    for policy in ('hitPolicy="UNIQUE"', 'hitPolicy="PRIORITY"', 'hitPolicy="COLLECT" aggregation="SUM"'):
        assert ask(table(policy, output, *ROWS), Decimal(0)) == 9
    for policy in ('hitPolicy="COLLECT"', 'hitPolicy="COLLECT" aggregation="COUNT"', 'hitPolicy="RULE ORDER"'):
        with pytest.raises(BrokenModel):
            ask(table(policy, output, *ROWS), Decimal(0))


def test_unlike_outputs_of_one_priority_have_no_answer() -> None:
    outputs = '<output name="g"><outputValues><text>1, 2</text></outputValues></output><output name="n"/>'
    rows = "".join(
        f"<rule>{cell('inputEntry', test)}{cell('outputEntry', rank)}{cell('outputEntry', note)}</rule>"
        for test, rank, note in (("> 0", "1", "5"), ("> 1", "1", "6"), ("-", "2", "7"))
    )
    body = table('hitPolicy="PRIORITY"', outputs).replace("</decisionTable>", rows + "</decisionTable>")
    assert ask(body, Decimal(1)) == {"g": 1, "n": 5}
    with pytest.raises(UnlikeOutputs) as caught:
        ask(body, Decimal(2))
    assert caught.value.rules == (1, 2)


def test_several_outputs_are_a_context_and_are_ranked_in_their_order() -> None:
    outputs = (
        '<output name="grade"><outputValues><text>"A", "B"</text></outputValues></output>'
        '<output name="the rate" typeRef="number"><outputValues><text>1, 2</text></outputValues></output>'
    )
    rows = "".join(
        f"<rule>{cell('inputEntry', '-')}{cell('outputEntry', grade)}{cell('outputEntry', rate)}</rule>"
        for grade, rate in (('"B"', "1"), ('"A"', "2"), ('"A"', "1"))
    )
    body = table('hitPolicy="{}"', outputs).replace("</decisionTable>", rows + "</decisionTable>")
    assert ask(body.format("PRIORITY"), None) == {"grade": "A", "the rate": 1}
    ordered = ask(body.format("OUTPUT ORDER"), None)
    assert [(one["grade"], one["the rate"]) for one in ordered] == [("A", 1), ("A", 2), ("B", 1)]


def test_an_input_that_is_not_allowed_has_no_answer() -> None:
    allowed = "<inputValues><text>1, 2</text></inputValues>"
    logic = table("", "<output/>", ("-", '"x"'), asked=allowed)
    assert ask(logic, Decimal(1)) == "x"
    for odd in (Decimal(3), None):
        with pytest.raises(NotAllowed):
            ask(logic, odd)


def test_an_output_that_is_not_allowed_has_no_answer() -> None:
    with pytest.raises(NotAllowed):
        ask(table("", f"<output>{VALUES}</output>", ("-", "a")), Decimal(7))


def test_cells_read_the_value_asked_about_and_the_inputs() -> None:
    logic = table('hitPolicy="FIRST"', "<output/>", ("? > 5 and a < 9", '"in"'), ("not(1, 2)", '"not"'), ("", '"all"'))
    assert [ask(logic, Decimal(n)) for n in (6, 3, 1)] == ["in", "not", "all"]


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        (table('hitPolicy="PRIORITY"', "<output/>", ("-", "1")), "expected output values"),
        (table('hitPolicy="UNIQUE" aggregation="SUM"', "<output/>", ("-", "1")), "aggregation"),
        (table("", "<output/>", ("> ", "1")), "expected a value"),
        (table("", "<output/>", ("b", "1")), "found `b`"),
        (table("", "<output/>", ("1", "-")), "expected"),
        (table("", '<output name="x"/><output/>').replace("<rule>", "<rule>"), "name of its own"),
    ],
)
def test_broken_tables_are_refused_whole(logic: str, message: str) -> None:
    with pytest.raises(BrokenModel) as caught:
        compile_model(model(given("a", "Any") + decision("d", logic, "i_a")))
    assert message in caught.value.findings[0].message


def test_the_explanation_names_the_rules_and_the_tests_that_failed() -> None:
    told = compiled(
        given("a", "Any")
        + decision("d", table('hitPolicy="FIRST"', "<output/>", ("> 5", "1"), ("null", "2"), ("-", "3")), "i_a")
        + decision("e", literal("d + 1"), "d_d")
    ).explain("e", {"a": Decimal(2)})
    assert told.value == 4
    assert [(step.name, step.value) for step in told.steps] == [("d", 3), ("e", 4)]
    (trace,) = told.steps[0].tables
    assert trace.path == "decision `d`, table"
    assert trace.matched == (3,)
    assert trace.missed == (Missed(1, "a", "> 5", False), Missed(2, "a", "null", False))


def test_tables_of_functions_and_services_are_told_by_the_decision_that_asked() -> None:
    one = table("", "<output/>", ("> 5", "1"), ("-", "2"))
    body = (
        given("a", "Any")
        + knowledge("f", "a", one.replace("&gt; 5", "&gt; 6"))
        + decision("inner", one, "i_a")
        + '<decisionService id="k_s" name="s"><outputDecision href="#d_inner"/><inputData href="#i_a"/>'
        + "</decisionService>"
        + decision("d", literal("f(1) + s(2)"), "k_f k_s")
    )
    told = compiled(body).explain("d", {})
    assert told.value == 4
    assert [(step.name, [trace.path for trace in step.tables]) for step in told.steps] == [
        ("inner", ["decision `inner`, table"]),
        ("d", ["knowledge `f`, table"]),
    ]


def test_an_unlikely_comparison_in_a_cell_is_no_match_or_an_error_of_ours() -> None:
    logic = table("", "<output/>", ("> 5", "1"))
    for odd in ("text", True, (1, 2), {"a": 1}):
        try:
            assert ask(logic, odd) is None
        except RuleError:
            continue


CELLS = st.sampled_from(
    ["-", "1", "2, 3", "> 1", "[1..3)", '"a"', 'not("a", "b")', "null", "not(1)", "? = b", "> b", "true", "1 / b"]
)
GIVEN = st.sampled_from([None, True, Decimal(0), Decimal(1), Decimal(2), Decimal("2.5"), "a", "z", (Decimal(1),)])
POLICIES = st.sampled_from(["UNIQUE", "FIRST", "ANY", "RULE ORDER", "COLLECT"])


@given_any(st.lists(st.tuples(CELLS, CELLS), min_size=4, max_size=8), POLICIES, GIVEN, GIVEN)
def test_a_table_answers_by_its_index_as_rule_by_rule(rows: list[tuple[str, str]], policy: str, a: Any, b: Any) -> None:
    asked = "".join(f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in "ab")
    rows_told = "".join(
        f"<rule>{''.join(cell('inputEntry', test) for test in row)}{cell('outputEntry', str(number))}</rule>"
        for number, row in enumerate(rows)
    )
    logic = f'<decisionTable hitPolicy="{policy}">{asked}<output/>{rows_told}</decisionTable>'
    decided = compiled(given("a", "Any") + given("b", "Any") + decision("d", logic, "i_a i_b"))

    def outcome(act: Callable[[str, dict[str, Any]], Any]) -> Any:
        try:
            return act("d", {"a": a, "b": b})
        except RuleError as error:
            return type(error)

    told = outcome(decided.explain)  # tests rule by rule
    assert outcome(decided.evaluate) == (told.value if isinstance(told, Explained) else told)


def test_a_long_table_looks_its_values_up() -> None:
    rows = [(f"[{10 * n}..{10 * n + 10})", str(n)) for n in range(300)]
    decided = compiled(given("a", "number") + decision("d", table("", "<output/>", *rows), "i_a"))
    tested: list[int] = []

    def counting(place: int, test: RunTest) -> RunTest:
        def counted(context: Any, value: Any) -> Any:
            tested.append(place)
            return test(context, value)

        return counted

    (box,) = decided.model.of_kind(Decision)
    needs = TableNeeds(Sources({}), Scope().with_variable("a"), (FREE,), (FREE,))
    assert isinstance(box.logic, BoxedTable)
    made = compile_boxed_table(box.logic, needs, ("d",))
    slow = made._replace(
        rows=tuple(
            row._replace(tests=tuple((place, counting(place, test)) for place, test in row.tests)) for row in made.rows
        )
    )
    assert slow.evaluate({"a": Decimal(2995)}) == 299
    assert tested == []
    assert slow._replace(by_value=None).evaluate({"a": Decimal(2995)}) == 299
    assert len(tested) == 300
