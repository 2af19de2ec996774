"""Tables of models looked at as a whole: gaps and overlaps, each with an example and the place of the table."""

from governance.rules.dmn.table_check import table_findings
from tests.governance.rules.dmn.files import compiled, decision, given, literal

GRADE = (
    '<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"A", "B"</text></allowedValues>'
    "</itemDefinition>"
)


def table(policy: str, *tests: str) -> str:
    rows = "".join(
        f"<rule>{literal(test)}{literal(str(number))}</rule>".replace("literalExpression", "inputEntry", 2).replace(
            "literalExpression", "outputEntry"
        )
        for number, test in enumerate(tests)
    )
    return (
        f"<decisionTable hitPolicy='{policy}'><input>\n<inputExpression><text>a</text></inputExpression></input>"
        f"<output/>{rows}</decisionTable>"
    )


def told(policy: str, *tests: str, typed: str = "number") -> list[tuple[str, str]]:
    made = compiled(GRADE + given("a", typed) + decision("d", table(policy, *tests), "i_a"))
    found = table_findings(made)
    assert {(one.path, one.line, one.column) for one in found} <= {("decision `d`, table", 3, 24)}
    return [(one.severity, one.message) for one in found]


def test_a_gap_is_told_with_an_example() -> None:
    ((severity, message),) = told("UNIQUE", "< 1", "> 1")
    assert severity == "warning"
    assert "no rule matches" in message
    assert "a = 1" in message


def test_an_overlap_is_an_error_where_the_policy_has_no_answer_then() -> None:
    assert [severity for severity, _ in told("UNIQUE", "<= 1", ">= 1")] == ["error"]
    assert told("RULE ORDER", "<= 1", ">= 1") == []


def test_values_that_a_type_does_not_allow_are_no_gap() -> None:
    assert told("UNIQUE", '"A"', '"B"', typed="tGrade") == []
    assert len(told("UNIQUE", '"A"', '"B"', typed="string")) == 1
