"""A file is told everything that is wrong with it in one run, and nothing that only follows from something else."""

import pytest

from governance.rules.dmn.checked import check_file
from governance.rules.dmn.model import Finding
from tests.governance.rules.dmn.files import decision, dmn, given, knowledge, literal

OTHER = '<literalExpression expressionLanguage="urn:other"><text>a ++ 1</text></literalExpression>'


def errors(body: str) -> list[tuple[str, str]]:
    """Place and message of each error."""
    checked = check_file(dmn(body))
    found = [one for one in checked.findings if one.severity == "error"]
    assert (checked.compiled is None) is bool(found)
    return [(one.path, one.message) for one in found]


def test_faults_of_expressions_are_told_beside_what_is_not_supported() -> None:
    body = decision("a", literal("1 +")) + "\n" + decision("b", OTHER)
    found = check_file(dmn(body)).findings
    assert [(one.severity, one.path, one.line) for one in found] == [
        ("error", "decision `a`", 2),
        ("error", "decision `b`", 3),
    ]
    first, second = found
    assert first.caret() == "1 +\n   ^"
    assert "urn:other" in second.message


def test_both_kinds_inside_one_decision_are_told() -> None:
    table = (
        '<decisionTable odd="1"><input><inputExpression><text>x</text></inputExpression></input><output/>'
        "<rule><inputEntry><text>&gt; 1 +</text></inputEntry><outputEntry><text>y</text></outputEntry></rule>"
        "</decisionTable>"
    )
    assert errors(given("x") + decision("d", table, "i_x")) == [
        ("decision `d`", "the attribute `odd` is not supported here"),
        ("decision `d`, table, rule 1, test 1", "expected a value, found the end"),
        ("decision `d`, table, rule 1, output 1", "expected a declared name, found `y`; a text needs double quotes"),
    ]


COMPONENTS = (
    '<itemDefinition name="t_loan"><itemComponent name="loan amount"><typeRef>number</typeRef></itemComponent>{}'
    "</itemDefinition>"
)
FAR = 'typeRef="far:t_loan" xmlns:far="urn:far"'


@pytest.mark.parametrize(
    "body",
    [
        # what could not be read may have given the name
        decision("c", literal("b + 1"), "d_gone"),
        decision("c", literal("far away + far away(1).no more"), "d_gone"),
        decision("c", '<context><contextEntry><variable name="a"/><variable name="b c"/>' + literal("1")
                 + "</contextEntry><contextEntry>" + literal("b c + a") + "</contextEntry></context>"),
        '<inputData id="i_x" name="x"><variable/></inputData>' + decision("c", literal("such x + y"), "i_x"),
        '<inputData id="i_x"><variable name="x y"/></inputData>' + decision("c", literal("x y + 1"), "i_x"),
        # what stands in for it has no faults of its own
        decision("c", "<literalExpression><importedValues/></literalExpression>"),
        decision("b", OTHER) + decision("c", literal("b + b.loan amount"), "d_b"),
        knowledge("f", "x", OTHER) + decision("c", literal("f(1).net sum + f(x: 2)"), "k_f"),
        '<businessKnowledgeModel id="k_f" name="f"><variable name="f"/><encapsulatedLogic kind="Java"><formalParameter '
        'name="x"/><context><contextEntry><variable name="class"/>' + literal("java.lang a b") + "</contextEntry>"
        "</context></encapsulatedLogic></businessKnowledgeModel>" + decision("c", literal("f(1)"), "k_f"),
        decision("c", f"<literalExpression {FAR}><text>1</text></literalExpression>"),
        f'<inputData id="i_x" name="x"><variable name="x" {FAR}/></inputData>'
        + decision("c", literal("x.loan amount > 1"), "i_x"),
        COMPONENTS.format("<oddity/>") + given("x", "t_loan") + decision("c", literal("x.other part > 1"), "i_x"),
        '<itemDefinition><typeRef>number</typeRef></itemDefinition>' + given("x", "t_score")
        + decision("c", literal("x > 1"), "i_x"),
        '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#gone"/></decisionService>',
        decision("c", '<decisionTable hitPolicy="PRIORITY"><output><outputValues expressionLanguage="urn:other">'
                 "<text>z y</text></outputValues></output><rule><outputEntry><text>1</text></outputEntry></rule>"
                 "</decisionTable>"),
    ],
)  # fmt: skip
def test_what_follows_from_another_fault_is_not_told(body: str) -> None:
    assert len(errors(body)) == 1, errors(body)


def test_types_and_names_of_an_imported_model_are_told_where_they_are_used_alone() -> None:
    body = (
        '<import name="lib" namespace="urn:lib" importType="x"/>'
        + given("x", "lib.t_loan")
        + decision("c", literal("x.loan amount + 1"), "i_x")
        + decision("d", literal("2 *"))
    )
    assert [path for path, _ in errors(body)] == ["the model", "type `lib.t_loan`", "decision `d`"]


def test_elements_of_one_name_are_told_apart() -> None:
    body = given("x") + given("x", "string").replace("i_x", "i_y") + decision("c", literal("x +"), "i_y")
    assert [path for path, _ in errors(body)] == ["input data `x`", "input data `x`", "decision `c`"]


def test_a_name_is_missed_where_all_names_are_known() -> None:
    body = decision("b", OTHER) + given("loan amount") + decision("c", literal("loan amuont + b"), "i_loan_amount d_b")
    found = errors(body.replace("i_loan amount", "i_loan_amount"))
    assert [path for path, _ in found] == ["decision `b`", "decision `c`"]
    assert "`loan amuont`; did you mean `loan amount`" in found[1][1]


def test_a_circle_hides_no_fault_of_an_expression() -> None:
    body = decision("a", literal("b"), "d_b") + decision("b", literal("a +"), "d_a") + decision("c", literal("(1"))
    assert [path for path, _ in errors(body)] == ["`a`", "decision `b`", "decision `c`"]


def test_the_language_of_a_whole_model_holds_where_an_expression_says_none() -> None:
    body = decision("a", literal("a ++ b")) + decision(
        "b", '<literalExpression expressionLanguage="FEEL"><text>1 +</text></literalExpression>'
    )
    checked = check_file(dmn(body, attributes='expressionLanguage="urn:other"'))
    assert [one.path for one in checked.findings] == ["the model", "decision `b`"]


def test_findings_stand_in_the_order_of_their_places_and_warnings_last() -> None:
    body = f'<textAnnotation id="t"/>\n{decision("a", literal("1 +"))}\n{decision("b", OTHER)}'
    found: tuple[Finding, ...] = check_file(dmn(body)).findings
    assert [(one.severity, one.line) for one in found] == [("error", 3), ("error", 4), ("warning", 2)]
