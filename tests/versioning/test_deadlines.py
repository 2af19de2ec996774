"""Deadlines of the language: working time by a calendar, goals, what is repeated; as value, as words, and checked."""

from dataclasses import replace

import pytest

from tests.versioning.test_business_time import at, calendar
from versioning.blueprint import Blueprint, Deadline, Late
from versioning.check import check
from versioning.diff import diff
from versioning.kinds.blueprint import blueprint_value
from versioning.parse import parse_blueprint, read_blueprint
from versioning.registers import Registers
from versioning.words import words

SOURCE = """\
blueprint: claims
title: Claims
purpose: Decide claims.
owner: claims
currency: EUR
calendar: london
deadline: {within: 10 business days, late: [{after: 0 hours, tell: role head, urgency: 30}]}
data:
  number: {type: string, class: internal, required: true}
  listed: {type: boolean, class: internal}
start: {by: api, requires: role staff, key: number}
first: look
steps:
  look:
    task: Look
    role: role staff
    expects: [listed]
    deadline:
      goal: {within: 4 business hours, urgency: 10}
      within: 2 business days
      warn at: 75%
      calendar: paris
      late:
        - {after: 0 hours, tell: role head}
        - {after: 4 business hours, every: 1 business day, times: 5, warn: holder, urgency: 5}
        - {after: 2 days, reassign: role head}
        - {after: 3 days, urgency: 20}
    next: papers
  papers: {wait: {message: papers, key: = number, within: 30 business days}, for customer: true, next: soon}
  soon: {job: keep, within: 30 business minutes, next: done}
  done: {end: over}
"""


def test_working_time_is_read_with_its_mark() -> None:
    blueprint = parse_blueprint(SOURCE)
    assert blueprint.calendar == "london"
    assert blueprint.deadline == Deadline("business P10D", late=(Late("PT0H", tell="head", urgency=30),))
    assert blueprint.step("look").deadline == Deadline(
        "business P2D",
        75,
        (
            Late("PT0H", tell="head"),
            Late("business PT4H", warn=True, every="business P1D", times=5, urgency=5),
            Late("P2D", reassign="head"),
            Late("P3D", urgency=20),
        ),
        "business PT4H",
        10,
        "paris",
    )
    assert blueprint.step("papers").deadline == Deadline("business P30D")
    assert blueprint.step("papers").for_customer  # type: ignore[union-attr]
    assert blueprint.step("soon").deadline == Deadline("business PT30M")


def test_what_is_read_can_be_stated_as_it_is_kept() -> None:
    kept = SOURCE.replace("2 business days", "business P2D").replace("30 business minutes", "business PT30M")
    assert blueprint_value(parse_blueprint(kept)) == blueprint_value(parse_blueprint(SOURCE))


def test_a_blueprint_without_any_of_it_keeps_its_value() -> None:
    """Digests of what was released before stay what they were."""
    text = SOURCE.replace("calendar: london\n", "").replace(SOURCE.splitlines()[6] + "\n", "")
    text = text[: text.index("    deadline:")] + text[text.index("    next: papers") :]
    text = text.replace("30 business days}, for customer: true", "30 days}").replace(
        "within: 30 business minutes, ", ""
    )
    value = blueprint_value(parse_blueprint(text))
    assert not value.keys() & {"calendar", "deadline"}
    wait = next(step for step in value["steps"] if step["id"] == "papers")
    assert wait["deadline"] == {"within": "P30D"}
    assert "for_customer" not in wait


def test_every_duration_of_working_time_without_a_calendar_is_found_at_its_place() -> None:
    text = SOURCE.replace("calendar: london\n", "").replace("      calendar: paris\n", "")
    lines = text.splitlines()
    found = [one for one in read_blueprint(text).findings if one.rule == "deadline.calendar"]
    assert len(found) == 7
    for one in found:
        assert one.place is not None
        assert "business" in lines[one.place.line - 1][one.place.column - 1 :].split(",")[0]


def test_words() -> None:
    said = words(parse_blueprint(SOURCE))
    assert said[1].endswith(
        "Working time is counted by the calendar london. This is the deadline of the whole instance: It must be over "
        "within 10 business days. When it is late the role head is told and it is more urgent by 30."
    )
    assert said[2].endswith(
        "It must be over within 2 business days, and is due soon after 75 % of that time, counted by the calendar "
        "paris. It should be over within 4 business hours; when it is not, it is more urgent by 10. When it is late "
        "the role head is told. 4 business hours later whoever holds it is warned and it is more urgent by 5, and "
        "again every business day, 5 times in all. 2 days later it is offered to the role head instead. 3 days later "
        "it is more urgent by 20."
    )
    assert "Meanwhile the clocks of the deadlines around it stand still." in said[3]


def test_a_change_of_a_deadline_is_told() -> None:
    before = parse_blueprint(SOURCE)
    after = replace(before, calendar=None, deadline=Deadline("P10D"))
    told = {change.field: (change.before_words, change.after_words) for change in diff(before, after).head}
    assert told["calendar"] == ("london", "")
    assert told["deadline"][1] == "It must be over within 10 days."
    assert told["deadline"][0].startswith("It must be over within 10 business days. When it is late")


def _found(blueprint: Blueprint, registers: Registers) -> list[tuple[str, str]]:
    return [(one.rule, one.message) for one in check(blueprint, registers) if one.rule in RULES]


RULES = ("reference", "deadline.beyond", "register.calendars")
NOW = at("2026-11-27T12:00")


@pytest.mark.parametrize(
    ("names", "last", "expected"),
    [
        (("london", "paris"), 2027, []),
        (("london",), 2027, [("reference", "a calendar that does not exist")]),
        (
            ("london", "paris"),
            2026,
            [("deadline.beyond", "when `papers` is due cannot be computed: `london` does not state the days")],
        ),
    ],
)
def test_a_calendar_has_to_exist_and_to_reach_far_enough(
    names: tuple[str, ...], last: int, expected: list[tuple[str, str]]
) -> None:
    holidays = {"source": "own", "years": [2026, last], "days": {}}
    calendars = {name: calendar(name=name, holidays=holidays) for name in names}
    assert _found(parse_blueprint(SOURCE), Registers(calendars=calendars, now=NOW)) == expected


def test_without_calendars_at_hand_the_check_is_not_run() -> None:
    (found,) = _found(parse_blueprint(SOURCE), Registers())
    assert found[0] == "register.calendars"
