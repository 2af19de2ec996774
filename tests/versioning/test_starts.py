"""Starts and waits of the language whole: against the calendars in force, in words, compared and drawn."""

from dataclasses import replace

import pytest

from tests.versioning.test_business_time import at, calendar
from versioning.check import check
from versioning.diff import diff
from versioning.diff_words import diff_words
from versioning.feel import FEEL
from versioning.finding import errors_of
from versioning.graph import graph_of
from versioning.kinds.blueprint import blueprint_value
from versioning.parse import parse_blueprint, read_blueprint
from versioning.registers import Registers
from versioning.words import words

DAILY = """\
blueprint: daily-report
title: Daily report
purpose: Report every day.
owner: finance
calendar: london
data:
  day: {type: date, class: internal, required: true}
  packed: {type: boolean, class: internal}
START
first: both
steps:
  both: {all: [pack, ready], join: {wait: all, next: done}}
  pack: {task: Pack, role: role staff, expects: [packed]}
  ready:
    wait:
      - {condition: = packed, next: tell}
      - {after: 2 business days, calendar: london, next: tell}
  tell: {wait: 3 business hours}
  done: {end: over}
"""
NINE = 'start: {by: schedule, every: business day, at: "09:00", catch up: latest, key: day}'
MONTHLY = 'start: {by: schedule, every: month, on: last business day, at: "17:00", catch up: none, key: day}'
NOW = at("2026-12-04T12:00")


def source(start: str = NINE) -> str:
    return DAILY.replace("START", start)


def errors(text: str, now: int = NOW, **calendars: object) -> list[str]:
    parsed = read_blueprint(text)
    assert parsed.blueprint is not None, parsed.findings
    registers = Registers(calendars={"london": calendar(), **calendars}, now=now)  # type: ignore[dict-item]
    return [found.rule for found in errors_of(check(parsed.blueprint, registers, FEEL, parsed.places))]


def test_a_schedule_that_occurs_is_sound() -> None:
    assert errors(source()) == []
    assert errors(source(MONTHLY)) == []


@pytest.mark.parametrize("start", [NINE, MONTHLY])
def test_a_schedule_that_never_occurs_from_now_on_is_an_error(start: str) -> None:
    rules = errors(source(start), at("2027-12-31T18:00"))
    assert "start.never" in rules


def test_waits_that_the_calendar_does_not_reach_are_errors() -> None:
    assert errors(source(), at("2027-12-31T12:00")).count("wait.beyond") == 1  # two days; three hours it still states
    rules = errors(
        source("start: {by: instance, key: day}").replace("type: date", "type: string"), at("2027-12-31T16:00")
    )
    assert rules == ["wait.beyond", "wait.beyond"]


@pytest.mark.parametrize("path", ["start: {by: schedule, calendar: rome,", "calendar: rome, next: tell}"])
def test_a_calendar_that_does_not_exist_is_named_where_it_stands(path: str) -> None:
    text = source().replace("start: {by: schedule,", path, 1) if "start" in path else source()
    text = text if "start" in path else text.replace("calendar: london, next: tell}", path)
    assert errors(text) == ["reference"]


def test_words_say_how_it_starts_and_what_it_waits_for() -> None:
    said = words(parse_blueprint(source()))
    assert said[1].startswith(
        "An instance starts every business day at 09:00 by the calendar london; of the occurrences that were missed "
        "the latest is started later. Its business key is the day."
    )
    assert "When the mark packed is true, step 4 (tell) comes next." in said[4]
    assert (
        "When it has been open for 2 business days, counted by the calendar london, step 4 (tell) comes next."
        in said[4]
    )
    assert "The instance waits for 3 business hours." in said[5]
    by_instance = words(
        parse_blueprint(source("start: {by: instance, key: day}").replace("type: date", "type: string"))
    )
    assert by_instance[1].startswith(
        "An instance starts when a step of another blueprint runs it, and in no other way."
    )


def test_what_changed_of_a_schedule_and_of_a_condition_is_told() -> None:
    before = parse_blueprint(source())
    after = parse_blueprint(source(MONTHLY).replace("= packed,", "= not(packed),"))
    lines = diff_words(diff(before, after))
    assert lines[0] == (
        "The blueprint: when an instance starts was: every business day at 09:00 by the calendar london; of the "
        "occurrences that were missed the latest is started later; is now: every month on its last business day at "
        "17:00 by the calendar london; an occurrence that was missed is not started later."
    )
    assert len(lines) == 2
    assert "the mark packed is true" in lines[1]


def test_the_drawing_says_which_condition_leads_on() -> None:
    edges = [edge.label for edge in graph_of(parse_blueprint(source())).edges if edge.source == "ready"]
    assert edges == ["when the mark packed is true or after 2 business days"]


def test_the_order_of_times_is_no_difference() -> None:
    two = NINE.replace('at: "09:00"', 'at: ["17:00", "09:00"]')
    blueprint = parse_blueprint(source(two).replace("type: date", "type: string"))
    assert blueprint.start.schedule is not None
    assert blueprint.start.schedule.at == ("09:00", "17:00")


def test_the_canonical_value_says_what_is_not_as_by_default() -> None:
    value = blueprint_value(parse_blueprint(source()))
    assert value["start"] == {
        "by": "schedule",
        "requires": "",
        "key": "day",
        "schedule": {"every": ["business day"], "at": ["09:00"], "catch_up": "latest"},
    }
    plain = replace(parse_blueprint(source()), calendar=None)
    assert "calendar" not in blueprint_value(plain)
