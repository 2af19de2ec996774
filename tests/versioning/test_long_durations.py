"""A duration of centuries is refused where it stands, in a key as well and of working time too."""

import pytest

from versioning.files import check_file

SOURCE = """blueprint: waits
title: Waits
purpose: Look after a long time.
owner: payroll
calendar: england
data:
  number: {type: string, class: internal, required: true}
start: {by: api, requires: role staff, key: number}
first: w
steps:
  w:
    task: Look
    role: role staff
    expects: [number]
    LINE
    next: done
  x: {task: Look, role: role staff, expects: [number], next: done}
  done: {end: done}
"""
LATE = "deadline: {within: 50000 hours, late: [{after: 1 hour, tell: role staff, %s}]}"


def errors(line: str) -> list[tuple[str, int]]:
    findings = check_file(SOURCE.replace("LINE", line)).findings
    lines = [one for one in findings if one.severity == "error" and one.rule != "step.unreachable"]
    return [(one.rule, one.place.line) for one in lines]


@pytest.mark.parametrize(
    "line",
    [
        "after 999999 weeks: x",
        "after 36526 days: x",
        "after P36526D: x",
        "after 36526 business days: x",
        "after business P36526D: x",
        "within: 36526 days",
        "within: 36526 business days",
        "within: business PT876601H",
    ],
)
def test_more_than_a_hundred_years_is_refused_at_its_place(line: str) -> None:
    assert errors(line) == [("form", 15)]


@pytest.mark.parametrize("line", ["after 36525 days: x", "after 36525 business days: x", "within: 36525 business days"])
def test_a_hundred_years_may_stand(line: str) -> None:
    assert errors(line) == []


def test_what_is_repeated_is_counted_from_the_beginning() -> None:
    assert errors(LATE % "every: 30000 days, times: 2") == []
    assert errors(LATE % "every: 30000 days, times: 3") == [("deadline.beyond", 15)]
    assert errors(LATE % "every: 30000 business days, times: 3") == [("deadline.beyond", 15)]
