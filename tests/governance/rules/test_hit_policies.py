"""Hit policies, aggregators, defaults, allowed values and input expressions; tables as the published kit has them."""

from decimal import Decimal
from typing import Any

import pytest

from governance.rules.errors import NotAllowed, OverlappingRules, RuleError, UnlikeOutputs
from governance.rules.rule_table import Reading
from governance.rules.table import Column, Rule, RuleTable, compile_table, compile_table_with, table_to_json
from governance.rules.table_source import read_table
from governance.rules.types import ANY, INTEGER, NUMBER, STRING, list_of
from ledger.canonical import digest
from ledger.errors import BrokenInput

BANDS = """\
rule-table: bands
inputs: {years: number}
output: fee
type: number
hit: HIT
rules:
  - {years: "> 1", then: 20}
  - {years: "> 2", then: 50}
  - {years: "> 3", then: 20}
"""
# Models 0005 and 0007 of the kit, with one rule more that overlaps.
APPROVAL = """\
rule-table: approval
inputs:
  age: number
  risk: {type: string, allowed: '"High", "Low", "Medium"'}
  affordable: boolean
output: status
type: string
allowed: '"Approved", "Declined"'
hit: any
rules:
  - {age: ">= 18", risk: '"Medium", "Low"', affordable: "true", then: '"Approved"'}
  - {age: "< 18", risk: "-", affordable: "-", then: '"Declined"'}
  - {age: "-", risk: '"High"', affordable: "-", then: '"Declined"'}
  - {age: "-", risk: "-", affordable: "false", then: '"Declined"'}
"""
# Models 0110 and 0118: the second output has no order.
ORDERED = """\
rule-table: ordered
inputs:
  age: number
  risk: {type: string, allowed: '"High", "Low", "Medium"'}
  affordable: boolean
outputs:
  status: {type: string, allowed: '"Approved", "Declined"'}
  rate: string
hit: output order
rules:
  - {age: ">= 18", risk: '"Medium", "Low"', affordable: "true", then: {status: '"Approved"', rate: '"Basic"'}}
  - {age: "< 18", risk: "-", affordable: "-", then: {status: '"Declined"', rate: '"Standard"'}}
  - {age: "-", risk: '"High"', affordable: "-", then: {status: '"Approved"', rate: '"Standard"'}}
"""


def bands(hit: str, years: int) -> Any:
    return compile_table(read_table(BANDS.replace("HIT", hit))).evaluate({"years": Decimal(years)})


def run(text: str, **inputs: Any) -> Any:
    return compile_table(read_table(text)).evaluate(inputs)


@pytest.mark.parametrize(
    ("hit", "years", "result"),
    [
        ("unique", 2, 20),
        ("first", 5, 20),
        ("first", 0, None),
        ("rule order", 5, (20, 50, 20)),
        ("rule order", 0, ()),
        ("collect", 3, (20, 50)),
        ("collect", 0, ()),
        ("collect sum", 5, 90),
        ("collect sum", 0, None),
        ("collect min", 5, 20),
        ("collect max", 5, 50),
        ("collect max", 0, None),
        ("collect count", 5, 3),
        ("collect count", 0, 0),
        ("U", 2, 20),
        ("F", 5, 20),
        ("R", 3, (20, 50)),
        ("C", 3, (20, 50)),
        ("C+", 3, 70),
        ('"C<"', 3, 20),
        ('"C>"', 3, 50),
        ('"C#"', 3, 2),
    ],
)
def test_what_each_policy_makes_of_the_rules_that_match(hit: str, years: int, result: Any) -> None:
    assert bands(hit, years) == result


def test_overlap_is_no_answer_where_the_policy_forbids_it() -> None:
    with pytest.raises(OverlappingRules) as several:
        bands("unique", 3)
    assert several.value.rules == (1, 2)
    with pytest.raises(UnlikeOutputs) as unlike:
        bands("any", 3)
    assert unlike.value.rules == (1, 2)
    assert bands("any", 2) == 20


@pytest.mark.parametrize(
    ("age", "risk", "affordable", "status"),
    [
        (18, "Medium", True, "Approved"),
        (17, "Medium", True, "Declined"),
        (18, "High", True, "Declined"),
        (17, "High", False, "Declined"),
        (18, "Low", None, None),
    ],
)
def test_any_takes_what_all_rules_agree_on(age: int, risk: str, affordable: bool | None, status: str | None) -> None:
    assert run(APPROVAL, age=age, risk=risk, affordable=affordable) == status


def test_priority_goes_by_the_allowed_values_and_not_by_the_rules() -> None:
    priority = (
        APPROVAL.replace("hit: any", "hit: priority")
        + '  - {age: "17", risk: "-", affordable: "-", then: \'"Approved"\'}\n'
    )
    assert run(priority, age=18, risk="Low", affordable=True) == "Approved"
    assert run(priority, age=16, risk="High", affordable=True) == "Declined"
    explained = compile_table(read_table(priority)).explain({"age": 17, "risk": "High", "affordable": False})
    assert (explained.result, explained.applied, explained.matched) == ("Approved", (5,), (2, 3, 4, 5))


