"""`undo` of a step for each element: its arguments know the element, and words say what is undone."""

import pytest

from versioning.blueprint import EachStep
from versioning.files import check_file
from versioning.words import words_text

SOURCE = """blueprint: payroll
title: Payroll
purpose: Pay salaries, and take them back.
owner: payroll
currency: EUR
data:
  number: {type: string, class: internal, required: true}
  salaries:
    type: list
    class: internal
    required: true
    items: {type: object, properties: {to: {type: string, class: internal}}}
start: {by: api, requires: role staff, key: number}
first: pay
steps:
  pay:
    each: salaries
    as: salary
    do: {call: bank.pay, with: {to: = salary.to}, retry: {times: 2}}
    undo: UNDO
    next: back
  back: {take back: [pay], next: done}
  done: {end: paid}
"""


def source(undo: str) -> str:
    return SOURCE.replace("UNDO", undo)


@pytest.mark.parametrize("undo", ["bank.reverse", "{call: bank.reverse, with: {to: = salary.to}}"])
def test_what_was_done_for_an_element_is_undone_with_what_it_was_done_with(undo: str) -> None:
    report = check_file(source(undo))
    assert report.ok, report.lines()
    assert report.blueprint is not None
    step = report.blueprint.step("pay")
    assert isinstance(step, EachStep)
    assert step.body is not None
    assert step.undo is not None
    assert (step.undo.operation, step.undo.arguments) == ("bank.reverse", (("to", "salary.to"),))
    assert step.undo.retry == step.body.retry
    assert "To undo what was done for an element the service" in words_text(report.blueprint)


def test_what_the_element_does_not_have_is_a_finding_in_its_undo() -> None:
    report = check_file(source("{call: bank.reverse, with: {to: = salary.from_whom}}"))
    assert [(one.rule, one.place.line) for one in report.findings if one.severity == "error"] == [("expression", 20)]
