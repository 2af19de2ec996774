"""Static types of the expressions of a model: what is told, with its place, and what is not."""

import pytest

from governance.rules.dmn.checked import check_file
from tests.governance.rules.dmn.files import decision, dmn, given, knowledge, literal

LOAN = (
    '<itemDefinition name="t_loan"><itemComponent name="loan amount"><typeRef>number</typeRef></itemComponent>'
    '<itemComponent name="due"><typeRef>date</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="t_loans" isCollection="true"><typeRef>t_loan</typeRef></itemDefinition>'
)


def told(body: str) -> list[tuple[str, str]]:
    """Place and message of each remark about a sound file."""
    checked = check_file(dmn(body))
    assert checked.compiled is not None, checked.findings
    assert {one.severity for one in checked.findings} <= {"warning"}
    return [(one.path, one.message) for one in checked.findings]


def of(text: str, kind: str = "number", typed: str = "Any") -> list[str]:
    """The remarks about one expression that reads `x`, which is of a kind."""
    return [message for _, message in told(LOAN + given("x", kind) + decision("d", literal(text), "i_x", typed))]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ('x + "a"', "number", "expected operands that `+` joins, found number and string"),
        ("x = 1", "string", "expected two values that compare, found string and integer"),
        ("x.due > 5", "t_loan", "expected two values that compare, found date and integer"),
        ("x.duty", "t_loan", "expected a property (due, loan amount), found `duty`"),
        ("x[due > 5]", "t_loans", "expected two values that compare, found date and integer"),
        ("x.loan amount[item = true]", "t_loans", "expected two values that compare, found number and boolean"),
        ("for y in x return y.due + 1", "t_loans", "expected operands that `+` joins, found date and integer"),
        ("upper case(x)", "number", "expected string in `upper case`, found number"),
        ("if x then 1 else 2", "number", "expected a boolean in `if`, found number"),
        ('x in [1.."a"]', "number", "expected two values that compare, found integer and string"),
        ("day of week()", "number", "expected 1 arguments in `day of week`, found 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_told(text: str, kind: str, message: str) -> None:
    assert of(text, kind) == [message]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x + 1", "Any"),
        ("x.anything", "Any"),
        ("abs([x]) + 1", "number"),
        ("count(x) + sum(x)", "number"),
        ("for y in x return y + 1", "number"),
        ("x + null", "number"),
        ("now() > @\"2026-01-01T00:00:00Z\" and today() = @\"2026-01-01\"", "number"),
        ("x = [] or x = [1]", "t_loans"),
        ("(function(a: number) a + 1)([x])", "number"),
        ("x[1].loan amount > 5 and x.due[1] > @\"2026-01-01\"", "t_loans"),
        ("x instance of t_loans", "t_loans"),
    ],
)  # fmt: skip
def test_what_may_be_right_is_not_told(text: str, kind: str) -> None:
    assert of(text, kind) == []


@pytest.mark.parametrize(
    ("text", "typed", "is_told"),
    [
        ("x", "string", True),
        ("x", "number", False),
        ("[x]", "number", False),
        ('["a"]', "number", True),
        ("x", "t_loans", True),
        ("{due: @\"2026-01-01\"}", "t_loan", True),
        ('{due: @"2026-01-01", "loan amount": x}', "t_loan", False),
        ('{due: @"2026-01-01", "loan amount": x}', "t_loans", False),
        ("@\"2026-01-01\"", "dateTime", False),
        ("null", "string", False),
    ],
)  # fmt: skip
def test_a_result_conforms_to_the_type_of_its_decision_or_is_told(text: str, typed: str, is_told: bool) -> None:
    found = of(text, "number", typed)
    assert bool(found) is is_told
    assert all(message.startswith("expected a result of type") for message in found)


def table(tests: str, kind: str = "", output: str = "1", typed: str = "number") -> str:
    told_kind = f' typeRef="{kind}"' if kind else ""
    return (
        f"<decisionTable><input><inputExpression{told_kind}><text>x</text></inputExpression></input>"
        f'<output typeRef="{typed}"/><rule><inputEntry><text>{tests}</text></inputEntry>'
        f"<outputEntry><text>{output}</text></outputEntry></rule></decisionTable>"
    )


def test_cells_and_outputs_of_a_table_are_looked_at_by_the_types_of_their_columns() -> None:
    for kind in ("number", ""):  # declared by the column, or by what it reads
        assert told(given("x") + decision("d", table('"low"', kind, '"a"'), "i_x")) == [
            ("decision `d`, table, rule 1, test 1", "expected a test of number, found string"),
            ("decision `d`, table, rule 1, output 1", "expected a result of type number, found string"),
        ]
    assert told(given("x") + decision("d", table("&gt; 5, [1..2], null, ? + 1 = 3", "number"), "i_x")) == []


def test_decisions_functions_and_boxes_hand_their_types_on() -> None:
    boxed = (
        '<context><contextEntry><variable name="a" typeRef="string"/>' + literal("b") + "</contextEntry>"
        '<contextEntry><variable name="c"/>' + literal("a + 1") + "</contextEntry></context>"
    )
    body = (
        decision("b", literal("1"), typed="number")
        + "\n" + decision("d", boxed, "d_b")
        + "\n" + knowledge("f", "p:date", literal("p + 1"))
        + "\n" + decision("g", f"<conditional><if>{literal('b')}</if><then>{literal('b')}</then><else>{literal('true')}"
                           "</else></conditional>", "d_b", "number")
    )  # fmt: skip
    assert told(body) == [
        ("decision `d`, entry `a`", "expected a result of type string, found number"),
        ("decision `d`, entry `c`", "expected operands that `+` joins, found string and integer"),
        ("knowledge `f`", "expected operands that `+` joins, found date and integer"),
        ("decision `g`, if", "expected a result of type boolean, found number"),
        ("decision `g`, else", "expected a result of type number, found boolean"),
    ]


def test_allowed_values_are_tests_of_their_type() -> None:
    body = (
        '<itemDefinition name="t"><typeRef>number</typeRef><allowedValues><text>"low", "high"</text></allowedValues>'
        "</itemDefinition>" + given("x", "t")
    )
    assert told(body) == [("type `t`, allowed values", "expected a test of number, found string")] * 2


def test_a_remark_has_its_place_and_a_caret_and_stands_beside_errors() -> None:
    body = (
        given("x") + "\n" + decision("d", literal('"a" + upper case(x)'), "i_x") + "\n" + decision("e", literal("1 +"))
    )
    error, remark = check_file(dmn(body)).findings
    assert (error.severity, error.line) == ("error", 4)
    assert (remark.severity, remark.line) == ("warning", 3)
    assert remark.caret() == '"a" + upper case(x)\n                 ^'