def test_output_order_and_priority_of_several_outputs() -> None:
    young = {"age": 17, "risk": "High", "affordable": True}
    approved, declined = {"status": "Approved", "rate": "Standard"}, {"status": "Declined", "rate": "Standard"}
    assert run(ORDERED, **young) == (approved, declined)
    assert run(ORDERED, age=10, risk="Low", affordable=True) == (declined,)
    assert compile_table(read_table(ORDERED)).explain(young).applied == (3, 2)
    priority = ORDERED.replace("output order", "priority")
    assert run(priority, **young) == approved
    assert run(priority, age=19, risk="Low", affordable=True) == {"status": "Approved", "rate": "Basic"}
    assert run(priority, age=19, risk="Low", affordable=False) is None


def test_columns_order_from_the_left() -> None:
    text = """\
rule-table: route
inputs: {a: number}
outputs: {x: {type: number, allowed: "2, 1"}, y: {type: string, allowed: '["p", "q"]'}}
hit: O
rules:
  - {a: "-", then: {x: 1, y: '"p"'}}
  - {a: "-", then: {x: 2, y: '"q"'}}
  - {a: "-", then: {x: 2, y: '"p"'}}
"""
    assert compile_table(read_table(text)).explain({"a": 1}).applied == (3, 2, 1)


def test_rules_of_one_priority_that_differ_are_no_answer() -> None:
    level = ORDERED.replace("output order", "priority").replace("risk: '\"High\"'", "risk: '-'")
    with pytest.raises(UnlikeOutputs) as caught:
        run(level, age=19, risk="Low", affordable=True)
    assert caught.value.rules == (1, 3)
    assert run(level.replace('"Basic"', '"Standard"'), age=19, risk="Low", affordable=True)["rate"] == "Standard"


def test_defaults_stand_where_no_rule_matches() -> None:
    # Model 0108 has both.
    text = BANDS.replace("HIT", "first").replace("type: number\n", "type: number\ndefault: years - 5\n")
    assert run(text, years=Decimal(1)) == -4
    assert run(text, years=Decimal(2)) == 20
    assert compile_table(read_table(text)).explain({"years": Decimal(1)}).defaulted
    several = ORDERED.replace("output order", "first").replace(
        '"Declined"\'}', '"Declined"\', default: \'"Declined"\'}'
    )
    assert run(several, age=19, risk="Low", affordable=False) == {"status": "Declined", "rate": None}
    assert bands("collect sum", 0) is None
    summed = BANDS.replace("HIT", "collect sum").replace("type: number\n", "type: number\ndefault: 7\n")
    assert run(summed, years=0) == 7
    assert run(summed, years=5) == 90


def test_inputs_outside_of_their_allowed_values_are_no_answer() -> None:
    for risk in ("Low ", None, 3):
        with pytest.raises(NotAllowed) as caught:
            run(APPROVAL, age=18, risk=risk, affordable=True)
        assert caught.value.column == "risk"
        assert '"High", "Low", "Medium"' in str(caught.value)
    with pytest.raises(NotAllowed):
        compile_table(read_table(APPROVAL)).explain({"age": 18})


def test_outputs_that_are_reckoned_are_checked_against_the_allowed_values() -> None:
    text = BANDS.replace("HIT", "first").replace("type: number\n", 'type: number\nallowed: "[0..50]"\n')
    text = text.replace("then: 50", "then: years * 20")
    assert run(text.replace('"> 1"', '"> 9"'), years=Decimal("2.5")) == 50
    with pytest.raises(NotAllowed) as caught:
        run(text.replace('"> 1"', '"> 9"'), years=Decimal("2.6"))
    assert caught.value.column == "fee"
    default = text.replace("type: number\n", "type: number\ndefault: years - 1\n")
    assert run(default, years=1) == 0
    with pytest.raises(NotAllowed):
        run(default, years=0)


def test_an_input_may_be_an_expression_over_what_is_given() -> None:
    # Model 0037 tests `Person.Gender` and writes with `Person.Name`.
    text = """\
rule-table: yearly
inputs:
  yearly: {type: number, expression: 12 * monthly, allowed: ">= 0"}
  gender: {type: string, expression: person.gender}
  region: string
reads: {monthly: number, person: {properties: {name: string, gender: string}}}
output: told
type: string
hit: first
rules:
  - {yearly: "> 1000", gender: '"Male"', region: '"UK"', then: 'person.name + " is a dad"'}
  - {yearly: "-", gender: "-", region: "-", then: '"no"'}
"""
    table = read_table(text)
    assert [column.name for column in table.given] == ["region", "monthly", "person"]
    bob = {"name": "Bob", "gender": "Male"}
    assert run(text, monthly=100, person=bob, region="UK") == "Bob is a dad"
    assert run(text, monthly=10, person=bob, region="UK") == "no"
    failed = compile_table(table).explain({"monthly": 10, "person": bob, "region": "UK"}).failed[0]
    assert (failed.input, failed.value) == ("yearly", 120)
    with pytest.raises(NotAllowed):
        run(text, monthly=-1, person=bob, region="UK")
    with pytest.raises(NotAllowed):
        run(text, person=bob, region="UK")


