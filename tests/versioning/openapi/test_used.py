"""A call is held against the types of its operation: names, types, classes, and what its answer is laid into."""

import pytest

from tests.versioning.test_check import LOAN, REGISTERS, found
from versioning.feel import FEEL
from versioning.files import check_file
from versioning.kinds.connector import read_connector
from versioning.kinds.typed_fields import operation_of
from versioning.registers import Registers

BUREAU = """\
connector: credit-bureau
base_url: https://bureau.example.com
operations:
  fetch_report:
    method: POST
    path: /reports
    takes:
      name: {in: body, type: string, required: true, class: personal}
      date_of_birth: {in: body, name: dateOfBirth, type: date, required: true}
    answer: {type: object, properties: {score: {type: integer}}}
"""
UNIT = "unit: {in: header, type: string, required: true}"


def registers(source: str = BUREAU) -> Registers:
    operation = operation_of(read_connector(source)["operations"]["fetch_report"])
    known = dict(REGISTERS.operations or {})
    return Registers(**{**{name: getattr(REGISTERS, name) for name in REGISTERS.__slots__},
                        "operations": {**known, "credit-bureau.fetch_report": operation}})  # fmt: skip


def findings(source: str) -> list[tuple[str, str]]:
    report = check_file(LOAN, registers(source), FEEL)
    return [(one.rule, one.message) for one in report.findings if one.rule in ("argument", "argument.class", "result")]


def test_a_call_that_fits_has_no_finding() -> None:
    assert findings(BUREAU) == []
    assert found(registers()) == found(REGISTERS)


@pytest.mark.parametrize(
    ("before", "after", "rule", "said"),
    [
        ("      name: {", "      full_name: {", "argument", "hands over what is not taken"),
        ("    answer:", f"      {UNIT}\n    answer:", "argument", "does not hand over"),
        ("type: string, required", "type: integer, required", "argument", "has the wrong type"),
        ("class: personal", "class: internal", "argument.class", "hands out personal data"),
        ("type: object, properties: {score: {type: integer}}", "type: string", "result", "does not fit"),
    ],
)  # fmt: skip
def test_a_call_that_does_not_fit_is_found_where_it_stands(before: str, after: str, rule: str, said: str) -> None:
    assert before in BUREAU
    told = findings(BUREAU.replace(before, after, 1))
    assert any(name == rule and said in message for name, message in told), told


def test_an_argument_of_any_type_takes_every_value() -> None:
    assert findings(BUREAU.replace("type: string, required: true, class: personal", "type: any, required: true")) == []
