"""Checks of a blueprint where the line between a finding and none runs, each from both sides."""

from dataclasses import replace

import pytest

from tests.versioning.test_agents_checked import ASKED, UNGATED
from tests.versioning.test_deadlines import SOURCE
from versioning.check import check
from versioning.parse import read_blueprint
from versioning.registers import Agent, Registers, Table

EACH = """\
blueprint: read
title: Read
purpose: Read papers.
owner: readers
data:
  number: {type: string, class: internal, required: true}
  papers: {type: list, class: internal, items: {type: string, class: internal}}
  scores: {type: list, class: internal, items: {type: integer, class: internal}}
start: {by: api, requires: role staff, key: number}
first: look
steps:
  look: {each: OF, as: one, do: {job: score}, into: INTO, next: done}
  done: {end: over}
"""


def found(text: str, registers: Registers) -> list[tuple[str, str]]:
    """The rule of every finding, with the line it stands in."""
    read = read_blueprint(text)
    lines = text.splitlines()
    findings = [*read.findings]
    if read.blueprint is not None:
        findings += check(read.blueprint, registers, None, read.places)
    told = [one for one in findings if one.severity != "not run" and one.place is not None]
    return [(one.rule, lines[one.place.line - 1].strip()) for one in told if one.place is not None]


@pytest.mark.parametrize(
    ("goal", "within", "is_behind"),
    [
        ("3 business days", "2 business days", True),
        ("2 business days", "2 business days", True),
        ("1 business days", "2 business days", False),
        ("3 days", "2 days", True),
        ("3 business days", "2 days", False),  # how long a business day takes, the calendar says
        ("3 days", "2 business days", False),
    ],
)
def test_a_goal_lies_behind_its_deadline_where_both_are_of_one_sort(goal: str, within: str, is_behind: bool) -> None:
    text = SOURCE.replace("4 business hours, urgency: 10", f"{goal}, urgency: 10")
    text = text.replace("      within: 2 business days\n", f"      within: {within}\n")
    assert goal in text
    assert within in text
    assert ("deadline.goal" in [rule for rule, _ in found(text, Registers())]) == is_behind


def test_who_is_told_of_a_late_instance_exists() -> None:
    line = next(line for line in SOURCE.splitlines() if line.startswith("deadline: "))
    text = SOURCE.replace(line, line.replace("role head", "role heads"))
    roles = frozenset({"staff", "head", "claims", "heads"})
    assert ("reference", line) not in found(SOURCE, Registers(roles=roles))
    assert ("reference", line.replace("role head", "role heads")) in found(text, Registers(roles=roles - {"heads"}))


def test_agents_and_tables_that_a_step_names_exist() -> None:
    text = UNGATED.replace(ASKED, f"{ASKED}judge: checker, gate rules: sane, ")
    agents = {"reader": Agent("internal", frozenset()), "checker": Agent("internal", frozenset())}
    known = Registers(agents=agents, tables={"sane": Table((), None)})
    missing = replace(known, agents={"reader": agents["reader"]}), replace(known, tables={})
    assert [[rule for rule, _ in found(text, one)].count("reference") for one in (known, *missing)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("of", "into", "told"),
    [
        ("papers", "scores", []),
        ("letters", "scores", ["data.unknown"]),
        ("number", "scores", ["each.list"]),
        ("papers", "number", ["each.list"]),
    ],
)
def test_a_step_for_each_is_for_a_declared_list(of: str, into: str, told: list[str]) -> None:
    text = EACH.replace("OF", of).replace("INTO", into)
    assert [rule for rule, _ in found(text, Registers()) if rule in ("data.unknown", "each.list")] == told