def test_tables_of_a_model_are_compiled_over_the_names_of_the_model() -> None:
    # Model 0088: no types but what the cells say.
    grades = [("A", "with merit"), ("B", "passed"), ("F", "failed")]
    rules = tuple(Rule((f'"{grade}"',), (f'"{told}" + the suffix',)) for grade, told in grades)
    table = RuleTable(
        "graduation", "", (Column("Grade", ANY, "the grade"),), (Column("x", ANY),), True, "unique", rules
    )
    compiled = compile_table_with(table, Reading(frozenset({"the grade", "the suffix"})))
    assert compiled.evaluate({"the grade": "F", "the suffix": "!"}) == "failed!"
    assert compiled.evaluate({"the grade": "E", "the suffix": "!"}) is None


def test_an_output_without_place_among_the_allowed_values_has_no_priority() -> None:
    rules = (Rule(("-",), ("1",)), Rule(("-",), ("2",)))
    outputs = (Column("x", NUMBER, allowed="2, 3"),)
    table = RuleTable("odd", "", (Column("a", NUMBER),), outputs, True, "priority", rules)
    with pytest.raises(RuleError):
        compile_table(table).evaluate({"a": 1})


def test_the_type_of_the_result_follows_the_policy() -> None:
    kinds = {hit: read_table(BANDS.replace("HIT", hit)).result for hit in ("any", "R", "C", "C+", '"C#"')}
    assert list(kinds.values()) == [NUMBER, list_of(NUMBER), list_of(NUMBER), NUMBER, INTEGER]
    assert read_table(APPROVAL).result == STRING


def test_what_a_table_does_not_use_is_not_in_its_json() -> None:
    plain = table_to_json(read_table(BANDS.replace("HIT", "first")))
    assert list(plain) == ["rule_table", "title", "inputs", "outputs", "plain", "hit", "currency", "rules"]
    assert plain["inputs"] == [{"name": "years", "type": "number"}]
    assert digest(plain) == "V_-CA2YEULlVKgesf5G1JnNTAlahiNQ1pJogjQvRedQ"
    more = table_to_json(read_table(APPROVAL.replace("hit: any", "complete: yes\nhit: any")))
    assert more["complete"] is True
    assert more["outputs"][0]["allowed"]["source"] == '"Approved", "Declined"'
    counted = table_to_json(read_table(BANDS.replace("HIT", "collect count")))
    assert (counted["hit"], counted["aggregator"]) == ("collect", "count")
    assert digest(counted) != digest(table_to_json(read_table(BANDS.replace("HIT", "collect"))))


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ('"-", then: \'"Declined"', '"-", then: \'"Refused"', "12:54", "one of the allowed values"),
        ("hit: any", "default: '\"Maybe\"'\nhit: any", "9:11", "one of the allowed values"),
        ("hit: any", "default: age\nhit: any", "9:10", "expected a result of type string"),
        ("hit: any", "default: '\"Approved\"'\nhit: C", "10:6", "expected no `default` for `collect`"),
        ('\'"Approved", "Declined"\'', "'1, \"x\"'", "8:11", "expected a test of string"),
        ('\'"Approved", "Declined"\'', "'-'", "8:11", "expected the values that are allowed"),
        ('\'"Approved", "Declined"\'', "age", "8:10", "a text needs double quotes"),
        ("hit: any", "hit: P\ncomplete: maybe", "10:11", "expected yes or no"),
        ("allowed: '\"High\"", "allow: '\"High\"", "4:24", "found the key `allow`"),
        ("age: number", "age: {type: number, expression: 2 * affordabel}", "3:39", "did you mean `affordable`"),
        ("age: number", "age: {type: number, expression: '\"a\"'}", "3:36", "expected a result of type number"),
        ("age: number", "age: {type: number, default: 1}", "3:23", "found the key `default`"),
        ("output: status", "reads: {age: number}\noutput: status", "6:8", "another name than that of an input"),
        ("output: status", "reads: {}\noutput: status", "6:8", "at least one name"),
        ("output: status\ntype: string", "outputs: {status: string}", "7:11", "only beside `output`"),
        ('allowed: \'"Approved", "Declined"\'\nhit: any', "hit: P", "8:6", "expected `allowed` values"),
        ("'\"Approved\", \"Declined\"'\nhit: any", "'not(\"A\")'\nhit: O", "9:6", "in falling order"),
    ],
)  # fmt: skip
def test_errors_of_columns_have_line_and_column(old: str, new: str, place: str, message: str) -> None:
    assert old in APPROVAL
    with pytest.raises(BrokenInput) as caught:
        read_table(APPROVAL.replace(old, new, 1))
    assert message in caught.value.message
    assert caught.value.location == place


def test_an_aggregator_wants_one_output() -> None:
    with pytest.raises(BrokenInput, match="expected a single `output` for `collect sum`"):
        read_table(ORDERED.replace("output order", "collect sum"))
